"""Blurred curves against adaptive quadrature, Bessel functions and SciPy's Gaussians."""

import math
from itertools import pairwise

import numpy as np
import pytest
import scipy.integrate
import scipy.special
import torch
from oracles import log_curves, log_spots
from scipy.special import entr, ndtr
from sklearn.datasets import make_circles, make_moons, make_s_curve

from realnvp.datasets import DISTRIBUTIONS, distribution
from realnvp.distributions.curves import Curves, arc, involute, log_sum_exp, pieces, segment, spot

NOISES = [0.01, 0.1, 0.5]
CURVES = [name for name, dataset in DISTRIBUTIONS.items() if isinstance(distribution(name, dataset.noise), Curves)]
U = torch.linspace(0, 1, 401, dtype=torch.float64)


def draw(name: str, noise: float, n: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return distribution(name, noise).sample(n, torch.Generator().manual_seed(seed))


# Each density anew.


def turning(centre: complex, radius: float, start: float, stop: float):
    def place(angle: float) -> tuple[float, float]:
        return centre.real + radius * math.cos(angle), centre.imag + radius * math.sin(angle)

    return place, start, stop


def unwound(radius: float, start: float, stop: float, turn: float = 0.0):
    """A taut string's end: from where it leaves the circle, along the tangent as far as it was wound around."""

    def place(angle: float) -> tuple[float, float]:
        leaves = complex(math.cos(angle), math.sin(angle))
        end = radius * (leaves - 1j * angle * leaves) * complex(math.cos(turn), math.sin(turn))
        return end.real, end.imag

    return place, start, stop, lambda angle: angle


def straight(start, stop):
    return (lambda t: (start[0] + t * (stop[0] - start[0]), start[1] + t * (stop[1] - start[1]))), 0, 1


def log_rings(x, noise, radii):
    """A blurred circle's density: a Gaussian of the radius with a Bessel function for the angle."""
    rho = np.linalg.norm(x, axis=1)
    rings = [
        np.log(scipy.special.i0e(rho * r / noise**2)) - (rho - r) ** 2 / (2 * noise**2) - np.log(2 * np.pi * noise**2)
        for r in radii
    ]
    return np.logaddexp.reduce(rings) - math.log(len(radii))


def s_shape(t: float) -> tuple[float, float]:
    return 0.8 * math.sin(t), 0.8 * math.copysign(1, t) * (math.cos(t) - 1)


def around_square(t: float) -> tuple[float, float]:
    side, part = divmod(min(t, 3.999999999999), 1)
    corner = complex(-1, -1) * 1j**side + 2 * part * 1j**side
    return corner.real, corner.imag


ORACLES = {
    "two_moons": lambda x, noise: log_curves(
        x, noise, [turning(0j, 1, 0, math.pi), turning(1 + 0.5j, 1, math.pi, 2 * math.pi)]
    ),
    "circles": lambda x, noise: log_rings(x, noise, [1.0, 0.5]),
    "blobs": lambda x, noise: log_spots(x, noise, [(-1, -0.6), (1, -0.6), (0, 1)]),
    "eight_gaussians": lambda x, noise: log_spots(
        x, noise, [(1.5 * math.cos(k * math.pi / 4), 1.5 * math.sin(k * math.pi / 4)) for k in range(8)]
    ),
    "pinwheel": lambda x, noise: log_curves(
        x, noise, [unwound(0.5, 0.5, 3, turn=k * math.radians(72)) for k in range(5)]
    ),
    "swiss_roll": lambda x, noise: log_curves(x, noise, [unwound(0.12, 4.5, 14)]),
    "two_spirals": lambda x, noise: log_curves(x, noise, [unwound(0.2, 2, 9), unwound(0.2, 2, 9, turn=math.pi)]),
    "rings": lambda x, noise: log_rings(x, noise, [0.5, 1.0, 1.5]),
    "s_curve": lambda x, noise: log_curves(x, noise, [(s_shape, -1.5 * math.pi, 1.5 * math.pi)]),
    "line": lambda x, noise: log_curves(x, noise, [straight((-1.5, -1), (1.5, 1))]),
    "square": lambda x, noise: log_curves(x, noise, [(around_square, 0, 4)]),
    "grid": lambda x, noise: log_spots(x, noise, [(0.75 * i, 0.75 * j) for i in range(-2, 3) for j in range(-2, 3)]),
}


def test_every_one_has_an_oracle():
    assert list(ORACLES) == CURVES


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("name", CURVES)
def test_log_prob_agrees_with_an_oracle(name, noise):
    """At points of the distribution, at the ends of curves, between the shapes and outside of them."""
    samples = draw(name, noise, 8)[0].double()
    elsewhere = torch.tensor(
        [[0, 0], [1, 0], [-1, 0], [0, 0.5], [2, 0.5], [1.02, -0.03], [0.5, 0.25], [2.5, -1.5], [-1.7, 1.3]],
        dtype=torch.float64,
    )
    ends = torch.cat([curve(U[[0, -1]]) for curve in distribution(name, noise).curves[:2]]) + noise / 3
    points = torch.cat([samples, elsewhere, ends])
    expected = torch.from_numpy(ORACLES[name](points.numpy(), noise))
    torch.testing.assert_close(distribution(name, noise).log_prob(points), expected, rtol=1e-7, atol=1e-7)


def test_log_prob_of_many_points_is_that_of_each():
    """More points than are held against the quadrature nodes at once."""
    points, _ = draw("two_moons", 0.01, 5000)
    truth = distribution("two_moons", 0.01)
    torch.testing.assert_close(truth.log_prob(points)[::500], truth.log_prob(points[::500]))


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e5])
def test_the_log_of_a_sum_of_exponentials_is_pytorchs(scale):
    x = scale * torch.randn(20, 300, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(log_sum_exp(x), x.logsumexp(1), rtol=1e-14, atol=0)


# Entropies.


def radial_entropy(radii, noise: float) -> float:
    """Of blurred circles, whose density depends on the distance from the middle alone."""

    def surprise(r: float) -> float:
        log_p = float(log_rings(np.array([[r, 0.0]]), noise, radii)[0])
        return -2 * math.pi * r * math.exp(log_p) * log_p

    ends = [0.0, *sorted(max(0.0, r + k * noise) for r in radii for k in range(-8, 9)), max(radii) + 12 * noise]
    return sum(scipy.integrate.quad(surprise, a, b, epsabs=1e-11)[0] for a, b in pairwise(ends))


@pytest.mark.parametrize("noise", [0.01, 0.05, 0.1, 0.2, 0.5])
@pytest.mark.parametrize(("name", "radii"), [("circles", [1.0, 0.5]), ("rings", [0.5, 1.0, 1.5])])
def test_entropy_of_rings_is_a_radial_integral(name, radii, noise):
    assert distribution(name, noise).entropy == pytest.approx(radial_entropy(radii, noise), abs=2e-6)


@pytest.mark.parametrize("noise", NOISES)
def test_entropy_of_a_line_is_that_along_it_and_that_across_it(noise):
    length = math.hypot(3, 2)

    def surprise(t: float) -> float:
        return entr((ndtr((t + length / 2) / noise) - ndtr((t - length / 2) / noise)) / length)

    reach = length / 2 + 10 * noise
    ends = [-reach, -length / 2, 0, length / 2, reach]
    along = sum(scipy.integrate.quad(surprise, a, b)[0] for a, b in pairwise(ends))
    across = math.log(2 * math.pi * math.e * noise**2) / 2
    assert distribution("line", noise).entropy == pytest.approx(along + across, abs=1e-7)


@pytest.mark.parametrize(("name", "parts"), [("blobs", 3), ("eight_gaussians", 8), ("grid", 25)])
def test_entropy_of_far_apart_gaussians_is_that_of_one_and_the_choice(name, parts):
    expected = math.log(parts) + math.log(2 * math.pi * math.e * 0.03**2)
    assert distribution(name, 0.03).entropy == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("noise", [0.05, 0.1, 0.3])
@pytest.mark.parametrize("name", CURVES)
def test_entropy_agrees_with_a_grid_that_is_finer_and_turned(name, noise):
    """By the density at points, not at columns and rows: a third of the noise apart, turned by an angle."""
    truth = distribution(name, noise)
    step, turn = noise / 3, torch.tensor(0.4, dtype=torch.float64)
    cos, sin = turn.cos(), turn.sin()
    rotation = torch.stack([torch.stack([cos, -sin]), torch.stack([sin, cos])])
    turned = draw(name, noise, 2000)[0].double() @ rotation
    frame = zip(turned.min(0).values - 6 * noise, turned.max(0).values + 6 * noise, strict=True)
    middles = [torch.arange(float(low), float(high), step, dtype=torch.float64) for low, high in frame]
    log_p = truth.log_prob(torch.cartesian_prod(*middles) @ rotation.T)
    assert float(log_p.exp().sum()) * step**2 == pytest.approx(1, abs=1e-6)
    assert truth.entropy == pytest.approx(-float((log_p.exp() * log_p).sum()) * step**2, abs=1e-5)


def test_entropy_of_two_moons_is_the_measured_one():
    assert distribution("two_moons", 0.05).entropy == pytest.approx(0.288, abs=0.002)


# Curves and their samples.


def speed_of(curve) -> torch.Tensor:
    return (curve(U + 1e-5) - curve(U - 1e-5)).norm(dim=1) / 2e-5


@pytest.mark.parametrize("name", CURVES)
def test_curves_go_at_constant_speed(name):
    """So that points are uniform in arc length."""
    for curve in distribution(name, 0.1).curves:
        speed = speed_of(curve)
        torch.testing.assert_close(speed, speed.mean().expand(len(speed)), rtol=1e-7, atol=0)


@pytest.mark.parametrize("name", ["swiss_roll", "s_curve", "line", "square"])
def test_pieces_are_equally_long_and_join_up(name):
    """To one part, however many colours it has."""
    truth = distribution(name, 0.1)
    outlines = torch.stack([curve(U) for curve in truth.curves])
    lengths = torch.stack([speed_of(curve)[0] for curve in truth.curves])
    torch.testing.assert_close(lengths, lengths.mean().expand(len(lengths)), rtol=1e-7, atol=0)
    torch.testing.assert_close(outlines[:-1, -1], outlines[1:, 0], rtol=0, atol=1e-12)
    assert len(truth.middles) == 1
    whole = outlines.flatten(0, 1)
    assert float((whole - truth.middles.double()).norm(dim=1).min()) < 1e-6


def test_the_middle_of_pieces_is_half_way_along_them():
    whole = involute(0.3, 1, 5)
    for n in (1, 4, 5):
        truth = Curves(0.1, pieces(whole, n), one_piece=True)
        torch.testing.assert_close(truth.middles, whole(torch.tensor([0.5])))


def test_turns_of_an_involute_are_equally_far_apart():
    """Going out along a tangent of the circle one crosses all turns at right angles."""
    radius = 0.2
    tangent = [involute(radius, 0, angle)(torch.tensor([1.0])) for angle in (math.pi * (1 + 2 * k) for k in range(3))]
    torch.testing.assert_close(tangent[1] - tangent[0], torch.tensor([[0.0, 2 * math.pi * radius]]))
    torch.testing.assert_close(tangent[2] - tangent[1], torch.tensor([[0.0, 2 * math.pi * radius]]))


@pytest.mark.parametrize("name", CURVES)
def test_labels_tell_the_curve(name):
    """With little noise a point lies at a curve of its class."""
    points, labels = draw(name, 0.01, 1000)
    truth = distribution(name, 0.01)
    distances = torch.stack([torch.cdist(points, curve(U).float()).min(1).values for curve in truth.curves], 1)
    of_classes = distances.reshape(len(points), truth.classes, -1).amin(2)
    assert of_classes.gather(1, labels[:, None]).max() < 0.06
    if not truth.one_piece:
        assert torch.equal(of_classes.argmin(1), labels)


# What the streams of random numbers gave when links first relied on them.
FIRST = {
    "two_moons": ([[1.072669, 0.234065], [0.037304, 0.954162], [-0.075308, 0.353648]], [0, 0, 1]),
    "circles": ([[1.061945, 0.318038], [-1.035891, 0.135543], [0.371665, 0.225790]], [0, 0, 1]),
    "blobs": ([[1.076253, -0.450515], [-0.051754, 0.958135], [0.906911, -0.558611]], [1, 2, 1]),
}


@pytest.mark.parametrize("name", FIRST)
def test_the_same_seed_gives_the_points_that_it_always_gave(name):
    points, labels = draw(name, 0.1, 3, seed=3)
    torch.testing.assert_close(points, torch.tensor(FIRST[name][0]), rtol=0, atol=2e-6)
    assert labels.tolist() == FIRST[name][1]


def test_spots_segments_and_arcs():
    assert spot(0.5, -2)(U).unique(dim=0).tolist() == [[0.5, -2]]
    assert segment((0, 1), (2, 5))(torch.tensor([0.0, 0.5, 1.0])).tolist() == [[0, 1], [1, 3], [2, 5]]
    quarter = arc((1, 2), 3, 0, math.pi / 2)(torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(quarter, torch.tensor([[4.0, 2.0], [1.0, 5.0]]))


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
    for label, curve in enumerate(distribution(name, 0.1).curves):
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


def test_the_s_curve_is_scikit_learns_from_the_side():
    x, _ = make_s_curve(400, random_state=0)
    outline = torch.cat([curve(U) for curve in distribution("s_curve", 0.1).curves])
    distances = torch.cdist(torch.from_numpy(0.8 * x[:, [0, 2]]), outline).min(1).values
    assert distances.max() < 4e-3
