import helpers
import numpy as np
import pytest

from realnvp.config import TrainingConfig
from realnvp.divergence import worsened
from realnvp.training import train

BOLD = TrainingConfig(**helpers.WORSENED)


def test_a_run_that_ends_far_above_its_beginning_says_so_and_what_to_try():
    losses = np.array([2.5, *np.linspace(2.0, 1e16, 500), *[60.0] * 30], np.float32)
    assert worsened(losses, BOLD) == (
        "The training has made the flow worse: its loss began at 2.5 nats, and in the last 20 epochs its median is "
        "60 nats. Try a learning rate below 1 or gradient clipping at 1 or a scale bound of 2."
    )


@pytest.mark.parametrize(
    "losses",
    [
        [],
        [2.5],
        [2.5, 2.6],  # one batch is a little worse than another
        [2.5, *[1e16] * 100, *[0.5] * 20],  # it came back
        [2.5, *[0.5] * 100, 1e6],  # a lone spike
    ],
)
def test_other_runs_say_nothing(losses):
    assert worsened(np.array(losses, np.float32), BOLD) is None


@pytest.mark.parametrize("seed", range(4))
def test_one_step_too_large_makes_a_flow_worse_with_losses_that_are_numbers(seed):
    config = TrainingConfig(**helpers.WORSENED, seed=seed, device="cpu")
    losses = np.array(train(config).advance(config.epochs).losses)
    assert np.isfinite(losses).all()
    assert "nats, and in the last epoch it is" in worsened(losses, config)


def test_a_run_that_learns_says_nothing():
    config = TrainingConfig(layers=2, width=8, epochs=50, device="cpu")
    assert worsened(np.array(train(config).advance(50).losses), config) is None
