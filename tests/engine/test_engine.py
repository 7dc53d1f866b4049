"""The engine with real worker processes. Starting one takes seconds, so most tests share an engine."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import AuthenticationError, Pipe
from multiprocessing.connection import Client

import numpy as np
import psutil
import pytest
from runs import ABSENT_DEVICE, diverging, endless, plain_losses, plain_run, tiny, until

from realnvp.config import TrainingConfig
from realnvp.engine.engine import MOST_RESTARTS, Engine
from realnvp.engine.process import PROJECT, WorkerProcess
from realnvp.engine.report import Pace, Report, Status
from realnvp.engine.run import SHORTEST_RATE_SECONDS, Run
from realnvp.engine.view import RunView
from realnvp.training import Training

SNAPSHOT_ARRAYS = ("input", "labels", "latent", "samples", "back")
JOURNEY_ARRAYS = ("points", "s", "t")
# In slow motion the fifth of 400 epochs is due after 2.2 seconds, and a checkpoint after 2.
SLOW_EPOCHS, CHECKPOINTED = 400, 5


class Runs:
    """Starts runs on an engine and waits for what becomes of them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.tokens: list[str] = []

    def start(self, config: TrainingConfig, **options: object) -> str:
        self.tokens.append(self.engine.submit(config, **options))
        return self.tokens[-1]

    def wait(self, token: str, condition: Callable[[RunView], bool]) -> RunView:
        """The first view for which the condition holds."""

        def met() -> RunView | None:
            view = self.engine.view(token)
            return view if condition(view) else None

        def look() -> str:
            v = self.engine.view(token)
            return f"{v.status} at epoch {v.epoch}, notice {v.notice!r}, error {v.error!r}"

        return until(met, look)

    def wait_for(self, token: str, status: Status) -> RunView:
        return self.wait(token, lambda view: view.status is status)

    def wait_for_epoch(self, token: str, epoch: int) -> RunView:
        return self.wait(token, lambda view: view.epoch >= epoch)

    def wait_until_idle(self) -> None:
        """Until the workers use no processor time."""
        workers = [psutil.Process(pid) for pid in self.engine.worker_pids]
        use = [100.0]

        def idle() -> bool:
            use[:] = [worker.cpu_percent(interval=0.2) for worker in workers]
            return max(use) < 10

        until(idle, lambda: use)

    def forget(self) -> None:
        for token in self.tokens:
            self.engine.discard(token)


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[Engine]:
    engine = Engine(2)
    yield engine
    engine.close()


@pytest.fixture
def runs(shared_engine) -> Iterator[Runs]:
    """Runs on two workers that nobody kills."""
    runs = Runs(shared_engine)
    yield runs
    runs.forget()


@pytest.fixture(scope="module")
def fragile_engine() -> Iterator[Engine]:
    engine = Engine(1)
    yield engine
    engine.close()


@pytest.fixture
def mortal(fragile_engine) -> Iterator[Runs]:
    """Runs on one worker, which tests kill."""
    runs = Runs(fragile_engine)
    yield runs
    runs.forget()


def kill_worker(engine: Engine) -> None:
    """Kills the only worker and waits for another in its place."""
    (pid,) = engine.worker_pids
    os.kill(pid, signal.SIGKILL)
    until(lambda: engine.worker_pids != [pid], lambda: engine.worker_pids)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(pids: list[int]) -> None:
    until(lambda: not any(map(is_alive, pids)), lambda: [pid for pid in pids if is_alive(pid)])


def assert_same_pictures(view: RunView, training: Training) -> None:
    expected = training.snapshot(10_000)
    for name in SNAPSHOT_ARRAYS:
        assert np.array_equal(getattr(view.snapshot, name), getattr(expected, name)), name


# A run from its start to its end.


def test_a_run_gives_the_numbers_of_training_in_this_process(runs):
    config = tiny(epochs=300, dataset="two_moons", noise=0.08, seed=5)
    token = runs.start(config)
    view = runs.wait_for(token, Status.FINISHED)
    training, losses = plain_run(config)
    assert np.array_equal(view.losses, losses)
    assert view.epoch == 300
    assert view.evaluation == training.evaluate()
    assert_same_pictures(view, training)
    assert view.snapshot.journey.s.shape == (2, 1_000)
    assert view.parameters == sum(p.numel() for p in training.parameters)
    assert (view.token, view.device, view.error, view.notice) == (token, "cpu", None, None)
    assert 0 < view.seconds < 60


