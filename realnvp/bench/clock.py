"""Times, taken in turn so that what disturbs the machine disturbs all that is compared."""

import statistics
import time
from collections.abc import Callable

from tqdm import tqdm


def time_of(step: Callable[[], object], *, repeats: int) -> float:
    """Seconds a call, the mean over ``repeats`` calls."""
    started = time.perf_counter()
    for _ in range(repeats):
        step()
    return (time.perf_counter() - started) / repeats


def interleaved(steps: dict[str, Callable[[], object]], *, rounds: int, seconds: float = 0.25) -> dict[str, float]:
    """Median seconds a call of each, over rounds in which all have their turn of about so many seconds."""
    repeats = {}
    for name, step in steps.items():
        time_of(step, repeats=3)  # caches and lazy initialisation
        repeats[name] = max(1, round(seconds / time_of(step, repeats=3)))
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in tqdm(range(rounds), unit="round"):
        for name, step in steps.items():
            times[name].append(time_of(step, repeats=repeats[name]))
    return {name: statistics.median(values) for name, values in times.items()}
