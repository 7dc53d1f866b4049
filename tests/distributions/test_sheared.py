"""Sheared Gaussians against SciPy's, a change of variables by autograd, and the coupling layers that make them."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn

from realnvp.coupling import AffineCoupling
from realnvp.datasets import distribution
from realnvp.flow import log_normal

NOISES = [0.01, 0.2, 0.5]
PLACES = torch.tensor([[0, 0], [0.3, -0.2], [1, 1], [-2, 1.4], [3, -3], [0.1, 5]], dtype=torch.float64)


@pytest.mark.parametrize("noise", NOISES)
def test_the_gaussian_is_scipys_with_its_axes_turned_by_45_degrees(noise):
    turn = np.array([[1, -1], [1, 1]]) / math.sqrt(2)
    oracle = scipy.stats.multivariate_normal([0, 0], turn @ np.diag([1, noise**2]) @ turn.T)
    truth = distribution("gaussian", noise)
    expected = torch.from_numpy(oracle.logpdf(PLACES.numpy()))
    torch.testing.assert_close(truth.log_prob(PLACES), expected, rtol=1e-9, atol=1e-9)
    assert truth.entropy == pytest.approx(oracle.entropy(), abs=1e-9)


@pytest.mark.parametrize("noise", NOISES)
def test_the_banana_is_a_change_of_variables(noise):
    """log N(g(x); 0, I) + log |det dg/dx|, with the determinant by autograd."""

    def g(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([x[0], (x[1] - 2 * x[0] ** 2 / 5 + 2 / 5) / noise])

    expected = []
    for x in PLACES:
        z, jacobian = g(x), torch.autograd.functional.jacobian(g, x)
        expected.append(torch.distributions.Normal(0, 1).log_prob(z).sum() + jacobian.det().abs().log())
    truth = distribution("banana", noise)
    torch.testing.assert_close(truth.log_prob(PLACES), torch.stack(expected), rtol=1e-12, atol=1e-12)
    assert truth.entropy == pytest.approx(scipy.stats.norm.entropy() + scipy.stats.norm(scale=noise).entropy())


class Given(nn.Module):
    """A conditioner that computes what it is told: a constant log-scale and a shift."""

    def __init__(self, log_scale: float, shift) -> None:
        super().__init__()
        self.log_scale, self.shift = log_scale, shift

    def forward(self, a):
        return torch.full_like(a, self.log_scale), self.shift(a)


def coupling(kept_first: bool, log_scale: float, shift) -> AffineCoupling:
    """Its s is bounded by 3, like that of the app's flows: log_scale is what the bound turns into the s asked for."""
    return AffineCoupling(
        torch.tensor([kept_first, not kept_first]), Given(3 * math.atanh(log_scale / 3), shift), max_log_scale=3.0
    )


def test_one_coupling_layer_makes_the_banana_exactly():
    noise = 0.2
    layer = coupling(True, -math.log(noise), lambda a: -0.4 * (a.square() - 1) / noise)
    z, log_det = layer(PLACES)
    torch.testing.assert_close(log_normal(z) + log_det, distribution("banana", noise).log_prob(PLACES))


def test_two_coupling_layers_make_the_gaussian_exactly():
    noise = 0.4
    variance, covariance = (1 + noise**2) / 2, (1 - noise**2) / 2
    thickness = noise / math.sqrt(variance)
    slanted = coupling(True, -math.log(thickness), lambda a: -covariance / variance * a / thickness)
    stretched = coupling(False, -math.log(variance) / 2, torch.zeros_like)
    y, log_det = slanted(PLACES)
    z, more = stretched(y)
    torch.testing.assert_close(log_normal(z) + log_det + more, distribution("gaussian", noise).log_prob(PLACES))


@pytest.mark.parametrize("name", ["gaussian", "banana"])
def test_classes_are_the_quarters_from_left_to_right(name):
    points, labels = distribution(name, 0.2).sample(4000, torch.Generator().manual_seed(0))
    ends = [(points[labels == k, 0].min(), points[labels == k, 0].max()) for k in range(4)]
    assert all(ends[k][1] <= ends[k + 1][0] for k in range(3))


@pytest.mark.parametrize("noise", NOISES)
def test_cells_that_are_wide_or_steep_are_exact_too(noise):
    """Against strips so narrow that the bend is straight in them: the midpoint rule with 40,000 of them."""
    truth = distribution("banana", noise)
    x_edges = torch.tensor([-3.0, -1.5, 0.0, 1.0, 4.0], dtype=torch.float64)
    y_edges = torch.tensor([-1.0, -0.2, 0.1, 2.0], dtype=torch.float64)
    expected = np.zeros((3, 4))
    for column in range(4):
        low, high = x_edges[column].item(), x_edges[column + 1].item()
        x = low + (high - low) * (np.arange(40_000) + 0.5) / 40_000
        given_x = scipy.stats.norm.cdf(y_edges.numpy()[:, None], 0.4 * (x**2 - 1), noise)
        expected[:, column] = (np.diff(given_x, axis=0) * scipy.stats.norm.pdf(x)).mean(1) * (high - low)
    np.testing.assert_allclose(truth.masses(x_edges, y_edges), expected, atol=1e-8)
