"""Densities by other means: adaptive quadrature along curves that are written anew, and SciPy's distributions."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import scipy.integrate
import scipy.optimize
import scipy.stats

Place = Callable[[float], tuple[float, float]]


def log_mean_gaussian(point, place: Place, start: float, stop: float, noise: float, weight=None) -> float:
    """log of the mean over t in [start, stop] of N(point; place(t), noise^2 I).

    The mean is weighted: by the speed, if a curve's points are to be uniform in arc length.
    """
    weight = weight or (lambda t: 1.0)

    def distance(t: float) -> float:
        x, y = place(t)
        return ((point[0] - x) ** 2 + (point[1] - y) ** 2) / (2 * noise**2)

    pieces = np.linspace(start, stop, 65)
    middle = pieces[np.argmin([distance(t) for t in pieces])]
    step = pieces[1] - pieces[0]
    near = (max(start, middle - step), min(stop, middle + step))
    nearest = scipy.optimize.minimize_scalar(distance, bounds=near, method="bounded", options={"xatol": 1e-12}).x
    nearest = min([nearest, *near], key=distance)
    closest = distance(nearest)  # factored out, so that far points do not underflow
    total = scipy.integrate.quad(weight, start, stop)[0]
    finer = [nearest + sign * step * 4.0**-k for k in range(8) for sign in (-1, 1)]
    ends = sorted({*pieces, nearest, *(t for t in finer if start < t < stop)})
    value = sum(
        scipy.integrate.quad(lambda t: weight(t) * math.exp(closest - distance(t)), a, b, epsabs=1e-14, epsrel=1e-10)[0]
        for a, b in pairwise(ends)
        if min(distance(a), distance((a + b) / 2), distance(b)) - closest < 100
    )
    return math.log(value / total) - closest - math.log(2 * math.pi * noise**2)


def log_curves(points, noise: float, curves) -> np.ndarray:
    """Equal parts of curves, each (place, start, stop, weight)."""
    of_curves = [[log_mean_gaussian(p, *curve[:3], noise, *curve[3:]) for curve in curves] for p in points]
    return np.logaddexp.reduce(of_curves, axis=1) - math.log(len(curves))


def log_spots(points, noise: float, places) -> np.ndarray:
    """Equal parts of round Gaussians."""
    spots = [scipy.stats.multivariate_normal(place, noise**2).logpdf(points) for place in places]
    return np.logaddexp.reduce(spots) - math.log(len(places))
