"""Checkpoints as bytes: all of them comes back, and nothing in them can run."""

import pickle
from dataclasses import replace

import pytest
import torch
from helpers import equal_states, some_points
from hypothesis import given, settings
from hypothesis import strategies as st

from realnvp.checkpoint import checkpoint_from_bytes, checkpoint_to_bytes
from realnvp.config import TrainingConfig
from realnvp.point_store import keep
from realnvp.training import Training, train

SMALL = TrainingConfig(layers=2, width=8, depth=1, epochs=60, batch_size=16, device="cpu")


def trained(config: TrainingConfig, epochs: int) -> Training:
    training = train(config)
    for _ in range(epochs):
        next(training)
    return training


def assert_equal(found: object, expected: object) -> None:
    """The same structure, values and types; tensors bit by bit."""
    assert type(found) is type(expected)
    match expected:
        case torch.Tensor():
            assert found.dtype == expected.dtype
            assert torch.equal(found, expected)
        case dict():
            assert found.keys() == expected.keys()
            for name, value in expected.items():
                assert_equal(found[name], value)
        case list() | tuple():
            assert len(found) == len(expected)
            for one, other in zip(found, expected, strict=True):
                assert_equal(one, other)
        case _:
            assert found == expected


@given(
    epochs=st.integers(0, 60), conditioner=st.sampled_from(["shared", "separate"]), clip_norm=st.sampled_from([0, 1])
)
@settings(max_examples=10)
def test_a_checkpoint_comes_back_whole(epochs, conditioner, clip_norm):
    checkpoint = trained(replace(SMALL, conditioner=conditioner, clip_norm=clip_norm), epochs).checkpoint()
    assert_equal(checkpoint_from_bytes(checkpoint_to_bytes(checkpoint)), checkpoint)


def test_of_a_fixed_set_the_held_out_curve_and_the_best_weights_come_back():
    config = replace(SMALL, dataset=keep(some_points()), noise=None, parts=None, patience=50)
    checkpoint = trained(config, 40).checkpoint()
    assert len(checkpoint["held_out_curve"]) == 40
    assert checkpoint["best"]
    assert_equal(checkpoint_from_bytes(checkpoint_to_bytes(checkpoint)), checkpoint)


def test_a_run_goes_on_from_the_bytes_to_the_same_numbers():
    unbroken, original = trained(SMALL, 60), trained(SMALL, 25)
    resumed = train(SMALL, checkpoint_from_bytes(checkpoint_to_bytes(original.checkpoint())))
    for _ in resumed:
        pass
    assert equal_states(resumed.flow.state_dict(), unbroken.flow.state_dict())


WHOLE = checkpoint_to_bytes(train(SMALL).checkpoint())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing",
        pickle.dumps(train(SMALL).checkpoint()),
        WHOLE[:-1],
        WHOLE[:40],
        WHOLE.replace(b"generator", b"generatos"),
    ],
    ids=["empty", "text", "a pickle", "cut", "cut in its header", "without its generator"],
)
def test_what_is_no_checkpoint_is_said_so(content):
    with pytest.raises(ValueError, match="checkpoint: it is damaged"):
        checkpoint_from_bytes(content)
