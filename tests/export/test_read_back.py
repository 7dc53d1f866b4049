"""Weights that were exported become a run again."""

from dataclasses import replace

import helpers
import numpy as np
import pytest
from exported import SMALL, trained

from realnvp.config import TrainingConfig
from realnvp.engine.view import RunView
from realnvp.export.html import run_html
from realnvp.export.read_back import imported_run
from realnvp.export.sheet import run_sheet
from realnvp.export.weights import read_weights, weights_file
from realnvp.point_store import remember
from realnvp.points import BadData
from realnvp.snapshot import Snapshot
from realnvp.store.run import StoredRun, from_parts
from realnvp.training import Training

OWNER = "somebody-with-a-long-token"
MOONS = TrainingConfig(**SMALL)
POINTS = TrainingConfig(**SMALL | {"dataset": remember(helpers.some_points())})


def file_of(training: Training) -> tuple[bytes, Snapshot]:
    snapshot = training.snapshot(10_000)
    return weights_file(training.config, snapshot.weights, snapshot.epoch), snapshot


@pytest.mark.parametrize("config", [MOONS, POINTS], ids=["moons", "points"])
def test_a_run_comes_back_with_the_same_numbers_and_pictures(config):
    training, _ = trained(config)
    content, snapshot = file_of(training)
    run = imported_run(content, OWNER)
    assert (run.owner, run.config, run.status, run.epoch) == (OWNER, config, "finished", config.epochs)
    assert run.evaluation == training.evaluate()
    assert run.parameters == sum(p.numel() for p in training.flow.parameters())
    for name in ("input", "labels", "latent", "samples", "back"):
        assert np.array_equal(getattr(run.snapshot, name), getattr(snapshot, name))
    assert np.array_equal(run.snapshot.journey.s, snapshot.journey.s)
    assert run.read_back
    assert len(run.losses) == len(run.held_out) == 0
    assert imported_run(content, OWNER).token != run.token


def test_the_weights_of_a_run_that_was_stopped_are_not_called_finished():
    training = Training(MOONS)
    training.advance(7)
    run = imported_run(file_of(training)[0], OWNER)
    assert (run.status, run.epoch) == ("stopped", 7)


@pytest.fixture(scope="module")
def imported() -> StoredRun:
    return imported_run(file_of(trained(MOONS)[0])[0], OWNER)


def test_it_is_kept_and_exported_like_any_run(imported):
    values = {name: getattr(imported, name) for name in ("token", "owner", "config", "status", "epoch", "seconds")}
    kept = from_parts(values | {"evaluation": imported.evaluation, "parameters": imported.parameters}, imported.parts())
    view = RunView.of_kept(kept)
    assert not view.going
    again = read_weights(weights_file(view.config, view.snapshot.weights, view.snapshot.epoch))
    in_store = read_weights(imported.parts()["snapshot_weights"])  # which has the form of an export
    for read in (again, in_store):
        assert (read.config, read.epoch) == (MOONS, 40)
        assert all(np.array_equal(read.arrays[name], value) for name, value in imported.snapshot.weights.items())
    page = run_html(view.config, view.snapshot, view.film, view.losses, view.evaluation)
    assert "Trained for 40 epochs" in page
    assert 'id="layers"' in page
    assert "The training</h2>" not in page
    assert run_sheet(view, "pdf").startswith(b"%PDF")


def test_points_that_are_not_kept_here_are_named_as_what_is_missing():
    training, _ = trained(POINTS)
    gone = replace(POINTS, dataset="points-0123456789abcdef")
    content = weights_file(gone, training.snapshot(50).weights, 40)
    with pytest.raises(BadData, match="bring the same points"):
        imported_run(content, OWNER)


def test_weights_that_send_points_beyond_all_numbers_are_refused():
    training, _ = trained(MOONS)
    weights = training.snapshot(50).weights
    name = max(name for name in weights if name.endswith("bias"))
    content = weights_file(MOONS, weights | {name: np.full_like(weights[name], 1e38)}, 40)
    with pytest.raises(BadData, match="no finite number"):
        imported_run(content, OWNER)
