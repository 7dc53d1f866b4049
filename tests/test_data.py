"""Fixed sets of points: their split, training on them, the held-out curve and stopping early."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import equal_states, global_generators

from realnvp.config import TrainingConfig
from realnvp.data import HELD_OUT_SHARE, data_of, fixed_data, held_out
from realnvp.metrics import evaluate
from realnvp.point_store import remember
from realnvp.points import PointSet
from realnvp.training import Training, train


def ellipse(n: int = 400, seed: int = 0) -> PointSet:
    """A correlated Gaussian in units far from 1: its density is known to the test alone."""
    z = np.random.default_rng(seed).normal(size=(n, 2))
    points = np.array([5000.0, -0.3]) + z @ np.array([[900.0, 0.02], [0.0, 0.01]])
    return PointSet("Ellipse", points, (z[:, 0] > 0).astype(np.uint8), axes=("weight (g)", "slope"))


def config_of(points: PointSet, **settings) -> TrainingConfig:
    small = {"layers": 2, "width": 16, "depth": 1, "epochs": 200, "batch_size": 64, "device": "cpu"}
    return TrainingConfig(dataset=remember(points), **(small | settings))


def exhaust(training: Training) -> list[float]:
    return [loss for progress in training for loss in progress.losses]


@pytest.mark.parametrize("n", [50, 51, 400, 100_000])
def test_every_point_is_either_trained_on_or_held_out(n):
    points = ellipse(n)
    data = fixed_data(remember(points), 0)
    trained, kept = data.source.points, data.held_out.points
    assert len(kept) == round(HELD_OUT_SHARE * n)
    both = torch.cat([trained, kept]).numpy()
    expected = points.points.astype(np.float32)
    assert np.array_equal(both[np.lexsort(both.T)], expected[np.lexsort(expected.T)])
    for part, labels in ((trained, data.source.labels), (kept, data.held_out.labels)):
        assert part.dtype == torch.float32
        for point, label in zip(part[:20].tolist(), labels[:20].tolist(), strict=True):
            assert label == points.labels[(expected == np.float32(point)).all(1).nonzero()[0][0]]


def test_the_seed_decides_which_points_are_held_out():
    name, before = remember(ellipse()), global_generators()
    first, again, other = fixed_data(name, 1), fixed_data.__wrapped__(name, 1), fixed_data(name, 2)
    assert torch.equal(first.held_out.points, again.held_out.points)
    assert not torch.equal(first.held_out.points, other.held_out.points)
    assert global_generators() == before


def test_a_batch_is_of_training_points_alone_each_as_likely():
    data = fixed_data(remember(ellipse(60)), 0)
    x, labels = data.source.sample(48_000, torch.Generator().manual_seed(0))
    rows, counts = torch.unique(x, dim=0, return_counts=True)
    assert torch.equal(rows, torch.unique(data.source.points, dim=0))
    assert ((counts - 1000).abs() < 5 * 1000**0.5).all()
    assert labels.shape == (48_000,)
    again, _ = data.source.sample(48_000, torch.Generator().manual_seed(0))
    assert torch.equal(x, again)


def test_units_are_those_of_the_training_points():
    data = fixed_data(remember(ellipse()), 0)
    mean, std = data.units
    torch.testing.assert_close(mean, data.source.points.mean(0), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(std, data.source.points.std(0), rtol=1e-5, atol=1e-5)
    assert data_of(TrainingConfig()).units is None


def test_a_distributions_data_are_its_own():
    data = data_of(TrainingConfig(dataset="blobs", noise=0.3))
    assert data.held_out is held_out("blobs", 0.3, 3)
    assert data_of(TrainingConfig(dataset="blobs", parts=5)).held_out.labels.unique().tolist() == [0, 1, 2, 3, 4]
    assert data.source is data.held_out.truth


def test_a_flow_learns_a_files_density_in_its_own_units():
    """Against the density that the points come from, which the flow is never told."""
    points = ellipse(20_000)
    training = train(config_of(points, epochs=400, lr=0.02))
    untrained = training.evaluate()
    exhaust(training)
    found = training.evaluate()
    covariance = np.array([[900.0, 0.02], [0.0, 0.01]])
    truth = torch.distributions.MultivariateNormal(
        torch.tensor([5000.0, -0.3], dtype=torch.float64), torch.tensor(covariance.T @ covariance)
    )
    entropy_here = -float(truth.log_prob(training.data.held_out.points.double()).mean())
    assert (found.entropy, found.kl_gap) == (None, None)
    assert found.nll == pytest.approx(entropy_here, abs=0.05)
    assert untrained.nll > found.nll + 0.5
    assert 0 < found.se < 0.05
    samples = training.flow.sample(5000, generator=torch.Generator().manual_seed(1)).double()
    assert samples.mean(0).tolist() == pytest.approx([5000, -0.3], rel=0.02)
    assert np.cov(samples.T.numpy()) == pytest.approx(covariance.T @ covariance, rel=0.15)


def test_nothing_is_read_from_held_out_points_while_training():
    """Other held-out points, same training points: the same weights."""
    config = config_of(ellipse(), epochs=30)
    training, other = train(config), train(config)
    other.data = replace(other.data, held_out=replace(other.data.held_out, points=other.data.held_out.points + 1))
    exhaust(training), exhaust(other)
    assert equal_states(training.flow.state_dict(), other.flow.state_dict())
    assert training.held_out_curve != other.held_out_curve


def test_the_held_out_curve_has_a_point_a_hundredth_of_the_run():
    training = train(config_of(ellipse(), epochs=200))
    exhaust(training)
    assert [epoch for epoch, _ in training.held_out_curve] == list(range(2, 201, 2))
    evaluation = evaluate(training.flow, training.data.held_out, 2000)
    assert training.held_out_curve[-1][1] == pytest.approx(evaluation.nll, abs=1e-4)
    assert train(TrainingConfig(epochs=5)).held_out_curve == []


OVERFITTING = {"layers": 6, "width": 64, "depth": 2, "epochs": 600, "lr": 0.01, "schedule": "constant"}


@pytest.fixture(scope="module")
def overfitting() -> Training:
    """A flow with thousands of weights and forty points to learn."""
    training = train(config_of(ellipse(50), **OVERFITTING))
    exhaust(training)
    return training


def test_a_run_that_stops_early_keeps_the_weights_of_its_lowest_held_out_loss(overfitting):
    patient = train(replace(overfitting.config, patience=60))
    losses = exhaust(patient)
    best_epoch, best = min(patient.held_out_curve, key=lambda check: check[1])
    assert patient.finished
    assert patient.stopped_early
    assert len(losses) == patient.epoch == best_epoch + 60 < 600
    assert patient.evaluate().nll == pytest.approx(best, abs=1e-4)
    assert patient.evaluate().nll < overfitting.evaluate().nll - 0.05
    with pytest.raises(StopIteration):
        next(patient)
    # Until then it is the same run.
    assert patient.held_out_curve == overfitting.held_out_curve[: len(patient.held_out_curve)]


def test_a_patient_run_that_gets_to_its_end_goes_back_to_its_best_too(overfitting):
    patient = train(replace(overfitting.config, patience=50_000))
    exhaust(patient)
    assert (patient.epoch, patient.stopped_early) == (600, False)
    assert patient.evaluate().nll == pytest.approx(min(loss for _, loss in patient.held_out_curve), abs=1e-4)


@pytest.mark.parametrize("cut", [1, 37, 61])
def test_a_checkpoint_goes_on_to_the_same_early_stop(overfitting, cut):
    config = replace(overfitting.config, patience=60)
    unbroken, first = train(config), train(config)
    exhaust(unbroken)
    first.advance(cut)
    resumed = train(config, first.checkpoint())
    exhaust(resumed)
    assert resumed.held_out_curve == unbroken.held_out_curve
    assert resumed.epoch == unbroken.epoch
    assert equal_states(resumed.flow.state_dict(), unbroken.flow.state_dict())


@pytest.mark.parametrize("patience", [60, 61, 1])
def test_many_epochs_in_one_call_stop_early_at_the_same_epoch(overfitting, patience):
    """Also where the patience ends between two looks at the held-out loss."""
    config = replace(overfitting.config, patience=patience)
    one_by_one, at_once = train(config), train(config)
    exhaust(one_by_one)
    progress = at_once.advance(600)
    assert at_once.epoch == one_by_one.epoch == len(progress.losses)
    assert equal_states(at_once.flow.state_dict(), one_by_one.flow.state_dict())


def test_points_that_are_no_longer_kept_are_an_error_that_says_what_to_do(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("REALNVP_HOME", str(tmp_path))
    with pytest.raises(ValueError, match="no longer kept on this server: choose the data again"):
        train(TrainingConfig(dataset="points-00000000deadbeef"))
