"""A training step (loss, gradients, clipping, Adam) beside other libraries, and beside the matrix products in it."""

import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from realnvp.bench.clock import interleaved
from realnvp.bench.peers import Peer, Size, peers
from realnvp.bench.table import Table
from realnvp.config import TrainingConfig
from realnvp.training import train

BATCH = 512
SIZES = (Size(), Size(width=128), Size(width=256, depth=4))
LIMIT, OURS, OURS_AUTOGRAD = "matrix products", "here", "here, autograd"


def steps(rounds: int = 12, sizes: Sequence[Size] = SIZES, seconds: float = 0.25) -> list[Table]:
    """Milliseconds a training step: here, with autograd, the peers (Adam plain and fused), and its matrix products."""
    times: dict[str, dict[str, float]] = {}
    for size in sizes:
        for threads in sorted({1, os.cpu_count() or 1}):
            torch.set_num_threads(threads)
            name = f"{size.width} x {size.depth}, {threads} thread{'s' * (threads > 1)}"
            times[name] = interleaved(contestants(size), rounds=rounds, seconds=seconds)
    torch.set_num_threads(1)
    columns, flows = tuple(times), next(iter(times.values()))
    bars: dict[str, Any] = {"labels": ("flow",), "drawn": columns}
    return [
        Table(
            f"A training step: 6 couplings, {BATCH} points, width x depth",
            [{"flow": flow, **{c: 1000 * t[flow] for c, t in times.items()}} for flow in flows],
            **bars,
            unit="milliseconds",
            note="Medians of interleaved rounds; Adam as its users write it, and fused (here it always is).",
        ),
        Table(
            "How near a step is to the limit",
            [{"flow": flow, **{c: t[LIMIT] / t[flow] for c, t in times.items()}} for flow in flows if flow != LIMIT],
            **bars,
            unit="its matrix products' part of its time",
        ),
        Table(
            "How many times faster the step here is",
            [{"than": what, **{c: faster(t)[what] for c, t in times.items()}} for what in faster(flows)],
            labels=("than",),
        ),
    ]


def contestants(size: Size) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    x = torch.randn(BATCH, size.dim, generator=torch.Generator().manual_seed(0))
    found: dict[str, Callable[[], object]] = {
        LIMIT: matrix_products(size),
        OURS: our_step(size, x, autograd=False),
        OURS_AUTOGRAD: our_step(size, x, autograd=True),
    }
    for name, make in peers().items():
        for fused in (False, True):
            found[f"{name}, fused" if fused else name] = peer_step(make(size), x, fused=fused)
    return found


def faster(times: dict[str, float]) -> dict[str, float]:
    """How many times faster ours is than the fastest peer, and than the fastest with a fused Adam."""
    others = {name: seconds for name, seconds in times.items() if name not in (LIMIT, OURS, OURS_AUTOGRAD)}
    return {
        "the fastest peer": min(seconds for name, seconds in others.items() if "fused" not in name) / times[OURS],
        "the fastest, fused": min(seconds for name, seconds in others.items() if "fused" in name) / times[OURS],
    }


def our_step(size: Size, x: Tensor, *, autograd: bool) -> Callable[[], object]:
    """The app's own step, on a batch that is there already, as for the peers."""
    config = TrainingConfig(
        layers=size.couplings, width=size.width, depth=size.depth, epochs=50_000, lr=1e-4, device="cpu"
    )
    training = train(config, autograd=autograd)
    return lambda: training.learn(x)


def peer_step(peer: Peer, x: Tensor, *, fused: bool) -> Callable[[], object]:
    optimizer = torch.optim.Adam(peer.parameters, lr=1e-4, fused=fused or None)

    def step() -> float:
        loss = peer.loss(x)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(peer.parameters, 1.0)
        optimizer.step()
        return loss.item()

    return step


def matrix_products(size: Size, batch: int = BATCH) -> Callable[[], object]:
    """All matrix products of a step, forward and backward, and nothing else: no step can be faster."""
    widths = [size.dim // 2, *[size.width] * size.depth, 2 * (size.dim - size.dim // 2)]
    products = []
    for n_in, n_out in pairwise(widths):
        x, weight, to_output = torch.randn(batch, n_in), torch.randn(n_out, n_in), torch.randn(batch, n_out)
        output, weight_grad, to_input = torch.empty(batch, n_out), torch.empty(n_out, n_in), torch.empty(batch, n_in)
        products.append((x, weight, to_output, output, weight_grad, to_input))

    def step() -> None:
        for _ in range(size.couplings):
            for x, weight, to_output, output, weight_grad, to_input in products:
                torch.mm(x, weight.t(), out=output)
                torch.mm(to_output.t(), x, out=weight_grad)
                torch.mm(to_output, weight, out=to_input)

    return step
