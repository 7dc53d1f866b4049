"""Student's t against SciPy's, and the integrals that its symmetry makes easy."""

import math

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import torch

from realnvp.datasets import distribution

NOISES = [0.01, 0.4, 0.5]


@pytest.mark.parametrize("noise", NOISES)
def test_density_and_entropy_are_scipys(noise):
    oracle = scipy.stats.multivariate_t([0, 0], noise**2 * np.eye(2), df=3)
    truth = distribution("heavy_tailed", noise)
    points = truth.sample(50, torch.Generator().manual_seed(0))[0].double()
    points = torch.cat([points, torch.tensor([[0, 0], [30, -40], [1e4, 0]], dtype=torch.float64)])
    expected = torch.from_numpy(oracle.logpdf(points.numpy()))
    torch.testing.assert_close(truth.log_prob(points), expected, rtol=1e-9, atol=1e-9)
    assert truth.entropy == pytest.approx(oracle.entropy(), abs=1e-9)


@pytest.mark.parametrize("noise", NOISES)
def test_density_integrates_to_one_tails_included(noise):
    def ring(r: float) -> float:
        return 2 * math.pi * r * float(distribution("heavy_tailed", noise).log_prob(torch.tensor([[r, 0.0]])).exp())

    total = sum(scipy.integrate.quad(ring, a * noise, b * noise)[0] for a, b in [(0, 2), (2, 20), (20, 300)])
    assert total + (1 + 300**2 / 3) ** -1.5 == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("noise", NOISES)
def test_a_strip_has_the_mass_that_one_coordinate_has(noise):
    """One coordinate of it is Student's t in one dimension."""
    edges = torch.tensor([-50.0, -1.0, 0.2, 0.9, 7.0], dtype=torch.float64)
    everywhere = torch.tensor([-1e8, 1e8], dtype=torch.float64)
    expected = np.diff(scipy.stats.t(df=3, scale=noise).cdf(edges.numpy()))
    truth = distribution("heavy_tailed", noise)
    np.testing.assert_allclose(truth.masses(edges, everywhere)[0], expected, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(truth.masses(everywhere, edges)[:, 0], expected, rtol=1e-9, atol=1e-13)


def test_tails_are_as_heavy_as_they_should_be():
    """How many of a million points lie further out than r: (1 + r^2 / (3 noise^2))^(-3/2) of them."""
    r, _ = distribution("heavy_tailed", 0.4).sample(1_000_000, torch.Generator().manual_seed(1))
    r = r.norm(dim=1)
    for distance in (0.3, 1.0, 3.0, 10.0):
        expected = 1e6 * (1 + distance**2 / (3 * 0.4**2)) ** -1.5
        assert abs(int((r > distance).sum()) - expected) < 4 * math.sqrt(expected)


def test_classes_are_quarters_by_distance():
    points, labels = distribution("heavy_tailed", 0.4).sample(4000, torch.Generator().manual_seed(0))
    r = points.norm(dim=1)
    ends = [(r[labels == k].min(), r[labels == k].max()) for k in range(4)]
    assert all(ends[k][1] <= ends[k + 1][0] for k in range(3))
