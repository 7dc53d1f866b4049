import time
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from runs import ABSENT_DEVICE, diverging, diverging_late, endless, plain_losses, plain_run, tiny

from realnvp.checkpoint import checkpoint_from_bytes, checkpoint_to_bytes
from realnvp.config import TrainingConfig
from realnvp.divergence import DivergedError
from realnvp.engine.report import Pace, Report, Status
from realnvp.engine.worker import (
    CHECKPOINT_AT_LAST,
    CHECKPOINT_EVERY,
    FILM_FRAMES,
    NEWS_EVERY,
    SLICE,
    SLOW_SECONDS,
    Worker,
    film_epochs,
)
from realnvp.training import train


class Listened:
    """A worker, and all that it has reported, by run."""

    def __init__(self) -> None:
        self.worker = Worker()
        self.reports: dict[str, list[Report]] = defaultdict(list)

    def tell(self, command: str, *arguments: object) -> list[Report]:
        return self.hear(getattr(self.worker, command)(*arguments))

    def submit(self, run: str, config: TrainingConfig, pace: Pace = Pace.FULL, *, paused: bool = False) -> list[Report]:
        return self.tell("submit", run, config, pace, None, paused)

    def work(self, slices: int = 1) -> None:
        for _ in range(slices):
            self.hear(self.worker.work())

    def work_until(self, condition: Callable[[], bool], timeout: float = 60.0) -> None:
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, f"seen: {self.seen()}"
            self.hear(self.worker.work())

    def work_to_rest(self) -> None:
        """Until no run is going."""
        self.work_until(lambda: self.worker.wait_seconds() is None)

    def hear(self, reports: list[Report]) -> list[Report]:
        for report in reports:
            self.reports[report.run].append(report)
        return reports

    def last(self, run: str) -> Report:
        return self.reports[run][-1]

    def losses(self, run: str) -> np.ndarray:
        return np.concatenate([report.losses for report in self.reports[run]])

    def epoch(self, run: str) -> int:
        return self.worker.jobs[run].training.epoch

    def seen(self) -> dict[str, tuple[Status, int]]:
        return {run: (reports[-1].status, reports[-1].epoch) for run, reports in self.reports.items()}


@pytest.fixture
def listened() -> Listened:
    return Listened()


def assert_one_loss_an_epoch(reports: Sequence[Report], config: TrainingConfig) -> None:
    """Each report brings exactly the losses since the one before, and they are those of a plain loop, bit for bit."""
    heard = 0
    for report in reports:
        heard += len(report.losses)
        assert heard == report.epoch
        assert report.losses.dtype == np.float32
    assert np.array_equal(np.concatenate([r.losses for r in reports]), plain_losses(config)[:heard])


# From its start to its end.


def test_first_report_shows_the_untrained_flow_at_epoch_0(listened):
    (report,) = listened.submit("a", tiny())
    assert (report.run, report.status, report.epoch, report.seconds) == ("a", Status.RUNNING, 0, 0.0)
    assert report.snapshot.epoch == 0
    assert report.snapshot.latent.shape == (1_000, 2)
    assert np.array_equal(report.snapshot.latent, report.snapshot.input)  # an identity so far
    assert report.snapshot.journey.points.shape == (1_000, 2)
    assert report.evaluation is None  # the picture is waited for
    assert report.device == "cpu"
    assert report.parameters == sum(p.numel() for p in train(tiny()).parameters)


def test_losses_are_those_of_a_plain_loop(listened):
    listened.submit("a", tiny())
    listened.work_to_rest()
    assert_one_loss_an_epoch(listened.reports["a"], tiny())
    assert listened.last("a").epoch == 200


def test_reports_add_up_when_there_are_many(listened):
    listened.submit("a", config := tiny(epochs=600))
    listened.work_to_rest()
    assert len(listened.reports["a"]) > 2
    assert_one_loss_an_epoch(listened.reports["a"], config)
    seconds = [report.seconds for report in listened.reports["a"]]
    assert seconds == sorted(seconds)


def test_losses_are_the_same_across_pauses_steps_paces_and_other_runs(listened):
    listened.submit("a", tiny())
    listened.submit("other", endless(width=16))
    listened.work(2)
    listened.tell("pause", "a")
    listened.tell("step", "a", 7)
    listened.work_until(lambda: listened.last("a").status is Status.PAUSED)
    listened.tell("resume", "a")
    listened.work(3)
    listened.tell("set_pace", "a", Pace.SLOW)
    listened.work(3)
    listened.tell("set_pace", "a", Pace.FULL)
    listened.work_until(lambda: listened.last("a").status is Status.FINISHED)
    assert_one_loss_an_epoch(listened.reports["a"], tiny())


