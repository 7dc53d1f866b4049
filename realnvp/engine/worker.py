"""A worker: holds training runs and gives each a short slice of time in turn. It knows nothing of pipes.

Started as a process by ``python -m realnvp.engine.worker ADDRESS`` (see process.py).
"""

import time
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from realnvp.checkpoint import checkpoint_from_bytes, checkpoint_to_bytes
from realnvp.config import TrainingConfig
from realnvp.divergence import DivergedError
from realnvp.engine.report import Pace, Report, Status
from realnvp.snapshot import FilmFrame
from realnvp.training import Training, train

SLICE = 0.03  # seconds of training before the next run has its turn
NEWS_EVERY = 0.2  # seconds between two reports of a run
PICTURE_SHARE = 0.08  # pictures may take this part of a run's training time
CHECKPOINT_EVERY = 2.0  # seconds between two checkpoints, at least ...
CHECKPOINT_SHARE = 0.02  # ... and they may take this part of its time, ...
CHECKPOINT_AT_LAST = 4.0  # ... but after so long one is taken anyway: a killed server loses five seconds at most
SLOW_SECONDS = 20.0  # a whole run in slow motion
LIVE_POINTS, FINAL_POINTS = 1_000, 10_000
LIVE_HELD_OUT = 2_000
FILM_FRAMES = 60  # of a whole run, more of them of its early epochs


@dataclass
class Job:
    """One run on a worker."""

    run: str
    training: Training
    pace: Pace
    paused: bool = False
    until: int | None = None  # a step pauses again at this epoch
    losses: list[float] = field(default_factory=list)  # not yet reported
    film: list[FilmFrame] = field(default_factory=list)  # not yet reported
    filmed: int = -1  # epoch of the newest frame
    checks_reported: int = 0  # of the held-out curve
    to_film: frozenset[int] = frozenset()
    slow_since: float = 0.0  # when this run would have begun, had it been slow from the start
    told: bool = False  # whether any of its epochs here have been reported
    reported: float = 0.0  # when; all times are time.monotonic()
    trained_at_picture: float = 0.0  # training seconds when the last picture was taken
    picture_cost: float | None = None  # seconds the last picture took
    checkpointed: float = 0.0
    checkpoint_cost: float = 0.0

    def take_film(self, *, always: bool = False) -> None:
        """Takes a frame of the film if this epoch has none yet and is to have one, as the first and last always are."""
        epoch = self.training.epoch
        if epoch > self.filmed and (always or epoch in self.to_film):
            self.film.append(self.training.film_frame())
            self.filmed = epoch

    def set_pace(self, pace: Pace) -> None:
        self.pace = pace
        done = self.training.epoch / self.training.config.total_epochs
        self.slow_since = time.monotonic() - SLOW_SECONDS * done**0.5

    def due(self) -> int:
        """The epoch that this run may have reached by now; in slow motion it grows with the square of time."""
        last = self.training.config.total_epochs if self.until is None else self.until
        if self.pace is Pace.FULL or self.until is not None:
            return last
        place = (time.monotonic() - self.slow_since) / SLOW_SECONDS
        return min(last, int(self.training.config.total_epochs * place**2))


