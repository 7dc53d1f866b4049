"""Couplings shaped by hand, against formulas written out anew, autograd and quadrature; their figures."""

import math

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from helpers import gaussian, jacobian
from hypothesis import given
from hypothesis import strategies as st

from realnvp.coupling import AffineCoupling
from realnvp.figures.by_hand import plane_figure, reach_of, shapes_figure
from realnvp.inside.by_hand import (
    MAX_LOG_SCALE,
    N_POINTS,
    HandLayer,
    grid_lines,
    hand_flow,
    look,
    moons,
    polygon_area,
    square,
    there_and_back,
)
from realnvp.inside.shapes import FORMS, Shape
from realnvp.tracing import take_curves

FLAT = Shape("constant", (0.0,))
ORACLES = {
    "constant": lambda a, h: h + 0 * a,
    "slope": lambda a, k: k * a,
    "bowl": lambda a, b: b * a**2,
    "wave": lambda a, h, w: h * np.sin(w * a),
    "bump": lambda a, h, p: h * np.exp(-2 * (a - p) ** 2),
}


@st.composite
def shapes(draw):
    form = draw(st.sampled_from(sorted(FORMS)))
    return Shape(form, tuple(draw(st.floats(p.low, p.high)) for p in FORMS[form].parameters))


@st.composite
def flows(draw, most=3):
    return tuple(HandLayer(draw(shapes()), draw(shapes())) for _ in range(draw(st.integers(1, most))))


@given(flows())
def test_the_flow_is_a_stack_of_the_real_couplings_and_does_what_the_formulas_say(layers):
    flow = hand_flow(layers)
    assert all(type(layer) is AffineCoupling for layer in flow.layers)
    x = gaussian(50, 2)
    y, total = x.numpy().copy(), np.zeros(50)
    for k, layer in enumerate(layers):
        kept, moved = k % 2, 1 - k % 2
        s, t = (ORACLES[shape.form](y[:, kept], *shape.values) for shape in (layer.s, layer.t))
        s = 3 * np.tanh(s / 3)
        y[:, moved] = y[:, moved] * np.exp(s) + t
        total += s
    z, log_det = flow(x)
    np.testing.assert_allclose(z, y, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(log_det, total, rtol=1e-12, atol=1e-12)


def test_every_form_has_an_oracle_and_moves_something_as_it_starts_except_the_constant():
    assert ORACLES.keys() == FORMS.keys()
    a = torch.linspace(-2, 2, 9, dtype=torch.float64)
    for name, form in FORMS.items():
        values = form.apply(a, *(p.start for p in form.parameters))
        assert bool(values.any()) == (name != "constant")
        assert all(p.low <= p.start <= p.high for p in form.parameters)


@given(shapes(), st.floats(-2, 2))
def test_the_formula_shown_says_what_is_computed(shape, a):
    text = shape.latex("a").replace(r"\,", "*").replace("\\", "").replace("-2(", "-2*(").replace("^2", "**2")
    rounded = Shape(shape.form, tuple(round(value, 2) for value in shape.values))
    shown = eval(text, {"a": a, "sin": math.sin, "exp": math.exp})  # of our own making
    assert shown == pytest.approx(float(rounded(torch.tensor(a, dtype=torch.float64))), abs=1e-9)


@given(flows(2), st.floats(0, 1))
def test_every_place_of_the_way_is_an_invertible_map_with_exact_log_det(layers, part):
    flow, x = hand_flow(layers), gaussian(6, 2)
    place = part * 2 * len(layers)

    def way(points):
        return there_and_back(flow, points, place)

    expected = torch.linalg.slogdet(jacobian(way, x))
    assert (expected.sign == 1).all()
    torch.testing.assert_close(way(x)[1], expected.logabsdet, rtol=0, atol=1e-9)


@given(flows(2), st.floats(0, 1))
def test_the_way_back_passes_the_same_places_and_ends_where_it_began(layers, part):
    flow, x, n = hand_flow(layers), moons()[0], len(layers)
    there, log_det = there_and_back(flow, x, part * n)
    back, back_log_det = there_and_back(flow, x, 2 * n - part * n)
    torch.testing.assert_close(back, there, rtol=0, atol=1e-9)
    torch.testing.assert_close(back_log_det, log_det, rtol=0, atol=1e-9)
    torch.testing.assert_close(there_and_back(flow, x, n)[0], flow(x)[0], rtol=0, atol=0)
    torch.testing.assert_close(there_and_back(flow, x, 2 * n)[0], flow.inverse(flow(x)[0])[0], rtol=0, atol=0)


def test_a_steep_s_is_bounded_as_a_networks_is():
    steep = hand_flow((HandLayer(Shape("slope", (100.0,)), FLAT),)).layers[0]
    s = steep.scale_and_shift(torch.tensor([[-1.0], [1.0]]))[0]
    torch.testing.assert_close(s, torch.tensor([[-MAX_LOG_SCALE], [MAX_LOG_SCALE]]))


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.05, 1), st.integers(0, 100))
def test_area_is_measured_from_the_outline(x, y, side, seed):
    outline = square((x, y), side)
    assert polygon_area(outline) == pytest.approx(side**2)
    torch.testing.assert_close(outline.mean(0), torch.tensor([x, y], dtype=torch.float64))
    matrix = gaussian(2, 2, seed)
    assert polygon_area(outline @ matrix.T) == pytest.approx(side**2 * float(torch.linalg.det(matrix)), abs=1e-12)