def test_last_report_has_final_pictures_numbers_and_a_checkpoint(listened):
    listened.submit("a", tiny())
    listened.work_to_rest()
    report = listened.last("a")
    training, _ = plain_run(tiny())
    assert (report.status, report.epoch, report.error) == (Status.FINISHED, 200, None)
    assert report.snapshot.epoch == 200
    assert report.snapshot.samples.shape == (10_000, 2)
    assert report.snapshot.journey.s.shape == (2, 1_000)
    assert report.evaluation == training.evaluate()
    assert report.evaluation.n == 20_000
    assert train(tiny(), checkpoint_from_bytes(report.checkpoint)).epoch == 200


def test_a_run_that_has_ended_is_forgotten(listened):
    listened.submit("a", tiny(epochs=3))
    listened.work_to_rest()
    assert not listened.worker.jobs
    assert not listened.worker.turns
    assert listened.worker.work() == []


def test_a_run_of_one_epoch_finishes(listened):
    listened.submit("a", tiny(epochs=1))
    listened.work()
    assert listened.last("a").status is Status.FINISHED
    assert_one_loss_an_epoch(listened.reports["a"], tiny(epochs=1))


def test_the_first_epochs_are_told_at_once(listened):
    listened.submit("a", endless())
    listened.work()
    assert 1 <= listened.last("a").epoch == len(listened.last("a").losses)
    assert listened.last("a").snapshot is None  # it would take as long again


def test_news_comes_five_times_a_second_with_pictures_in_between(listened):
    started = time.monotonic()
    listened.submit("a", endless())
    pictures: list[Report] = []

    def two_pictures() -> bool:
        pictures[:] = [report for report in listened.reports["a"][1:] if report.snapshot]
        return len(pictures) == 2

    listened.work_until(two_pictures)
    going = listened.reports["a"][1:]
    assert len(going) <= 1 + (time.monotonic() - started) / NEWS_EVERY
    for report in pictures:
        assert report.snapshot.epoch == report.epoch
        assert report.evaluation.n == 2_000


def test_every_report_in_slow_motion_has_a_picture(listened):
    listened.submit("a", tiny(epochs=400), Pace.SLOW)
    listened.worker.jobs["a"].slow_since -= 5.0
    listened.work_until(lambda: len(listened.reports["a"]) == 4)
    assert all(report.snapshot.epoch == report.epoch for report in listened.reports["a"])


# Fair turns.


def test_every_run_progresses_in_every_round(listened):
    configs = {"small": endless(), "middle": endless(layers=4, width=64), "large": endless(layers=6, width=128)}
    for run, config in configs.items():
        listened.submit(run, config)
    for _ in range(6):
        before = {run: listened.epoch(run) for run in configs}
        listened.work(len(configs))
        assert all(listened.epoch(run) > before[run] for run in configs), (before, listened.seen())
    for run in configs:  # a turn is a slice of time, not a number of epochs
        assert listened.worker.jobs[run].training.seconds > 6 * SLICE * 0.5


def test_a_paused_run_and_one_in_slow_motion_take_no_turn_from_the_others(listened):
    listened.submit("paused", endless(), paused=True)
    listened.submit("slow", tiny(epochs=1), Pace.SLOW)  # its only epoch is due after twenty seconds
    listened.submit("a", endless())
    listened.submit("b", endless())
    for _ in range(4):
        before = listened.epoch("a"), listened.epoch("b")
        listened.work(2)
        assert listened.epoch("a") > before[0]
        assert listened.epoch("b") > before[1]
    assert listened.epoch("paused") == 0


def test_runs_of_different_lengths_all_finish(listened):
    configs = {f"run {seed}": tiny(epochs=20 + 40 * seed, seed=seed) for seed in range(5)}
    for run, config in configs.items():
        listened.submit(run, config)
    listened.work_to_rest()
    for run, config in configs.items():
        assert listened.last(run).status is Status.FINISHED
        assert_one_loss_an_epoch(listened.reports[run], config)


# Commands.


def test_pause_reports_a_journey_and_an_evaluation_and_keeps_the_run_still(listened):
    listened.submit("a", endless())
    listened.work(3)
    (report,) = listened.tell("pause", "a")
    assert (report.status, report.epoch) == (Status.PAUSED, listened.epoch("a"))
    assert report.snapshot.epoch == report.epoch
    assert report.snapshot.journey.points.shape == (1_000, 2)
    assert report.evaluation.n == 2_000
    assert listened.worker.work() == []
    assert listened.epoch("a") == report.epoch


