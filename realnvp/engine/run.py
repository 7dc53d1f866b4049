"""A run as the engine holds it: what its worker has reported, and what it was told."""

import time
from array import array
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from realnvp.config import TrainingConfig
from realnvp.engine.process import WorkerProcess
from realnvp.engine.report import Pace, Report, Status
from realnvp.engine.view import RunView
from realnvp.snapshot import Evaluation, FilmFrame, Snapshot
from realnvp.store.run import StoredRun

# A run that is over keeps a checkpoint of at most so many bytes, so that it can be trained further at once. Quick's has
# 0.4 MB; the post's of 38 MB would fill a disk, were each of two thousand runs to keep one.
MOST_KEPT_CHECKPOINT = 4_000_000
RATE_SECONDS = 3.0  # epochs a second are measured over this time ...
SHORTEST_RATE_SECONDS = 0.4  # ... or, at first, over this at least


@dataclass
class Run:
    token: str
    config: TrainingConfig
    pace: Pace
    worker: WorkerProcess
    leased: bool
    seen: float
    owner: str | None = None  # of a run that is kept in the store
    name: str = ""
    created: float = field(default_factory=time.time)
    status: Status = Status.STARTING
    epoch: int = 0
    losses: array = field(default_factory=lambda: array("f"))
    seconds: float = 0.0
    evaluation: Evaluation | None = None
    first: Snapshot | None = None
    snapshot: Snapshot | None = None
    film: list[FilmFrame] = field(default_factory=list)
    held_out: list[tuple[int, float]] = field(default_factory=list)
    checkpoint: bytes | None = None
    checkpoint_epoch: int = 0
    error: str | None = None
    notice: str | None = None
    parameters: int = 0
    device: str = ""
    restarts: int = 0
    paused: bool = False  # what it was told last: so it begins again when its worker dies
    stopped: bool = False
    awaited: bool = False
    history: deque[tuple[float, int]] = field(default_factory=deque)  # (time, epoch), lately

    def take(self, report: Report) -> None:
        now, before = time.monotonic(), self.status
        self.status, self.epoch, self.seconds = report.status, report.epoch, report.seconds
        self.parameters, self.device = report.parameters or self.parameters, report.device or self.device
        self.losses.extend(report.losses.tolist())
        self.evaluation = report.evaluation or self.evaluation
        if report.snapshot:
            self.snapshot = read_only(report.snapshot)
            self.first = self.first or self.snapshot
        self.film.extend(report.film)
        self.held_out.extend(report.held_out)
        self.error, self.awaited = report.error, False
        self.notice = report.notice or self.notice
        if report.checkpoint:
            self.checkpoint, self.checkpoint_epoch = report.checkpoint, report.epoch
        if not (before is report.status is Status.RUNNING):
            self.history.clear()
        self.history.append((now, report.epoch))
        while now - self.history[0][0] > RATE_SECONDS and len(self.history) > 2:
            self.history.popleft()

    def view(self) -> RunView:
        (then, before), (now, epoch) = (self.history[0], self.history[-1]) if self.history else ((0, 0), (0, 0))
        return RunView(
            token=self.token,
            owner=self.owner,
            config=self.config,
            status=self.status,
            pace=self.pace,
            epoch=self.epoch,
            losses=np.array(self.losses, np.float32),
            held_out=np.array(self.held_out, np.float64).reshape(-1, 2),
            seconds=self.seconds,
            epochs_per_second=(epoch - before) / (now - then) if now - then > SHORTEST_RATE_SECONDS else None,
            evaluation=self.evaluation,
            first=self.first,
            snapshot=self.snapshot,
            film=tuple(self.film),
            error=self.error,
            notice=self.notice,
            parameters=self.parameters,
            device=self.device,
            awaited=self.awaited,
            name=self.name,
        )

    def checkpoint_to_store(self) -> bytes | None:
        """Where the run goes on if it is going, or can be trained further if it is over and has not failed."""
        if self.checkpoint is None or not self.status.over:
            return self.checkpoint
        kept = self.status is not Status.FAILED and len(self.checkpoint) <= MOST_KEPT_CHECKPOINT
        return self.checkpoint if kept else None

    def to_store(self) -> StoredRun:
        going = Status.PAUSED if self.paused else Status.RUNNING
        return StoredRun(
            token=self.token,
            owner=self.owner,
            config=self.config,
            status=self.status if self.status.over else going,
            epoch=self.epoch,
            seconds=self.seconds,
            evaluation=self.evaluation,
            parameters=self.parameters,
            device=self.device,
            name=self.name,
            created=self.created,
            losses=np.array(self.losses, np.float32),
            held_out=np.array(self.held_out, np.float64).reshape(-1, 2),
            film=tuple(self.film),
            first=self.first,
            snapshot=self.snapshot,
            going=not self.status.over,
            checkpoint=self.checkpoint_to_store(),
            checkpoint_epoch=self.checkpoint_epoch,
            pace=self.pace,
        )

    @classmethod
    def from_store(cls, run: StoredRun, worker: WorkerProcess) -> "Run":
        """A run that was going, up to its checkpoint."""
        going = cls(run.token, run.config, Pace(run.pace), worker, leased=True, seen=time.monotonic(), owner=run.owner)
        going.created, going.name = run.created, run.name
        going.paused = run.status == Status.PAUSED
        going.take_over(run)
        return going

    def take_over(self, run: StoredRun) -> None:
        """Begins with what a stored run has come to."""
        self.epoch, self.seconds = run.epoch, run.seconds
        self.losses = array("f", run.losses.tolist())
        self.held_out = [(int(epoch), loss) for epoch, loss in run.held_out.tolist()]
        self.evaluation = run.evaluation
        self.first = run.first and read_only(run.first)
        self.snapshot = run.snapshot and read_only(run.snapshot)
        self.film = list(run.film)
        self.checkpoint, self.checkpoint_epoch = run.checkpoint, run.checkpoint_epoch
        self.parameters, self.device = run.parameters, run.device

    def go_on(self, why: str) -> None:
        """Begins again at the last checkpoint, on the worker it has now."""
        self.begin()
        self.notice = f"{why}; the run went on from epoch {self.epoch:,}."

    def begin(self) -> None:
        """Has the worker begin at the checkpoint, or at epoch 0 without one."""
        self.epoch = self.checkpoint_epoch
        del self.losses[self.epoch :]
        self.film = [frame for frame in self.film if frame.epoch < self.epoch]  # the worker begins with one of its own
        self.held_out = [check for check in self.held_out if check[0] <= self.epoch]
        self.worker.send("submit", self.token, self.config, self.pace, self.checkpoint, self.paused)
        if self.stopped:
            self.worker.send("stop", self.token)


def read_only(snapshot: Snapshot) -> Snapshot:
    """The snapshot, whose arrays no view of it can change for the others."""
    for value in (*vars(snapshot).values(), *vars(snapshot.journey).values(), *snapshot.weights.values()):
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return snapshot