def test_a_notice_from_the_worker_reaches_the_view_and_stays():
    run = Run("a", tiny(), Pace.FULL, WorkerProcess("nowhere", b""), leased=True, seen=0.0)
    run.take(Report("a", Status.RUNNING, 1, np.ones(1, np.float32), 0.1, notice="This run takes longer."))
    run.take(Report("a", Status.RUNNING, 2, np.ones(1, np.float32), 0.2))
    assert run.view().notice == "This run takes longer."


def test_a_new_run_is_known_at_once_and_soon_shows_epoch_0(runs):
    token = runs.start(endless())
    view = runs.engine.view(token)
    assert view.status in (Status.STARTING, Status.RUNNING)
    assert view.losses.shape == (view.epoch,)
    assert runs.wait(token, lambda v: v.snapshot is not None).snapshot.latent.shape == (1_000, 2)


def test_settings_arrive_intact(runs):
    config = tiny(
        dataset="two_moons",
        noise=0.2,
        layers=3,
        width=9,
        depth=1,
        epochs=20,
        batch_size=64,
        lr=0.003,
        schedule="constant",
        clip_norm=0.5,
        max_log_scale=1.5,
        conditioner="separate",
        initialisation="default",
        seed=1_000_000_000,
    )
    view = runs.wait_for(runs.start(config), Status.FINISHED)
    assert view.config == config
    assert np.array_equal(view.losses, plain_losses(config))


def test_every_view_has_one_loss_an_epoch_and_only_ever_more(runs):
    token = runs.start(tiny(epochs=600))
    views = [runs.engine.view(token)]

    def finished() -> bool:
        views.append(runs.engine.view(token))
        return views[-1].status is Status.FINISHED

    until(finished, lambda: views[-1].epoch)
    assert all(view.losses.shape == (view.epoch,) for view in views)
    assert all(old.epoch <= new.epoch for old, new in pairwise(views))
    assert any(0 < view.epoch < 600 for view in views)
    for view in views:
        assert np.array_equal(view.losses, plain_losses(tiny(epochs=600))[: view.epoch])


def test_a_diverging_run_fails_with_its_message(runs):
    view = runs.wait_for(runs.start(diverging()), Status.FAILED)
    assert "diverged" in view.error
    assert "learning rate" in view.error
    assert view.snapshot.epoch == view.epoch
    assert np.isfinite(view.losses).all()
    assert view.notice is None


def test_an_absent_device_fails_with_its_name(runs):
    view = runs.wait_for(runs.start(tiny(device=ABSENT_DEVICE)), Status.FAILED)
    assert ABSENT_DEVICE in view.error


# Pause, resume, step, stop, pace.


def test_pause_step_resume_give_the_numbers_of_an_unbroken_run(runs):
    token = runs.start(config := endless(seed=2))
    runs.wait_for_epoch(token, 1)
    runs.engine.pause(token)
    paused = runs.wait_for(token, Status.PAUSED)
    assert paused.snapshot.epoch == paused.epoch
    assert paused.snapshot.journey is not None
    runs.engine.step(token, 30)
    stepped = runs.wait(token, lambda v: v.status is Status.PAUSED and v.epoch > paused.epoch)
    assert stepped.epoch == paused.epoch + 30
    assert stepped.snapshot.epoch == stepped.epoch
    runs.engine.resume(token)
    runs.wait_for_epoch(token, stepped.epoch + 1)
    runs.engine.stop(token)
    view = runs.wait_for(token, Status.STOPPED)
    assert view.epoch > stepped.epoch
    assert np.array_equal(view.losses, plain_losses(config, view.epoch))


def test_a_run_is_going_while_news_can_come(runs):
    token = runs.start(endless())
    assert runs.engine.view(token).going
    assert runs.wait_for_epoch(token, 1).going
    runs.engine.pause(token)
    view = runs.wait_for(token, Status.PAUSED)
    assert not view.going
    for command, status in (("pause", Status.PAUSED), ("resume", Status.RUNNING), ("stop", Status.STOPPED)):
        getattr(runs.engine, command)(token)
        view = runs.engine.view(token)
        assert view.going or view.status is status  # at once
        view = runs.wait(token, lambda v: not v.awaited)
        assert view.status is status
        assert view.going == (status is Status.RUNNING)
    runs.engine.pause(token)  # it is over: no answer will come
    assert not runs.engine.view(token).going