def test_a_run_may_be_paused_before_its_first_epoch(listened):
    listened.submit("a", tiny())
    (report,) = listened.tell("pause", "a")
    assert (report.status, report.epoch) == (Status.PAUSED, 0)
    listened.tell("resume", "a")
    listened.work_to_rest()
    assert_one_loss_an_epoch(listened.reports["a"], tiny())


def test_resume_says_so_at_once(listened):
    listened.submit("a", tiny())
    listened.work()
    listened.tell("pause", "a")
    (report,) = listened.tell("resume", "a")
    assert report.status is Status.RUNNING
    listened.work_to_rest()
    assert listened.last("a").status is Status.FINISHED


@pytest.mark.parametrize("pace", Pace)
@pytest.mark.parametrize("epochs", [1, 10, 110])
def test_step_pauses_exactly_at_its_epoch(listened, epochs, pace):
    listened.submit("a", tiny(), pace)
    listened.tell("pause", "a")
    for goal in (epochs, min(2 * epochs, 199)):
        (report,) = listened.tell("step", "a", goal - listened.epoch("a"))
        assert report.status is Status.RUNNING
        assert listened.worker.jobs["a"].due() == goal  # at once, in slow motion too
        listened.work_to_rest()
        assert (listened.last("a").status, listened.last("a").epoch) == (Status.PAUSED, goal)
        assert listened.last("a").snapshot.epoch == goal
    assert_one_loss_an_epoch(listened.reports["a"], tiny())


@pytest.mark.parametrize("epochs", [1, 2, 1_000])
def test_step_that_reaches_the_last_epoch_finishes(listened, epochs):
    listened.submit("a", tiny(epochs=3))
    listened.tell("pause", "a")
    listened.tell("step", "a", 2)
    listened.work_to_rest()
    listened.tell("step", "a", epochs)
    listened.work_to_rest()
    assert (listened.last("a").status, listened.last("a").epoch) == (Status.FINISHED, 3)
    assert_one_loss_an_epoch(listened.reports["a"], tiny(epochs=3))


def test_a_step_under_way_can_be_paused_and_is_then_forgotten(listened):
    listened.submit("a", tiny(), paused=True)
    listened.tell("step", "a", 150)
    listened.work()
    (report,) = listened.tell("pause", "a")
    assert report.status is Status.PAUSED
    assert 0 < report.epoch < 150
    listened.tell("resume", "a")
    listened.work_to_rest()
    assert (listened.last("a").status, listened.last("a").epoch) == (Status.FINISHED, 200)


@pytest.mark.parametrize("paused", [True, False])
def test_stop_ends_a_run_with_its_final_pictures_and_numbers(listened, paused):
    listened.submit("a", endless())
    listened.work(3)
    if paused:
        listened.tell("pause", "a")
    epoch = listened.epoch("a")
    (report,) = listened.tell("stop", "a")
    assert (report.status, report.epoch) == (Status.STOPPED, epoch)
    assert epoch > 0
    assert report.snapshot.latent.shape == (10_000, 2)
    assert report.snapshot.journey is not None
    assert report.evaluation.n == 20_000
    assert report.checkpoint
    assert len(listened.losses("a")) == epoch
    assert listened.worker.wait_seconds() is None


def test_stop_before_the_first_epoch(listened):
    listened.submit("a", tiny())
    (report,) = listened.tell("stop", "a")
    assert (report.status, report.epoch, len(report.losses)) == (Status.STOPPED, 0, 0)
    assert report.snapshot.samples.shape == (10_000, 2)
    assert report.evaluation.n == 20_000


@pytest.mark.parametrize("paused", [True, False])
def test_discard_forgets_a_run_without_a_word(listened, paused):
    listened.submit("a", endless(), paused=paused)
    assert listened.tell("discard", "a") == []
    assert not listened.worker.jobs
    assert listened.worker.wait_seconds() is None
    assert listened.worker.work() == []


COMMANDS = {"pause": (), "resume": (), "step": (5,), "stop": (), "set_pace": (Pace.SLOW,), "discard": ()}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_for_an_unknown_run_does_nothing(listened, command):
    listened.submit("a", tiny())
    assert listened.tell(command, "b", *COMMANDS[command]) == []
    assert list(listened.worker.jobs) == list(listened.worker.turns) == ["a"]


