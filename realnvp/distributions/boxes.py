"""Uniform squares whose edges are blurred by Gaussian noise."""

import math
from dataclasses import dataclass
from functools import cache, cached_property

import torch
from torch import Generator, Tensor
from torch.special import log_ndtr, ndtr

from realnvp.datasets import Distribution
from realnvp.distributions.quadrature import grid_entropy, ticks


@dataclass(frozen=True)
class Boxes(Distribution):
    """Equal parts of several squares of one size, each uniform and blurred by noise of standard deviation ``noise``.

    In each square the two coordinates are independent, a uniform plus a Gaussian number each. So its density is a
    product of two differences of normal distribution functions.
    """

    noise: float
    side: float
    corners: tuple[tuple[float, float], ...]  # the lower left one of each square
    labels: tuple[int, ...]  # the class of each square

    @property
    def classes(self) -> int:
        return max(self.labels) + 1

    @property
    def middles(self) -> Tensor:
        return torch.tensor(self.corners) + self.side / 2

    def sample(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        options = {"generator": generator, "device": generator.device}
        chosen = torch.randint(len(self.corners), (n,), **options)
        corners, labels = (constant(values, generator.device) for values in (self.corners, self.labels))
        inside = corners[chosen] + self.side * torch.rand(n, 2, **options)
        return inside + self.noise * torch.randn(n, 2, **options), labels[chosen]

    def log_prob(self, x: Tensor) -> Tensor:
        x, y = x.detach().to("cpu", torch.float64).T
        return (self._log_density(x, 0) + self._log_density(y, 1)).logsumexp(0) - math.log(len(self.corners))

    def masses(self, x_edges: Tensor, y_edges: Tensor) -> Tensor:
        """The density of each coordinate integrated from edge to edge, in closed form."""
        columns, rows = (
            self.noise / self.side * (ndtr_integral(past_low) - ndtr_integral(past_high)).diff(dim=1)
            for k, edges in enumerate((x_edges, y_edges))
            for past_low, past_high in [self._distances(edges.double(), k)]
        )
        return (rows.T @ columns).clamp(min=0) / len(self.corners)

    @cached_property
    def entropy(self) -> float:
        step = self.noise / 2
        columns, rows = (
            self._log_density(ticks(min(starts), max(starts) + self.side, step), k).exp()
            for k, starts in enumerate(zip(*self.corners, strict=True))
        )
        weights = torch.full((len(self.corners),), 1 / len(self.corners), dtype=torch.float64)
        return grid_entropy(columns, rows, weights, step)

    def _log_density(self, values: Tensor, k: int) -> Tensor:
        """Of coordinate k in each square, at values (m,): (squares, m)."""
        return log_ndtr_difference(*self._distances(values, k)) - math.log(self.side)

    def _distances(self, values: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """How many noises values (m,) of coordinate k lie past each square's low and high edge: (squares, m) each."""
        past_low = values - torch.tensor(self.corners, dtype=torch.float64)[:, k, None]
        return past_low / self.noise, (past_low - self.side) / self.noise


@cache
def constant(values: tuple, device: torch.device) -> Tensor:
    """Numbers on a device, put there once: a CUDA graph, into which sampling can go, takes nothing from outside."""
    return torch.tensor(values, device=device)


def log_ndtr_difference(a: Tensor, b: Tensor) -> Tensor:
    """log(ndtr(a) - ndtr(b)) for a > b, far out on either side too: by symmetry on the left, where ndtr is small."""
    right = a + b > 0
    a, b = torch.where(right, -b, a), torch.where(right, -a, b)
    return log_ndtr(a) + torch.log1p(-(log_ndtr(b) - log_ndtr(a)).exp())


def ndtr_integral(z: Tensor) -> Tensor:
    """The integral of ndtr from minus infinity to z."""
    return z * ndtr(z) + (-z.square() / 2).exp() / math.sqrt(2 * math.pi)
