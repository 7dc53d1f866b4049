"""Runs that last: many at once that save and read."""

import os
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from realnvp.bench.table import Table
from realnvp.config import TrainingConfig
from realnvp.store.run import StoredRun
from realnvp.store.store import Store
from realnvp.training import train

SAVES = 5  # of each writer
EVERY = 2.0  # seconds between two checkpoints of a run that is going, at least
READ_EVERY = 1.0  # seconds between two looks of a page at its list
DATABASE = "REALNVP_BENCH_DATABASE"  # environment variable: a PostgreSQL database to be measured beside SQLite


def store(writers: int = 100, readers: int = 100) -> list[Table]:
    """People at once who save runs and who read: nothing lost, nothing twice, and the time of a save."""
    urls = {"SQLite": None} | ({"PostgreSQL": url} if (url := os.environ.get(DATABASE)) else {})
    rows = [at_once(writers, readers, name, url, every) for name, url in urls.items() for every in (EVERY, 0.0)]
    note = "Times: 95th percentiles. A save hands a run to the writer, so no page waits until it is written."
    return [Table("Runs saved and read at once", rows, labels=("database", "each saves"), note=note)]


def at_once(writers: int, readers: int, name: str, url: str | None, every: float) -> dict[str, Any]:
    """Each writer saves a run every so many seconds, or as soon as the one before has been written.

    Without a URL, to an SQLite file that is gone afterwards.
    """
    mark = uuid4().hex[:8]  # of this measurement's runs and owners
    pictured = train(TrainingConfig(device="cpu"))
    frames = tuple(pictured.film_frame() for _ in range(60))
    first, last = pictured.snapshot(1_000), pictured.snapshot(10_000)
    losses = np.random.default_rng(0).normal(size=1_000).astype(np.float32)
    calls: list[float] = []
    written: list[float] = []
    reads: list[float] = []
    over = threading.Event()

    def run(token: str, owner: str) -> StoredRun:
        return StoredRun(
            token=token,
            owner=owner,
            config=pictured.config,
            status="finished",
            epoch=1_000,
            seconds=2.0,
            losses=losses,
            held_out=np.empty((0, 2)),
            film=frames,
            first=first,
            snapshot=last,
        )

    with tempfile.TemporaryDirectory() as folder:
        kept = Store(url or f"sqlite:///{Path(folder) / 'runs.db'}", most=100_000)

        def write(who: int) -> None:
            time.sleep(every * who / writers)
            for k in range(SAVES):
                started = time.perf_counter()
                done = kept.save(run(f"{mark}-{who}-{k}", f"{mark}-{who}"))
                calls.append(time.perf_counter() - started)
                done.wait(600)
                written.append(time.perf_counter() - started)
                time.sleep(max(0.0, every - written[-1]))

        def read(who: int) -> None:
            opened = False
            time.sleep(READ_EVERY * who / readers)  # people's pages do not ask at the same moment
            while True:  # as a page does: the list again and again, a run once, when it is opened
                started = time.perf_counter()
                kept.runs_of(f"{mark}-{who % writers}")
                opened = opened or kept.load(f"{mark}-{who % writers}-0") is not None
                reads.append(time.perf_counter() - started)
                if over.wait(READ_EVERY):
                    return

        with ThreadPoolExecutor(writers + readers) as pool:
            reading = [pool.submit(read, who) for who in range(readers)]
            started = time.perf_counter()
            for done in [pool.submit(write, who) for who in range(writers)]:
                done.result()
            seconds = time.perf_counter() - started
            over.set()
            for done in reading:
                done.result()
        found = [line.token for who in range(writers) for line in kept.runs_of(f"{mark}-{who}")]
        expected = {f"{mark}-{who}-{k}" for who in range(writers) for k in range(SAVES)}
        kept.close()
    return {
        "database": name,
        "each saves": f"every {every:g} s" if every else "at once again",
        "writers": writers,
        "readers": readers,
        "saves": len(expected),
        "lost": len(expected - set(found)),
        "twice": len(found) - len(set(found)),
        "saves a second": len(expected) / seconds,
        "ms of a save": percentile(calls),
        "ms until it is written": percentile(written),
        "ms of a read": percentile(reads),
    }


def percentile(seconds: list[float]) -> float:
    """The 95th, in milliseconds."""
    return float(np.percentile(seconds, 95)) * 1e3
