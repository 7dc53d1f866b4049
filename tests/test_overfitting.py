import numpy as np
import pytest

from realnvp.overfitting import lowest, overfitted


def curve(values) -> np.ndarray:
    return np.array([(10 * (k + 1), value) for k, value in enumerate(values)], np.float64).reshape(-1, 2)


def test_lowest_is_where_the_curve_was_lowest():
    assert lowest(curve([3.0, 1.0, 2.0])) == (20, 1.0)
    assert lowest(curve([])) is None


TRAINING = np.full(100, 0.5, np.float32)


@pytest.mark.parametrize(
    ("held_out", "losses", "expected"),
    [
        ([3, 2, 1, 1.2, 1.4, 1.6, 1.8, 2], TRAINING, True),
        ([3, 2, 1, 0.9, 0.8, 0.7, 0.6], TRAINING, False),  # still learning
        ([3, 2, 1, 1.02, 1, 1.03, 1.01, 1], TRAINING, False),  # as good as level
        ([3, 2, 1, 1, 1, 1.9, 1, 1, 1], TRAINING, False),  # a lone spike
        ([1, 2, 3, 4, 5, 6], TRAINING + 7, False),  # the training loss rises too: it diverges rather
        ([1, 2, 3], TRAINING, False),  # too early to tell
        ([], TRAINING, False),
        ([1, 2, 3, 4, 5], TRAINING[:0], False),
    ],
)
def test_overfitting_is_a_rise_of_the_held_out_loss_alone(held_out, losses, expected):
    assert overfitted(curve(held_out), losses) is expected
