"""Figures are what Plotly takes, and show what they should."""

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realnvp.figures.loss import MOST_CURVE_POINTS, loss_figure, loss_range, thin
from realnvp.figures.points import LATENT_VIEW, OKABE_ITO, data_view, points_figure

POINTS = np.random.default_rng(0).normal(size=(1000, 2)).astype(np.float32)
LABELS = (POINTS[:, 0] > 0).astype(np.uint8)


@pytest.mark.parametrize("labels", [None, LABELS])
@pytest.mark.parametrize("rings", [False, True])
def test_plotly_accepts_a_points_figure(labels, rings):
    figure = go.Figure(points_figure(POINTS, labels, LATENT_VIEW, rings=rings))
    assert len(figure.layout.shapes) == (3 if rings else 0)
    assert np.array_equal(figure.data[0].x, POINTS[:, 0])
    assert figure.layout.yaxis.scaleanchor == "x"


def test_a_class_has_its_colour_of_the_palette():
    marker = points_figure(POINTS, LABELS, LATENT_VIEW)["data"][0]["marker"]
    places = [place for place, _ in marker["colorscale"]]
    for label in (0, 1):
        place = (label - marker["cmin"]) / (marker["cmax"] - marker["cmin"])
        assert marker["colorscale"][places.index(place)][1] == OKABE_ITO[label]


def test_new_samples_have_one_neutral_colour():
    assert isinstance(points_figure(POINTS, None, LATENT_VIEW)["data"][0]["marker"]["color"], str)


def test_the_view_holds_all_points():
    x_low, x_high, y_low, y_high = data_view(POINTS)
    assert x_low < POINTS[:, 0].min() < POINTS[:, 0].max() < x_high
    assert y_low < POINTS[:, 1].min() < POINTS[:, 1].max() < y_high


@pytest.mark.parametrize("before", [None, np.ones(50, np.float32)])
@pytest.mark.parametrize("floor", [None, 0.289])
@pytest.mark.parametrize("n", [0, 1, 700])
def test_plotly_accepts_a_loss_figure(n, floor, before):
    figure = go.Figure(loss_figure(np.linspace(2, 0.3, n, dtype=np.float32), 1000, floor, before))
    assert len(figure.data) == (2 if before is not None else 1)
    assert len(figure.layout.shapes) == (1 if floor else 0)
    assert figure.layout.xaxis.range == (0, 1000)


@given(st.integers(1, 50_000))
def test_a_thin_curve_spans_the_long_one(n):
    epochs, values = thin(np.arange(1, n + 1, dtype=np.float32))
    assert len(epochs) == len(values) <= MOST_CURVE_POINTS
    stretch = -(-n // MOST_CURVE_POINTS)
    assert 0 <= n - epochs[-1] < stretch
    assert np.abs(values - epochs).max() < stretch  # here loss = epoch


@given(st.integers(0, 199), st.floats(10, 1e30))
def test_one_spike_does_not_change_the_range(place, height):
    losses = np.linspace(2, 0.3, 200, dtype=np.float32)
    spiked = losses.copy()
    spiked[place] = height
    assert loss_range([spiked], 0.289) == pytest.approx(loss_range([losses], 0.289), abs=0.05)


def test_a_loss_that_is_no_number_does_not_spoil_the_range():
    low, high = loss_range([np.array([1.0, np.nan, np.inf, 2.0], np.float32)], None)
    assert low < 1.5 < high < 3
