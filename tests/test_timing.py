"""The expected time follows what makes a run longer."""

from dataclasses import replace

import pytest

from realnvp.config import PRESETS, TrainingConfig, apply_preset
from realnvp.timing import expected_seconds

QUICK = TrainingConfig()


def test_a_run_like_the_one_timed_takes_as_long():
    assert expected_seconds(QUICK, QUICK, 0.004) == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("name", "more"),
    [("layers", 12), ("width", 128), ("depth", 4), ("epochs", 2000), ("further", 500), ("batch_size", 2048)],
)
def test_more_of_a_setting_takes_longer(name, more):
    assert expected_seconds(replace(QUICK, **{name: more}), QUICK, 0.004) > 4.0


def test_two_networks_take_longer_than_one():
    assert expected_seconds(replace(QUICK, conditioner="separate"), QUICK, 0.004) > 4.0


def test_the_presets_are_in_order():
    seconds = [expected_seconds(apply_preset(name), QUICK, 0.004) for name in PRESETS]
    assert seconds == sorted(seconds)
