"""The engine: takes training runs, spreads them over worker processes and keeps what they report.

A run is reached by its token, which cannot be guessed. Whoever looks at a run renews its lease; a run whose lease
has ended is forgotten. A worker that dies is replaced, and its runs go on from their last checkpoint. With a store
they also go on after the server itself has died, and what they came to is kept there.
"""

import atexit
import contextlib
import os
import secrets
import threading
import time
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Protocol

from realnvp.config import TrainingConfig, check_goes_on
from realnvp.engine.process import WorkerProcess
from realnvp.engine.report import Pace, Status
from realnvp.engine.run import Run
from realnvp.engine.view import RunView
from realnvp.store.run import StoredRun

LEASE_SECONDS = 300.0
MOST_WORKERS = 16  # each holds torch in memory, about 250 MB
MOST_RESTARTS = 3  # of one run, by workers that died with it


class RunStore(Protocol):
    """Where runs last. Nothing here may wait for a disk, except ``going``."""

    def save(self, run: StoredRun) -> None: ...

    def forget(self, token: str) -> None: ...

    def going(self) -> list[StoredRun] | None:
        """The runs that were going when the server ended; None while that cannot be told."""


class Engine:
    """All runs of a server. Every method may be called from any thread; a token nobody knows is ignored."""

    def __init__(
        self, n_workers: int | None = None, *, lease_seconds: float = LEASE_SECONDS, store: RunStore | None = None
    ) -> None:
        self._lease_seconds = lease_seconds
        self._store = store
        self._to_take_up = store is not None  # the runs that were going when the server ended
        self._runs: dict[str, Run] = {}
        self._lock = threading.RLock()
        self._closed = False
        self._key = secrets.token_bytes(32)
        self._listener = Listener(backlog=MOST_WORKERS, authkey=self._key)
        n_workers = n_workers or min(usable_cores(), MOST_WORKERS)
        self._workers = [WorkerProcess(self._listener.address, self._key) for _ in range(n_workers)]
        self._start_next_worker()
        self._take_up()
        for target in (self._accept, self._watch):
            threading.Thread(target=target, daemon=True, name=f"engine{target.__name__}").start()
        atexit.register(self.close)

    # What pages do with runs.

    def submit(
        self,
        config: TrainingConfig,
        *,
        pace: Pace = Pace.FULL,
        leased: bool = True,
        owner: str | None = None,
        name: str = "",
        begun: StoredRun | None = None,
    ) -> str:
        """Starts a run; returns its token. A run without a lease is kept as long as the server lives.

        One with an owner is kept in the store, where there is one, under its name. With ``begun`` it goes on where that
        run ended, which stays as it is; without its checkpoint it trains from epoch 0, on the CPU to the same numbers.
        A ``begun`` whose config differs in more than ``further``, or that has got beyond the end of this one, is a
        ValueError.
        """
        if begun:
            check_goes_on(config, begun.config, begun.epoch)
        with self._lock:
            token = secrets.token_urlsafe(16)
            run = Run(token, config, pace, self._choose_worker(config), leased, time.monotonic(), owner, name)
            if begun and begun.checkpoint:
                run.take_over(begun)
            self._runs[token] = run
            run.begin()
            self._keep(run)
            return token

    def view(self, token: str) -> RunView | None:
        """What is known of a run, which renews its lease; None where there is no such run."""
        with self._lock:
            run = self._runs.get(token)
            if run is None:
                return None
            run.seen = time.monotonic()
            return run.view()

    def going_of(self, owner: str) -> list[str]:
        """The tokens of an owner's runs that are not over, oldest first. Leases stay as they are."""
        with self._lock:
            return [run.token for run in self._runs.values() if run.owner == owner and not run.status.over]

    def rename(self, token: str, name: str) -> None:
        with self._lock:
            if run := self._runs.get(token):
                run.name = name

    def pause(self, token: str) -> None:
        self._command(token, "pause", paused=True)

    def resume(self, token: str) -> None:
        self._command(token, "resume", paused=False)

    def step(self, token: str, epochs: int) -> None:
        """Trains a paused run for some epochs more, then pauses it again."""
        self._command(token, "step", epochs)

    def stop(self, token: str) -> None:
        """Ends a run where it is; its final pictures and numbers are still made."""
        self._command(token, "stop", stopped=True)

    def set_pace(self, token: str, pace: Pace) -> None:
        with self._lock:
            if run := self._runs.get(token):
                run.pace = pace
                run.worker.send("set_pace", token, pace)

    def discard(self, token: str) -> None:
        """Forgets a run. One that is over stays in the store."""
        with self._lock:
            if run := self._runs.pop(token, None):
                run.worker.send("discard", token)
                if self._is_kept(run) and not run.status.over:
                    self._store.forget(token)

    @property
    def devices(self) -> list[str]:
        """The devices that the workers have found; empty until the first has connected."""
        return next((worker.devices for worker in self._workers if worker.devices), [])

    @property
    def worker_pids(self) -> list[int]:
        with self._lock:
            return [worker.pid for worker in self._workers if worker.pid]

    def close(self) -> None:
        """Ends all workers. Runs at the exit of the server."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            atexit.unregister(self.close)
            for worker in self._workers:
                worker.close()
            with contextlib.suppress(OSError):
                Client(self._listener.address).close()  # wakes the thread that accepts, which closes the listener

    # How it keeps its workers.

    def _command(self, token: str, command: str, *arguments: object, **told: bool) -> None:
        with self._lock:
            run = self._runs.get(token)
            if run and not run.status.over:
                run.awaited = True
                vars(run).update(told)
                run.worker.send(command, token, *arguments)

    def _choose_worker(self, config: TrainingConfig) -> WorkerProcess:
        """The one with the fewest runs going; all runs on an NVIDIA GPU share the first."""
        if config.device == "cuda" or (config.device == "auto" and "cuda" in self.devices):
            return self._workers[0]
        going = [run.worker for run in self._runs.values() if not run.status.over]
        return min(self._workers, key=going.count)

    def _start_next_worker(self) -> None:
        """One at a time: all at once would keep each other, and the first page, waiting for torch."""
        if worker := next((w for w in self._workers if w.process is None), None):
            worker.start()

    def _accept(self) -> None:
        with self._listener:
            while not self._closed:
                try:
                    connection = self._listener.accept()
                    pid, devices = connection.recv()
                except (OSError, EOFError, AuthenticationError):
                    continue
                with self._lock:
                    worker = next((w for w in self._workers if w.pid == pid), None)
                if worker is None:
                    connection.close()
                    continue
                worker.devices = devices
                worker.connected(connection)
                threading.Thread(target=self._read, args=(worker, connection), daemon=True, name="engine_read").start()
                with self._lock:
                    if not self._closed:
                        self._start_next_worker()

    def _read(self, worker: WorkerProcess, connection: Connection) -> None:
        while True:
            try:
                report = connection.recv()
            except (OSError, EOFError):
                self._replace(worker)
                return
            with self._lock:
                if run := self._runs.get(report.run):
                    before = run.status
                    run.take(report)
                    if report.checkpoint or report.status is not before:
                        self._keep(run)

    def _watch(self) -> None:
        """Forgets runs whose lease has ended, and finds workers that died before they connected."""
        while not self._closed:
            time.sleep(min(1.0, self._lease_seconds / 4))
            with self._lock:
                now = time.monotonic()
                for run in list(self._runs.values()):
                    if run.leased and now - run.seen > self._lease_seconds:
                        self._end_lease(run)
                dead = [w for w in self._workers if w.died_early]
            for worker in dead:
                self._replace(worker)
            self._take_up()

    def _end_lease(self, run: Run) -> None:
        """Forgets a run; one that is to be kept is stopped first, so that the store has its final numbers."""
        if not self._is_kept(run) or run.status.over:
            self.discard(run.token)
        elif not run.stopped:
            self.stop(run.token)

    def _is_kept(self, run: Run) -> bool:
        return self._store is not None and run.owner is not None

    def _keep(self, run: Run) -> None:
        if self._is_kept(run):
            if run.status is Status.FAILED:
                self._store.forget(run.token)
            else:
                self._store.save(run.to_store())

    def _take_up(self) -> None:
        """Goes on with the runs that were going when the server ended, as soon as the store can tell them."""
        if not self._to_take_up:
            return
        found = self._store.going()
        if found is None:
            return
        self._to_take_up = False
        with self._lock:
            for stored in found:
                if stored.token not in self._runs:
                    run = Run.from_store(stored, self._choose_worker(stored.config))
                    self._runs[run.token] = run
                    run.go_on("The server was started anew")

    def _replace(self, worker: WorkerProcess) -> None:
        """Puts a new worker in the place of a dead one, and its runs onto it."""
        with self._lock:
            if self._closed or worker not in self._workers:
                return
            worker.close()
            fresh = WorkerProcess(self._listener.address, self._key)
            fresh.start()
            self._workers[self._workers.index(worker)] = fresh
            for run in [r for r in self._runs.values() if r.worker is worker]:
                run.worker = fresh
                if not run.status.over:
                    self._revive(run)

    def _revive(self, run: Run) -> None:
        run.restarts += 1
        run.history.clear()
        run.awaited = False
        if run.restarts > MOST_RESTARTS:
            run.status = Status.FAILED
            run.error = "The process that trained this run ended again and again. Try a smaller width or batch size."
            self._keep(run)
            return
        run.go_on("The process that trained this run ended")


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