def test_a_run_may_be_told_what_to_do_before_it_has_begun(runs):
    token = runs.start(endless())
    runs.engine.pause(token)
    runs.engine.step(token, 3)
    assert runs.wait(token, lambda v: v.status is Status.PAUSED and v.epoch >= 3).losses.shape[0] >= 3


def test_stop_ends_a_run_with_its_final_pictures_and_numbers(runs):
    token = runs.start(endless())
    runs.wait_for_epoch(token, 1)
    runs.engine.stop(token)
    view = runs.wait_for(token, Status.STOPPED)
    assert 0 < view.epoch == view.snapshot.epoch == len(view.losses)
    assert view.snapshot.samples.shape == (10_000, 2)
    assert view.evaluation.n == 20_000
    runs.engine.resume(token)  # over is over
    runs.engine.step(token, 5)
    other = runs.start(tiny(epochs=1))
    runs.wait_for(other, Status.FINISHED)
    assert runs.engine.view(token).epoch == view.epoch
    assert runs.engine.view(token).status is Status.STOPPED


def test_slow_motion_lasts_and_full_speed_ends_it(runs):
    token = runs.start(tiny(epochs=SLOW_EPOCHS), pace=Pace.SLOW)
    view = runs.wait_for_epoch(token, 1)
    assert view.pace is Pace.SLOW
    assert view.epoch < 40  # full speed would be far beyond
    changed = time.monotonic()
    runs.engine.set_pace(token, Pace.FULL)
    assert runs.engine.view(token).pace is Pace.FULL
    view = runs.wait_for(token, Status.FINISHED)
    assert time.monotonic() - changed < 10  # slow motion would need 18 more
    assert np.array_equal(view.losses, plain_losses(view.config))


# Many runs.


def test_two_runs_progress_at_the_same_time(runs):
    first, second = runs.start(endless()), runs.start(endless(width=64))
    begun = [runs.wait_for_epoch(token, 1).epoch for token in (first, second)]
    for token, epoch in zip((first, second), begun, strict=True):
        assert runs.wait_for_epoch(token, epoch + 20).status is Status.RUNNING


def test_runs_from_many_threads_all_finish_with_their_own_numbers(runs):
    configs = [tiny(seed=seed, epochs=100 + seed) for seed in range(8)]

    def train_in_a_thread(config: TrainingConfig) -> RunView:
        token = runs.start(config)
        runs.engine.pause(token)
        runs.engine.step(token, 10)
        runs.wait(token, lambda v: v.status is Status.PAUSED and v.epoch >= 10)
        runs.engine.resume(token)
        return runs.wait_for(token, Status.FINISHED)

    with ThreadPoolExecutor(8) as pool:
        views = list(pool.map(train_in_a_thread, configs))
    for config, view in zip(configs, views, strict=True):
        assert view.config == config
        assert np.array_equal(view.losses, plain_losses(config))


def test_runs_are_spread_over_the_workers(runs):
    """Two runs on two workers use the processor time of both."""
    tokens = [runs.start(endless()) for _ in range(2)]
    for token in tokens:
        runs.wait_for_epoch(token, 1)
    workers = [psutil.Process(pid) for pid in runs.engine.worker_pids]
    assert len(workers) == 2
    before = [worker.cpu_times().user for worker in workers]

    def used() -> list[float]:
        return [worker.cpu_times().user - b for worker, b in zip(workers, before, strict=True)]

    until(lambda: min(used()) > 0.3, used)


# Tokens and views.


def test_tokens_are_distinct_and_cannot_be_guessed(runs):
    tokens = [runs.start(tiny(epochs=1)) for _ in range(20)]
    assert len(set(tokens)) == 20
    assert all(len(token) >= 22 for token in tokens)  # 128 bits in base 64


def test_an_unknown_token_has_no_view_and_its_commands_are_ignored(runs):
    for command, *arguments in (
        ("pause",),
        ("resume",),
        ("step", 5),
        ("stop",),
        ("set_pace", Pace.SLOW),
        ("discard",),
    ):
        getattr(runs.engine, command)("nobody's", *arguments)
    assert runs.engine.view("nobody's") is None
    runs.wait_for(runs.start(tiny(epochs=1)), Status.FINISHED)  # the workers have not noticed


