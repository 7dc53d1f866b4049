"""2-D distributions whose density is known, so that a model can be held against the truth.

Each is a set of curves, one a class, blurred by Gaussian noise: a point is drawn by choosing a class, a place u on
its curve and an isotropic Gaussian offset. A curve that does not move is a Gaussian blob.

To add one: write its curves, u (n,) in [0, 1] -> points (n, 2), and an entry in ``DISTRIBUTIONS``.

torch is imported where it is used: the web server names the distributions, and need not wait for it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Generator, Tensor

Curve = Callable[["Tensor"], "Tensor"]


@dataclass(frozen=True)
class Distribution:
    """Equal parts of several curves, each blurred by noise of standard deviation ``noise`` (data units)."""

    title: str
    noise: float
    curves: tuple[Curve, ...]

    def sample(self, n: int, generator: "Generator") -> "tuple[Tensor, Tensor]":
        """n independent points on the generator's device: points (n, 2), class labels (n,)."""
        import torch

        options = {"generator": generator, "device": generator.device}
        labels = torch.randint(len(self.curves), (n,), **options)
        u = torch.rand(n, **options)
        on_curves = torch.stack([curve(u) for curve in self.curves])  # (classes, n, 2)
        centres = on_curves.gather(0, labels[None, :, None].expand(1, n, 2))[0]
        return centres + self.noise * torch.randn(n, 2, **options), labels

    def log_prob(self, x: "Tensor") -> "Tensor":
        """Exact log-density in nats, in float64 on the CPU: x (n, 2) -> (n,).

        The integral over each curve by Gauss-Legendre quadrature, whose nodes lie closer than the noise is wide.
        """
        import torch

        x = x.detach().to("cpu", torch.float64)
        nodes, log_weights = self._nodes
        # -|x - node|^2 / (2 noise^2) multiplied out: a matrix product, and what depends on x or the node alone.
        to_nodes = nodes.T / self.noise**2
        of_nodes = log_weights - nodes.square().sum(1) / (2 * self.noise**2)
        of_x = -x.square().sum(1) / (2 * self.noise**2) - math.log(2 * math.pi * self.noise**2)
        parts = x.split(max(1, 100_000 // len(nodes)))  # small enough for the cache
        return of_x + torch.cat([torch.addmm(of_nodes, part, to_nodes).logsumexp(1) for part in parts])

    def masses(self, x_edges: "Tensor", y_edges: "Tensor") -> "Tensor":
        """The exact probability of each cell between edges (columns + 1,) and (rows + 1,): (rows, columns), float64.

        The noise of the two coordinates is independent: what a node gives to a cell is what it gives to its column
        times what it gives to its row.
        """
        import torch

        nodes, log_weights = self._nodes
        edges = (x_edges.to(nodes), y_edges.to(nodes))
        columns, rows = (
            torch.special.ndtr((edge - nodes[:, k, None]) / self.noise).diff(dim=1) for k, edge in enumerate(edges)
        )
        return (rows.T * log_weights.exp()) @ columns

    @cached_property
    def entropy(self) -> float:
        """Differential entropy in nats: the lowest NLL any model can reach.

        The mean of -log p over nodes on the curves and Gauss-Hermite offsets of the noise. Along a curve -log p is
        smooth but for its ends, near which the nodes are dense, so fewer of them are needed than for log p itself.
        """
        import torch

        offsets, offset_weights = np.polynomial.hermite_e.hermegauss(10)
        steps = torch.from_numpy(offsets) * self.noise
        nodes, log_weights = self._quadrature(most=128)
        noise_weights = torch.from_numpy(offset_weights / offset_weights.sum())
        x = nodes[:, None, None] + torch.stack(torch.meshgrid(steps, steps, indexing="ij"), -1)  # (nodes, 10, 10, 2)
        mass = log_weights.exp()[:, None, None] * noise_weights[:, None] * noise_weights
        return -float((mass.flatten() * self.log_prob(x.reshape(-1, 2))).sum())

    @cached_property
    def _nodes(self) -> "tuple[Tensor, Tensor]":
        return self._quadrature()

    def _quadrature(self, most: int = 1_000_000) -> "tuple[Tensor, Tensor]":
        """Gauss-Legendre nodes of all curves (m, 2), up to ``most`` a curve, and their log-weights (m,)."""
        import torch

        nodes, weights = [], []
        for curve in self.curves:
            outline = curve(torch.linspace(0, 1, 1000, dtype=torch.float64))
            speed = 1000 * outline.diff(dim=0).norm(dim=1).max()
            # Neighbouring nodes are at most pi/2 * speed / n apart: here half the noise.
            n = 1 if speed == 0 else min(most, max(16, math.ceil(math.pi * speed / self.noise)))
            u, w = np.polynomial.legendre.leggauss(n)
            nodes.append(curve(torch.from_numpy(u / 2 + 0.5)))
            weights.append(torch.from_numpy(w / 2 / len(self.curves)))
        return torch.cat(nodes), torch.cat(weights).log()


def arc(centre: tuple[float, float], radius: float, start: float, stop: float) -> Curve:
    """Part of a circle, from angle ``start`` to ``stop`` (radians)."""

    def curve(u: "Tensor") -> "Tensor":
        angle = start + (stop - start) * u
        return place(centre[0] + radius * angle.cos(), centre[1] + radius * angle.sin())

    return curve


def spot(x: float, y: float) -> Curve:
    """A curve that stays at one place: with noise, a Gaussian blob."""
    return lambda u: place(x + 0 * u, y + 0 * u)


def place(x: "Tensor", y: "Tensor") -> "Tensor":
    """Points (n, 2) from their coordinates, each (n,)."""
    import torch

    return torch.stack([x, y], -1)


# The arcs of two moons and circles are scikit-learn's, with angles drawn uniformly and independently.
DISTRIBUTIONS = {
    "two_moons": Distribution("Two moons", 0.05, (arc((0, 0), 1, 0, math.pi), arc((1, 0.5), 1, -math.pi, 0))),
    "circles": Distribution("Circles", 0.05, (arc((0, 0), 1, 0, 2 * math.pi), arc((0, 0), 0.5, 0, 2 * math.pi))),
    "blobs": Distribution("Gaussian blobs", 0.25, (spot(-1, -0.6), spot(1, -0.6), spot(0, 1))),
}


@cache
def distribution(name: str, noise: float) -> Distribution:
    """The registered distribution with this noise; its nodes and entropy are computed once."""
    return replace(DISTRIBUTIONS[name], noise=noise)