@pytest.mark.parametrize("command", ["resume", "step"])
def test_a_run_that_is_going_goes_on_when_told_to_resume_or_step(listened, command):
    listened.submit("a", tiny())
    (report,) = listened.tell(command, "a", *COMMANDS[command])
    assert report.status is Status.RUNNING
    assert list(listened.worker.turns) == ["a"]
    listened.work_to_rest()
    assert listened.last("a").status is Status.FINISHED
    assert_one_loss_an_epoch(listened.reports["a"], tiny())


def test_a_paused_run_that_is_paused_again_stays_as_it_is(listened):
    listened.submit("a", tiny(), paused=True)
    (report,) = listened.tell("pause", "a")
    assert (report.status, report.epoch) == (Status.PAUSED, 0)
    assert listened.worker.wait_seconds() is None


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_for_a_run_that_has_ended_does_nothing(listened, command):
    listened.submit("a", tiny(epochs=2))
    listened.work_to_rest()
    assert listened.tell(command, "a", *COMMANDS[command]) == []
    assert listened.worker.work() == []


# Checkpoints.


def test_checkpoints_come_only_now_and_then(listened):
    listened.submit("a", endless())
    job = listened.worker.jobs["a"]

    def next_report(*, since: float, cost: float) -> Report:
        """What comes next where the last checkpoint is so long ago and has cost so much (seconds)."""
        job.checkpointed, job.checkpoint_cost = time.monotonic() - since, cost
        count = len(listened.reports["a"])
        listened.work_until(lambda: len(listened.reports["a"]) > count)
        return listened.last("a")

    assert next_report(since=-1e6, cost=0.0).checkpoint is None  # however slow this machine is
    for since, cost in ((CHECKPOINT_EVERY, 0.0), (CHECKPOINT_AT_LAST, 1e6)):
        report = next_report(since=since, cost=cost)
        assert checkpoint_from_bytes(report.checkpoint)["epoch"] == report.epoch
        assert job.checkpoint_cost < 1e6  # what this one has cost


@pytest.mark.parametrize(
    ("since", "cost", "due"),
    [
        (CHECKPOINT_EVERY - 1, 0.0, False),
        (CHECKPOINT_EVERY, 0.0, True),
        (CHECKPOINT_EVERY, 1e6, False),
        (CHECKPOINT_AT_LAST, 1e6, True),
    ],
)
def test_a_dear_checkpoint_waits_longer_but_not_for_ever(listened, monkeypatch, since, cost, due):
    listened.submit("a", endless())
    job = listened.worker.jobs["a"]
    now = time.monotonic()
    job.checkpointed, job.checkpoint_cost = now - since, cost
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert listened.worker._checkpoint_is_due(job) is due


@pytest.mark.parametrize("paused", [True, False])
def test_a_run_goes_on_from_a_checkpoint_to_the_same_numbers(listened, paused):
    training = train(tiny())
    training.advance(50)
    (report,) = listened.tell("submit", "a", tiny(), Pace.FULL, checkpoint_to_bytes(training.checkpoint()), paused)
    assert (report.status, report.epoch) == (Status.PAUSED if paused else Status.RUNNING, 50)
    assert report.snapshot.epoch == 50
    assert len(report.losses) == 0
    if paused:
        assert listened.worker.wait_seconds() is None
        listened.tell("resume", "a")
    listened.work_to_rest()
    assert np.array_equal(listened.losses("a"), plain_losses(tiny())[50:])


def test_a_run_that_is_trained_further_begins_with_a_frame_and_goes_on_in_the_film_of_all_epochs(listened):
    config = tiny(epochs=100, further=100)
    training = train(tiny(epochs=100))
    list(training)
    listened.tell("submit", "a", config, Pace.FULL, checkpoint_to_bytes(training.checkpoint()), False)
    assert listened.worker.jobs["a"].due() == 200
    listened.work_to_rest()
    assert (listened.last("a").status, listened.last("a").epoch) == (Status.FINISHED, 200)
    assert np.array_equal(listened.losses("a"), plain_losses(config)[100:])
    frames = [frame.epoch for report in listened.reports["a"] for frame in report.film]
    assert frames == sorted({100, *(epoch for epoch in film_epochs(200) if epoch > 100)})
    assert len(frames) > 10


