"""What is behind a bar of the ledger: its formula with the numbers in it, and the source of the function that ran."""

from collections.abc import Callable

import streamlit as st
from torch import Tensor

from realnvp.figures.ledger import UNITS_BAR
from realnvp.flow import RealNVP, log_normal
from realnvp.inside.ledger import Ledger, autograd_jacobian, return_error
from realnvp.ui.follow.formulas import (
    Numbers,
    determinant_formula,
    layer_formula,
    log_prob_formula,
    normal_formula,
    return_formula,
    source_of,
    total_formula,
    units_formula,
)
from realnvp.ui.words import HELP

OPENED = "opened_bar"  # no widget's key: it outlives a change of page
BAR = "follow_bar"


def opened_bar(numbers: Numbers) -> int | None:
    """The number of the bar that is open, if this ledger has it."""
    bar = st.session_state.get(OPENED)
    return bar if bar in bar_numbers(numbers) else None


def bar_numbers(numbers: Numbers) -> list[int]:
    return [bar.number for bar in numbers.column.bars()]


def open_bar(bar: int | None) -> None:
    st.session_state[OPENED] = st.session_state[BAR] = bar


def choose_bar(numbers: Numbers) -> None:
    """Opens a bar without a mouse."""
    opened = opened_bar(numbers)
    if st.session_state.get(BAR) != opened:
        st.session_state[BAR] = opened
    st.selectbox(
        "Open a bar",
        bar_numbers(numbers),
        index=None,
        format_func=lambda bar: bar_name(numbers, bar),
        key=BAR,
        on_change=lambda: open_bar(st.session_state[BAR]),
        placeholder="Open a bar: formula, numbers, source",
        label_visibility="collapsed",
        help=HELP["open bar"],
    )


def show_bar(flow: RealNVP, ledger: Ledger, numbers: Numbers) -> None:
    """Formula and source of the bar that is open."""
    opened = opened_bar(numbers)
    if opened is None:
        return
    formula, sources = explanation(flow, ledger, numbers, opened)
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{bar_name(numbers, opened)}**")
        st.latex(formula)
    with right:
        for function in sources:
            show_source(function)


def bar_name(numbers: Numbers, bar: int) -> str:
    layers = len(numbers.s)
    if bar == UNITS_BAR:
        return "Standardising: from the data's own units to standard deviations from the mean"
    if bar == 0:
        return "log N(z; 0, I): how likely a Gaussian finds z"
    if bar > layers:
        return "log p(x): the log-density of the point"
    stays, moves = ("x₁", "x₂") if numbers.changed[bar - 1] == 1 else ("x₂", "x₁")
    return f"Layer {bar} of {layers}: {stays} stays, {moves} is stretched and shifted"


def explanation(flow: RealNVP, ledger: Ledger, numbers: Numbers, bar: int) -> tuple[str, list[Callable]]:
    """The formula of a bar in LaTeX, and the functions that computed it."""
    layers = len(flow.layers)
    if bar == UNITS_BAR:
        return units_formula(flow.mean.tolist(), flow.std.tolist(), numbers), [flow.standardise]
    if bar == 0:
        return normal_formula(numbers), [log_normal]
    if bar > layers:
        return total_formula(numbers), [flow.log_prob, flow.forward]
    layer = flow.layers[bar - 1]
    jacobian = autograd_jacobian(layer, ledger.path[bar - 1])[0].numpy()
    return layer_formula(numbers, bar - 1, jacobian), [layer.forward, layer.scale_and_shift]


def show_source(function: Callable) -> None:
    source, where = source_of(function)
    st.caption(where)
    st.code(source, wrap_lines=True)


def show_checks(flow: RealNVP, x: Tensor, ledger: Ledger, numbers: Numbers) -> None:
    """Autograd's Jacobian, which knows nothing of couplings; log_prob as training uses it; and the way back."""
    left, right = st.columns(2)
    with left:
        st.markdown(HELP["autograd"])
        st.latex(determinant_formula(autograd_jacobian(flow, x)[0].numpy(), numbers))
        st.markdown(HELP["log_prob itself"])
        st.latex(log_prob_formula(float(flow.log_prob(x)), float(ledger.log_prob)))
        st.markdown(HELP["return error"])
        st.latex(
            return_formula(x[0].numpy(), flow.inverse(ledger.path[-1])[0][0].numpy(), float(return_error(flow, x)))
        )
    with right:
        for function in (autograd_jacobian, return_error):
            show_source(function)
