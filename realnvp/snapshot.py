"""What the panels show of a flow at one moment, as plain arrays."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from realnvp.flow import RealNVP
from realnvp.metrics import HeldOut

SAMPLE_SEED = 4_016_050_804
JOURNEY_POINTS, JOURNEY_STEPS = 1_000, 8_000  # most points that travel, and most points times layers


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


@torch.no_grad()
def take_snapshot(flow: RealNVP, epoch: int, reference: HeldOut, n: int) -> Snapshot:
    """The first n held-out points through the flow and back, and n new samples."""
    journey_points = min(JOURNEY_POINTS, JOURNEY_STEPS // len(flow.layers))
    x = reference.points[:n].to(next(flow.parameters()))
    z, _ = flow(x)
    return Snapshot(
        epoch=epoch,
        input=as_array(x),
        labels=reference.labels[:n].to(torch.uint8).numpy(),
        latent=as_array(z),
        samples=as_array(flow.sample(n, generator=torch.Generator().manual_seed(SAMPLE_SEED))),
        back=as_array(flow.inverse(z)[0]),
        journey=take_journey(flow, x[:journey_points]),
    )


@torch.no_grad()
def take_journey(flow: RealNVP, points: Tensor) -> Journey:
    """Follows 2-D points (n, 2) through every layer."""
    s, t, changed, x = [], [], [], points
    for layer in flow.layers:
        layer_s, layer_t = layer.scale_and_shift(layer.split(x)[0])
        s.append(as_array(layer_s[:, 0]))
        t.append(as_array(layer_t[:, 0]))
        changed.append(int(layer.changed[0]))
        x, _ = layer(x)
    return Journey(as_array(points), np.stack(s), np.stack(t), tuple(changed))


def as_array(x: Tensor) -> np.ndarray:
    return x.to("cpu", torch.float32).numpy()
