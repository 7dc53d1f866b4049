"""Curves blurred by Gaussian noise: moons, rings, rolls and, where a curve stays at one place, Gaussian blobs."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Generator, Tensor
from torch.special import ndtr

from realnvp.datasets import Distribution
from realnvp.distributions.quadrature import gauss_legendre, grid_entropy, ticks

Curve = Callable[[Tensor], Tensor]  # u (n,) in [0, 1] -> points (n, 2)


@dataclass(frozen=True)
class Curves(Distribution):
    """Equal parts of several curves, each blurred by noise of standard deviation ``noise`` (data units).

    A point is drawn by choosing a curve, a place u on it and an isotropic Gaussian offset. All curves below go at a
    constant speed, so that the places are uniform in arc length.
    """

    noise: float
    curves: tuple[Curve, ...]
    per_class: int = 1  # so many consecutive curves share a class
    one_piece: bool = False  # the curves join up to one shape and differ in colour alone

    @property
    def classes(self) -> int:
        return len(self.curves) // self.per_class

    @property
    def middles(self) -> Tensor:
        if self.one_piece:
            n = len(self.curves)
            return self.curves[n // 2](torch.tensor([n % 2 / 2]))
        return torch.cat([curve(torch.tensor([0.5])) for curve in self.curves])

    def sample(self, n: int, generator: Generator) -> tuple[Tensor, Tensor]:
        options = {"generator": generator, "device": generator.device}
        chosen = torch.randint(len(self.curves), (n,), **options)
        u = torch.rand(n, **options)
        on_curves = torch.stack([curve(u) for curve in self.curves])  # (curves, n, 2)
        centres = on_curves.gather(0, chosen[None, :, None].expand(1, n, 2))[0]
        return centres + self.noise * torch.randn(n, 2, **options), chosen // self.per_class

    def log_prob(self, x: Tensor) -> Tensor:
        """The integral over each curve by Gauss-Legendre quadrature, whose nodes lie closer than the noise is wide."""
        x = x.detach().to("cpu", torch.float64)
        nodes, log_weights = self._nodes
        # -|x - node|^2 / (2 noise^2) multiplied out: a matrix product, and what depends on x or the node alone.
        to_nodes = nodes.T / self.noise**2
        of_nodes = log_weights - nodes.square().sum(1) / (2 * self.noise**2)
        of_x = -x.square().sum(1) / (2 * self.noise**2) - math.log(2 * math.pi * self.noise**2)
        parts = x.split(max(1, 100_000 // len(nodes)))  # small enough for the cache
        return of_x + torch.cat([log_sum_exp(torch.addmm(of_nodes, part, to_nodes)) for part in parts])

    def masses(self, x_edges: Tensor, y_edges: Tensor) -> Tensor:
        """The noise of the two coordinates is independent: what a node gives to a cell is what it gives to its column
        times what it gives to its row.
        """
        nodes, log_weights = self._nodes
        edges = (x_edges.to(nodes), y_edges.to(nodes))
        columns, rows = (ndtr((edge - nodes[:, k, None]) / self.noise).diff(dim=1) for k, edge in enumerate(edges))
        return (rows.T * log_weights.exp()) @ columns

    @cached_property
    def entropy(self) -> float:
        nodes, log_weights = self._nodes
        step = self.noise / 2
        columns, rows = (
            normal((ticks(float(at.min()), float(at.max()), step) - at[:, None]) / self.noise) / self.noise
            for at in nodes.T
        )
        return grid_entropy(columns, rows, log_weights.exp(), step)

    @cached_property
    def _nodes(self) -> tuple[Tensor, Tensor]:
        """Gauss-Legendre nodes of all curves (m, 2), and their log-weights (m,)."""
        nodes, weights = [], []
        for curve in self.curves:
            outline = curve(torch.linspace(0, 1, 1000, dtype=torch.float64))
            speed = 999 * outline.diff(dim=0).norm(dim=1).max()
            # Neighbouring nodes are at most pi/2 * speed / n apart: here half the noise.
            n = 1 if speed == 0 else max(16, math.ceil(math.pi * speed / self.noise))
            u, w = gauss_legendre(n)
            nodes.append(curve(u))
            weights.append(w / len(self.curves))
        return torch.cat(nodes), torch.cat(weights).log()


def normal(z: Tensor) -> Tensor:
    """The density of a standard Gaussian number."""
    return (-z.square() / 2).exp() / math.sqrt(2 * math.pi)


def log_sum_exp(x: Tensor) -> Tensor:
    """x (n, m) -> (n,). PyTorch's takes six times longer where many numbers lie far below the greatest one."""
    greatest = x.amax(1)
    # exp is slow below -708, where its result is no normal number any more; exp(-700) is nothing beside 1.
    return greatest + (x - greatest[:, None]).clamp_(min=-700).exp_().sum(1).log()


def arc(centre: tuple[float, float], radius: float, start: float, stop: float) -> Curve:
    """Part of a circle, from angle ``start`` to ``stop`` (radians)."""

    def curve(u: Tensor) -> Tensor:
        angle = start + (stop - start) * u
        return place(centre[0] + radius * angle.cos(), centre[1] + radius * angle.sin())

    return curve


def involute(radius: float, start: float, stop: float, turn: float = 0.0) -> Curve:
    """A spiral that winds outwards anticlockwise, its turns everywhere 2 pi ``radius`` apart.

    The end of a string that is unwound from a circle of this radius, from ``start`` to ``stop`` radians of it; all
    turned by ``turn``. Its length so far is radius * angle^2 / 2: equal steps of the angle's square are equal steps
    along the curve.
    """

    def curve(u: Tensor) -> Tensor:
        angle = (start**2 + (stop**2 - start**2) * u).sqrt()
        cos, sin = (angle + turn).cos(), (angle + turn).sin()
        return radius * place(cos + angle * sin, sin - angle * cos)

    return curve


def segment(start: tuple[float, float], stop: tuple[float, float]) -> Curve:
    """A straight line."""
    return lambda u: place(start[0] + (stop[0] - start[0]) * u, start[1] + (stop[1] - start[1]) * u)


def spot(x: float, y: float) -> Curve:
    """A curve that stays at one place: with noise, a Gaussian blob."""
    return lambda u: place(torch.full_like(u, x), torch.full_like(u, y))


def pieces(curve: Curve, n: int) -> tuple[Curve, ...]:
    """A curve cut into n equal ones, so that each has a colour."""
    return tuple(lambda u, k=k: curve((k + u) / n) for k in range(n))


def place(x: Tensor, y: Tensor) -> Tensor:
    """Points (n, 2) from their coordinates, each (n,)."""
    return torch.stack([x, y], -1)
