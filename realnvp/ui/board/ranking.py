"""The order of a wall: who is inside the challenge, and at which place."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from realnvp.config import TrainingConfig
from realnvp.datasets import DISTRIBUTIONS
from realnvp.store.board import Board, Challenge, Entry


@dataclass(frozen=True)
class Ranked:
    """An entry with its place, counted from 1 among the runs of the same data; None outside the challenge."""

    entry: Entry
    place: int | None
    outside: str  # why, in words; empty inside


def ranked(board: Board, *, best_of_each: bool = False) -> list[Ranked]:
    """A wall from the lowest KL gap to the highest; what is outside the challenge comes last."""
    shown = [(outside(board.challenge, entry), entry) for entry in board.entries if not entry.removed]
    shown.sort(key=lambda pair: (pair[0] != "", pair[1].evaluation.kl_gap, pair[1].created))
    if best_of_each:
        first = {}
        for pair in shown:
            first.setdefault((pair[1].owner, "" if board.challenge.dataset else data_of(pair[1])), pair)
        shown = list(first.values())
    places: Counter[tuple] = Counter()
    found = []
    for why, entry in shown:
        if not why:
            places[data_of(entry)] += 1
        found.append(Ranked(entry, None if why else places[data_of(entry)], why))
    return found


def data_of(entry: Entry) -> tuple[str, float, int | None]:
    config = entry.config
    return config.dataset, config.noise, config.parts


def outside(challenge: Challenge, entry: Entry) -> str:
    """Why a run does not meet a challenge; empty where it does."""
    config, reasons = entry.config, []
    if challenge.dataset and config.dataset != challenge.dataset:
        reasons.append("other data")
    elif challenge.dataset and data_of(entry)[1:] != as_it_comes(challenge.dataset):
        reasons.append("other noise or parts")
    if challenge.most_parameters and entry.parameters > challenge.most_parameters:
        reasons.append("too many parameters")
    if challenge.most_epochs and entry.epoch > challenge.most_epochs:
        reasons.append("too many epochs")
    return ", ".join(reasons)


def as_it_comes(dataset: str) -> tuple[float, int | None]:
    """The noise and the number of parts that a distribution has by itself."""
    config = TrainingConfig(dataset=dataset)
    return config.noise, config.parts


def data_title(entry: Entry) -> str:
    return DISTRIBUTIONS[entry.config.dataset].title


ORDERS: dict[str, tuple[str, Callable[[Entry], float] | None]] = {
    "kl_gap": ("KL gap", None),  # the order that ranked gives
    "parameters": ("Parameters", lambda entry: entry.parameters),
    "seconds": ("Training time", lambda entry: entry.seconds),
    "newest": ("Newest first", lambda entry: -entry.created),
}


def in_order(wall: list[Ranked], order: str) -> list[Ranked]:
    key = ORDERS[order][1]
    return wall if key is None else sorted(wall, key=lambda one: key(one.entry))
