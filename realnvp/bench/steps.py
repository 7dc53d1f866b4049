"""A training step (loss, gradients, clipping, Adam) beside other libraries, and beside the matrix products in it."""

import os
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from realnvp.bench.clock import interleaved
from realnvp.bench.peers import Size, installed
from realnvp.config import TrainingConfig
from realnvp.training import train

BATCH = 512
SIZES = (Size(), Size(width=128), Size(width=256, depth=4))
ROUNDS = 12


def steps(rounds: int = ROUNDS) -> dict[str, Any]:
    """A training step in milliseconds: ours, ours with autograd, the peers with plain and fused Adam, and the limit."""
    rows = []
    for size in SIZES:
        for threads in sorted({1, os.cpu_count() or 1}):
            torch.set_num_threads(threads)
            times = interleaved(contestants(size), rounds=rounds)
            rows.append({"width": size.width, "depth": size.depth, "threads": threads, **compared(times)})
    torch.set_num_threads(1)
    return {"torch": torch.__version__, "cores": os.cpu_count(), "batch": BATCH, "couplings": 6, "rows": rows}


def contestants(size: Size) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    x = torch.randn(BATCH, size.dim, generator=torch.Generator().manual_seed(0))
    config = TrainingConfig(
        layers=size.couplings, width=size.width, depth=size.depth, epochs=50_000, lr=1e-4, device="cpu"
    )
    found: dict[str, Callable[[], object]] = {
        "limit": matrix_products(size),
        "ours": our_step(config, x, autograd=False),
        "ours, autograd": our_step(config, x, autograd=True),
    }
    for name, make in installed().items():
        for fused in (False, True):
            peer = make(size)
            found[f"{name}, fused" if fused else name] = peer_step(peer.parameters, peer.loss, x, fused=fused)
    return found


def compared(times: dict[str, float]) -> dict[str, Any]:
    """Milliseconds, the limit's part of ours, and how many times faster ours is than the fastest peer."""
    peers = {name: seconds for name, seconds in times.items() if name.split(",")[0] not in ("limit", "ours")}
    plain = [seconds for name, seconds in peers.items() if "fused" not in name]
    fused = [seconds for name, seconds in peers.items() if "fused" in name]
    return {
        "milliseconds": {name: round(1000 * seconds, 3) for name, seconds in times.items()},
        "limit_reached": times["limit"] / times["ours"],
        "times_faster_than_fastest_peer": min(plain) / times["ours"] if plain else None,
        "times_faster_than_fastest_fused": min(fused) / times["ours"] if fused else None,
    }


def our_step(config: TrainingConfig, x: Tensor, *, autograd: bool) -> Callable[[], object]:
    """The app's own step, on a batch that is there already, as for the peers."""
    training = train(config, autograd=autograd)
    return lambda: training.learn(x)


def peer_step(
    parameters: list[nn.Parameter], loss_of: Callable[[Tensor], Tensor], x: Tensor, *, fused: bool
) -> Callable[[], object]:
    optimizer = torch.optim.Adam(parameters, lr=1e-4, fused=fused or None)

    def step() -> float:
        loss = loss_of(x)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        return loss.item()

    return step


def matrix_products(size: Size) -> Callable[[], object]:
    """All matrix products of a step, forward and backward, and nothing else: no step can be faster."""
    widths = [size.dim // 2, *[size.width] * size.depth, 2 * (size.dim - size.dim // 2)]
    products = []
    for n_in, n_out in pairwise(widths):
        x, weight, to_output = torch.randn(BATCH, n_in), torch.randn(n_out, n_in), torch.randn(BATCH, n_out)
        output, weight_grad, to_input = torch.empty(BATCH, n_out), torch.empty(n_out, n_in), torch.empty(BATCH, n_in)
        products.append((x, weight, to_output, output, weight_grad, to_input))

    def step() -> None:
        for _ in range(size.couplings):
            for x, weight, to_output, output, weight_grad, to_input in products:
                torch.mm(x, weight.t(), out=output)
                torch.mm(to_output.t(), x, out=weight_grad)
                torch.mm(to_output, weight, out=to_input)

    return step
