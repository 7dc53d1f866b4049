"""Parquet files, unpacked by a process of their own: damage that ends a reader, or fills its memory, ends only that."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from realnvp.own.columns import DECIMAL_COMMA, column_from_cells, distinct_names
from realnvp.own.unpacking import REFUSED
from realnvp.own.wording import listed, shortened
from realnvp.points import BadData

MAGIC = b"PAR1"
PROJECT = Path(__file__).parents[2]
MOST_SECONDS = 60


def read_parquet(content: bytes) -> tuple[dict[str, np.ndarray], list[str]]:
    """Columns by name, and findings. Columns of anything but numbers, truth values and text are left out."""
    command = [sys.executable, "-m", "realnvp.own.unpacking"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, cwd=PROJECT, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        raise BadData("The Parquet file takes too long to unpack: save only the columns that you need.") from None
    if done.returncode == REFUSED:
        raise BadData(done.stderr.decode(errors="replace").strip())
    if done.returncode != 0:
        raise BadData("The Parquet file is damaged or too large to unpack: save it again, or save it as CSV.")
    with pa.ipc.open_stream(done.stdout) as stream:
        table = stream.read_all()
    columns, commas = {}, False
    for name, cells in zip(distinct_names(table.column_names), table.columns, strict=True):
        if pa.types.is_float64(cells.type):
            columns[name] = cells.to_numpy()
        else:
            columns[name], comma = column_from_cells(cells)
            commas |= comma
    findings = [DECIMAL_COMMA] if commas else []
    if left_out := [shortened(name) for name in table.schema.metadata[b"left out"].decode().splitlines()]:
        findings.append(f"Columns that hold something other than numbers or text are left out: {listed(left_out)}.")
    return columns, findings
