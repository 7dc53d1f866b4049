"""What is known of a flow at one moment, as plain numbers and arrays: all that travels from a worker to the server.

Kept free of torch, so that the server need not wait for it. See tracing.py and metrics.py for how they are made.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Evaluation:
    """nll = entropy + kl_gap, all in nats; ``kl_gap_se`` is the standard error of the mean."""

    nll: float
    entropy: float
    kl_gap: float
    kl_gap_se: float
    n: int  # held-out points used


@dataclass(frozen=True)
class Journey:
    """The way of some points through the flow: enough to redraw every moment of it.

    Layer k turns the changed coordinate x into x * exp(u * s[k]) + u * t[k], for u from 0 to 1.
    """

    points: np.ndarray  # (n, 2) before the first layer, float32
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
class Snapshot:
    """Arrays for the three panels, float32, all (n, 2)."""

    epoch: int
    input: np.ndarray  # held-out points
    labels: np.ndarray  # (n,) class of each, uint8
    latent: np.ndarray  # the same points after all layers
    samples: np.ndarray  # Gaussian noise, the same at every snapshot, sent backwards
    back: np.ndarray  # the latent points sent backwards: the input again
    journey: Journey  # of the first input points
