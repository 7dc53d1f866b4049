"""Measurements: ``python -m realnvp bench``. What is compared is measured side by side in one run, as a ratio."""

from collections.abc import Callable

from realnvp.bench.best_gap import best_gap
from realnvp.bench.classroom import classroom
from realnvp.bench.gpu import gpu
from realnvp.bench.growth import growth
from realnvp.bench.poll import poll
from realnvp.bench.recipe import quality, recipe, shelf
from realnvp.bench.start import start
from realnvp.bench.steps import steps
from realnvp.bench.store import store
from realnvp.bench.table import Table
from realnvp.bench.throughput import throughput
from realnvp.bench.time_to_quality import time_to_quality

MEASUREMENTS: dict[str, Callable[[], list[Table]]] = {
    "steps": steps,
    "growth": growth,
    "time_to_quality": time_to_quality,
    "best_gap": best_gap,
    "quality": quality,
    "shelf": shelf,
    "recipe": recipe,
    "throughput": throughput,
    "start": start,
    "poll": poll,
    "classroom": classroom,
    "store": store,
    "gpu": gpu,
}
