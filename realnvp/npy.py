"""Reads the .npy files that others bring, and only the harmless ones: plain numbers, never a pickle.

``numpy.load`` makes room for the shape that a header announces before it looks whether the numbers are there, and may
warn; this reads the header with one expression and believes no more than the bytes that follow it. The format:
https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import math
import re

import numpy as np

MAGIC = b"\x93NUMPY"
HEADER = re.compile(
    rb"\{\s*'descr':\s*(?P<kind>'[^']*'|\[.*\]),\s*'fortran_order':\s*(?P<fortran>True|False),"
    rb"\s*'shape':\s*\((?P<shape>[\d, ]{0,200})\),?\s*\}\s*",
    re.DOTALL,
)
NUMBERS = re.compile(rb"'(\|b1|[<>|=][iu][1248]|[<>=]f[248])'")


def plain_array(content: bytes) -> np.ndarray:
    """The numbers in an .npy file, 1-D or 2-D, read-only. Anything else is a ValueError: a sentence on the array."""
    size, start = (2, 10) if content[6:7] == b"\x01" else (4, 12)
    stop = start + int.from_bytes(content[8 : 8 + size], "little")
    header = HEADER.fullmatch(content[start : min(stop, start + 10_000)])
    if not content.startswith(MAGIC) or header is None:
        raise ValueError("The array's header is damaged: save it again with numpy.save.")
    kind = header["kind"]
    if kind.startswith(b"["):
        raise ValueError("The array is a structured one: save its columns as a plain array of numbers, or as CSV.")
    if kind[1:2] == b"O" or kind[2:3] == b"O":
        raise ValueError("The array holds Python objects, which are never opened: save it as an array of numbers.")
    if kind[2:3] == b"c":
        raise ValueError("The array holds complex numbers: save their real and imaginary parts as two columns.")
    if NUMBERS.fullmatch(kind) is None:
        raise ValueError("The array holds something other than numbers: save it as an array of 64-bit floats.")
    shape = tuple(int(side[:19]) for side in re.findall(rb"\d+", header["shape"]))
    if not 1 <= len(shape) <= 2:
        raise ValueError(f"The array has {len(shape)} dimensions: save one with a row for each point.")
    if 0 in shape:
        raise ValueError("The array is empty: save one with a row for each point.")
    dtype, count = np.dtype(kind[1:-1].decode()), math.prod(shape)
    if count * dtype.itemsize > len(content) - stop:
        raise ValueError("The array is cut short, with fewer numbers than its header announces: save it again.")
    numbers = np.frombuffer(content, dtype, count, offset=stop)
    return numbers.reshape(shape, order="F" if header["fortran"] == b"True" else "C")
