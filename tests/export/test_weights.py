import json
import re
from itertools import count

import helpers
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from realnvp.config import TrainingConfig
from realnvp.export.weights import MOST_BYTES, read_weights, tensors_of, weights_file
from realnvp.points import BadData
from realnvp.store.run import CONFIG as KEY
from realnvp.store.run import EPOCH
from realnvp.training import build_flow

CONFIG = TrainingConfig(layers=2, width=4, depth=1, epochs=5, dataset="rings", parts=2, seed=3, device="cpu")


def weights_of(config: TrainingConfig) -> dict[str, np.ndarray]:
    flow = helpers.with_units(helpers.perturb(build_flow(config)))
    return {name: value.numpy().copy() for name, value in flow.state_dict().items()}


CONTENT = weights_file(CONFIG, weights_of(CONFIG), 4)


def complaint(content: bytes) -> str:
    with pytest.raises(BadData) as caught:
        read_weights(content)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 400
    return message


configs = st.builds(
    TrainingConfig,
    layers=st.integers(1, 5),
    width=st.integers(4, 9),
    depth=st.integers(1, 3),
    conditioner=st.sampled_from(["shared", "separate"]),
    initialisation=st.sampled_from(["identity", "default"]),
    dataset=st.sampled_from(["two_moons", "grid", "heavy_tailed"]),
    lr=st.floats(1e-6, 1.0),
    seed=st.integers(0, 1_000_000_000),
)


@given(configs)
def test_a_file_gives_back_the_config_and_every_bit(config):
    weights = weights_of(config)
    read_config, read, epoch = read_weights(weights_file(config, weights, 12))
    assert (read_config, epoch) == (config, 12)
    assert read.keys() == weights.keys()
    for name, value in weights.items():
        assert (read[name].dtype, read[name].shape) == (value.dtype, value.shape)
        assert read[name].tobytes() == value.tobytes()


@given(configs)
def test_the_expected_tensors_are_those_of_the_flow(config):
    expected = tensors_of(config)
    state = build_flow(config).state_dict()
    assert expected.keys() == state.keys()
    for name, wanted in expected.items():
        if isinstance(wanted, tuple):
            assert state[name].shape == wanted
        else:
            assert torch.equal(state[name], torch.tensor(wanted))


def test_the_largest_flow_fits():
    config = TrainingConfig(layers=32, width=512, depth=8, conditioner="separate")
    sizes = [
        4 * np.prod(wanted) if isinstance(wanted, tuple) else wanted.nbytes for wanted in tensors_of(config).values()
    ]
    assert sum(sizes) + 1_000_000 < MOST_BYTES


def test_a_fixed_set_s_weights_come_back_where_its_points_are_not_kept():
    config = TrainingConfig(layers=1, width=4, depth=1, dataset="points-0123456789abcdef", patience=7)
    assert read_weights(weights_file(config, weights_of(config), 0)).config == config


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("layers.0.conditioner.net.0.weight", None, "are missing"),
        ("std", None, "std are missing"),
        ("layers.9.conditioner.net.0.weight", np.zeros(3, np.float32), "that the flow does not have"),
        ("x\n" * 500, np.zeros(3, np.float32), "that the flow does not have"),
        ("layers.0.conditioner.net.0.weight", np.zeros((1, 4), np.float32), "have the shape (1, 4), and not (4, 1)"),
        ("layers.0.conditioner.net.0.bias", np.zeros(4), "not all finite 32-bit numbers"),
        ("layers.0.conditioner.net.0.bias", np.array([0, 1, np.nan, 0], np.float32), "not all finite 32-bit numbers"),
        ("layers.0.conditioner.net.0.bias", np.array([0, -np.inf, 0, 0], np.float32), "not all finite 32-bit numbers"),
        ("layers.0.order", np.array([9, -1]), "not those of a flow whose layers alternate"),
        ("layers.1.kept", np.array([0]), "not those of a flow whose layers alternate"),
        ("std", np.array([0, 1], np.float32), "not all above 0"),
        ("mean", np.array([0], np.float32), "have the shape (1,), and not (2,)"),
    ],
)
def test_weights_that_are_not_the_flow_s_are_refused_on_both_ways(name, value, words):
    weights = {k: v for k, v in weights_of(CONFIG).items() if k != name}
    if value is not None:
        weights[name] = value
    with pytest.raises(BadData, match=re.escape(words)):
        weights_file(CONFIG, weights, 0)
    metadata = json.loads(CONTENT[8 : 8 + int.from_bytes(CONTENT[:8], "little")])["__metadata__"]
    assert words in complaint(save(weights, metadata=metadata))


