"""How good the presets are, and what they take beside a plain reading of the post."""

import statistics
from collections.abc import Sequence
from typing import Any

from tqdm import tqdm

from realnvp.bench.clock import interleaved
from realnvp.bench.peers import POST, post_flow
from realnvp.bench.runs import PostRecipe
from realnvp.bench.table import Table
from realnvp.config import PRESETS, TrainingConfig, apply_preset
from realnvp.datasets import DISTRIBUTIONS, distribution
from realnvp.training import train


def quality(seeds: int = 5, presets: Sequence[str] = ("quick", "best_quality")) -> list[Table]:
    """NLL and KL gap (20,000 held-out points of two moons) and training seconds of the presets, seed by seed."""
    runs = [trained(preset, seed) for preset in presets for seed in tqdm(range(seeds), unit="run", desc=preset)]
    means = []
    for title in dict.fromkeys(run["preset"] for run in runs):
        of_preset = [run for run in runs if run["preset"] == title]
        means.append(
            {
                "preset": title,
                **{what: statistics.mean(run[what] for run in of_preset) for what in ("NLL", "KL gap", "seconds")},
                "worst NLL": max(run["NLL"] for run in of_preset),
            }
        )
    return [
        Table(f"Two moons, means of {seeds} seeds", means, labels=("preset",), drawn=("KL gap",), unit="nats"),
        Table("Two moons, seed by seed", runs, labels=("preset", "seed"), drawn=("KL gap",), unit="nats"),
    ]


def shelf(
    names: Sequence[str] = tuple(DISTRIBUTIONS), presets: Sequence[str] = ("quick", "best_quality")
) -> list[Table]:
    """Entropy of every distribution of the shelf, and the KL gap of the presets on it (nats, seed 0)."""
    rows = []
    for name in tqdm(names, unit="distribution"):
        dataset = DISTRIBUTIONS[name]
        row = {"distribution": dataset.title, "entropy": distribution(name, dataset.noise).entropy}
        for preset in presets:
            run = trained(preset, 0, name)
            row |= {f"{run['preset']}: KL gap": run["KL gap"], f"{run['preset']}: seconds": run["seconds"]}
        rows.append(row)
    drawn = tuple(column for column in rows[0] if column.endswith("KL gap"))
    return [Table("The shelf: entropy and KL gaps of seed 0", rows, labels=("distribution",), drawn=drawn, unit="nats")]


def trained(preset: str, seed: int, dataset: str = "two_moons") -> dict[str, Any]:
    """What a whole run of a preset has reached."""
    training = train(apply_preset(preset, TrainingConfig(dataset=dataset, seed=seed, device="cpu")))
    training.advance(training.config.total_epochs)
    found = training.evaluate()
    return {
        "preset": PRESETS[preset].title,
        "seed": seed,
        "NLL": found.nll,
        "KL gap": found.kl_gap,
        "seconds": training.seconds,
    }


def recipe(rounds: int = 8) -> list[Table]:
    """The Quick preset and the preset "Original post" against a plain reading of the post, in interleaved rounds."""
    plain = PostRecipe(post_flow(POST))
    quick = train(TrainingConfig(epochs=50_000, device="cpu"))
    post = train(apply_preset("original_post", TrainingConfig(device="cpu")))
    median = interleaved(
        {
            "a plain reading of the post": plain.step,
            "Original post": lambda: post.advance(1),
            "Quick": lambda: quick.advance(1),
        },
        rounds=rounds,
        seconds=0.8,
    )
    epochs = {"Quick": TrainingConfig().epochs}
    rows = [
        {"recipe": name, "ms a step": 1000 * seconds, "seconds a run": epochs.get(name, 3000) * seconds}
        for name, seconds in median.items()
    ]
    for row in rows:
        row["times faster"] = rows[0]["seconds a run"] / row["seconds a run"]
    return [Table("Whole runs", rows, labels=("recipe",), drawn=("seconds a run",), unit="seconds")]
