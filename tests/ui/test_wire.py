"""What travels to the browser: packed here as the app does, and unpacked by a reading of the format."""

import json
import struct
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from realnvp.figures.points import LATENT_VIEW, points_figure
from realnvp.ui.static_files import MODULES, STATIC, modules_name, plotly_name
from realnvp.ui.wire import dated, pack, shrink, stamp

FINITE = st.floats(-1e6, 1e6, width=32)


def unpack(packed: bytes) -> dict:
    length = int.from_bytes(packed[:4], "little")
    assert (4 + length) % 8 == 0
    stored = packed[4 + length :]

    def restore(value: dict) -> object:
        if set(value) != {"array"}:
            return value
        kind, offset, size, scale = value["array"]
        assert offset % 8 == 0
        return np.frombuffer(stored, kind, size, offset) * scale

    return json.loads(packed[4 : 4 + length], object_hook=restore)


@given(arrays(np.float32, st.integers(1, 50), elements=FINITE))
def test_points_travel_to_a_65000th_of_the_greatest(values):
    restored = unpack(pack({"x": values}))["x"]
    assert np.abs(restored - values).max() <= np.abs(values).max() / 65_000


@given(st.lists(arrays(np.float64, st.integers(0, 9), elements=st.floats(-9, 9)), min_size=1, max_size=4))
def test_other_arrays_travel_whole_and_in_order(values):
    restored = unpack(pack({"all": values}))["all"]
    assert all(np.array_equal(a, b) for a, b in zip(restored, values, strict=True))


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_an_array_with_a_value_that_is_no_number_travels_whole(odd):
    values = np.array([1.0, odd], np.float32)
    assert np.array_equal(unpack(pack({"x": values}))["x"], values, equal_nan=True)


def test_zeros_and_nothing_travel():
    for values in (np.zeros(3, np.float32), np.empty(0, np.float32)):
        assert np.array_equal(shrink(values)[0] * shrink(values)[1], values)


def test_words_travel_with_the_arrays():
    content = unpack(pack({"title": "latent ✓", "x": np.arange(3, dtype=np.uint8), "n": 3}))
    assert content["title"] == "latent ✓"
    assert content["x"].tolist() == [0, 1, 2]


def test_what_cannot_be_packed_is_an_error():
    with pytest.raises(TypeError, match="set"):
        pack({"x": {1}})


def test_equal_figures_have_equal_stamps_and_others_have_not():
    points = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    figure, same, other = (points_figure(p, None, LATENT_VIEW) for p in (points, points.copy(), points + 1))
    assert stamp(figure) == stamp(same) != stamp(other)


def test_plotly_is_there_whole_under_a_name_of_its_content():
    assert (STATIC / plotly_name()).stat().st_size > 1_000_000
    assert plotly_name() not in ("plotly.min.js", "")
    assert not list(STATIC.glob("tmp*"))


def test_all_modules_are_served_from_one_folder():
    served = STATIC / modules_name()
    assert sorted(p.name for p in served.iterdir()) == sorted(p.name for p in MODULES.glob("*.js"))
    assert all((served / p.name).read_bytes() == p.read_bytes() for p in MODULES.glob("*.js"))


def test_a_message_is_dated_anew_only_when_it_says_something_new():
    first, again = dated("some", pack({"n": 1})), dated("some", pack({"n": 1}))
    other, back = dated("some", pack({"n": 2})), dated("some", pack({"n": 1}))
    assert first == again
    assert unpack(first[8:]) == {"n": 1}
    dates = [struct.unpack("<d", message[:8])[0] for message in (first, other, back)]
    assert dates[0] < dates[1] < dates[2]
    assert dates[0] == pytest.approx(time.time() * 1000, abs=10_000)
