import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from realnvp.safe_arrays import arrays_from_bytes, arrays_to_bytes

ARRAYS = nps.arrays(
    st.sampled_from([np.float32, np.float64, np.uint8, np.int64]), nps.array_shapes(min_dims=0, min_side=0)
)


@given(arrays=st.dictionaries(st.text("abc/.é", min_size=1), ARRAYS), facts=st.dictionaries(st.text("ab"), st.text()))
def test_arrays_and_facts_come_back_bit_by_bit(arrays, facts):
    found, found_facts = arrays_from_bytes(arrays_to_bytes(arrays, facts))
    assert found_facts == facts
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes()


def test_the_order_in_memory_is_of_no_matter():
    array = np.arange(12.0).reshape(3, 4)
    for seen in (array.T, array[:, ::2]):
        found, _ = arrays_from_bytes(arrays_to_bytes({"a": seen}))
        assert np.array_equal(found["a"], seen)


@pytest.mark.parametrize("content", [b"", b"x" * 100, pickle.dumps([1]), arrays_to_bytes({"a": np.ones(9)})[:-1]])
def test_other_bytes_are_said_to_be_none(content):
    with pytest.raises(ValueError, match="no safetensors file"):
        arrays_from_bytes(content)
