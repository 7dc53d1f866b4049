import math
from functools import cache

import numpy as np
import pytest
import scipy.integrate
import scipy.special
import scipy.stats
import torch
from helpers import global_generators
from sklearn.datasets import make_circles, make_moons

from realnvp.datasets import DISTRIBUTIONS, distribution

NOISES = [0.01, None, 0.5]  # None: the distribution's own
EVERY_ONE = [(name, noise or DISTRIBUTIONS[name].noise) for name in DISTRIBUTIONS for noise in NOISES]


def draw(name: str, noise: float, n: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return distribution(name, noise).sample(n, torch.Generator().manual_seed(seed))


@cache
def grid_integrals(name: str, noise: float) -> tuple[float, float]:
    """Mass and entropy by the trapezoid rule, which is exact to many digits for densities as smooth as the spacing."""
    points, _ = draw(name, noise, 20_000)
    low, high = points.min(0).values - 4 * noise, points.max(0).values + 4 * noise
    ticks = [torch.arange(float(low[i]), float(high[i]), noise, dtype=torch.float64) for i in range(2)]
    log_p = distribution(name, noise).log_prob(torch.cartesian_prod(*ticks))
    p = log_p.exp()
    return float(p.sum()) * noise**2, -float((p * log_p).sum()) * noise**2


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_density_integrates_to_one(name, noise):
    mass, _ = grid_integrals(name, noise)
    assert mass == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_entropy_agrees_with_a_grid(name, noise):
    _, entropy = grid_integrals(name, noise)
    assert distribution(name, noise).entropy == pytest.approx(entropy, abs=1e-3)


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_entropy_agrees_with_monte_carlo(name, noise):
    surprise = -distribution(name, noise).log_prob(draw(name, noise, 20_000)[0])
    standard_error = float(surprise.std()) / math.sqrt(len(surprise))
    assert abs(distribution(name, noise).entropy - float(surprise.mean())) < 4 * standard_error


def test_entropy_of_two_moons_is_the_measured_one():
    assert distribution("two_moons", 0.05).entropy == pytest.approx(0.288, abs=0.002)


# Densities by other means.


def log_arc_density(point, centre, radius, start, stop, noise) -> float:
    """log of the mean over an arc of N(point; place on the arc, noise^2 I), by adaptive quadrature."""

    def squared_distance(angle: float) -> float:
        return (point[0] - centre[0] - radius * math.cos(angle)) ** 2 + (
            point[1] - centre[1] - radius * math.sin(angle)
        ) ** 2

    towards = math.atan2(point[1] - centre[1], point[0] - centre[0])
    candidates = [start, stop, *(towards + 2 * math.pi * k for k in (-1, 0, 1))]
    nearest = min((a for a in candidates if start <= a <= stop), key=squared_distance)
    closest = squared_distance(nearest)  # factored out, so that far points do not underflow
    value, _ = scipy.integrate.quad(
        lambda angle: math.exp((closest - squared_distance(angle)) / (2 * noise**2)),
        start,
        stop,
        points=sorted({start, max(start, nearest - noise), nearest, min(stop, nearest + noise), stop}),
        limit=500,
        epsabs=0,
        epsrel=1e-11,
    )
    return math.log(value / (stop - start)) - closest / (2 * noise**2) - math.log(2 * math.pi * noise**2)


def log_two_moons(x, noise):
    arcs = [((0, 0), 1, 0, math.pi), ((1, 0.5), 1, -math.pi, 0)]
    return np.array([np.logaddexp.reduce([log_arc_density(p, *arc, noise) for arc in arcs]) - math.log(2) for p in x])


def log_circles(x, noise):
    """A blurred circle's density: a Gaussian of the radius with a Bessel function for the angle."""
    rho = np.linalg.norm(x, axis=1)
    rings = [
        np.log(scipy.special.i0e(rho * r / noise**2)) - (rho - r) ** 2 / (2 * noise**2) - np.log(2 * np.pi * noise**2)
        for r in (1.0, 0.5)
    ]
    return np.logaddexp(*rings) - math.log(2)


def log_blobs(x, noise):
    spots = [scipy.stats.multivariate_normal(mean, noise**2).logpdf(x) for mean in [(-1, -0.6), (1, -0.6), (0, 1)]]
    return np.logaddexp.reduce(spots) - math.log(3)


ORACLES = {"two_moons": log_two_moons, "circles": log_circles, "blobs": log_blobs}


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_log_prob_agrees_with_an_oracle(name, noise):
    """At points of the distribution, at the ends of arcs, between the shapes and outside of them."""
    samples = draw(name, noise, 12)[0].double()
    elsewhere = torch.tensor(
        [[0, 0], [1, 0], [-1, 0], [0, 0.5], [2, 0.5], [1.02, -0.03], [0.5, 0.25], [2.5, -1.5], [-1.7, 1.3]],
        dtype=torch.float64,
    )
    points = torch.cat([samples, elsewhere])
    expected = torch.from_numpy(ORACLES[name](points.numpy(), noise))
    torch.testing.assert_close(distribution(name, noise).log_prob(points), expected, rtol=1e-7, atol=1e-7)


def test_every_distribution_has_an_oracle():
    assert ORACLES.keys() == DISTRIBUTIONS.keys()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_log_prob_is_float64_whatever_it_is_given(name):
    points = draw(name, 0.1, 10)[0].float().requires_grad_()
    log_p = distribution(name, 0.1).log_prob(points)
    assert (log_p.dtype, log_p.shape, log_p.requires_grad) == (torch.float64, (10,), False)


def test_log_prob_of_many_points_is_that_of_each():
    """More points than are held against the quadrature nodes at once."""
    points, _ = draw("two_moons", 0.01, 5000)
    truth = distribution("two_moons", 0.01)
    torch.testing.assert_close(truth.log_prob(points)[::500], truth.log_prob(points[::500]))


# Samples.


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_samples_are_reproduced_by_their_generator_alone(name):
    before = global_generators()
    first, same, other = draw(name, 0.1, 100, seed=1), draw(name, 0.1, 100, seed=1), draw(name, 0.1, 100, seed=2)
    assert global_generators() == before
    assert torch.equal(first[0], same[0])
    assert torch.equal(first[1], same[1])
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_batches_of_one_generator_differ(name):
    generator = torch.Generator().manual_seed(0)
    truth = distribution(name, 0.1)
    assert not torch.isin(truth.sample(100, generator)[0], truth.sample(100, generator)[0]).any()


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_points_and_labels(name, noise):
    points, labels = draw(name, noise, 3000)
    classes = len(DISTRIBUTIONS[name].curves)
    assert (points.shape, points.dtype) == ((3000, 2), torch.float32)
    assert (labels.shape, labels.dtype) == ((3000,), torch.int64)
    counts = torch.bincount(labels, minlength=classes)
    assert len(counts) == classes
    assert ((counts - 3000 / classes).abs() < 4 * math.sqrt(3000 / classes)).all()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_labels_tell_the_curve(name):
    """With little noise a point lies at its own curve and away from the others."""
    points, labels = draw(name, 0.01, 1000)
    outlines = [curve(torch.linspace(0, 1, 500)) for curve in DISTRIBUTIONS[name].curves]
    distances = torch.stack([torch.cdist(points, outline).min(1).values for outline in outlines], 1)
    assert torch.equal(distances.argmin(1), labels)
    assert distances.min(1).values.max() < 0.06


@pytest.mark.parametrize(("name", "noise"), [(name, noise) for name, noise in EVERY_ONE if noise > 0.01])
def test_samples_follow_the_density(name, noise):
    """A chi-squared test: counts in coarse boxes against the density, integrated by the midpoint rule."""
    n, boxes = 20_000, 14
    points, _ = draw(name, noise, n, seed=3)
    low, high = points.min(0).values.double() - noise, points.max(0).values.double() + noise
    fine = boxes * math.ceil(float((high - low).max()) / boxes / (noise / 3))
    ticks = [low[i] + (high[i] - low[i]) * (torch.arange(fine, dtype=torch.float64) + 0.5) / fine for i in range(2)]
    density = distribution(name, noise).log_prob(torch.cartesian_prod(*ticks)).exp().reshape(fine, fine)
    cell = float((high - low).prod()) / fine**2
    block = fine // boxes
    expected = n * cell * density.reshape(boxes, block, boxes, block).sum((1, 3)).flatten().numpy()
    edges = [np.linspace(float(low[i]), float(high[i]), boxes + 1) for i in range(2)]
    counts = np.histogram2d(*points.double().numpy().T, bins=edges)[0].flatten()
    enough = expected >= 5
    counts = np.append(counts[enough], counts[~enough].sum())
    expected = np.append(expected[enough], n - expected[enough].sum())
    assert len(counts) > 20
    statistic = float(((counts - expected) ** 2 / expected).sum())
    assert scipy.stats.chi2(len(counts) - 1).sf(statistic) > 1e-4


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_samples_are_independent(name):
    """Means of batches scatter as those of independent points do; points on a regular grid would scatter less."""
    generator = torch.Generator().manual_seed(0)
    batches = torch.stack([distribution(name, 0.05).sample(64, generator)[0] for _ in range(1000)])
    ratio = 64 * batches.mean(1).var(0) / batches.reshape(-1, 2).var(0)
    assert ((ratio - 1).abs() < 4 * math.sqrt(2 / 1000)).all()
    x = batches.reshape(-1, 2) - batches.reshape(-1, 2).mean(0)
    neighbours = (x[1:] * x[:-1]).mean(0) / x.var(0)
    assert (neighbours.abs() < 4 / math.sqrt(len(x))).all()


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("two_moons", lambda n, noise: make_moons(n, shuffle=False, noise=noise, random_state=0)),
        ("circles", lambda n, noise: make_circles(n, shuffle=False, factor=0.5, noise=noise, random_state=0)),
    ],
)
def test_shapes_are_scikit_learns(name, reference):
    """Its noiseless points lie on our curves, class by class, and the moments of its noisy ones are ours."""
    x, labels = reference(400, None)
    for label, curve in enumerate(DISTRIBUTIONS[name].curves):
        outline = curve(torch.linspace(0, 1, 20_001, dtype=torch.float64))
        distances = torch.cdist(torch.from_numpy(x[labels == label]), outline).min(1).values
        assert distances.max() < 3e-4
    x, labels = reference(20_000, 0.1)
    points, our_labels = draw(name, 0.1, 20_000)
    for label in (0, 1):
        theirs, ours = x[labels == label], points[our_labels == label].double().numpy()
        error = 4 * np.sqrt(ours.var(axis=0) / len(ours))
        assert (np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < error).all()
        np.testing.assert_allclose(np.cov(ours.T), np.cov(theirs.T), atol=0.02)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_distribution_has_the_noise_asked_for_and_is_made_once(name):
    assert distribution(name, 0.123).noise == 0.123
    assert distribution(name, 0.123) is distribution(name, 0.123)
    assert distribution(name, 0.123).curves == DISTRIBUTIONS[name].curves
