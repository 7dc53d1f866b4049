"""An engine with a store: what it keeps, and that its runs outlive the server's process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers import some_points
from runs import diverging, endless, plain_losses, plain_run, tiny, until

from realnvp.checkpoint import checkpoint_from_bytes, checkpoint_to_bytes
from realnvp.config import apply_preset
from realnvp.engine.engine import Engine
from realnvp.engine.process import PROJECT, WorkerProcess
from realnvp.engine.report import Pace, Report, Status
from realnvp.engine.run import MOST_KEPT_CHECKPOINT, Run
from realnvp.point_store import keep
from realnvp.store.run import StoredRun
from realnvp.store.store import Store
from realnvp.training import train

OWNER = "owner-of-all"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'runs.db'}")
    yield store
    store.close()


@pytest.fixture(scope="module")
def engine(store) -> Iterator[Engine]:
    engine = Engine(1, lease_seconds=3.0, store=store)
    yield engine
    engine.close()


def wait_for(engine: Engine, token: str, status: Status) -> None:
    until(lambda: engine.view(token).status is status, lambda: engine.view(token).status)


def test_a_finished_run_is_kept_with_all_that_its_page_shows(engine, store):
    token = engine.submit(tiny(seed=3), owner=OWNER)
    wait_for(engine, token, Status.FINISHED)
    assert store.flush()
    kept, view = store.load(token), engine.view(token)
    assert np.array_equal(kept.losses, view.losses)
    assert np.array_equal(kept.losses, plain_losses(tiny(seed=3)))
    assert (kept.owner, kept.status, kept.evaluation, kept.config) == (OWNER, "finished", view.evaluation, view.config)
    assert checkpoint_from_bytes(kept.checkpoint)["epoch"] == kept.checkpoint_epoch == 200
    assert [frame.epoch for frame in kept.film] == [frame.epoch for frame in view.film]
    assert (kept.first.epoch, kept.snapshot.epoch) == (0, 200)
    weights = plain_run(tiny(seed=3))[0].flow.state_dict()
    assert all(np.array_equal(kept.snapshot.weights[name], value.numpy()) for name, value in weights.items())
    engine.discard(token)
    assert store.flush()
    assert store.load(token)  # it stays where it lasts


def test_a_stopped_run_is_kept_as_such(engine, store):
    token = engine.submit(endless(), owner=OWNER)
    until(lambda: engine.view(token).epoch, lambda: engine.view(token))
    engine.stop(token)
    wait_for(engine, token, Status.STOPPED)
    assert store.flush()
    assert store.load(token).status == "stopped"
    assert store.load(token).epoch == engine.view(token).epoch


def test_runs_without_an_owner_failed_runs_and_discarded_ones_are_not_kept(engine, store):
    before = len(store.runs_of(OWNER))
    shared = engine.submit(tiny(epochs=20), leased=False)
    failed = engine.submit(diverging(), owner=OWNER)
    discarded = engine.submit(endless(), owner=OWNER)
    until(lambda: engine.view(discarded).epoch, lambda: engine.view(discarded))
    engine.discard(discarded)  # before the waiting: without a look at it its lease would end, and it would be kept
    wait_for(engine, failed, Status.FAILED)
    wait_for(engine, shared, Status.FINISHED)
    assert store.flush()
    assert [store.load(token) for token in (shared, failed, discarded)] == [None] * 3
    assert store.going() == []
    assert len(store.runs_of(OWNER)) == before


def test_a_run_that_nobody_looks_at_is_stopped_and_kept(engine, store):
    token = engine.submit(endless(), owner=OWNER)
    kept = until(lambda: store.load(token), lambda: store.going())
    assert kept.status == "stopped"
    assert kept.epoch > 0
    until(lambda: token not in engine._runs, lambda: "still known")  # a view would renew its lease


# Training further.


@pytest.mark.parametrize("schedule", ["one-cycle", "constant"])
def test_a_kept_run_is_trained_further_as_a_run_of_its_own_to_the_numbers_of_one_go(engine, store, schedule):
    config = tiny(seed=4, schedule=schedule)
    token = engine.submit(config, owner=OWNER)
    wait_for(engine, token, Status.FINISHED)
    assert store.flush()
    begun = store.load(token)
    further = engine.submit(replace(config, further=150), owner=OWNER, begun=begun)
    assert further != token
    view = engine.view(further)  # at once: nothing is empty in between
    assert len(view.losses) == view.epoch >= view.snapshot.epoch >= 200
    assert view.first.epoch == 0
    wait_for(engine, further, Status.FINISHED)
    view, config = engine.view(further), view.config
    training, losses = plain_run(config)
    assert np.array_equal(view.losses, losses)
    assert view.evaluation == training.evaluate()
    assert np.array_equal(view.snapshot.latent, training.snapshot(10_000).latent)
    assert view.seconds > begun.seconds
    frames = [frame.epoch for frame in view.film]
    assert frames == sorted(set(frames))
    assert {frame.epoch for frame in begun.film} < set(frames)
    assert frames[-1] == 350
    assert view.notice is None
    assert store.flush()
    assert store.load(further).epoch == 350
    assert store.load(token).epoch == 200  # it stays as it was


def test_a_stopped_run_goes_on_along_its_schedule(engine, store):
    config = endless(seed=6)
    token = engine.submit(config, owner=OWNER)
    until(lambda: engine.view(token).epoch > 50, lambda: engine.view(token))
    engine.stop(token)
    wait_for(engine, token, Status.STOPPED)
    assert store.flush()
    begun = store.load(token)
    further = engine.submit(config, begun=begun)
    view = until(lambda: (v := engine.view(further)).epoch > begun.epoch and v, lambda: engine.view(further))
    assert np.array_equal(view.losses, plain_losses(config, view.epoch))
    engine.discard(further)


def test_on_points_the_held_out_curve_goes_on_too(engine, store):
    config = tiny(dataset=keep(some_points()), noise=None, parts=None)
    token = engine.submit(config, owner=OWNER)
    wait_for(engine, token, Status.FINISHED)
    assert store.flush()
    further = engine.submit(replace(config, further=100), begun=store.load(token))
    wait_for(engine, further, Status.FINISHED)
    view = engine.view(further)
    training, losses = plain_run(view.config)
    assert np.array_equal(view.losses, losses)
    assert np.array_equal(view.held_out, np.array(training.held_out_curve))


def test_without_a_checkpoint_a_run_is_trained_further_from_epoch_0_to_the_same_numbers(engine, store):
    token = engine.submit(tiny(seed=7), owner=OWNER)
    wait_for(engine, token, Status.FINISHED)
    assert store.flush()
    begun = replace(store.load(token), checkpoint=None)
    further = engine.submit(replace(begun.config, further=30), begun=begun)
    assert engine.view(further).epoch == 0
    wait_for(engine, further, Status.FINISHED)
    assert np.array_equal(engine.view(further).losses, plain_losses(tiny(seed=7, further=30)))


def test_what_cannot_go_on_from_a_run_is_refused(engine):
    begun = StoredRun(
        token="begun",
        owner=OWNER,
        config=tiny(further=10),
        status="finished",
        epoch=210,
        seconds=1.0,
        losses=np.ones(210, np.float32),
        held_out=np.empty((0, 2)),
    )
    with pytest.raises(ValueError, match=r"^checkpoint: .* other settings"):
        engine.submit(tiny(seed=1, further=10), begun=begun)
    with pytest.raises(ValueError, match=r"^further: .* epoch 210"):
        engine.submit(tiny(further=9), begun=begun)


@pytest.mark.parametrize(
    ("status", "size", "kept"),
    [
        (Status.FINISHED, MOST_KEPT_CHECKPOINT, True),
        (Status.STOPPED, MOST_KEPT_CHECKPOINT, True),
        (Status.FINISHED, MOST_KEPT_CHECKPOINT + 1, False),
        (Status.FAILED, 10, False),
        (Status.RUNNING, MOST_KEPT_CHECKPOINT + 1, True),
    ],
)
def test_the_checkpoint_of_a_run_that_is_over_is_kept_where_it_is_small_and_good(status, size, kept):
    run = Run("a", tiny(), Pace.FULL, WorkerProcess("nowhere", b""), leased=True, seen=0.0, owner=OWNER)
    run.take(Report("a", Status.RUNNING, 9, np.ones(9, np.float32), 0.1, checkpoint=bytes(size)))
    run.take(Report("a", status, 9, np.empty(0, np.float32), 0.1))
    assert run.to_store().checkpoint == (bytes(size) if kept else None)


def test_quick_s_checkpoint_is_kept_and_the_posts_is_not():
    for name, kept in (("quick", True), ("best_quality", True), ("original_post", False)):
        training = train(apply_preset(name, tiny()))
        training.advance(1)  # Adam's state comes with its first step
        assert (len(checkpoint_to_bytes(training.checkpoint())) <= MOST_KEPT_CHECKPOINT) is kept


# The server's end.

SERVER = """
import sys, time
from realnvp.config import TrainingConfig
from realnvp.engine.engine import Engine
from realnvp.engine.report import Pace
from realnvp.store.store import Store

