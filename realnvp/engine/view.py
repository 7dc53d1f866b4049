"""A run as it is looked at: what is known of it at one moment."""

from dataclasses import dataclass, field, replace

import numpy as np

from realnvp.config import TrainingConfig
from realnvp.engine.report import Pace, Status
from realnvp.snapshot import Evaluation, FilmFrame, Snapshot
from realnvp.store.run import StoredRun, versions


@dataclass(frozen=True)
class RunView:
    """What is known of a run at one moment."""

    token: str  # whoever has it may look at the run
    owner: str | None  # whoever has it may steer the run; None: nobody may
    config: TrainingConfig
    status: Status
    pace: Pace
    epoch: int
    losses: np.ndarray  # (epoch,) float32, nats
    held_out: np.ndarray  # (m, 2) epoch and held-out loss (nats) of a fixed set of points; else empty
    seconds: float  # spent in training
    epochs_per_second: float | None  # lately; None while it stands
    evaluation: Evaluation | None
    first: Snapshot | None  # of epoch 0
    snapshot: Snapshot | None  # the newest
    film: tuple[FilmFrame, ...]  # pictures from epoch 0 on
    error: str | None
    notice: str | None
    parameters: int
    device: str
    awaited: bool  # whether a command has been sent that the worker has not answered yet
    name: str = ""
    versions: dict[str, str] = field(default_factory=versions)  # of Python and the packages it ran with

    @classmethod
    def of_kept(cls, run: StoredRun) -> "RunView":
        """A run of the store, which is over."""
        return cls(
            token=run.token,
            owner=run.owner,
            config=run.config,
            status=Status(run.status),
            pace=Pace(run.pace),
            epoch=run.epoch,
            losses=run.losses,
            held_out=run.held_out,
            seconds=run.seconds,
            epochs_per_second=None,
            evaluation=run.evaluation,
            first=run.first,
            snapshot=run.snapshot,
            film=run.film,
            error=None,
            notice=None,
            parameters=run.parameters,
            device=run.device,
            awaited=False,
            name=run.name,
            versions=run.versions,
        )

    def at_start(self) -> "RunView":
        """The run as it was before its first epoch."""
        return replace(
            self,
            status=Status.RUNNING,
            epoch=0,
            losses=self.losses[:0],
            held_out=self.held_out[:0],
            seconds=0.0,
            epochs_per_second=None,
            evaluation=None,
            snapshot=self.first,
            film=(),
        )

    @property
    def going(self) -> bool:
        """Whether news can come without anyone doing anything more."""
        return self.awaited or self.status in (Status.STARTING, Status.RUNNING)

    @property
    def seconds_left(self) -> float | None:
        if not self.epochs_per_second:
            return None
        return (self.config.total_epochs - self.epoch) / self.epochs_per_second
