"""The learned density over a view, held against autograd, finer sums and what is known exactly."""

import math

import numpy as np
import pytest
import torch
from helpers import gaussian, jacobian, perturb
from scipy.special import ndtr

from realnvp.datasets import DISTRIBUTIONS, distribution
from realnvp.flow import RealNVP
from realnvp.inside.density import (
    EMPTY,
    HIGHEST,
    MOST_CELLS,
    edges,
    learned_density,
    learned_log_prob,
    take_density_map,
)

VIEW = (-1.46, 2.54, -0.99, 1.55)
WIDE = (-6.0, 7.0, -6.0, 6.5)


def make_flow(seed=0, dtype=torch.float64, n_layers=4, max_log_scale=1.0) -> RealNVP:
    flow = RealNVP(n_layers=n_layers, hidden_features=16, max_log_scale=max_log_scale, generator=torch.Generator())
    return perturb(flow, seed, strength=0.4).to(dtype)


def moons():
    return distribution("two_moons", 0.05)


def fine_sum(flow, view, columns=1500) -> float:
    """The integral over a view by a plain sum over far more cells."""
    x_low, x_high, y_low, y_high = view
    rows = round(columns * (y_high - y_low) / (x_high - x_low))
    dx, dy = (x_high - x_low) / columns, (y_high - y_low) / rows
    x = x_low + dx * (torch.arange(columns, dtype=torch.float64) + 0.5)
    y = y_low + dy * (torch.arange(rows, dtype=torch.float64) + 0.5)
    return float(learned_density(flow, torch.cartesian_prod(x, y)).sum()) * dx * dy


@pytest.mark.parametrize("seed", range(3))
def test_the_learned_density_is_the_change_of_variables_by_autograd(seed):
    flow, x = make_flow(seed), gaussian(50, 2, seed)
    z = flow(x)[0].detach()
    normal = torch.distributions.Normal(0, 1).log_prob(z).sum(1).exp()
    expected = normal * torch.linalg.det(jacobian(flow, x)).abs()
    torch.testing.assert_close(learned_density(flow, x), expected, rtol=1e-10, atol=0)
    assert learned_density(flow, x).std() > 0.01


@pytest.mark.parametrize("name", list(DISTRIBUTIONS))
def test_true_masses_of_cells_are_the_density_added_up_over_them(name):
    truth = distribution(name, 0.1)
    x, y = edges(WIDE, 4000)
    masses = truth.masses(x, y)
    assert masses.shape == (len(y) - 1, len(x) - 1)
    # Of heavy tails, and of a banana's ends, some lies outside.
    assert float(masses.sum()) == pytest.approx(1, abs=1e-4 if name in ("heavy_tailed", "banana") else 1e-8)
    row, column = divmod(int(masses.argmax()), masses.shape[1])
    part = (torch.arange(400, dtype=torch.float64) + 0.5) / 400
    width, height = x[1] - x[0], y[1] - y[0]
    inside = torch.cartesian_prod(x[column] + width * part, y[row] + height * part)
    expected = truth.log_prob(inside).exp().mean() * width * height
    assert float(masses[row, column]) == pytest.approx(float(expected), rel=1e-5)


def test_of_the_identity_every_cell_and_the_integral_are_known():
    found = take_density_map(RealNVP(n_layers=2, hidden_features=8), moons(), VIEW)
    x, y = (edge.numpy() for edge in edges(VIEW, MOST_CELLS))
    expected = np.diff(ndtr(y))[:, None] * np.diff(ndtr(x))
    assert found.learned.shape == found.true.density.shape == expected.shape
    area = (x[1] - x[0]) * (y[1] - y[0])
    np.testing.assert_allclose(found.learned, expected / area, rtol=1e-4)
    assert found.integral == pytest.approx(expected.sum(), abs=1e-5)
    assert found.true.integral == pytest.approx(1, abs=1e-9)
    off = found.true.density < EMPTY * found.peak
    assert found.true.learned_off_data == pytest.approx(expected[off].sum(), abs=1e-4)
    assert 0 < found.true.off_data < 0.001 < found.true.learned_off_data


@pytest.mark.parametrize("work", [10_000_000, 40_000_000_000])
@pytest.mark.parametrize("seed", range(4))
def test_the_integral_is_right_to_the_error_given_whatever_the_work_allowed(seed, work):
    flow = make_flow(seed, max_log_scale=2.0)
    found, expected = take_density_map(flow, moons(), WIDE, work=work), fine_sum(flow, WIDE)
    assert abs(found.integral - expected) < found.integral_error < 2e-3
    assert 0.5 < expected < 1.0001
    cells = found.learned.size
    assert cells <= MOST_CELLS
    assert (cells < 3000) == (work < 1e9)


def test_narrow_data_are_looked_into_more_finely_than_a_cell():
    """A Gaussian a third as wide as a cell: by its values at the cells' centres alone the sum would be far off."""
    flow = RealNVP(n_layers=2, hidden_features=4, max_log_scale=10.0)
    with torch.no_grad():
        for layer in flow.layers:
            layer.conditioner.net[-1].bias[:1] = 10 * math.atanh(math.log(125) / 10)  # s = log 125 in each layer
    truth = distribution("two_moons", 0.01)
    found = take_density_map(flow, truth, VIEW)
    coarse = (VIEW[1] - VIEW[0]) / found.learned.shape[1]
    assert coarse > 2.9 / 125
    assert found.integral == pytest.approx(1, abs=5e-4)


def test_a_map_is_of_its_view_lowest_row_first():
    found = take_density_map(make_flow(1, torch.float32), moons(), VIEW)
    rows, columns = found.learned.shape
    row, column = divmod(int(found.learned.argmax()), columns)
    x = VIEW[0] + (column + 0.5) / columns * (VIEW[1] - VIEW[0])
    y = VIEW[2] + (row + 0.5) / rows * (VIEW[3] - VIEW[2])
    centre = float(learned_density(make_flow(1, torch.float32), torch.tensor([[x, y]])))
    assert centre == pytest.approx(found.learned.max(), rel=0.05)


@pytest.mark.parametrize("strength", [30.0, 1e6])
def test_a_broken_flow_has_a_map_all_the_same(strength):
    flow = perturb(make_flow(0, torch.float32, n_layers=12, max_log_scale=10.0), 1, strength)
    raw = flow.log_prob(gaussian(500, 2, dtype=torch.float32)).detach()
    assert not (raw.abs() < 1000).all()  # it is broken
    log_prob = learned_log_prob(flow, gaussian(500, 2))
    assert not log_prob.isnan().any()
    assert float(log_prob.max()) <= HIGHEST
    found = take_density_map(flow, moons(), VIEW)
    assert np.isfinite(found.learned).all()
    assert math.isfinite(found.integral)
    assert math.isfinite(found.integral_error)


def test_a_place_that_is_sent_beyond_all_numbers_has_density_zero():
    flow = make_flow(0, torch.float32)
    far = torch.tensor([[3e38, 3e38], [math.inf, 0.0]])
    assert learned_density(flow, far).tolist() == [0, 0]