def test_a_discarded_run_is_unknown_and_trained_no_more(runs):
    token = runs.start(endless())
    runs.wait_for_epoch(token, 1)
    runs.engine.discard(token)
    assert runs.engine.view(token) is None
    runs.engine.discard(token)
    runs.wait_until_idle()


def overwrite(array: np.ndarray) -> None:
    """Tries to; an array that may not be written to is as good as a copy."""
    if array.flags.writeable:
        array[:] = 99


def test_changing_the_losses_of_a_view_changes_no_other_view(runs):
    token = runs.start(tiny(epochs=20))
    overwrite(runs.wait_for(token, Status.FINISHED).losses)
    assert np.array_equal(runs.engine.view(token).losses, plain_losses(tiny(epochs=20)))


def test_changing_the_pictures_of_a_view_changes_no_other_view(runs):
    token = runs.start(tiny(epochs=20))
    snapshot = runs.wait_for(token, Status.FINISHED).snapshot
    for name in SNAPSHOT_ARRAYS:
        overwrite(getattr(snapshot, name))
    for name in JOURNEY_ARRAYS:
        overwrite(getattr(snapshot.journey, name))
    training, _ = plain_run(tiny(epochs=20))
    assert_same_pictures(runs.engine.view(token), training)
    journey, expected = runs.engine.view(token).snapshot.journey, training.snapshot(1_000).journey
    for name in JOURNEY_ARRAYS:
        assert np.array_equal(getattr(journey, name), getattr(expected, name)), name


# Speed.


def test_the_rate_is_that_at_which_epochs_come(runs):
    token = runs.start(endless())
    first = runs.wait(token, lambda v: v.epochs_per_second)
    started = time.monotonic()
    second = runs.wait(token, lambda v: v.epoch > first.epoch and time.monotonic() - started > 1.5)
    seen = (second.epoch - first.epoch) / (time.monotonic() - started)
    assert seen / 3 < second.epochs_per_second < seen * 3
    assert second.seconds_left == pytest.approx((50_000 - second.epoch) / second.epochs_per_second)
    assert second.seconds > first.seconds


def test_a_run_that_stands_has_no_rate(runs):
    token = runs.start(endless())
    runs.wait(token, lambda v: v.epochs_per_second)
    runs.engine.pause(token)
    view = runs.wait_for(token, Status.PAUSED)
    assert view.epochs_per_second is None
    assert view.seconds_left is None
    runs.engine.stop(token)
    assert runs.wait_for(token, Status.STOPPED).epochs_per_second is None


def test_a_pause_does_not_count_in_the_rate(runs):
    """Right after a pause there is no rate yet, rather than one of 0."""
    token = runs.start(endless())
    runs.wait_for_epoch(token, 1)
    runs.engine.pause(token)
    runs.wait_for(token, Status.PAUSED)
    paused = time.monotonic()
    until(lambda: time.monotonic() - paused > 2 * SHORTEST_RATE_SECONDS, time.monotonic)
    runs.engine.resume(token)
    view = runs.wait_for(token, Status.RUNNING)
    assert view.epochs_per_second is None or view.epochs_per_second > 0


def test_devices_are_those_the_workers_found(runs):
    runs.wait_for(runs.start(tiny(epochs=1)), Status.FINISHED)
    assert "cpu" in runs.engine.devices
    assert ABSENT_DEVICE not in runs.engine.devices


# Leases.


def test_a_run_nobody_looks_at_is_forgotten_and_others_stay():
    engine = Engine(1, lease_seconds=2.0)
    try:
        runs = Runs(engine)
        looked_at, kept = runs.start(endless()), runs.start(endless(), leased=False)
        unseen, finished = runs.start(endless()), runs.start(tiny(epochs=1))
        started = time.monotonic()
        views = []

        def two_leases_later() -> bool:
            views.append(engine.view(looked_at))
            return time.monotonic() - started > 4.0

        until(two_leases_later, lambda: views[-1])
        assert all(views)
        assert engine.view(unseen) is None
        assert engine.view(finished) is None
        for token in (looked_at, kept):
            runs.wait_for_epoch(token, engine.view(token).epoch + 1)
    finally:
        engine.close()


# Workers that die.


@dataclass
class Aftermath:
    """A worker was killed: these runs were on it, and another has their place."""

    runs: Runs
    going: str
    paused: str
    stepping: str  # far from the end of its step
    finished: str
    before: dict[str, RunView]
    after: dict[str, RunView]


