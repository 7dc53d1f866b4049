"""How soon a run is seen: from Train to its first picture and its first epoch, on a worker that is warm."""

import statistics
import time

from tqdm import tqdm

from realnvp.bench.table import Table
from realnvp.config import TrainingConfig
from realnvp.engine.engine import Engine
from realnvp.engine.view import RunView


def start(repeats: int = 15) -> list[Table]:
    """Milliseconds from Train to the first picture and to the first epoch, on a warm worker, through the engine."""
    engine = Engine(1)
    try:
        started(engine, seed=0)  # warms the worker: PyTorch loads its optimisers at the first step
        times = [started(engine, seed) for seed in tqdm(range(1, repeats + 1), unit="run")]
    finally:
        engine.close()
    rows = [
        {"until": what, "median": statistics.median(values), "longest": max(values)}
        for what, values in zip(("first picture", "first epoch"), zip(*times, strict=True), strict=True)
    ]
    return [
        Table(
            "From Train to what the server knows of it",
            rows,
            labels=("until",),
            drawn=("median", "longest"),
            unit="milliseconds",
            note=f"{repeats} runs of the preset Quick, one after the other. The page asks four times a second.",
        )
    ]


def started(engine: Engine, seed: int) -> tuple[float, float]:
    """Milliseconds until the first picture and until the first epoch of a run, which then ends."""
    submitted = time.perf_counter()
    token = engine.submit(TrainingConfig(seed=seed, device="cpu"))
    picture = None
    while (view := look(engine, token)).epoch == 0:
        if picture is None and view.first is not None:
            picture = time.perf_counter() - submitted
        time.sleep(0.0005)
    epoch = time.perf_counter() - submitted
    engine.stop(token)
    while not look(engine, token).status.over:
        time.sleep(0.01)
    engine.discard(token)
    return 1000 * (picture or epoch), 1000 * epoch


def look(engine: Engine, token: str) -> RunView:
    view = engine.view(token)
    if view.error:
        raise RuntimeError(view.error)
    return view
