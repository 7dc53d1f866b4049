"""All numbers of one point's path as a table that fits a phone, too."""

import numpy as np

from realnvp.figures.ledger import shown
from realnvp.ui.follow.formulas import Numbers
from realnvp.ui.words import HELP

COLUMNS = (
    ("layer", "ledger layer"),
    ("stays", "ledger stays"),
    ("s = log-det", "ledger s"),
    ("exp(s)", "ledger exp"),
    ("t", "ledger t"),
    ("x₁", "ledger place"),
    ("x₂", "ledger place"),
    ("running log-det", "ledger running"),
)


def ledger_table(numbers: Numbers) -> str:
    """HTML: a row a layer, the coordinate that it moved in bold, and at the foot the sum that gives log p(x)."""
    column = numbers.column
    units = f"{column.units:+}" if column.units else ""
    rows = [row(["start", "", units, "", "", *places(numbers.path[0], None), units])]
    for k, changed in enumerate(numbers.changed):
        stretch, shift = shown(np.exp(numbers.s[k])), f"{shown(numbers.t[k]):+}"
        after = places(numbers.path[k + 1], changed)
        stays = "x₁" if changed == 1 else "x₂"
        rows.append(
            row([f"{k + 1}", stays, f"{column.log_dets[k]:+}", stretch, shift, *after, f"{column.running[k]:+}"])
        )
    heads = "".join(f'<th scope="col" title="{HELP[key]}">{name}</th>' for name, key in COLUMNS)
    sums = (
        ("sum of the log-dets", column.running[-1]),
        ("log N(z; 0, I)", column.log_normal),
        ("log p(x)", column.log_prob),
    )
    foot = "".join(
        f'<tr><th scope="row" colspan="7">{name}</th><td>{minus(f"{value:+}")} nats</td></tr>' for name, value in sums
    )
    return (
        f'<table class="ledger-table"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody><tfoot>{foot}</tfoot></table>"
    )


def row(cells: list[object]) -> str:
    """A row; each cell carries its column's name, which a phone shows beside it."""
    (first, *others), (_, *names) = cells, COLUMNS
    body = "".join(
        f'<td data-name="{name}">{minus(str(cell))}</td>' for cell, (name, _) in zip(others, names, strict=True)
    )
    return f'<tr><th scope="row">{first}</th>{body}</tr>'


def places(point: np.ndarray, changed: int | None) -> list[str]:
    """The coordinates of a point (2,), that which has just moved in bold."""
    return [f"<b>{shown(value)}</b>" if k == changed else f"{shown(value)}" for k, value in enumerate(point)]


def minus(words: str) -> str:
    """Numbers with a true minus sign, as wide as the plus."""
    return words.replace("-", "\N{MINUS SIGN}")
