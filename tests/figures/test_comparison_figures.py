"""Runs beside each other: losses in one plot, and quality over a setting."""

import math

import numpy as np
import plotly.graph_objects as go
import pytest

from realnvp.figures.comparison import LossCurve, Measured, losses_figure, sweep_figure, value_words
from realnvp.figures.points import OKABE_ITO

SHORT = LossCurve("short", np.linspace(2, 1, 50, dtype=np.float32), seconds=5.0)
LONG = LossCurve("<b>long</b>", np.linspace(2, 0.5, 200, dtype=np.float32), seconds=1.0)


def test_each_run_has_a_colour_of_its_own_and_a_name_that_is_no_markup():
    figure = go.Figure(losses_figure([SHORT, LONG], 0.289, over_seconds=False))
    assert [trace.line.color for trace in figure.data] == list(OKABE_ITO[:2])
    assert [trace.name for trace in figure.data] == ["short", "&lt;b&gt;long&lt;/b&gt;"]
    assert figure.layout.showlegend
    assert figure.layout.shapes[0].y0 == 0.289


def test_over_epochs_the_longer_run_ends_last_and_over_seconds_the_slower_one():
    epochs = go.Figure(losses_figure([SHORT, LONG], None, over_seconds=False))
    seconds = go.Figure(losses_figure([SHORT, LONG], None, over_seconds=True))
    assert [trace.x[-1] for trace in epochs.data] == [50, 200]
    assert [trace.x[-1] for trace in seconds.data] == pytest.approx([5.0, 1.0])
    assert epochs.layout.xaxis.range == (0, 200)
    assert seconds.layout.xaxis.range == (0, 5)
    assert np.array_equal(epochs.data[0].y, seconds.data[0].y)
    assert not epochs.layout.shapes


def test_runs_that_have_not_begun_are_drawn_as_nothing():
    figure = go.Figure(losses_figure([LossCurve("new", np.empty(0, np.float32), 0.0)], None, over_seconds=True))
    assert len(figure.data[0].x) == 0
    assert figure.layout.xaxis.range == (0, 1)


def measured(*pairs: tuple[float | str, float]) -> list[Measured]:
    return [Measured(value, nats, 0.002, final=True) for value, nats in pairs]


def test_spread_values_and_gaps_are_drawn_on_logarithmic_axes_with_their_values_as_ticks():
    figure = go.Figure(sweep_figure("layers", [1, 2, 8], measured((1, 1.0), (2, 0.3), (8, 0.03)), "KL gap"))
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert figure.layout.xaxis.tickvals == (1, 2, 8)
    low, high = figure.layout.xaxis.range
    assert low < math.log10(1) < math.log10(8) < high
    low, high = figure.layout.yaxis.range
    assert low < math.log10(0.028) < math.log10(1.002) < high
    assert figure.data[0].error_y.array == pytest.approx([0.002] * 3)
    assert figure.layout.yaxis.title.text == "KL gap (nats)"


def test_close_values_are_drawn_on_linear_axes_and_a_kl_gap_is_seen_from_zero():
    figure = go.Figure(sweep_figure("seed", [0, 1, 2], measured((0, 0.03), (1, 0.04), (2, -0.001)), "KL gap"))
    assert figure.layout.xaxis.type == "linear"
    low, high = figure.layout.yaxis.range
    assert low < -0.003 < 0.042 < high
    figure = go.Figure(sweep_figure("seed", [0, 1], measured((0, 0.03), (1, 0.04)), "KL gap"))
    assert figure.layout.yaxis.range[0] == 0


def test_words_have_places_in_their_order_and_no_line_between_them():
    values = ["separate", "shared"]
    figure = go.Figure(sweep_figure("conditioner", values, measured(("shared", 0.1)), "held-out NLL"))
    assert figure.data[0].x == (1,)
    assert figure.data[0].mode == "markers"
    assert figure.layout.xaxis.ticktext == ("separate", "shared")


def test_a_run_that_goes_on_is_hollow_and_a_sweep_without_numbers_yet_has_its_axis():
    going = Measured(2, 0.5, 0.01, final=False)
    figure = go.Figure(sweep_figure("layers", [1, 2], [*measured((1, 0.7)), going], "KL gap"))
    assert figure.data[0].marker.symbol == ("circle", "circle-open")
    empty = go.Figure(sweep_figure("layers", [1, 2], [], "KL gap"))
    assert empty.layout.xaxis.range == figure.layout.xaxis.range


@pytest.mark.parametrize(
    ("value", "words"), [(1000, "1,000"), (0.0003, "0.0003"), (10.0, "10"), ("shared", "shared"), (1e-6, "1e-06")]
)
def test_values_are_written_as_people_write_them(value, words):
    assert value_words(value) == words
