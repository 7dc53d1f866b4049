"""The path and the ledger as figures: what is shown adds up, and nothing is left out of the picture."""

from decimal import Decimal

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realnvp.figures.ledger import (
    GROWS,
    MOST_NUMBERED,
    SHRINKS,
    digits_for,
    ledger_column,
    ledger_figure,
    path_figure,
    path_view,
    shown,
    station_names,
)

POINTS = np.random.default_rng(0).normal(size=(500, 2)).astype(np.float32)
LABELS = (POINTS[:, 0] > 0).astype(np.uint8)
LOG_DETS = st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=32)


def path_of(layers: int) -> np.ndarray:
    """A path that moves one coordinate at a time."""
    steps = np.random.default_rng(layers).normal(size=layers)
    path = np.zeros((layers + 1, 2))
    for k, step in enumerate(steps):
        path[k + 1] = path[k]
        path[k + 1, (k + 1) % 2] += step
    return path


@given(LOG_DETS, st.floats(-1000, 0, width=32), st.integers(0, 6))
def test_a_column_adds_up_exactly_as_it_is_shown(log_dets, log_normal, decimals):
    running = np.cumsum(log_dets).tolist()
    column = ledger_column(running, log_normal + running[-1], decimals)
    unit = Decimal(1).scaleb(-decimals)
    assert column.log_normal + sum(column.log_dets) == column.log_prob
    assert [sum(column.log_dets[: k + 1]) for k in range(len(log_dets))] == list(column.running)
    for part, value in [*zip(column.running, running, strict=True), (column.log_prob, log_normal + running[-1])]:
        assert abs(part - Decimal(value)) <= unit / 2
    for part, value in [*zip(column.log_dets, log_dets, strict=True), (column.log_normal, log_normal)]:
        assert abs(float(part) - value) <= 1.001 * float(unit) + 1e-9
    assert not any(f"{value}".startswith("-0.") and value == 0 for value in (*column.log_dets, *column.running))


@pytest.mark.parametrize(
    ("values", "digits"), [([0.0], 4), ([9.9, -3.0], 4), ([-999.9], 4), ([-1234.5], 3), ([12345.6, 1.0], 2), ([9e8], 0)]
)
def test_no_more_digits_are_shown_than_float32_has(values, digits):
    assert digits_for(values) == digits


@pytest.mark.parametrize("opened", [None, 0, 1, 3, 4])
def test_each_bar_begins_where_the_one_before_ends(opened):
    column = ledger_column([0.5, 0.3, 1.1], -0.9, 4)
    figure = go.Figure(ledger_figure(column, opened))
    bars = figure.data[0]
    ends = [base + height for base, height in zip(bars.base, bars.y, strict=True)]
    assert bars.base[0] == bars.base[-1] == 0
    np.testing.assert_allclose(bars.base[1:-1], ends[:-2])
    np.testing.assert_allclose(bars.y, [-2.0, 0.5, -0.2, 0.8, -0.9])
    assert bars.marker.color[1:4] == (GROWS, SHRINKS, GROWS)
    assert list(bars.x) == [0, 1, 2, 3, 4]  # a click at x is on the bar nearest to x
    low, high = figure.layout.yaxis.range
    assert low < min(ends) < 0 < high
    lit = [k for k, opacity in enumerate(bars.marker.opacity) if opacity == 1]
    assert lit == ([0, 1, 2, 3, 4] if opened is None else [opened])
    assert [text.replace("\N{MINUS SIGN}", "-") for text in bars.text] == [
        "-2.0000",
        "+0.5000",
        "-0.2000",
        "+0.8000",
        "-0.9000",
    ]


@pytest.mark.parametrize("layers", [1, MOST_NUMBERED, MOST_NUMBERED + 1, 32])
def test_ticks_name_the_bars_and_stay_few(layers):
    column = ledger_column(np.linspace(0.1, 2, layers).tolist(), -0.5, 4)
    axis = go.Figure(ledger_figure(column, None)).layout.xaxis
    assert (axis.ticktext[0], axis.tickvals[0]) == ("log<br>N(z)", 0)
    assert (axis.ticktext[-1], axis.tickvals[-1]) == ("log<br>p(x)", layers + 1)
    assert all(text == f"{value}" for text, value in zip(axis.ticktext[1:-1], axis.tickvals[1:-1], strict=True))
    assert len(axis.tickvals) <= MOST_NUMBERED + 2


@pytest.mark.parametrize("opened", [None, 0, 3])
@pytest.mark.parametrize("layers", [4, 32])
def test_the_path_goes_through_every_stage_over_the_held_out_points(layers, opened):
    path = path_of(layers)
    figure = go.Figure(path_figure(POINTS, LABELS, path, opened))
    np.testing.assert_allclose(np.stack([figure.data[-1].x, figure.data[-1].y], 1), path)
    assert figure.data[0].meta == "held-out"
    assert figure.data[0].type == "scatter"  # a WebGL cloud would be drawn over the path
    assert len(figure.data) == (2 if opened is None else 3)
    if opened is not None:
        np.testing.assert_allclose(figure.data[1].x, path[opened : opened + 2, 0])
        np.testing.assert_allclose(figure.data[1].y, path[opened : opened + 2, 1])


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_the_view_holds_points_and_path(x, y):
    path = np.array([[0.3, 0.1], [x, 0.1], [x, y]])
    x_low, x_high, y_low, y_high = path_view(POINTS, path)
    everything = np.concatenate([POINTS, path])
    assert (everything > [x_low, y_low]).all()
    assert (everything < [x_high, y_high]).all()
    assert max(x_high - x_low, y_high - y_low) < 1.7 + max(4.6, *np.ptp(everything, axis=0))


def test_a_path_that_goes_far_away_leaves_the_points_in_view():
    assert max(path_view(POINTS, np.array([[0.3, 0.1], [-11000.0, 0.1], [-11000.0, 3000.0]]))) <= 6


@pytest.mark.parametrize(
    ("value", "text"), [(0.12345678, "0.1235"), (-11260.8369, "-11260.84"), (6.9e7, "69000000"), (-1e-9, "0.0000")]
)
def test_a_number_is_shown_with_the_digits_it_has(value, text):
    assert f"{shown(value)}" == text


def test_the_view_is_the_same_for_points_close_by():
    assert path_view(POINTS, np.array([[0.3, 0.1], [1.0, 0.1]])) == path_view(
        POINTS, np.array([[0.2, 0.4], [0.9, 0.4]])
    )


def test_names_in_the_path_do_not_lie_on_each_other():
    path = np.array([[0, 0], [0, 0.01], [1, 0.01], [1, 1], [1.02, 1]])
    assert station_names(path, apart=0.1) == ["<b>x</b>", "", "2", "", "<b>z</b>"]
    assert station_names(path, apart=0.005) == ["<b>x</b>", "1", "2", "3", "<b>z</b>"]