@pytest.fixture(scope="module")
def aftermath(fragile_engine) -> Aftermath:
    runs = Runs(fragile_engine)
    finished = runs.start(tiny())
    runs.wait_for(finished, Status.FINISHED)
    paused, stepping = runs.start(endless(seed=1)), runs.start(endless(seed=2))
    for token in (paused, stepping):
        runs.wait_for_epoch(token, 1)
        runs.engine.pause(token)
        runs.wait_for(token, Status.PAUSED)
    runs.engine.step(stepping, 40_000)
    going = runs.start(tiny(epochs=SLOW_EPOCHS), pace=Pace.SLOW)
    runs.wait_for_epoch(going, CHECKPOINTED)
    before = {token: runs.engine.view(token) for token in runs.tokens}
    kill_worker(runs.engine)
    after = {token: runs.engine.view(token) for token in runs.tokens}
    return Aftermath(runs, going, paused, stepping, finished, before, after)


def test_after_a_kill_a_run_goes_on_from_its_checkpoint_to_the_same_numbers(aftermath):
    runs, token = aftermath.runs, aftermath.going
    view = aftermath.after[token]
    assert view.status is Status.RUNNING
    assert 0 < view.epoch == len(view.losses)
    assert f"epoch {view.epoch:,}" in view.notice
    runs.engine.set_pace(token, Pace.FULL)
    seen = []

    def finished(v: RunView) -> bool:
        seen.append((v.epoch, len(v.losses)))
        return v.status is Status.FINISHED

    view = runs.wait(token, finished)
    assert all(epoch == losses for epoch, losses in seen)
    training, losses = plain_run(view.config)
    assert np.array_equal(view.losses, losses)
    assert view.evaluation == training.evaluate()
    assert_same_pictures(view, training)
    assert view.notice


def test_after_a_kill_a_paused_run_is_still_paused_and_can_go_on(aftermath):
    runs, token = aftermath.runs, aftermath.paused
    view = aftermath.after[token]
    assert view.status is Status.PAUSED
    assert view.notice
    assert len(view.losses) == view.epoch <= aftermath.before[token].epoch
    runs.engine.step(token, 5)
    stepped = runs.wait(token, lambda v: v.status is Status.PAUSED and v.epoch == view.epoch + 5)
    assert np.array_equal(stepped.losses, plain_losses(stepped.config, stepped.epoch))
    runs.engine.resume(token)
    runs.wait_for_epoch(token, stepped.epoch + 1)
    runs.engine.discard(token)


def test_after_a_kill_a_run_that_was_stepped_pauses(aftermath):
    assert aftermath.before[aftermath.stepping].status is Status.RUNNING
    view = aftermath.runs.wait_for(aftermath.stepping, Status.PAUSED)
    assert len(view.losses) == view.epoch < 40_000


def test_after_a_kill_a_finished_run_keeps_its_results(aftermath):
    before, view = aftermath.before[aftermath.finished], aftermath.runs.engine.view(aftermath.finished)
    assert (view.status, view.epoch, view.notice) == (Status.FINISHED, 200, None)
    assert np.array_equal(view.losses, before.losses)
    assert np.array_equal(view.snapshot.latent, before.snapshot.latent)
    assert view.evaluation == before.evaluation


def test_a_worker_killed_before_it_has_connected_is_replaced_and_its_runs_do_what_they_were_told():
    engine = Engine(1)
    try:
        runs = Runs(engine)
        going = runs.start(tiny())
        paused, stepped, stopped = (runs.start(endless(seed=seed)) for seed in range(3))
        engine.pause(paused)
        engine.pause(stepped)
        engine.step(stepped, 3)
        engine.stop(stopped)
        kill_worker(engine)
        view = runs.wait_for(going, Status.FINISHED)
        assert view.notice
        assert np.array_equal(view.losses, plain_losses(tiny()))
        runs.wait_for(paused, Status.PAUSED)
        runs.wait_for(stepped, Status.PAUSED)
        runs.wait_for(stopped, Status.STOPPED)
    finally:
        engine.close()


