"""Files as a person may bring them, made by the tests."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def npy(array: np.ndarray, **options) -> bytes:
    content = io.BytesIO()
    np.save(content, array, **options)
    return content.getvalue()


def npy_header(text: str) -> bytes:
    """An .npy file of a header alone."""
    header = text.encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def parquet(columns: dict | pa.Table, **options) -> bytes:
    content = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), content, **options)
    return content.getvalue()


def delimited(rows, separator: str = ",", point: str = ".", header: str = "") -> bytes:
    """Rows of cells, numbers with the decimal point asked for."""
    lines = [header] if header else []
    lines += [
        separator.join(cell if isinstance(cell, str) else repr(float(cell)).replace(".", point) for cell in row)
        for row in rows
    ]
    return "\n".join(lines).encode()


def gaussian(n: int, columns: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, columns))