def test_a_run_that_has_nothing_left_to_train_finishes_at_once(listened):
    training = train(tiny(epochs=20))
    list(training)
    listened.tell("submit", "a", tiny(epochs=20), Pace.FULL, checkpoint_to_bytes(training.checkpoint()), False)
    listened.work_to_rest()
    assert (listened.last("a").status, listened.last("a").epoch) == (Status.FINISHED, 20)
    assert len(listened.losses("a")) == 0
    assert listened.last("a").evaluation == training.evaluate()


# Failures.


def test_a_diverging_run_fails_and_keeps_its_last_good_pictures(listened):
    training = train(diverging_late())
    with pytest.raises(DivergedError) as diverged:
        list(training)
    listened.submit("a", diverging_late())
    listened.work_to_rest()
    report = listened.last("a")
    assert report.status is Status.FAILED
    assert report.error == str(diverged.value)
    assert report.epoch == report.snapshot.epoch == diverged.value.kept_epoch
    assert np.array_equal(report.snapshot.latent, training.snapshot(10_000).latent)
    assert np.isfinite(report.snapshot.latent).all()
    assert report.evaluation == training.evaluate()
    # The losses tell the whole story, up to the last that is a number.
    assert np.array_equal(listened.losses("a"), plain_losses(diverging_late()))
    assert len(listened.losses("a")) == diverged.value.epoch - 1
    assert report.checkpoint is None  # its optimiser is not that of the weights it kept
    assert not listened.worker.jobs


def test_a_failure_leaves_the_other_runs_alone(listened):
    listened.submit("good", tiny())
    listened.submit("bad", diverging())
    listened.work_to_rest()
    assert listened.last("bad").status is Status.FAILED
    assert_one_loss_an_epoch(listened.reports["good"], tiny())


def test_a_device_that_is_absent_fails_with_its_name(listened):
    (report,) = listened.submit("a", tiny(device=ABSENT_DEVICE))
    assert (report.status, report.epoch, len(report.losses)) == (Status.FAILED, 0, 0)
    assert ABSENT_DEVICE in report.error
    assert "choose one of" in report.error
    assert not listened.worker.jobs


def test_a_checkpoint_of_another_config_fails(listened):
    checkpoint = checkpoint_to_bytes(train(tiny()).checkpoint())
    (report,) = listened.tell("submit", "a", tiny(seed=1), Pace.FULL, checkpoint, False)
    assert report.status is Status.FAILED
    assert "checkpoint" in report.error


def test_a_notice_of_the_training_is_reported(listened):
    listened.submit("a", tiny())
    assert listened.last("a").notice is None
    listened.worker.jobs["a"].training.static = True  # as on a GPU; a CUDA graph of it fails on the CPU
    listened.work_to_rest()
    assert "CUDA graph" in listened.last("a").notice
    assert listened.last("a").status is Status.FINISHED
    assert len(listened.losses("a")) == 200


# Slow motion.


@pytest.mark.parametrize("place", [0.0, 0.1, 0.25, 0.5, 0.9])
def test_in_slow_motion_the_epoch_due_grows_with_the_square_of_time(listened, place):
    listened.submit("a", endless(), Pace.SLOW)
    job = listened.worker.jobs["a"]
    job.slow_since = (now := time.monotonic()) - place * SLOW_SECONDS
    due = job.due()
    late = (time.monotonic() - now) / SLOW_SECONDS
    assert int(50_000 * place**2) - 1 <= due <= 50_000 * (place + late) ** 2


@pytest.mark.parametrize("seconds", [SLOW_SECONDS, SLOW_SECONDS + 1, 1e6])
def test_in_slow_motion_no_epoch_is_due_beyond_the_last(listened, seconds):
    listened.submit("a", tiny(), Pace.SLOW)
    listened.worker.jobs["a"].slow_since -= seconds
    assert listened.worker.jobs["a"].due() == 200
    listened.work_to_rest()
    assert (listened.last("a").status, listened.last("a").epoch) == (Status.FINISHED, 200)


def test_at_full_speed_all_epochs_are_due(listened):
    listened.submit("a", tiny())
    assert listened.worker.jobs["a"].due() == 200


@pytest.mark.parametrize("done", [0, 7, 100, 150, 199])
def test_changing_to_slow_motion_goes_on_from_where_the_run_is(listened, done):
    listened.submit("a", tiny(), paused=True)
    if done:
        listened.tell("step", "a", done)
        listened.work_to_rest()
    listened.tell("resume", "a")
    started = time.monotonic()
    listened.tell("set_pace", "a", Pace.SLOW)
    due = listened.worker.jobs["a"].due()
    place = (done / 200) ** 0.5 + (time.monotonic() - started) / SLOW_SECONDS
    assert done - 1 <= due <= 200 * place**2
    listened.worker.jobs["a"].slow_since -= 1.0
    assert done < listened.worker.jobs["a"].due() + (done == 0)  # one second on; the first epoch takes longer
    listened.tell("set_pace", "a", Pace.FULL)
    assert listened.worker.jobs["a"].due() == 200


