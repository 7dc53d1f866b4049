"""How the time of a step grows with the flow's layers, width and dimension, and with the batch."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from realnvp.bench.clock import interleaved
from realnvp.bench.peers import Size, our_flow, peers
from realnvp.bench.steps import BATCH, LIMIT, OURS, OURS_AUTOGRAD, matrix_products, peer_step
from realnvp.bench.table import Table
from realnvp.flow import RealNVP
from realnvp.manual_gradient import ManualGradient

GROWTH = {"couplings": (2, 6, 12, 24), "width": (16, 64, 128, 256), "batch": (128, 512, 2048, 8192), "dim": (2, 8, 64)}


def growth(rounds: int = 5, values: dict[str, Sequence[int]] = GROWTH, seconds: float = 0.25) -> list[Table]:
    """How a step grows with layers, width, batch and dimension, from 6 layers of width 64, 512 points in 2-D."""
    return [table(what, grown, rounds, seconds) for what, grown in values.items()]


def table(what: str, values: Sequence[int], rounds: int, seconds: float) -> Table:
    rows: list[dict[str, Any]] = []
    for value in values:
        size, batch = (Size(), value) if what == "batch" else (replace(Size(), **{what: value}), BATCH)
        times = interleaved(grown_contestants(size, batch), rounds=rounds, seconds=seconds)
        rows.append({what: value, **{name: 1000 * seconds for name, seconds in times.items()}})
    drawn = tuple(times)
    return Table(
        f"A training step, by {what}", rows, labels=(what,), drawn=drawn, unit="milliseconds, one thread", line=True
    )


def grown_contestants(size: Size, batch: int) -> dict[str, Callable[[], object]]:
    """Steps on a batch that is there already, of any dimension; Adam is fused for all."""
    x = torch.randn(batch, size.dim, generator=torch.Generator().manual_seed(0))
    return {
        LIMIT: matrix_products(size, batch),
        OURS: step_by_hand(size, x),
        OURS_AUTOGRAD: peer_step(our_flow(size), x, fused=True),
        **{name: peer_step(make(size), x, fused=True) for name, make in peers().items()},
    }


def step_by_hand(size: Size, x: Tensor) -> Callable[[], float]:
    """The app's step, for a flow of any dimension: the app's own are of two."""
    manual = ManualGradient(RealNVP(size.dim, n_layers=size.couplings, hidden_features=size.width, depth=size.depth))
    optimizer = torch.optim.Adam([manual.parameters], lr=1e-4, fused=True)

    def step() -> float:
        loss = manual.loss(x)
        torch.nn.utils.clip_grad_norm_([manual.parameters], 1.0)
        optimizer.step()
        return loss.item()

    return step
