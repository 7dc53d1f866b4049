"""Blurred squares against adaptive quadrature."""

import math
from itertools import pairwise

import numpy as np
import pytest
import scipy.integrate
import torch
from oracles import log_mean_gaussian
from scipy.special import entr, ndtr

from realnvp.datasets import distribution
from realnvp.distributions.boxes import Boxes, log_ndtr_difference, ndtr_integral

NOISES = [0.01, 0.03, 0.1, 0.5]


def log_checkerboard(point, noise: float) -> float:
    """Each square's density is the mean of a Gaussian over x times that over y: over lines along the axes."""
    of_squares = []
    for row in range(4):
        for column in range(4):
            if (row + column) % 2 == 0:
                along_x, along_y = (
                    log_mean_gaussian((value, 0), lambda t: (t, 0), start - 2, start - 1, noise)
                    for value, start in zip(point, (column, row), strict=True)
                )
                of_squares.append(along_x + along_y + math.log(2 * math.pi * noise**2))
    return np.logaddexp.reduce(of_squares) - math.log(8)


@pytest.mark.parametrize("noise", NOISES)
def test_log_prob_agrees_with_adaptive_quadrature(noise):
    truth = distribution("checkerboard", noise)
    samples = truth.sample(6, torch.Generator().manual_seed(0))[0].double()
    elsewhere = [[0, 0], [-1.5, -1.5], [-0.5, -1.5], [1, 0.98], [2.02, 2], [-2.3, 1.1], [3, -1.2], [-4, 5]]
    points = torch.cat([samples, torch.tensor(elsewhere, dtype=torch.float64)])
    expected = torch.tensor([log_checkerboard(point, noise) for point in points.tolist()], dtype=torch.float64)
    torch.testing.assert_close(truth.log_prob(points), expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("noise", [0.1, 0.5])
def test_density_is_a_double_integral(noise):
    """Of the Gaussian over the two squares of the smallest board."""
    truth = distribution("checkerboard", noise, 2)
    for x, y in [(-0.3, -0.4), (0.2, -0.1), (1.9, 2.1)]:

        def gaussian(v: float, u: float, x: float = x, y: float = y) -> float:
            return math.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * noise**2)) / (2 * math.pi * noise**2)

        squares = [scipy.integrate.dblquad(gaussian, low, low + 2, low, low + 2, epsabs=1e-9)[0] for low in (-2, 0)]
        log_p = truth.log_prob(torch.tensor([[x, y]], dtype=torch.float64))
        assert float(log_p.exp()) == pytest.approx(sum(squares) / 8, abs=1e-7)


@pytest.mark.parametrize("noise", NOISES)
def test_entropy_of_one_square_is_twice_that_of_a_blurred_interval(noise):
    def surprise(t: float) -> float:
        return entr((ndtr(t / noise) - ndtr((t - 1.5) / noise)) / 1.5)

    ends = [-10 * noise, 0, 0.75, 1.5, 1.5 + 10 * noise]
    of_interval = sum(scipy.integrate.quad(surprise, a, b, limit=200)[0] for a, b in pairwise(ends))
    assert Boxes(noise, 1.5, ((-0.2, 0.7),), (0,)).entropy == pytest.approx(2 * of_interval, abs=1e-7)


@pytest.mark.parametrize("noise", [0.03, 0.1, 0.5])
def test_entropy_agrees_with_a_finer_grid(noise):
    """By the density at points, not at columns and rows: a third of the noise apart."""
    truth, step = distribution("checkerboard", noise), noise / 3
    places = torch.arange(-2 - 8 * noise, 2 + 8 * noise, step, dtype=torch.float64)
    log_p = truth.log_prob(torch.cartesian_prod(places, places))
    assert float(log_p.exp().sum()) * step**2 == pytest.approx(1, abs=1e-9)
    assert truth.entropy == pytest.approx(-float((log_p.exp() * log_p).sum()) * step**2, abs=1e-6)


def test_little_noise_leaves_squares_uniform():
    truth = distribution("checkerboard", 0.01)
    middle = truth.log_prob(truth.middles)
    torch.testing.assert_close(middle, torch.full((8,), -math.log(8), dtype=torch.float64), rtol=1e-12, atol=0)


def test_a_class_is_a_row():
    points, labels = distribution("checkerboard", 0.01).sample(4000, torch.Generator().manual_seed(0))
    above, below = points[:, 1] - (labels - 2), labels - 1 - points[:, 1]
    assert float(torch.minimum(above, below).min()) > -0.05  # in the row, or blurred over its edge


def test_differences_of_the_normal_distribution_function_are_good_far_out():
    """Against its integral: log of phi(a) times a sum that does not underflow."""
    for a, b in [(-3.0, -4.0), (-40.0, -41.0), (9.0, 7.5), (300.0, 290.0), (0.5, -0.5), (60.0, -60.0)]:
        near, far = min(abs(a), abs(b)), max(abs(a), abs(b))
        if a * b < 0:
            expected = math.log(ndtr(a) - ndtr(b))
        else:
            inner = scipy.integrate.quad(lambda t, n=near: math.exp(-n * t - t * t / 2), 0, far - near, epsabs=0)[0]
            expected = -(near**2) / 2 - math.log(2 * math.pi) / 2 + math.log(inner)
        found = log_ndtr_difference(*(torch.tensor(z, dtype=torch.float64) for z in (a, b)))
        assert float(found) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_integral_of_the_normal_distribution_function():
    for z in (-5.0, -0.3, 0.0, 2.0):
        expected = scipy.integrate.quad(ndtr, -40, z, epsabs=1e-13)[0]
        assert float(ndtr_integral(torch.tensor(z, dtype=torch.float64))) == pytest.approx(expected, abs=1e-11)
