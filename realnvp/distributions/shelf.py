"""The distributions by name: each function makes the one that ``realnvp.datasets`` lists under its name."""

from itertools import pairwise
from math import cos, pi, sin, sqrt

from realnvp.distributions.boxes import Boxes
from realnvp.distributions.curves import Curves, arc, involute, pieces, segment, spot
from realnvp.distributions.sheared import Sheared
from realnvp.distributions.student_t import StudentT


def two_moons(noise: float) -> Curves:
    """Two half circles; the second one stands on its head."""
    return Curves(noise, (arc((0, 0), 1, 0, pi), arc((1, 0.5), 1, -pi, 0)))


def circles(noise: float) -> Curves:
    return Curves(noise, (arc((0, 0), 1, 0, 2 * pi), arc((0, 0), 0.5, 0, 2 * pi)))


def blobs(noise: float, parts: int) -> Curves:
    """The first so many of six places: one more leaves the others where they are."""
    places = ((-1, -0.6), (1, -0.6), (0, 1), (0, -1.8), (-1.7, 0.9), (1.7, 0.9))
    return Curves(noise, tuple(spot(*place) for place in places[:parts]))


def gaussian(noise: float) -> Sheared:
    """One Gaussian along the diagonal: standard deviation 1 along its long axis, ``noise`` along its short one."""
    variance, covariance = (1 + noise**2) / 2, (1 - noise**2) / 2  # of each coordinate, and between the two
    width = sqrt(variance)
    return Sheared(noise, width, thickness=noise / width, bend=lambda x: covariance / variance * x)


def eight_gaussians(noise: float, parts: int) -> Curves:
    """Gaussians around a circle."""
    angles = [2 * pi * k / parts for k in range(parts)]
    return Curves(noise, tuple(spot(1.5 * cos(angle), 1.5 * sin(angle)) for angle in angles))


def pinwheel(noise: float, parts: int) -> Curves:
    """Short arms that leave a circle outwards and bend."""
    return Curves(noise, tuple(involute(0.5, 0.5, 3, turn=2 * pi * k / parts) for k in range(parts)))


def swiss_roll(noise: float) -> Curves:
    """One and a half turns, uniform in arc length, in five pieces."""
    return Curves(noise, pieces(involute(0.12, 4.5, 14), 5), one_piece=True)


def two_spirals(noise: float, parts: int) -> Curves:
    """Arms of one and a bit turns, uniform in arc length."""
    return Curves(noise, tuple(involute(0.2, 2, 9, turn=2 * pi * k / parts) for k in range(parts)))


def checkerboard(noise: float, parts: int) -> Boxes:
    """Every second one of parts x parts squares of [-2, 2]^2; a class for each row."""
    side = 4 / parts
    places = [(column, row) for row in range(parts) for column in range(row % 2, parts, 2)]
    return Boxes(
        noise,
        side,
        corners=tuple((column * side - 2, row * side - 2) for column, row in places),
        labels=tuple(row for _, row in places),
    )


def rings(noise: float, parts: int) -> Curves:
    """Equally many points on each of several circles about 0, the outermost of radius 1.5."""
    return Curves(noise, tuple(arc((0, 0), 1.5 * k / parts, 0, 2 * pi) for k in range(1, parts + 1)))


def banana(noise: float) -> Sheared:
    """x1 as it is, x2 around a parabola of it."""
    return Sheared(noise, width=1, thickness=noise, bend=lambda x: 0.4 * (x.square() - 1))


def s_curve(noise: float) -> Curves:
    """scikit-learn's, seen from the side: two three-quarter circles, in two pieces each."""
    upper, lower = arc((0, 0.8), 0.8, -2 * pi, -pi / 2), arc((0, -0.8), 0.8, pi / 2, -pi)
    return Curves(noise, pieces(upper, 2) + pieces(lower, 2), one_piece=True)


def line(noise: float) -> Curves:
    """A straight line in four pieces."""
    return Curves(noise, pieces(segment((-1.5, -1), (1.5, 1)), 4), one_piece=True)


def square(noise: float) -> Curves:
    """The outline of a square, a class for each side."""
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    return Curves(noise, tuple(segment(*ends) for ends in pairwise(corners)), one_piece=True)


def grid(noise: float, parts: int) -> Curves:
    """parts x parts Gaussians; a class for each row."""
    places = [3 * k / (parts - 1) - 1.5 for k in range(parts)]
    return Curves(noise, tuple(spot(x, y) for y in places for x in places), per_class=parts)


def heavy_tailed(noise: float) -> StudentT:
    return StudentT(noise)