class Worker:
    """Runs by name. Commands and ``work`` return the reports to hand on.

    A pause, resume, step or stop of a run that it holds is always answered with a report.
    """

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.turns: deque[str] = deque()

    def submit(
        self, run: str, config: TrainingConfig, pace: Pace, checkpoint: bytes | None, paused: bool
    ) -> list[Report]:
        """Takes a run in, from its start or from a checkpoint; its first report shows where it begins."""
        try:
            training = train(config, checkpoint_from_bytes(checkpoint) if checkpoint else None)
        except (ValueError, RuntimeError) as error:  # a device that is absent, memory that is short
            return [Report(run, Status.FAILED, 0, np.empty(0, np.float32), 0.0, error=str(error))]
        job = Job(run, training, pace, paused=paused, checkpointed=time.monotonic())
        job.set_pace(pace)
        job.checks_reported = len(training.held_out_curve)
        job.to_film = film_epochs(config.total_epochs)
        job.take_film(always=True)
        if training.finished:  # its checkpoint is of the end, or it has stopped early
            return [self._end(job, Status.FINISHED)]
        self.jobs[run] = job
        if not paused:
            self.turns.append(run)
        # No numbers yet: they may take a moment, and the picture is waited for.
        status = Status.PAUSED if paused else Status.RUNNING
        return [self._report(job, status, snapshot=training.snapshot(LIVE_POINTS))]

    def pause(self, run: str) -> list[Report]:
        job = self.jobs.get(run)
        if job is None:
            return []
        return [self._report(job, Status.PAUSED) if job.paused else self._rest(job)]

    def resume(self, run: str) -> list[Report]:
        return self._go(run, until=None)

    def step(self, run: str, epochs: int) -> list[Report]:
        """Trains a paused run for some epochs more, then pauses it again."""
        job = self.jobs.get(run)
        return self._go(run, until=min(job.training.epoch + epochs, job.training.config.total_epochs)) if job else []

    def stop(self, run: str) -> list[Report]:
        job = self.jobs.get(run)
        return [self._end(job, Status.STOPPED)] if job else []

    def set_pace(self, run: str, pace: Pace) -> list[Report]:
        if job := self.jobs.get(run):
            job.set_pace(pace)
        return []

    def discard(self, run: str) -> list[Report]:
        """Forgets a run nobody looks at any more."""
        self._drop(run)
        return []

    def wait_seconds(self) -> float | None:
        """How long there is nothing to do: 0 for work at hand, None for no work at all."""
        if not self.turns:
            return None
        jobs = [self.jobs[run] for run in self.turns]
        return 0.0 if any(job.due() > job.training.epoch for job in jobs) else 0.01

    def work(self) -> list[Report]:
        """One slice of training for the next run whose turn it is."""
        for _ in range(len(self.turns)):
            job = self.jobs[self.turns[0]]
            self.turns.rotate(-1)
            if job.due() > job.training.epoch or self._at_goal(job):
                return self._slice(job)
        return []

    def _slice(self, job: Job) -> list[Report]:
        ends = time.monotonic() + SLICE
        try:
            while job.training.epoch < job.due():
                job.losses.extend(job.training.advance(1).losses)
                job.take_film()
                if job.training.finished or time.monotonic() > ends:
                    break
        except DivergedError as error:
            return [self._end(job, Status.FAILED, error=str(error))]
        if job.training.finished:
            return [self._end(job, Status.FINISHED)]
        if self._at_goal(job):
            return [self._rest(job)]
        first, job.told = not job.told, True  # the first news does not wait, nor does it wait for a picture
        if time.monotonic() - job.reported < NEWS_EVERY and not first:
            return []
        afford = (job.training.seconds - job.trained_at_picture) * PICTURE_SHARE
        if job.pace is Pace.SLOW or (afford >= (job.picture_cost or 0.0) and not first):
            return [self._picture(job, Status.RUNNING)]
        return [self._report(job, Status.RUNNING)]

    @staticmethod
    def _at_goal(job: Job) -> bool:
        return job.until is not None and job.training.epoch >= job.until

    def _go(self, run: str, until: int | None) -> list[Report]:
        job = self.jobs.get(run)
        if job is None:
            return []
        if job.paused:
            job.paused, job.until = False, until
            job.set_pace(job.pace)
            self.turns.append(run)
        return [self._report(job, Status.RUNNING)]

    def _rest(self, job: Job) -> Report:
        """Pauses a run, with a picture of where it stands."""
        job.paused, job.until = True, None
        self.turns.remove(job.run)
        return self._picture(job, Status.PAUSED)

    def _end(self, job: Job, status: Status, error: str | None = None) -> Report:
        """The last report of a run, with its final pictures and numbers."""
        training = job.training
        job.take_film(always=True)
        report = self._report(
            job,
            status,
            evaluation=training.evaluate(),
            snapshot=job.training.snapshot(FINAL_POINTS),
            error=error,
        )
        self._drop(job.run)
        return report

    def _drop(self, run: str) -> None:
        if self.jobs.pop(run, None) and run in self.turns:
            self.turns.remove(run)

    def _picture(self, job: Job, status: Status) -> Report:
        started = time.perf_counter()
        evaluation = job.training.evaluate(LIVE_HELD_OUT)
        snapshot = job.training.snapshot(LIVE_POINTS)
        # The first one also works out the truth about the data; it says nothing of the next.
        job.picture_cost = 0.0 if job.picture_cost is None else time.perf_counter() - started
        job.trained_at_picture = job.training.seconds
        return self._report(job, status, evaluation=evaluation, snapshot=snapshot)

    def _report(self, job: Job, status: Status, **news: object) -> Report:
        # After a divergence weights and optimiser do not belong together.
        wanted = status is not Status.FAILED and (status.over or self._checkpoint_is_due(job))
        checkpoint = self._checkpoint(job) if wanted else None
        losses, job.losses = np.array(job.losses, np.float32), []
        film, job.film = tuple(job.film), []
        held_out = tuple(job.training.held_out_curve[job.checks_reported :])
        job.checks_reported += len(held_out)
        job.reported = time.monotonic()
        return Report(
            job.run,
            status,
            job.training.epoch,
            losses,
            job.training.seconds,
            film=film,
            held_out=held_out,
            checkpoint=checkpoint,
            parameters=sum(p.numel() for p in job.training.parameters),
            device=str(job.training.device),
            notice=job.training.notice,
            **news,
        )

    @staticmethod
    def _checkpoint_is_due(job: Job) -> bool:
        since = time.monotonic() - job.checkpointed
        cheap = job.checkpoint_cost <= since * CHECKPOINT_SHARE
        return since >= CHECKPOINT_EVERY and (cheap or since >= CHECKPOINT_AT_LAST)

    @staticmethod
    def _checkpoint(job: Job) -> bytes:
        started = time.perf_counter()
        checkpoint = checkpoint_to_bytes(job.training.checkpoint())
        job.checkpoint_cost = time.perf_counter() - started
        job.checkpointed = time.monotonic()
        return checkpoint


def film_epochs(epochs: int) -> frozenset[int]:
    """The epochs of the frames of a whole run's film, from 0 to the last: their distance grows evenly."""
    return frozenset(round(epochs * (frame / (FILM_FRAMES - 1)) ** 2) for frame in range(FILM_FRAMES))


if __name__ == "__main__":
    from realnvp.engine.process import serve

    serve(Worker())
