"""Integrals as sums."""

from functools import lru_cache

import torch
from scipy.special import roots_legendre
from torch import Tensor


@lru_cache(maxsize=64)
def gauss_legendre(n: int) -> tuple[Tensor, Tensor]:
    """Nodes and weights of the integral over [0, 1], float64: (n,) each. The nodes are denser near the ends."""
    nodes, weights = (torch.from_numpy(values) for values in roots_legendre(n))
    return (nodes + 1) / 2, weights / 2


def grid_entropy(columns: Tensor, rows: Tensor, weights: Tensor, step: float) -> float:
    """The entropy in nats of p(x, y) = sum over k of weights[k] * columns[k](x) * rows[k](y).

    ``columns`` (m, n) and ``rows`` (m, l) hold the factors at the ``ticks`` of each coordinate, ``step`` apart.
    """
    density = (columns.T * weights) @ rows
    return float(torch.special.entr(density).sum()) * step**2


def ticks(low: float, high: float, step: float) -> Tensor:
    """Places for the trapezoid rule over a density that lies from low to high, blurred by noise of 2 * step; float64.

    They reach 8 standard deviations further on either side. The rule is good to 2e-6 for entropies: it converges faster
    than any power of the step for functions that are so smooth.
    """
    return torch.arange(low - 16 * step, high + 16 * step, step, dtype=torch.float64)
