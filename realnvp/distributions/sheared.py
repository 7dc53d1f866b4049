"""A Gaussian whose second coordinate is shifted by a function of the first: what one coupling layer can make."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.special import ndtr

from realnvp.datasets import Distribution
from realnvp.distributions.quadrature import gauss_legendre

QUARTILES = (-0.6744897501960817, 0.0, 0.6744897501960817)  # of a standard Gaussian
CLASSES = len(QUARTILES) + 1


@dataclass(frozen=True)
class Sheared(Distribution):
    """x1 is Gaussian with standard deviation ``width``, and x2 Gaussian around bend(x1) with ``thickness``.

    The shift keeps areas: density and entropy are those of a Gaussian. The classes are the quarters of x1.
    """

    noise: float  # the finest length (data units)
    width: float
    thickness: float
    bend: Callable[[Tensor], Tensor]

    classes = CLASSES

    @property
    def middles(self) -> Tensor:
        zero = torch.zeros(1)
        return torch.stack([zero, self.bend(zero)], -1)

    def sample(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        z = torch.randn(n, 2, generator=generator, device=generator.device)
        x = self.width * z[:, 0]
        labels = torch.stack([z[:, 0] > quartile for quartile in QUARTILES]).sum(0)
        return torch.stack([x, self.bend(x) + self.thickness * z[:, 1]], -1), labels

    def log_prob(self, x: Tensor) -> Tensor:
        x, y = x.detach().to("cpu", torch.float64).T
        squares = (x / self.width).square() + ((y - self.bend(x)) / self.thickness).square()
        return -squares / 2 - math.log(2 * math.pi * self.width * self.thickness)

    def masses(self, x_edges: Tensor, y_edges: Tensor) -> Tensor:
        """In closed form from row to row, and by Gauss-Legendre quadrature over each column."""
        x_edges, y_edges = x_edges.double().clamp(-9 * self.width, 9 * self.width), y_edges.double()
        widths = x_edges.diff()[:, None]
        rise = 8 * self.bend(x_edges[:-1, None] + widths * torch.linspace(0, 1, 9)).diff(dim=1).abs().max()
        # Each panel spans at most 8 standard deviations, of x1 and of x2 around the bend.
        panels = math.ceil((widths.max() / self.width + rise / self.thickness) / 8)
        u, w = gauss_legendre(24)
        u, w = ((torch.arange(panels)[:, None] + u) / panels).flatten(), (w / panels).repeat(panels)
        x = x_edges[:-1, None] + widths * u  # (columns, nodes)
        density = (-(x / self.width).square() / 2).exp() / (self.width * math.sqrt(2 * math.pi))
        rows = ndtr((y_edges[:, None, None] - self.bend(x)) / self.thickness).diff(dim=0)  # (rows, columns, nodes)
        return (rows * (widths * w * density)).sum(2)

    @property
    def entropy(self) -> float:
        return math.log(2 * math.pi * math.e * self.width * self.thickness)
