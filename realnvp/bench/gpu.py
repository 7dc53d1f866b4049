"""What a CUDA graph saves: the step launched as a whole, against the same step operation by operation."""

from collections.abc import Sequence
from typing import Any

import torch

from realnvp.bench.clock import interleaved
from realnvp.bench.peers import Size
from realnvp.bench.table import Table
from realnvp.config import TrainingConfig
from realnvp.training import train

SIZES = (Size(), Size(width=128), Size(width=256, depth=4))
AT_ONCE = 100  # steps between two looks at the device


def gpu(rounds: int = 12) -> list[Table]:
    """A step as a CUDA graph against the same step run eagerly, and how far their losses are apart over 100 steps."""
    title = "A training step on a GPU"
    if not torch.cuda.is_available():
        return [Table(title, [], note="there is no NVIDIA GPU here, so nothing was measured.")]
    return [graph_and_eager("cuda", title, rounds)]


def graph_and_eager(device: str, title: str, rounds: int, sizes: Sequence[Size] = SIZES) -> Table:
    rows: list[dict[str, Any]] = []
    notices = set()
    for size in sizes:
        settings = {"layers": size.couplings, "width": size.width, "depth": size.depth, "device": device}
        config = TrainingConfig(epochs=50_000, lr=1e-4, **settings)
        graph, eager = train(config), train(config, cuda_graph=False)
        times = interleaved(
            {"graph": lambda run=graph: run.advance(AT_ONCE), "eager": lambda run=eager: run.advance(AT_ONCE)},
            rounds=rounds,
        )
        rows.append(
            {
                "width": size.width,
                "depth": size.depth,
                **{name: 1000 * seconds / AT_ONCE for name, seconds in times.items()},
                "times faster": times["eager"] / times["graph"],
                "losses differ by": losses_differ(TrainingConfig(**settings)),
            }
        )
        notices |= {graph.notice} - {None}
    return Table(
        title, rows, labels=("width", "depth"), drawn=("graph", "eager"), unit="milliseconds", note=" ".join(notices)
    )


def losses_differ(config: TrainingConfig, steps: int = 100) -> float:
    """The largest difference, in nats, between the losses of the first steps of the two."""
    losses = [train(config, cuda_graph=graph).advance(steps).losses for graph in (True, False)]
    return max(abs(a - b) for a, b in zip(*losses, strict=True))
