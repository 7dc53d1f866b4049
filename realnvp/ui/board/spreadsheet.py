"""A wall as a table for spreadsheet programs."""

import csv
import io
from datetime import UTC, datetime

from realnvp.store.board import Board
from realnvp.ui.board.ranking import Ranked, data_title, ranked

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet program may take for a formula begins so
HEAD = (
    "place", "nickname", "kl_gap_nats", "standard_error_nats", "nll_nats", "parameters", "training_seconds",
    "epochs", "layers", "width", "seed", "data", "noise", "parts", "outside_the_challenge", "published",
)  # fmt: skip


def wall_csv(board: Board) -> str:
    """All runs of the wall in the order of their places."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEAD)
    for one in ranked(board):
        writer.writerow([text_only(cell) if isinstance(cell, str) else cell for cell in row(one)])
    return "\ufeff" + file.getvalue()  # by which Excel knows that it is UTF-8


def row(one: Ranked) -> list[object]:
    entry, config, numbers = one.entry, one.entry.config, one.entry.evaluation
    published = datetime.fromtimestamp(entry.created, UTC).isoformat(" ", "seconds")
    return [
        one.place, entry.nickname, numbers.kl_gap, numbers.se, numbers.nll, entry.parameters, entry.seconds,
        entry.epoch, config.layers, config.width, config.seed, data_title(entry), config.noise, config.parts,
        one.outside, published,
    ]  # fmt: skip


def text_only(text: str) -> str:
    """A text that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
