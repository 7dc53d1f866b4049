"""Configs, reference numbers and waiting, for the tests of the engine."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Any

import helpers
import numpy as np

from realnvp.config import TrainingConfig
from realnvp.divergence import DivergedError
from realnvp.training import Training, available_devices, train

ABSENT_DEVICE = next(name for name in ("cuda", "mps") if name not in available_devices())


def tiny(**settings: Any) -> TrainingConfig:
    """A config whose epochs take about a millisecond, on the CPU."""
    return TrainingConfig(**{"layers": 2, "width": 8, "epochs": 200, "device": "cpu"} | settings)


def endless(**settings: Any) -> TrainingConfig:
    """A run that no test waits for: it needs a minute or more."""
    return tiny(epochs=50_000, **settings)


def diverging() -> TrainingConfig:
    """Too bold: its loss is no finite number as soon as its second batch."""
    return TrainingConfig(**helpers.DIVERGING, device="cpu")


@cache
def diverging_late() -> TrainingConfig:
    """Too bold: its loss overflows after more than KEEP_EVERY epochs.

    That is chaos, and so rounding decides, which is not the same on all processors: the first seed with which it
    happens here, in this process.
    """
    for seed in range(20):
        config = tiny(layers=32, width=64, epochs=400, seed=seed, lr=0.25, clip_norm=0, max_log_scale=10)
        try:
            list(train(config))
        except DivergedError as diverged:
            if diverged.kept_epoch > 0:
                return config
    raise AssertionError("no run of these diverges late on this machine: make them bolder")


@cache
def plain_run(config: TrainingConfig, epochs: int | None = None) -> tuple[Training, np.ndarray]:
    """``for progress in train(config)`` and its losses, float32: the first ``epochs``, or all that are finite."""
    training, losses = train(config), []
    with suppress(DivergedError):
        for progress in islice(training, epochs):
            losses.extend(progress.losses)
    return training, np.array(losses, np.float32)


def plain_losses(config: TrainingConfig, epochs: int | None = None) -> np.ndarray:
    return plain_run(config, epochs)[1]


def until(condition: Callable[[], Any], look: Callable[[], Any], timeout: float = 60.0) -> Any:
    """The first true answer of ``condition``; fails after ``timeout`` seconds with what ``look`` sees then."""
    end = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"still waiting after {timeout:g} s; seen: {look()}")
        time.sleep(0.02)
    return answer