@given(shapes(), shapes(), st.floats(-1.5, 1.5), st.sampled_from([0.1, 0.5, 1.0]))
def test_the_measured_ratio_is_the_mean_of_the_determinant_over_the_cell(s, t, at, side):
    seen = look(hand_flow((HandLayer(s, t),)), (at, 0.3), side, 1.0)
    nodes, weights = np.polynomial.legendre.leggauss(20)
    factor = np.exp(3 * np.tanh(ORACLES[s.form](at + side / 2 * nodes, *s.values) / 3))
    assert seen.ratio == pytest.approx(float(weights @ factor) / 2, rel=3e-3)  # the outline has 128 vertices
    assert seen.area == pytest.approx(seen.ratio * side**2)


def test_the_smaller_the_cell_the_nearer_its_ratio_to_the_determinant():
    flow = hand_flow(
        (HandLayer(Shape("wave", (1.0, 3.0)), Shape("bowl", (0.5,))), HandLayer(Shape("slope", (0.5,)), FLAT))
    )
    off = [abs(seen.ratio - seen.determinant) for seen in (look(flow, (0.4, 0.3), side, 2.0) for side in (0.5, 0.05))]
    assert off[1] < off[0] / 30
    assert off[0] > 1e-3


def test_what_is_looked_at_is_of_one_moment():
    layers = (HandLayer(Shape("slope", (0.6,)), Shape("bowl", (0.4,))), HandLayer(FLAT, Shape("wave", (0.5, 2.0))))
    flow = hand_flow(layers)
    seen = look(flow, (1.0, 0.5), 0.5, 2.0)
    assert seen.points.shape == (N_POINTS, 2)
    np.testing.assert_allclose(seen.points, seen.journey.stages()[-1], atol=1e-5)
    np.testing.assert_allclose(seen.cell, seen.cells[-1], atol=1e-6)
    np.testing.assert_allclose(seen.middle[-1], flow(torch.tensor([[1.0, 0.5]]).double())[0][0], atol=1e-6)
    assert seen.determinant == pytest.approx(math.exp(seen.log_det))
    assert seen.log_det == pytest.approx(3 * math.tanh(0.2))
    assert 0 < seen.error < 1e-14
    gaps = grid_lines().isnan().any(1).numpy()
    assert np.array_equal(np.isnan(seen.grid).any(1), gaps)
    np.testing.assert_allclose(seen.grid[~gaps], flow(grid_lines()[~gaps])[0], atol=1e-5)


def test_two_shifts_are_nearly_and_three_exactly_a_quarter_turn():
    up, down = HandLayer(FLAT, Shape("slope", (1.0,))), HandLayer(FLAT, Shape("slope", (-1.0,)))
    x = gaussian(20, 2)
    two, three = hand_flow((up, down))(x)[0], hand_flow((up, down, up))(x)[0]
    torch.testing.assert_close(two, torch.stack([-x[:, 1], x[:, 0] + x[:, 1]], 1))
    torch.testing.assert_close(three, torch.stack([-x[:, 1], x[:, 0]], 1))


# Figures.


def test_plotly_accepts_the_plane_and_it_shows_points_grid_and_closed_cell():
    seen = look(hand_flow((HandLayer(FLAT, Shape("bowl", (0.4,))),)), (1.0, 0.5), 0.5, 1.0)
    figure = go.Figure(plane_figure(seen.points, moons()[1], seen.grid, seen.cell, 2.2))
    points, grid, cell = figure.data
    assert np.array_equal(points.x, seen.points[:, 0])
    assert np.isnan(grid.x).sum() == np.isnan(seen.grid[:, 0]).sum() > 0
    assert (cell.x[0], cell.y[0]) == (cell.x[-1], cell.y[-1])
    assert len(cell.x) == len(seen.cell) + 1
    assert figure.layout.xaxis.range == figure.layout.yaxis.range == (-2.2, 2.2)


def test_plotly_accepts_the_curves_and_they_mark_the_cell():
    flow = hand_flow((HandLayer(Shape("slope", (1.0,)), Shape("bump", (0.8, 0.0))),))
    journey = look(flow, (1.0, 0.5), 0.5, 1.0).journey
    curves = take_curves(flow.layers[0], -2, 2)
    figure = go.Figure(shapes_figure(curves, journey.points[:, 0], journey.s[0], journey.t[0], 1, 0.7, 2.0))
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == 0.7
    low, high = figure.layout.yaxis.range
    assert low < curves.s.min() < curves.s.max() < high


def test_the_view_holds_points_and_cell_of_all_stages_up_to_a_limit():
    points = moons()[0].float().numpy()
    cell = square((0.0, 0.0), 0.5).float().numpy()
    assert reach_of([points, points], cell) == 2.2
    assert reach_of([points, 2 * points], cell) > 2.9
    assert reach_of([points], 12 * cell) > 3
    assert reach_of([100 * points], cell) == 8
