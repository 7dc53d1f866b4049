"""Training further: a run that has ended, or was stopped, goes on to the numbers that it would have had in one go."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from helpers import equal_states, some_points

from realnvp.checkpoint import checkpoint_from_bytes, checkpoint_to_bytes
from realnvp.config import TrainingConfig
from realnvp.point_store import keep
from realnvp.training import Training, learning_rate, train

SMALL = TrainingConfig(layers=2, width=8, depth=1, epochs=30, batch_size=16, lr=0.02, device="cpu")


def on_points(config: TrainingConfig, **settings: object) -> TrainingConfig:
    return replace(config, dataset=keep(some_points(60)), noise=None, parts=None, **settings)


def exhaust(training: Training) -> list[float]:
    return [loss for progress in training for loss in progress.losses]


def train_on(config: TrainingConfig, begun: Training) -> Training:
    """A run of the config that goes on where another stands, as after a server's end."""
    return train(config, checkpoint_from_bytes(checkpoint_to_bytes(begun.checkpoint())))


def assert_same_state(one: Training, other: Training) -> None:
    """In all but the seconds, and the weights to fall back on, which depend on how epochs were asked for."""
    assert (one.epoch, one.held_out_curve) == (other.epoch, other.held_out_curve)
    assert equal_states(one.flow.state_dict(), other.flow.state_dict())
    same = {"seconds": 0, "kept": one.checkpoint()["kept"]}
    assert checkpoint_to_bytes(one.checkpoint() | same) == checkpoint_to_bytes(other.checkpoint() | same)


CONFIGS = {
    "a distribution": SMALL,
    "at a constant rate": replace(SMALL, schedule="constant"),
    "points": on_points(SMALL),
    "points at a constant rate": on_points(SMALL, schedule="constant"),
    "points with patience": on_points(SMALL, patience=50_000, seed=3),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_run_that_is_trained_further_twice_gives_the_numbers_of_one_go(name):
    config = CONFIGS[name]
    whole = train(replace(config, further=40))
    expected = exhaust(whole)
    assert len(expected) == 70
    first = train(config)
    losses = exhaust(first)
    second = train_on(replace(config, further=15), first)
    assert not second.finished
    losses += exhaust(second)
    third = train_on(replace(config, further=40), second)
    losses += exhaust(third)
    assert losses == expected
    assert_same_state(third, whole)


@pytest.mark.parametrize(("stopped", "further"), [(7, 10), (30, 10), (35, 10), (35, 5)])
def test_wherever_a_run_was_stopped_it_goes_on_to_the_same_numbers(stopped, further):
    begun = train(replace(SMALL, further=20))
    begun.advance(stopped)
    config = replace(SMALL, further=further)
    whole, rest = train(config), train_on(config, begun)
    assert exhaust(whole)[stopped:] == exhaust(rest)
    assert_same_state(rest, whole)


# The learning rate.


def test_after_one_cycle_the_rate_begins_at_three_tenths_and_falls_to_zero_every_500_epochs():
    config = replace(SMALL, epochs=1000, lr=0.01, further=1000)
    assert learning_rate(config, 999) < 1e-7
    for start in (1000, 1500):
        rates = [learning_rate(config, epoch) for epoch in range(start, start + 500)]
        assert rates[0] == pytest.approx(0.003)
        assert rates[250] == pytest.approx(0.0015)
        assert all(before > after for before, after in pairwise(rates))
        assert 0 < rates[-1] < 1e-7


def test_after_a_constant_schedule_the_rate_stays():
    config = replace(SMALL, schedule="constant", further=1000)
    assert {learning_rate(config, epoch) for epoch in (29, 30, 31, 529, 530, 1029)} == {0.02}


@pytest.mark.parametrize("schedule", ["one-cycle", "constant"])
def test_further_epochs_leave_the_schedule_before_them_alone(schedule):
    config = replace(SMALL, schedule=schedule)
    for epoch in range(30):
        assert learning_rate(config, epoch) == learning_rate(replace(config, further=777), epoch)


# What cannot go on.


def test_a_checkpoint_beyond_the_new_end_is_refused():
    begun = train(replace(SMALL, further=20))
    begun.advance(41)
    with pytest.raises(ValueError, match=r"^further: .* epoch 41, .* beyond 40 epochs .* at least 11$"):
        train_on(replace(SMALL, further=10), begun)


def test_more_epochs_of_the_schedule_are_other_settings():
    with pytest.raises(ValueError, match=r"^checkpoint: .* other settings"):
        train_on(replace(SMALL, epochs=31), train(SMALL))


def test_a_checkpoint_of_another_device_is_refused():
    """A GPU's generator has a state of 16 bytes."""
    checkpoint = train(SMALL).checkpoint() | {"generator": torch.zeros(16, dtype=torch.uint8)}
    with pytest.raises(ValueError, match=r"^checkpoint: it was not taken on 'cpu'; train the run anew$"):
        train(SMALL, checkpoint)


# Patience.

PATIENT = on_points(SMALL, layers=6, width=64, depth=2, epochs=300, lr=0.01, schedule="constant", batch_size=64)


def test_a_patient_run_shows_its_best_weights_and_its_checkpoint_keeps_the_last():
    ended = train(CONFIGS["points with patience"])
    exhaust(ended)
    best_epoch, best = min(ended.held_out_curve, key=lambda check: check[1])
    assert best_epoch < 30  # else the config tests less than it should
    for shown in (ended, train_on(ended.config, ended)):
        assert shown.finished
        assert shown.evaluate().nll == pytest.approx(best, abs=1e-4)
        before = shown.checkpoint()
        assert shown.advance(5).losses == ()
        assert_same_state(shown, ended)
        assert equal_states(before["flow"], shown.checkpoint()["flow"])
        assert not equal_states(before["flow"], shown.flow.state_dict())


def test_a_run_that_its_patience_has_ended_has_nothing_left_to_train():
    """In one go it would have ended there too."""
    config = replace(PATIENT, patience=60)
    ended, whole = train(config), train(replace(config, further=50))
    losses = exhaust(ended)
    assert ended.stopped_early
    assert ended.advance(5).losses == ()
    further = train_on(whole.config, ended)
    assert further.finished
    assert exhaust(further) == []
    assert exhaust(whole) == losses
    assert_same_state(further, whole)
    assert math.isfinite(further.evaluate().nll)