def test_a_pause_in_slow_motion_does_not_make_the_run_jump(listened):
    listened.submit("a", tiny(), Pace.SLOW)
    listened.tell("pause", "a")
    listened.worker.jobs["a"].slow_since -= 10.0  # as if ten seconds had gone by
    resumed = time.monotonic()
    listened.tell("resume", "a")
    due = listened.worker.jobs["a"].due()
    assert due <= 200 * ((time.monotonic() - resumed) / SLOW_SECONDS) ** 2


def test_a_paused_run_keeps_the_pace_it_is_given(listened):
    listened.submit("a", tiny(), paused=True)
    listened.tell("set_pace", "a", Pace.SLOW)
    assert listened.worker.wait_seconds() is None
    resumed = time.monotonic()
    listened.tell("resume", "a")
    due = listened.worker.jobs["a"].due()
    assert due <= 200 * ((time.monotonic() - resumed) / SLOW_SECONDS) ** 2


def test_wait_is_none_for_no_work_0_for_work_and_a_moment_in_slow_motion(listened):
    assert listened.worker.wait_seconds() is None
    listened.submit("slow", tiny(epochs=1), Pace.SLOW)  # its only epoch is due after twenty seconds
    assert 0 < listened.worker.wait_seconds() < SLICE
    listened.submit("full", endless())
    assert listened.worker.wait_seconds() == 0
    listened.tell("pause", "full")
    assert 0 < listened.worker.wait_seconds() < SLICE
    listened.tell("step", "full", 5)
    assert listened.worker.wait_seconds() == 0
    listened.tell("discard", "full")
    listened.tell("stop", "slow")
    assert listened.worker.wait_seconds() is None


def test_reports_are_frozen_in_time(listened):
    """What a report holds does not change as the training goes on."""
    listened.submit("a", tiny(seed=3))
    listened.work(2)
    (report,) = listened.tell("pause", "a")
    kept = report.snapshot.latent.copy(), report.losses.copy()
    listened.tell("resume", "a")
    listened.work_to_rest()
    assert np.array_equal(report.snapshot.latent, kept[0])
    assert np.array_equal(report.losses, kept[1])


# The film.


@pytest.mark.parametrize("epochs", [1, 50, 1000, 50_000])
def test_a_film_goes_from_the_first_epoch_to_the_last_with_more_of_the_early_ones(epochs):
    frames = sorted(film_epochs(epochs))
    assert (frames[0], frames[-1]) == (0, epochs)
    assert len(frames) == len(set(frames)) <= FILM_FRAMES
    assert len(frames) >= min(epochs, FILM_FRAMES // 2)
    if epochs > 100:
        assert sum(epoch < epochs / 4 for epoch in frames) >= len(frames) / 3


def test_a_run_reports_every_frame_of_its_film_once():
    listened = Listened()
    listened.submit("a", tiny())
    listened.work_to_rest()
    frames = [frame for report in listened.reports["a"] for frame in report.film]
    assert [frame.epoch for frame in frames] == sorted(film_epochs(200))
    assert np.array_equal(frames[0].latent, listened.reports["a"][0].snapshot.latent[: len(frames[0].latent)])
    assert np.array_equal(frames[-1].latent, listened.last("a").snapshot.latent[: len(frames[-1].latent)])
    assert np.abs(frames[-1].latent - frames[0].latent).max() > 0.1


def test_a_run_that_is_stopped_has_its_end_filmed():
    listened = Listened()
    listened.submit("a", endless())
    listened.work_until(lambda: listened.epoch("a") > 20)
    listened.tell("stop", "a")
    frames = [frame.epoch for report in listened.reports["a"] for frame in report.film]
    assert frames == sorted(set(frames))
    assert (frames[0], frames[-1]) == (0, listened.last("a").epoch)


def test_each_picture_comes_with_the_weights_that_it_was_made_of():
    listened = Listened()
    listened.submit("a", tiny())
    listened.work_to_rest()
    training, _ = plain_run(tiny())
    weights = listened.last("a").snapshot.weights
    assert all(np.array_equal(weights[name], value.numpy()) for name, value in training.flow.state_dict().items())
