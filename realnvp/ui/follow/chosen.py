"""The point that is followed, which outlives changes of page and new snapshots, and its numbers."""

import math

import numpy as np
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator
from torch import Tensor

from realnvp.engine.view import RunView
from realnvp.figures.ledger import FLOAT32_DIGITS, digits_for, ledger_column, path_view, shown
from realnvp.flow import RealNVP
from realnvp.inside.ledger import Ledger, take_ledger
from realnvp.snapshot import View
from realnvp.ui.data import axes_of, plane_of
from realnvp.ui.follow.formulas import Numbers
from realnvp.ui.follow.table import minus
from realnvp.ui.words import HELP

POINT, NEXT, MESSAGE = "followed_point", "next_followed_point", "followed_message"  # no widget's keys
FIELDS = ("follow_x1", "follow_x2")
FARTHEST = 100.0  # data units, either way
LARGEST = 1e15  # data units and nats: what is shown at all
STRIDE = 389  # from one held-out point to another

Point = tuple[float, float]


def chosen_point(view: RunView) -> Point:
    """The point that was chosen last, whatever the page and the run; at first the first held-out point.

    A point chosen among a person's own data means nothing among others.
    """
    of, point = st.session_state.get(POINT) or ("", (0.0, 0.0))
    return point if of == space_of(view) else held_out_point(view, 0)


def space_of(view: RunView) -> str:
    """What the coordinates of a run's data are: the plane of the distributions, or a file's own."""
    return view.config.dataset if view.config.fixed_points else "plane"


def held_out_point(view: RunView, index: int) -> Point:
    """A held-out point with the digits that the fields show, so that typing them gives the same point."""
    return as_typed(view, view.snapshot.input[index])


def as_typed(view: RunView, point: np.ndarray) -> Point:
    """A point (2,) of the data space with as many digits as the fields show."""
    return tuple(round(float(value), d) for value, d in zip(point, decimals_of(view), strict=True))


def decimals_of(view: RunView) -> tuple[int, int]:
    """Digits after the point for each coordinate: a ten-thousandth of the data's spread, where that is not 1."""
    _, std = view.snapshot.units
    return tuple(max(0, 4 - math.floor(math.log10(part))) for part in std.tolist())


def standardised(view: RunView, points: np.ndarray) -> np.ndarray:
    """Points (n, 2) of the data space as the first layer sees them."""
    mean, std = view.snapshot.units
    return ((points - mean) / std).astype(np.float32)


def choose(view: RunView, point: Point) -> None:
    st.session_state[POINT] = (space_of(view), point)
    st.session_state.pop(MESSAGE, None)


def choose_typed(view: RunView) -> None:
    """Takes what stands in the fields, or says why not: then the point before stays."""
    typed = [st.session_state[field] for field in FIELDS]
    mean, std = view.snapshot.units
    if None in typed:
        st.session_state[MESSAGE] = "A point needs two numbers, x₁ and x₂. The one before stays."
    elif not (np.abs(np.array(typed) - mean) <= FARTHEST * std).all():
        far = "standard deviations from the mean" if view.config.fixed_points else "data units from 0"
        st.session_state[MESSAGE] = (
            f"Coordinates may go up to {FARTHEST:g} {far}; the data stay within a few. The point before stays."
        )
    else:
        choose(view, as_typed(view, np.array(typed)))


def choose_another(view: RunView) -> None:
    """The next of the held-out points, in an order that jumps about."""
    st.session_state[NEXT] = st.session_state.get(NEXT, 0) + STRIDE
    choose(view, held_out_point(view, st.session_state[NEXT] % len(view.snapshot.input)))


def show_choice(view: RunView, point: Point) -> DeltaGenerator:
    """Fields and a button to choose the point with; the place beside them is for what there is to say of it."""
    for field, value in zip(FIELDS, point, strict=True):
        if st.session_state.get(field) != value:  # set only then: what is being typed is left alone
            st.session_state[field] = value
    with st.container(horizontal=True, vertical_alignment="bottom", key="follow_choice"):
        _, std = view.snapshot.units
        columns = zip(FIELDS, axes_of(view.config).names, decimals_of(view), std.tolist(), strict=True)
        for field, name, decimals, unit in columns:
            st.number_input(
                name,
                value=None,
                step=float(f"{0.05 * unit:.1g}"),
                format=f"%.{decimals}f",
                key=field,
                on_change=choose_typed,
                args=(view,),
                help=HELP["followed point"],
                width=150,
            )
        st.button(
            "Another point",
            icon=":material/shuffle:",
            on_click=choose_another,
            args=(view,),
            help=HELP["another point"],
            key="follow_another",
        )
        return st.container(key="follow_notes")


def show_notes(view: RunView, point: Point, ledger: Ledger) -> None:
    """What there is to say of the point: why another was not taken, or where its numbers need care; or what to do."""
    if message := st.session_state.get(MESSAGE):
        st.markdown(f":material/warning: {message}")
        return
    notes = []
    if outside(point, plane_of(view)):
        notes.append("No data are out here, so training has taught the flow nothing about this point.")
    plane = path_view(standardised(view, view.snapshot.input), path_of(ledger))
    if any(outside(stage, plane) for stage in path_of(ledger)):
        z1, z2 = (minus(f"{shown(value):,}") for value in path_of(ledger)[-1])
        notes.append(f"Its path leaves the picture and ends at z = ({z1}, {z2}).")
    if max(float(ledger.log_normal.abs()), float(ledger.log_prob.abs())) >= 10**FLOAT32_DIGITS:
        notes.append("Of the large numbers about seven digits are right, as float32 keeps no more.")
    if notes:
        st.markdown(f":material/info: {' '.join(notes)}")
    else:
        st.caption("Click anywhere in the plane to follow that point. Click a bar for its formula, numbers and source.")


def outside(point: Point | np.ndarray, view: View) -> bool:
    x_low, x_high, y_low, y_high = view
    return not (x_low <= point[0] <= x_high and y_low <= point[1] <= y_high)


def path_of(ledger: Ledger) -> np.ndarray:
    """The path of a ledger's only point: (layers + 1, 2)."""
    return ledger.path[:, 0].double().numpy()


def followed(flow: RealNVP, point: Point) -> tuple[Tensor, Ledger] | None:
    """The point as the flow takes it, (1, 2), and its ledger; None where float32 cannot hold that."""
    x = torch.tensor([point])
    ledger = take_ledger(flow, x)
    held = (ledger.path, ledger.t, ledger.running, ledger.log_normal, ledger.log_prob)
    return (x, ledger) if all((part.abs() < LARGEST).all() for part in held) else None


def numbers_of(ledger: Ledger) -> Numbers:
    """The numbers of a ledger of one point; those that add up are rounded so that they do."""
    running, log_prob, units = ledger.running[:, 0].tolist(), float(ledger.log_prob), float(ledger.units)
    decimals = digits_for([units, *running, *ledger.log_dets[:, 0].tolist(), float(ledger.log_normal), log_prob])
    return Numbers(
        path=path_of(ledger),
        changed=ledger.changed,
        s=ledger.s[:, 0].double().numpy(),
        t=ledger.t[:, 0].double().numpy(),
        column=ledger_column(running, log_prob, decimals, units=units),
    )
