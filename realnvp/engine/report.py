"""What a worker tells of a run. Kept free of torch, so that the server need not wait for it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from realnvp.snapshot import Evaluation, FilmFrame, Snapshot


class Status(StrEnum):
    """Where a run stands."""

    STARTING = "starting"  # handed to a worker, nothing heard yet
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"  # by a person, before its last epoch
    FAILED = "failed"  # diverged, or could not be trained; ``error`` says why

    @property
    def over(self) -> bool:
        return self in (Status.FINISHED, Status.STOPPED, Status.FAILED)


class Pace(StrEnum):
    """How fast a run goes."""

    FULL = "full"
    SLOW = "slow"  # about 20 s for a whole run, more of it on the early epochs


@dataclass(frozen=True)
class Report:
    """News of one run. ``losses`` are those of the epochs since the last report; the rest is there when new."""

    run: str
    status: Status
    epoch: int
    losses: np.ndarray  # float32, nats
    seconds: float  # spent in training so far
    evaluation: Evaluation | None = None
    snapshot: Snapshot | None = None
    film: tuple[FilmFrame, ...] = ()  # the frames since the last report
    held_out: tuple[tuple[int, float], ...] = ()  # (epoch, held-out loss) of a fixed set since the last report
    checkpoint: bytes | None = None  # a Training.checkpoint(), see checkpoint.py
    error: str | None = None
    notice: str | None = None  # what a person should know of the run, though it goes on
    parameters: int = 0
    device: str = ""
