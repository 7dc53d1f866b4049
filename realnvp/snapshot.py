"""What is known of a flow at one moment, as plain numbers and arrays: all that travels from a worker to the server.

Kept free of torch, so that the server need not wait for it. See tracing.py and metrics.py for how they are made.
"""

from dataclasses import dataclass

import numpy as np

View = tuple[float, float, float, float]  # x low, x high, y low, y high


@dataclass(frozen=True)
class Axes:
    """The two coordinates of the data. ``equal``: in the same unit, so that a picture must not stretch one of them."""

    names: tuple[str, str] = ("x₁", "x₂")
    equal: bool = True


@dataclass(frozen=True)
class Evaluation:
    """In nats, on held-out points. Where the truth is known nll = entropy + kl_gap; elsewhere there are neither."""

    nll: float
    se: float  # standard error of kl_gap, and so of nll, or of nll alone
    n: int  # held-out points used
    entropy: float | None = None
    kl_gap: float | None = None


@dataclass(frozen=True)
class Journey:
    """The way of some points through the flow: enough to redraw every moment of it.

    Layer k turns the changed coordinate x into x * exp(u * s[k]) + u * t[k], for u from 0 to 1.
    """

    points: np.ndarray  # (n, 2) before the first layer, standardised, float32
    s: np.ndarray  # (layers, n) log-scale of the coordinate that the layer changes
    t: np.ndarray  # (layers, n) its shift
    changed: tuple[int, ...]  # which coordinate each layer changes, 0 or 1

    def stages(self) -> list[np.ndarray]:
        """The points (n, 2) before the first layer and after each."""
        points = [self.points]
        for s, t, changed in zip(self.s, self.t, self.changed, strict=True):
            following = points[-1].copy()
            following[:, changed] = following[:, changed] * np.exp(s) + t
            points.append(following)
        return points


@dataclass(frozen=True)
class Grid:
    """The way of straight lines of the data space through the flow."""

    lines: int  # of equally many vertices each, one line after the other
    journey: Journey  # of the vertices


@dataclass(frozen=True)
class Mesh:
    """The way of a mesh of cells through the flow, with the density that the cells carry along."""

    side: int  # vertices in a row and in a column
    journey: Journey  # of the vertices, row by row
    log_prob: np.ndarray  # (side * side,) learned log-density at the vertices before the first layer, nats

    def highest(self) -> float:
        """The greatest log-density in nats, at any vertex before the first layer or after any."""
        log_dets = np.vstack([np.zeros_like(self.log_prob), self.journey.s.cumsum(0)])
        return float((self.log_prob - log_dets).max())


@dataclass(frozen=True)
class Curves:
    """What a layer's network computes over the coordinate that stays."""

    kept: np.ndarray  # (m,) float32
    s: np.ndarray  # (m,)
    t: np.ndarray  # (m,)


@dataclass(frozen=True)
class Snapshot:
    """Arrays for the three panels, float32, all (n, 2)."""

    epoch: int
    input: np.ndarray  # held-out points; of a fixed set then those that are trained on
    labels: np.ndarray  # (n,) class of each, uint8
    latent: np.ndarray  # the same points after all layers
    samples: np.ndarray  # Gaussian noise, the same at every snapshot, sent backwards
    back: np.ndarray  # the latent points sent backwards: the input again
    journey: Journey  # of the first input points
    weights: dict[str, np.ndarray]  # the flow's state dict: its pages look inside

    @property
    def units(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation (2,) by which the flow standardises the data: 0 and 1 where it does not."""
        return self.weights["mean"], self.weights["std"]


@dataclass(frozen=True)
class FilmFrame:
    """One picture of the film of a training, float32: fewer points than a snapshot has, for many are kept."""

    epoch: int
    latent: np.ndarray  # (n, 2) the first held-out points after all layers
    samples: np.ndarray  # (n, 2) Gaussian noise, the same in every frame, sent backwards
