"""From latent to data space: samples, curves and single points sent through the inverse, and the bridge."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from realnvp.datasets import Distribution
from realnvp.flow import RealNVP
from realnvp.inside.density import learned_log_prob
from realnvp.snapshot import View
from realnvp.tracing import SAMPLE_SEED, as_array

Curve = Callable[[Tensor], Tensor]  # u (n,) in [0, 1] -> points (n, 2)
FIRST_POINTS, MOST_POINTS, ROUNDS = 241, 4000, 16  # on a curve: at first, at most; how often stretches are halved
FINEST = 250  # neighbouring points of an image are no further apart than this part of the view
MOST_PARTS = 3  # that the bridge joins
BAND = 0.15  # sigma, on either side of the line whose image is the bridge


@dataclass(frozen=True)
class Image:
    """A curve of the latent space and its image in the data space, float32: (n, 2) each, at u (n,) from 0 to 1."""

    u: np.ndarray
    latent: np.ndarray
    data: np.ndarray


@dataclass(frozen=True)
class Bridge:
    """The straight line between where the middles of the data's parts land in latent space, and its image.

    Beside the line a narrow band is followed, whose sides are BAND sigma away from it.
    """

    parts: int  # of the data that the line joins
    line: Image
    latent_sides: np.ndarray  # (2, n, 2) of the band, float32
    sides: np.ndarray  # (2, n, 2) their images
    learned: np.ndarray  # (n,) learned log-density along the image, nats
    true: np.ndarray  # (n,) true log-density there, nats

    @property
    def length(self) -> np.ndarray:
        """How long the image is up to each of its points, data units: (n,)."""
        steps = np.linalg.norm(np.diff(self.line.data, axis=0), axis=1)
        return np.concatenate([[0], steps.cumsum()]).astype(np.float32)

    @property
    def widths(self) -> np.ndarray:
        """How wide the band's image is at each point, measured across the line's image, data units: (n,)."""
        along = np.gradient(self.line.data.astype(np.float64), axis=0)
        across = self.sides[0] - self.sides[1]
        area = np.abs(along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0])
        return area / np.maximum(np.linalg.norm(along, axis=1), 1e-12)


@torch.no_grad()
def take_samples(flow: RealNVP, n: int, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """Noise z from N(0, temperature^2 I), always the same but for its scale, and the samples: (n, 2) each.

    The samples' density is N(f(x); 0, temperature^2 I) |det df/dx|: at temperature 1 the learned one.
    """
    z = temperature * torch.randn(n, 2, generator=torch.Generator().manual_seed(SAMPLE_SEED))
    x, _ = flow.inverse(z.to(next(flow.parameters())))
    return as_array(z), as_array(x)


@torch.no_grad()
def take_way_back(flow: RealNVP, z: tuple[float, float]) -> np.ndarray:
    """A point of the latent space, and where it is after each layer is undone, last one first: (layers + 1, 2).

    All in the data's units, by which what a flow standardises is multiplied.
    """
    stages = [torch.tensor([z]).to(next(flow.parameters()))]
    for layer in reversed(flow.layers):
        stages.append(layer.inverse(stages[-1])[0])
    return as_array(flow.unstandardise(torch.cat(stages))[0])


@torch.no_grad()
def take_image(flow: RealNVP, curve: Curve, view: View) -> Image:
    """Sends a curve of the latent space to the data space.

    Where the inverse stretches much, points that are close on the curve land far apart: stretches of the curve are
    halved until their ends are close together in the data space too, as far as they lie in the view.
    """
    x_low, x_high, y_low, y_high = view
    low, high = torch.tensor([x_low, y_low]), torch.tensor([x_high, y_high])
    u = torch.linspace(0, 1, FIRST_POINTS, dtype=torch.float64)
    for _ in range(ROUNDS):
        x = flow.inverse(curve(u).to(next(flow.parameters())))[0].cpu()
        seen = ((x >= low) & (x <= high)).all(1)
        far = ((x.diff(dim=0) / (high - low)).norm(dim=1) > 1 / FINEST) & (seen[1:] | seen[:-1])
        middles = (u[1:] + u[:-1])[far] / 2
        if len(middles) == 0 or len(u) + len(middles) > MOST_POINTS:
            break
        u = torch.cat([u, middles]).sort().values
    z = curve(u)
    return Image(as_array(u), as_array(z), as_array(flow.inverse(z.to(next(flow.parameters())))[0]))


def line_through(points: Tensor) -> Curve:
    """Straight lines from point to point (m, 2)."""
    last = len(points) - 1

    def curve(u: Tensor) -> Tensor:
        piece = (u * last).long().clamp(max=last - 1)
        part = (u * last - piece)[:, None]
        return (1 - part) * points[piece].to(u) + part * points[piece + 1].to(u)

    return curve


def circle(radius: float) -> Curve:
    """Once round the origin, anticlockwise from the right."""
    return lambda u: radius * torch.stack([(2 * torch.pi * u).cos(), (2 * torch.pi * u).sin()], -1)


@torch.no_grad()
def take_bridge(flow: RealNVP, truth: Distribution, view: View) -> Bridge | None:
    """What must lie between the parts of the data; None where they are one part.

    A continuous map sends a line, which is in one piece, to a curve in one piece. So whatever a flow has learned, the
    image of this line leads from part to part through the gaps between them.
    """
    middles = truth.middles[:MOST_PARTS]
    if len(middles) < 2:
        return None
    weight = next(flow.parameters())
    ends = flow(middles.to(weight))[0].cpu()
    line = take_image(flow, line_through(ends), view)
    x, z = torch.from_numpy(line.data), torch.from_numpy(line.latent)
    pieces = ends.diff(dim=0) / ends.diff(dim=0).norm(dim=1, keepdim=True).clamp(min=1e-9)
    along = pieces[(torch.from_numpy(line.u) * len(pieces)).long().clamp(max=len(pieces) - 1)]
    aside = BAND * torch.stack([-along[:, 1], along[:, 0]], 1)
    sides = torch.stack([z + aside, z - aside])
    images = [as_array(flow.inverse(side.to(weight))[0]) for side in sides]
    return Bridge(
        parts=len(middles),
        line=line,
        latent_sides=as_array(sides),
        sides=np.stack(images),
        learned=as_array(learned_log_prob(flow, x)),
        true=as_array(truth.log_prob(x).nan_to_num(nan=-math.inf, neginf=-math.inf)),
    )