def test_a_full_classroom_outlives_its_worker():
    """Many checkpoints go to the new worker while it sends as many pictures back."""
    engine = Engine(1)
    try:
        runs = Runs(engine)
        configs = [tiny(layers=6, width=64, epochs=SLOW_EPOCHS, seed=seed) for seed in range(8)]
        tokens = [runs.start(config, pace=Pace.SLOW) for config in configs]
        for token in tokens:
            runs.wait_for_epoch(token, CHECKPOINTED)
        kill_worker(engine)
        revived = {token: engine.view(token).epoch for token in tokens}
        assert min(revived.values()) > 0
        for token in tokens:
            runs.wait_for_epoch(token, revived[token] + 1)
        views = [engine.view(token) for token in tokens]
        assert all(view.status is Status.RUNNING for view in views)
        assert np.array_equal(views[-1].losses, plain_losses(configs[-1], views[-1].epoch))
    finally:
        engine.close()


def test_a_run_whose_worker_dies_again_and_again_fails(mortal):
    token = mortal.start(endless())
    for _ in range(MOST_RESTARTS):
        kill_worker(mortal.engine)
    mortal.wait(token, lambda v: v.epochs_per_second)
    assert mortal.engine.view(token).notice
    os.kill(mortal.engine.worker_pids[0], signal.SIGSTOP)
    mortal.engine.pause(token)  # which the worker does not live to hear
    kill_worker(mortal.engine)
    view = mortal.engine.view(token)
    assert view.status is Status.FAILED
    assert "ended again and again" in view.error
    assert len(view.losses) == view.epoch
    assert view.epochs_per_second is None
    assert view.seconds_left is None
    assert not view.going


# Who may connect.


def test_a_stranger_cannot_connect_and_keeps_no_worker_out(mortal):
    kill_worker(mortal.engine)  # the next one takes seconds to connect: strangers come first
    address = psutil.Process(mortal.engine.worker_pids[0]).cmdline()[-1]
    with pytest.raises(AuthenticationError):
        Client(address, authkey=b"a guess")
    Client(address).close()  # one who hangs up without a word
    mortal.wait_for(mortal.start(tiny(epochs=1)), Status.FINISHED)


def test_a_process_that_dies_as_it_connects_is_no_error():
    here, there = Pipe()
    there.close()
    worker = WorkerProcess("/nowhere", b"key")
    try:
        worker.send("discard", "a")
        worker.connected(here)
        worker.send("discard", "b")
    finally:
        worker.close()


# The end.


def test_the_next_worker_starts_when_the_one_before_has_connected():
    engine = Engine(2)
    try:
        assert len(engine.worker_pids) == 1
        until(lambda: len(engine.worker_pids) == 2, lambda: engine.worker_pids)
        assert engine.devices
    finally:
        engine.close()


@pytest.mark.parametrize(("n_workers", "training"), [(1, True), (2, False)])
def test_close_ends_all_workers_and_may_be_called_twice(n_workers, training):
    engine = Engine(n_workers)
    try:
        runs = Runs(engine)
        token = runs.start(endless())
        if training:
            runs.wait_for_epoch(token, 1)
    finally:
        pids = engine.worker_pids
        started = time.monotonic()
        engine.close()
    assert time.monotonic() - started < 4  # they are told to end, not waited for
    assert 1 <= len(pids) <= n_workers  # they start one after the other
    assert not any(map(is_alive, pids))
    engine.close()
    assert engine.worker_pids == pids  # nothing is started any more


SERVER = """
import signal, sys, time
from realnvp.config import TrainingConfig
from realnvp.engine.engine import Engine

signal.signal(signal.SIGINT, signal.default_int_handler)
engine = Engine(1)
token = engine.submit(TrainingConfig(layers=2, width=8, epochs=50_000))
while sys.argv[1] == "training" and not engine.view(token).epoch:
    time.sleep(0.02)
print(*engine.worker_pids, flush=True)
time.sleep(600)
"""


def kill(server: subprocess.Popen) -> None:
    server.kill()


def press_ctrl_c(server: subprocess.Popen) -> None:
    os.killpg(server.pid, signal.SIGINT)  # as a terminal does, to the workers as well


@pytest.mark.parametrize(("end", "moment"), [(kill, "training"), (kill, "starting"), (press_ctrl_c, "training")])
def test_workers_end_with_the_server(end, moment):
    command = [sys.executable, "-c", SERVER, moment]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, start_new_session=True) as server:
        pids = [int(pid) for pid in server.stdout.readline().split()]
        try:
            assert len(pids) == 1
            assert is_alive(pids[0])
            end(server)
            server.wait(30)
            wait_until_gone(pids)
        finally:
            for process in (server.pid, *pids):
                if is_alive(process):
                    os.kill(process, signal.SIGKILL)
