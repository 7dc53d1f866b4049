"""How good a training is after so many seconds, whoever takes them."""

from collections.abc import Sequence
from dataclasses import replace

from tqdm import tqdm

from realnvp.bench.runs import our_run, runs
from realnvp.bench.table import Table
from realnvp.config import TrainingConfig, apply_preset


def best_gap(budgets: Sequence[float] = (2.0, 5.0, 10.0, 60.0)) -> list[Table]:
    """The KL gap after 2, 5, 10 and 60 s of training: ours with the epochs that fit, the others as they run on."""
    columns = [f"{budget:g} s" for budget in budgets]
    ours, plans = [], []
    for budget in tqdm(budgets, unit="run", desc="here"):
        config = fitting(budget)
        run = our_run(config)
        run.advance(config.epochs)
        ours.append(run.kl_gap())
        plans.append(f"{budget:g} s: {config.layers} layers, {config.epochs:,} epochs, {run.seconds:.1f} s in fact")
    rows = [{"flow": "here", **dict(zip(columns, ours, strict=True))}]
    for name, make in tqdm(runs().items(), unit="run"):
        run = make()
        gaps = []
        for budget in budgets:
            run.advance(1_000_000_000, budget)
            gaps.append(run.kl_gap())
        rows.append({"flow": name, **dict(zip(columns, gaps, strict=True))})
    return [
        Table(
            "KL gap on two moons after so many seconds of training",
            rows,
            labels=("flow",),
            drawn=tuple(columns),
            unit="nats",
            note=f"Here a run for each time ({'; '.join(plans)}). The others run on, with the post's optimiser.",
        )
    ]


def fitting(seconds: float) -> TrainingConfig:
    """The preset a person takes for so much time, with the epochs that fit into it on this machine."""
    preset = apply_preset("quick" if seconds <= 5 else "best_quality", TrainingConfig(device="cpu"))
    timed = our_run(preset)
    timed.advance(20)  # the first steps take longer
    before = timed.seconds
    timed.advance(100)
    return replace(preset, epochs=min(50_000, max(1, round(100 * seconds / (timed.seconds - before)))))
