"""How long training takes to become as good as the post's recipe."""

import statistics
from collections.abc import Sequence
from typing import Any

from tqdm import tqdm

from realnvp.bench.runs import RECIPE, Run, our_run, runs
from realnvp.bench.table import Table
from realnvp.config import TrainingConfig
from realnvp.data import N_HELD_OUT, held_out

GOAL = 0.355  # held-out NLL in nats: what the post's recipe has after its 3,000 epochs


def time_to_quality(seeds: int = 3, epochs: int = 3000, most_seconds: float = 600.0) -> list[Table]:
    """Seconds of training until the held-out NLL is 0.355 on two moons: Quick, the post's recipe, and the peers."""
    our_run(TrainingConfig(device="cpu")).advance(1)  # PyTorch loads its optimisers at the first step
    found: dict[str, list[dict[str, Any]]] = {}
    for seed in range(seeds):
        quick = until(our_run(TrainingConfig(seed=seed, device="cpu")), GOAL, epochs=TrainingConfig().epochs)
        found.setdefault("here, Quick", []).append(quick)
        for name, make in tqdm(runs(seed).items(), unit="run", desc=f"seed {seed}"):
            if name != RECIPE or seed == 0:  # it takes minutes: once
                found.setdefault(name, []).append(until(make(), GOAL, epochs=epochs, seconds=most_seconds))
    rows = [{"flow": name, **median_of(of_seeds)} for name, of_seeds in found.items()]
    reference = next(row["seconds"] for row in rows if row["flow"] == RECIPE)
    for row in rows:
        row["times faster than the post's recipe"] = reference / row["seconds"] if row["reached"] else None
    return [
        Table(
            f"Training until the held-out NLL is {GOAL} on two moons",
            rows,
            labels=("flow",),
            drawn=("seconds",),
            unit="seconds",
            note=(
                f"Medians of {seeds} seeds, the post's recipe once; the first of the evaluations, at every 4% of the "
                f"epochs done, that meets it on {N_HELD_OUT:,} points. Where a run does not reach it within its "
                f"{epochs:,} epochs or {most_seconds:g} s (Quick: its {TrainingConfig().epochs:,}), the seconds are "
                "those of the whole run; one without an NLL diverged. The peers: flows as large as Quick's, with the "
                "post's optimiser. nflows can only shrink from data to latent (its scale is a sigmoid)."
            ),
        )
    ]


def until(run: Run, goal: float, *, epochs: int, seconds: float = float("inf"), n: int = N_HELD_OUT) -> dict[str, Any]:
    """Trains until the held-out NLL is ``goal``, or for so many epochs or seconds, or until it diverges."""
    entropy = held_out("two_moons", 0.05).truth.entropy
    while True:
        run.advance(min(max(10, run.epoch // 25), epochs - run.epoch), seconds)
        gap = run.kl_gap(n)
        nll = None if gap is None else entropy + gap
        reached = nll is not None and nll <= goal
        if reached or nll is None or run.epoch >= epochs or run.seconds >= seconds:
            return {"seconds": run.seconds, "epochs": run.epoch, "NLL": nll, "reached": reached}


def median_of(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The result of median seconds; reached only if all have."""
    middle = sorted(results, key=lambda result: result["seconds"])[(len(results) - 1) // 2]
    return {
        **middle,
        "seconds": statistics.median(r["seconds"] for r in results),
        "reached": all(r["reached"] for r in results),
    }