engine = Engine(2, store=Store(sys.argv[1]))
tokens = [
    engine.submit(
        TrainingConfig(layers=2, width=8, epochs=600, device="cpu", seed=seed), pace=Pace.SLOW, owner="owner-of-all"
    )
    for seed in range(10)
]
engine.submit(TrainingConfig(epochs=600, device="cpu"), pace=Pace.SLOW, leased=False)
while True:
    print(*(f"{token} {(view := engine.view(token)).epoch} {view.seconds}" for token in tokens), flush=True)
    time.sleep(0.05)
"""


def start_server(url: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", SERVER, url], cwd=PROJECT, stdout=subprocess.PIPE, text=True)


def test_after_kill_9_of_the_server_ten_runs_go_on_to_the_numbers_of_unbroken_runs(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    watched = Store(url)
    with start_server(url) as server:

        def all_checkpointed() -> bool:
            server.stdout.readline()
            with watched._database.reading() as connection:
                found = connection.exec_driver_sql("SELECT count(*) FROM runs WHERE going AND checkpoint_epoch > 0")
                return found.scalar() == 10

        until(all_checkpointed, lambda: "no ten checkpoints")
        last = server.stdout.readline().split()
        os.kill(server.pid, signal.SIGKILL)
    watched.close()
    reached = {token: (int(epoch), float(seconds)) for token, epoch, seconds in zip(*[iter(last)] * 3, strict=True)}
    store = Store(url)
    going = store.going()
    assert {run.token for run in going} == reached.keys()
    for run in going:
        checkpoint = checkpoint_from_bytes(run.checkpoint)
        assert 0 < checkpoint["epoch"] == run.checkpoint_epoch <= 600
        assert reached[run.token][1] - checkpoint["seconds"] <= 5.0  # of training are lost at most
    engine = Engine(2, store=store)
    try:
        for run in going:
            view = engine.view(run.token)  # at once: a page that comes back finds it
            assert view.epoch >= run.checkpoint_epoch
            assert view.notice == f"The server was started anew; the run went on from epoch {run.checkpoint_epoch:,}."
            assert view.pace is Pace.SLOW
            engine.set_pace(run.token, Pace.FULL)
        for run in going:
            wait_for(engine, run.token, Status.FINISHED)
            view = engine.view(run.token)
            assert np.array_equal(view.losses, plain_losses(tiny(epochs=600, seed=run.config.seed)))
            frames = [frame.epoch for frame in view.film]
            assert frames == sorted(set(frames))
            assert (frames[0], frames[-1], view.first.epoch) == (0, 600, 0)
        assert store.flush()
        assert store.going() == []
        assert len(store.runs_of(OWNER)) == 10
    finally:
        engine.close()
        store.close()


def test_a_paused_run_comes_back_paused(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    store = Store(url)
    engine = Engine(1, store=store)
    token = engine.submit(endless(), owner=OWNER)
    until(lambda: engine.view(token).epoch, lambda: engine.view(token))
    engine.pause(token)
    wait_for(engine, token, Status.PAUSED)
    engine.close()
    store.close()
    store = Store(url)
    engine = Engine(1, store=store)
    try:
        wait_for(engine, token, Status.PAUSED)
        engine.resume(token)
        wait_for(engine, token, Status.RUNNING)
    finally:
        engine.close()
        store.close()


class LateStore:
    """A database that answers from the third time on; nothing else is asked of it here."""

    def __init__(self, store: Store) -> None:
        self.asked, self.save, self.forget, self._store = 0, store.save, store.forget, store

    def going(self):
        self.asked += 1
        return None if self.asked < 3 else self._store.going()


def test_runs_are_taken_up_when_the_database_answers_late(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    store = Store(url)
    engine = Engine(1, store=store)
    token = engine.submit(endless(), owner=OWNER)
    until(lambda: engine.view(token).epoch, lambda: engine.view(token))
    engine.close()
    assert store.flush()
    late = LateStore(store)
    engine = Engine(1, store=late)
    try:
        assert engine.view(token) is None
        view = until(lambda: engine.view(token), lambda: late.asked)
        assert "The server was started anew" in view.notice
    finally:
        engine.close()
        store.close()
