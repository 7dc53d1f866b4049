"""Follows points through a flow, for pictures: what the panels and pages show, as plain arrays."""

import numpy as np
import torch
from torch import Tensor

from realnvp.flow import RealNVP
from realnvp.metrics import HeldOut
from realnvp.snapshot import Journey, Snapshot

SAMPLE_SEED = 4_016_050_804
JOURNEY_POINTS, JOURNEY_STEPS = 1_000, 8_000  # most points that travel, and most points times layers


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