SETTINGS = {f: getattr(CONFIG, f) for f in CONFIG.__dataclass_fields__}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (SETTINGS | {"dataset": "nowhere"}, "nowhere"),
        (SETTINGS | {"dataset": ["two_moons"]}, "names no dataset"),
        (SETTINGS | {"dataset": "points-zz"}, "points-zz"),
        ({"layers": 2}, "names no dataset"),
        (SETTINGS | {"layers": 10**9}, "1 to 32"),
        (SETTINGS | {"layers": 2.0}, "whole number"),
        (SETTINGS | {"layers": True}, "whole number"),
        (SETTINGS | {"layers": None}, "layers"),
        (SETTINGS | {"lr": float("nan")}, "lr"),
        (SETTINGS | {"noise": [1]}, "noise"),
        (SETTINGS | {"parts": {}}, "parts"),
        (SETTINGS | {"conditioner": {}}, "conditioner"),
        (SETTINGS | {"seed": "1" * 1000}, "seed"),
        (SETTINGS | {"speed\n": 3}, "not known here"),
        ([SETTINGS], "names no dataset"),
        ("two_moons", "names no dataset"),
        (None, "names no dataset"),
        (SETTINGS | {"width": 8}, "shape"),
        (SETTINGS | {"layers": 1}, "does not have"),
        (SETTINGS | {"layers": 3}, "missing"),
        (SETTINGS | {"conditioner": "separate"}, "missing"),
    ],
)
def test_settings_that_are_not_allowed_or_of_another_flow_are_refused(settings, words):
    assert words in complaint(save(load(CONTENT), metadata={KEY: json.dumps(settings)}))


def with_header(header: bytes, rest: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "little") + header + rest


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"PK\x03\x04" + b"\x00" * 50,
        b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94.",  # a pickle
        b"\xff" * 100,
        CONTENT[:-1],
        CONTENT[:8],
        CONTENT[:40],
        CONTENT + b"\x00",
        with_header(b"{}"),
        with_header(b"[]"),
        with_header(b"1" * 10_000),
        with_header(b"[" * 100_000),
        with_header(b'{"__metadata__": []}'),
        with_header(b'{"__metadata__": {"realnvp.config": 3}}'),
        with_header(b'{"__metadata__": {"realnvp.config": "{"}}'),
        with_header(json.dumps({"__metadata__": {KEY: "[" * 100_000}}).encode()),
        with_header(json.dumps({"__metadata__": {KEY: json.dumps(SETTINGS)}}).encode()),
        with_header(json.dumps({"__metadata__": {KEY: json.dumps(SETTINGS)}, "mean": 3}).encode()),
        with_header(
            json.dumps(
                {
                    "__metadata__": {KEY: json.dumps(SETTINGS)},
                    "mean": {"dtype": "F8_E5M2", "shape": [2], "data_offsets": [0, 2]},
                }
            ).encode(),
            b"\x00\x00",
        ),
        with_header(
            json.dumps(
                {
                    "__metadata__": {KEY: json.dumps(SETTINGS)},
                    "mean": {"dtype": "F32", "shape": [2**62, 2**62], "data_offsets": [0, 8]},
                }
            ).encode(),
            b"\x00" * 8,
        ),
    ],
    ids=count(),  # not the bytes: safetensors writes metadata in any order, and pytest-xdist's processes must agree
)
def test_what_is_no_file_of_this_app_is_refused_in_one_sentence(content):
    complaint(content)


@pytest.mark.parametrize("epoch", ["", "-1", "6", "2.0", "1e1", "٣", "9" * 5000])
def test_an_epoch_that_the_settings_have_not_is_refused(epoch):
    assert "after which epoch" in complaint(save(load(CONTENT), metadata={KEY: json.dumps(SETTINGS), EPOCH: epoch}))


def test_a_file_of_before_the_epoch_was_written_is_of_the_last():
    assert read_weights(save(load(CONTENT), metadata={KEY: json.dumps(SETTINGS)})).epoch == 5


def test_a_file_without_its_settings_is_refused():
    assert "which settings" in complaint(save(load(CONTENT)))


@given(st.integers(0, len(CONTENT) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_read_as_a_flow_or_refused_in_one_sentence(place, damage):
    content = CONTENT[:place] + damage + CONTENT[place + len(damage) :]
    try:
        config, weights, _ = read_weights(content)
    except BadData:
        complaint(content)
    else:
        assert weights.keys() == tensors_of(config).keys()
        assert all(np.isfinite(value).all() for value in weights.values())


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(content):
    complaint(content)
    complaint(with_header(content))
