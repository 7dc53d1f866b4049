"""A published run as a card of HTML. A nickname is a stranger's text: nothing in it is a tag."""

import base64
from html import escape

from realnvp.figures.comparison import value_words
from realnvp.ui.board.ranking import Ranked, data_title
from realnvp.ui.history.numbers import with_error
from realnvp.ui.words import HELP


def card_html(one: Ranked, *, mine: bool) -> str:
    entry, config = one.entry, one.entry.config
    picture = base64.b64encode(entry.thumbnail).decode()
    facts = [
        ("KL gap", with_error(entry.evaluation.kl_gap, entry.evaluation.se), HELP["compared kl gap"]),
        ("Parameters", f"{entry.parameters:,}", HELP["parameters"]),
        ("Training", f"{entry.seconds:.1f} s", HELP["seconds"]),
        ("Layers", f"{config.layers} of width {config.width}", HELP["card size"]),
        ("Epochs", f"{entry.epoch:,}", HELP["epochs trained"]),
        ("Data", f"{data_title(entry)}, noise {value_words(config.noise)}", HELP["card data"]),
    ]
    rows = "".join(
        f'<div title="{escape(help)}"><dt>{escape(label)}</dt><dd>{escape(words)}</dd></div>'
        for label, words, help in facts
    )
    note = f'<p class="wall-note" title="{escape(HELP["outside"])}">Not ranked: {escape(one.outside)}.</p>'
    return (
        f'<article class="wall-card{" wall-mine" if mine else ""}">'
        f'<header><span class="wall-place" title="{escape(HELP["place"])}">{one.place or "·"}</span>'
        f'<b class="wall-name" dir="auto">{escape(entry.nickname)}</b>{"<i>you</i>" if mine else ""}</header>'
        f'<img src="data:image/png;base64,{picture}" alt="Latent points beside new samples"'
        f' title="{escape(HELP["run picture"])}">'
        f"<dl>{rows}</dl>{note if one.outside else ''}</article>"
    )
