"""The page that follows one point: its path through all layers, and the ledger of its log-density."""

import numpy as np
import streamlit as st
from torch import Tensor

from realnvp.engine.view import RunView
from realnvp.figures.ledger import ledger_figure, path_figure
from realnvp.flow import RealNVP
from realnvp.inside.ledger import Ledger, autograd_log_det, return_error
from realnvp.ui.data import points_of
from realnvp.ui.follow.bar import choose_bar, open_bar, opened_bar, show_bar, show_checks
from realnvp.ui.follow.chosen import (
    as_typed,
    choose,
    chosen_point,
    followed,
    held_out_point,
    numbers_of,
    show_choice,
    show_notes,
    standardised,
)
from realnvp.ui.follow.formulas import Numbers
from realnvp.ui.follow.table import ledger_table, minus
from realnvp.ui.inside import flow_of
from realnvp.ui.live_figure import Click, Panel, live_figure
from realnvp.ui.words import HELP, STANDARDISED


def show_follow(view: RunView) -> None:
    """The pictures and the sum first; a bar's formula and source, all numbers and how they are checked one click on."""
    flow, point = flow_of(view), chosen_point(view)
    notes = show_choice(view, point)
    found = followed(flow, point)
    if found is None:
        notes.markdown(
            ":material/warning: This flow sends the point farther than float32 can count, so there is no ledger of it. "
            "The pictures show a held-out point instead."
        )
        found = followed(flow, held_out_point(view, 0))
        if found is None:
            st.warning("So it does with the data: train another flow.", icon=":material/warning:")
            return
    else:
        with notes:
            show_notes(view, point, found[1])
    x, ledger = found
    numbers = numbers_of(ledger)
    show_pictures(view, numbers)
    show_sum(flow, x, ledger, numbers)
    with st.container(key="follow_more"):
        show_bar(flow, ledger, numbers)
        with st.expander("Every number, layer by layer", on_change="rerun", key="follow_table") as table:
            if table.open:
                st.html(ledger_table(numbers))
                st.caption(HELP["ledger rounding"])
        title = "How it is checked: autograd's determinant, and the way back"
        with st.expander(title, on_change="rerun", key="follow_checks") as checks:
            if checks.open:
                show_checks(flow, x, ledger, numbers)


def show_pictures(view: RunView, numbers: Numbers) -> None:
    layers, snapshot, first = len(numbers.s), view.snapshot, numbers.column.bars()[0].number
    opened = opened_bar(numbers)
    layer = opened - 1 if opened is not None and 1 <= opened <= layers else None

    def clicked(click: Click) -> None:
        if click.panel == "path":
            mean, std = snapshot.units
            free = as_typed(view, mean + std * np.array([click.x, click.y]))
            choose(view, held_out_point(view, click.point) if click.point >= 0 else free)
        else:
            bar = min(max(round(click.x), first), layers + 1)
            open_bar(None if bar == opened else bar)

    path = path_figure(standardised(view, snapshot.input), snapshot.labels, numbers.path, layer)
    bars = ledger_figure(numbers.column, opened)
    with st.container(key="follow"):
        live_figure(
            [
                Panel(
                    "path", "Its path from x to z", HELP["path"] + STANDARDISED * view.config.fixed_points, {"": path}
                ),
                Panel("ledger", "The ledger: what adds up to log p(x)", HELP["ledger"], {"": bars}),
            ],
            key="live_follow",
            epoch=snapshot.epoch,
            run=view.token,
            points_of=points_of(view),
            on_click=clicked,
        )


def show_sum(flow: RealNVP, x: Tensor, ledger: Ledger, numbers: Numbers) -> None:
    """The ledger in one line; beside it what autograd finds, and the error after going back."""
    column = numbers.column
    by_autograd = float(autograd_log_det(flow, x))
    error = float(return_error(flow, x))
    off = abs(by_autograd - float(ledger.running[-1]))
    decimals = -column.log_prob.as_tuple().exponent
    cells = [
        ("log N(z; 0, I)", minus(f"{column.log_normal:,}"), "nats, at z", HELP["log normal"]),
        (
            "+ sum of log-dets",
            minus(f"{column.running[-1]:+,}"),
            f"nats, {len(numbers.s)} {'layer' if len(numbers.s) == 1 else 'layers'}{' and units' * bool(column.units)}",
            HELP["sum of log-dets"],
        ),
        ("= log p(x)", minus(f"{column.log_prob:,}"), "nats", HELP["log prob"]),
        (
            "autograd: log |det J|",
            minus(f"{by_autograd:+.{decimals}f}"),
            f"nats, off by {off:.0e}" if off else "nats, off by 0",
            HELP["autograd"],
        ),
        ("error after going back", f"{error:.0e}" if error else "0", "data units", HELP["return error"]),
    ]
    with st.container(horizontal=True, vertical_alignment="center", key="follow_sum"):
        for label, value, note, help_text in cells:
            st.metric(
                label,
                value,
                delta=note,
                delta_color="off",
                delta_arrow="off",
                help=help_text,
                width="content",
            )
        choose_bar(numbers)
