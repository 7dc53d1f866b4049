import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from realnvp.npy import plain_array


def saved(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array(content, array, version)
    return content.getvalue()


numbers = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
)


@given(
    array=hnp.arrays(numbers, hnp.array_shapes(min_dims=1, max_dims=2, max_side=6)),
    fortran=st.booleans(),
    version=st.sampled_from([(1, 0), (2, 0), (3, 0)]),
)
def test_what_numpy_writes_is_read_bit_by_bit(array, fortran, version):
    if fortran:
        array = np.asfortranarray(array)
    read = plain_array(saved(array, version))
    assert read.dtype == array.dtype
    assert read.shape == array.shape
    assert read.tobytes() == array.tobytes()
    assert not read.flags.writeable


@given(st.binary(max_size=200))
def test_other_bytes_are_a_value_error(content):
    for start in (b"", b"\x93NUMPY\x01\x00", b"\x93NUMPY\x02\x00"):
        with pytest.raises(ValueError, match=r"^The array.*\.$"):
            plain_array(start + content)


@given(st.data())
def test_a_changed_file_is_read_as_numbers_or_refused(data):
    content = bytearray(saved(np.arange(20.0).reshape(10, 2)))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.sampled_from(b"0123456789,()' <>|=biufcOSV[]{}")
        )
    try:
        read = plain_array(bytes(content))
    except ValueError:
        return
    assert read.dtype.kind in "biuf"
    assert 1 <= read.ndim <= 2
    assert read.nbytes <= len(content)
