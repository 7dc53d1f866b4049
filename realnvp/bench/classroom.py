"""A class: many runs at once."""

import time

from tqdm import tqdm

from realnvp.bench.table import Table
from realnvp.config import TrainingConfig
from realnvp.engine.engine import Engine, usable_cores
from realnvp.engine.report import Status


def classroom(runs: int = 30, epochs: int = TrainingConfig().epochs) -> list[Table]:
    """Many default runs started together: when each has moved, and all their time against their single times."""
    configs = [TrainingConfig(seed=seed, epochs=epochs, device="cpu") for seed in range(runs)]
    engine = Engine()
    try:
        single = [seconds_alone(engine, config) for config in tqdm(configs, unit="run")]
        started = time.monotonic()
        waiting = {engine.submit(config): config.seed for config in configs}
        first: dict[int, float] = {}
        while waiting:
            for token, seed in list(waiting.items()):
                view = engine.view(token)
                if view.epoch > 0:
                    first.setdefault(seed, time.monotonic() - started)
                if view.status.over:
                    assert view.status is Status.FINISHED, view.error
                    del waiting[token]
            time.sleep(0.01)
        together = time.monotonic() - started
    finally:
        engine.close()
    row = {
        "runs": runs,
        "cores": usable_cores(),
        "seconds until all have moved": max(first.values()),
        "seconds together": together,
        "seconds one after the other": sum(single),
        "together, to one after the other on all cores": together / (sum(single) / usable_cores()),
    }
    return [Table("A class that presses Train at once", [row], labels=("runs",))]


def seconds_alone(engine: Engine, config: TrainingConfig) -> float:
    """Seconds from submitting a run to its end, with nothing else going."""
    started = time.monotonic()
    token = engine.submit(config)
    while not engine.view(token).status.over:
        time.sleep(0.01)
    return time.monotonic() - started
