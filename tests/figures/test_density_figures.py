"""Figures of densities and of what is put into the latent space."""

import json
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest

from realnvp.figures.density import (
    DIFFERENCES,
    LOWEST,
    density_colourscale,
    density_figure,
    difference_figure,
    log_density_figure,
    log_difference_figure,
)
from realnvp.figures.latent import (
    PIECES,
    along_figure,
    widened,
    with_bridge,
    with_curve,
    with_path,
)
from realnvp.figures.points import LATENT_VIEW, OKABE_ITO, points_figure
from realnvp.ui.wire import pack

VIEW = (-1.0, 3.0, 0.0, 2.0)
RANDOM = np.random.default_rng(0)
LEARNED, TRUE = (RANDOM.gamma(0.3, size=(100, 160)).astype(np.float32) for _ in range(2))
POINTS = RANDOM.normal(size=(50, 2)).astype(np.float32)
MARK = (0.5, 1.0)


def as_plotly(figure) -> go.Figure:
    return go.Figure(json.loads(json.dumps(figure, default=lambda array: array.tolist())))


def latent_figure():
    return points_figure(POINTS, None, LATENT_VIEW, rings=True)


def test_a_heatmap_has_a_cell_where_its_value_belongs():
    (trace, mark) = as_plotly(density_figure(LEARNED, VIEW, 2.0, MARK)).data
    assert np.array_equal(trace.z, LEARNED)
    assert (trace.x0 - trace.dx / 2, trace.y0 - trace.dy / 2) == pytest.approx((-1, 0))
    assert (trace.x0 + 159.5 * trace.dx, trace.y0 + 99.5 * trace.dy) == pytest.approx((3, 2))
    assert (mark.x[0], mark.y[0]) == MARK


def test_learned_and_true_have_the_same_colour_scale():
    for figure_of in (density_figure, log_density_figure):
        learned, true = (as_plotly(figure_of(d, VIEW, 2.0, MARK)).data[0] for d in (LEARNED, TRUE))
        assert (learned.zmin, learned.zmax, learned.colorscale) == (true.zmin, true.zmax, true.colorscale)


def test_logs_are_of_the_density_and_end_at_the_scales_lowest():
    density = np.array([[0, 1e-30], [1, np.e]], np.float32)
    trace = as_plotly(log_density_figure(density, VIEW, np.e)).data[0]
    np.testing.assert_allclose(trace.z, [[LOWEST, LOWEST], [0, 1]], atol=1e-6)
    assert (trace.zmin, trace.zmax) == pytest.approx((LOWEST, 1))


def test_differences_are_learned_minus_true_and_nothing_is_clear():
    trace = as_plotly(difference_figure(LEARNED - TRUE, VIEW, 1.5, MARK)).data[0]
    assert np.array_equal(trace.z, LEARNED - TRUE)
    assert (trace.zmin, trace.zmax) == (-1.5, 1.5)
    assert {colour[-3:] for place, colour in DIFFERENCES if place == 0.5} == {",0)"}
    logs = as_plotly(log_difference_figure(np.array([[1.0, 0]]), np.array([[np.e, 0]]), VIEW, MARK)).data[0]
    np.testing.assert_allclose(logs.z, [[-1, 0]], atol=1e-6)
    assert logs.zmin == -logs.zmax


def test_the_lowest_density_lets_the_background_through():
    scale = density_colourscale()
    assert (scale[0][0], scale[-1][0]) == (0, 1)
    opacities = [float(colour.split(",")[-1].rstrip(")")) for _, colour in scale]
    assert opacities[0] < 0.1 < opacities[-1] == 1
    assert sorted(opacities) == opacities


def test_three_maps_of_the_largest_size_are_small_to_send():
    maps = [density_figure(LEARNED, VIEW, 2.0, MARK), density_figure(TRUE, VIEW, 2.0, MARK)]
    maps.append(difference_figure(LEARNED - TRUE, VIEW, 2.0, MARK))
    assert 90_000 < len(pack({"figures": maps})) < 130_000


def test_a_curve_is_drawn_whole_in_four_colours_one_after_the_other():
    u = np.linspace(0, 1, 201, dtype=np.float32)
    curve = np.stack([u, u**2], 1)
    traces = as_plotly(with_curve(latent_figure(), curve, u)).data[1:]
    assert [trace.line.color for trace in traces] == list(PIECES)
    for trace, following in pairwise(traces):
        assert trace.x[-1] == following.x[0]
    assert (traces[0].x[0], traces[-1].x[-1]) == (0, 1)
    assert set(PIECES).isdisjoint(OKABE_ITO[:2])  # the classes' colours


@pytest.mark.parametrize("layers", [0, 1, 6])
def test_a_path_names_the_layer_undone_at_each_of_its_points(layers):
    stages = POINTS[: layers + 1]
    trace = as_plotly(with_path(latent_figure(), stages)).data[1]
    assert len(trace.x) == len(trace.text) == len(trace.marker.symbol) == len(trace.marker.size) == layers + 1
    assert trace.marker.symbol[0] == "circle-open"
    assert list(trace.text[1:]) == [f"layer {k} undone" for k in range(layers, 0, -1)]


def test_a_bridge_has_its_band_its_line_and_its_ends_in_the_parts_colours():
    line, sides = POINTS[:20], np.stack([POINTS[:20] + 1, POINTS[:20] - 1])
    band, middle, ends = as_plotly(with_bridge(latent_figure(), line, sides, line[[0, -1]])).data[1:]
    assert len(band.x) == 40
    assert np.array_equal(middle.y, line[:, 1])
    assert list(ends.marker.color) == list(OKABE_ITO[:2])


def test_densities_along_the_bridge_are_shown_with_their_values():
    length = np.linspace(0, 2, 5, dtype=np.float32)
    learned, true = np.zeros(5, np.float32), np.array([0, -20, -400, -np.inf, 0], np.float32)
    figure = as_plotly(along_figure(length, learned, true))
    assert [trace.name for trace in figure.data] == ["learned", "true"]
    assert np.isfinite(figure.data[1].y).all()
    assert list(figure.data[1].customdata)[2:4] == pytest.approx([np.exp(-400.0), 0])
    low, high = figure.layout.yaxis.range
    assert low < -10 < 0 < high


def test_a_view_is_widened_for_points_outside_it_up_to_a_limit():
    inside, outside = np.array([[0.0, 1.0]]), np.array([[-2.0, 1.0]])
    assert widened(VIEW, inside) == VIEW
    x_low, *others = widened(VIEW, outside)
    assert -2.5 < x_low < -2
    assert tuple(others) == VIEW[1:]
    far = widened(VIEW, np.array([[1e9, np.nan], [1e9, -1e9]]))
    assert np.isfinite(far).all()
    assert max(np.abs(far)) < 8
