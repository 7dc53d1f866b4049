"""Student's t distribution in two dimensions: heavy tails."""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.special import ndtr

from realnvp.datasets import Distribution

FREEDOM = 3  # degrees of freedom: the fewest with a finite variance


@dataclass(frozen=True)
class StudentT(Distribution):
    """A standard Gaussian divided by an independent chi / sqrt(3), at the scale ``noise`` (data units).

    Far out the density falls like 1 / r^5 only. The classes are quarters of the points by their distance r from 0.
    See Kotz and Nadarajah, Multivariate t Distributions and Their Applications, 2004, chapter 1.
    """

    noise: float

    classes = 4

    @property
    def middles(self) -> Tensor:
        return torch.zeros(1, 2)

    def sample(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        z = torch.randn(n, 2 + FREEDOM, generator=generator, device=generator.device)
        x = self.noise * z[:, :2] / (z[:, 2:].square().mean(1, keepdim=True)).sqrt()
        beyond = (1 + (x / self.noise).square().sum(1) / FREEDOM) ** (-FREEDOM / 2)  # the probability of a greater r
        return x, (4 * (1 - beyond)).long().clamp(max=3)

    def log_prob(self, x: Tensor) -> Tensor:
        squares = (x.detach().to("cpu", torch.float64) / self.noise).square().sum(1)
        return -(FREEDOM / 2 + 1) * (squares / FREEDOM).log1p() - math.log(2 * math.pi * self.noise**2)

    def masses(self, x_edges: Tensor, y_edges: Tensor) -> Tensor:
        """Given chi the two coordinates are independent; the integral over log chi by the trapezoid rule."""
        step = 1 / 8
        chi = torch.arange(-12, 2.5, step, dtype=torch.float64).exp()
        log_density = (FREEDOM - 1) * chi.log() - chi.square() / 2  # of chi, up to a constant
        weights = step * chi * log_density.exp() / (2 ** (FREEDOM / 2 - 1) * math.gamma(FREEDOM / 2))
        scale = self.noise * math.sqrt(FREEDOM) / chi[:, None]
        columns, rows = (ndtr(edges.double() / scale).diff(dim=1) for edges in (x_edges, y_edges))
        return (rows.T * weights) @ columns

    @property
    def entropy(self) -> float:
        return math.log(2 * math.pi * self.noise**2) + 1 + 2 / FREEDOM
