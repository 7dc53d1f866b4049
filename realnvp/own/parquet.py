"""Parquet: columns of numbers and text, after a look at how much there is to unpack."""

import io
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from realnvp.own.columns import DECIMAL_COMMA, MOST_COLUMNS, MOST_ROWS, column_from_cells, distinct_names
from realnvp.own.wording import listed, shortened
from realnvp.points import BadData

MAGIC = b"PAR1"
MOST_CELLS = 20_000_000  # 160 MB of numbers
MOST_UNPACKED = 200_000_000  # bytes
METADATA_LIMIT = 10_000_000  # bytes or entries


def read_parquet(content: bytes) -> tuple[dict[str, np.ndarray], list[str]]:
    """Columns by name, and findings. Columns of anything but numbers, truth values and text are left out."""
    try:
        return columns_of(content)
    except BadData:
        raise
    except Exception:  # whatever a damaged file makes Arrow say
        raise BadData("The Parquet file is damaged or cut short: save it again.") from None


def columns_of(content: bytes) -> tuple[dict[str, np.ndarray], list[str]]:
    file = opened(content, [])
    fields, n_rows = file.schema_arrow, file.metadata.num_rows
    if len(fields) > MOST_COLUMNS or file.metadata.num_columns > MOST_COLUMNS:
        raise BadData(f"The Parquet file has {file.metadata.num_columns:,} columns: keep {MOST_COLUMNS:,} at most.")
    names = wanted_columns(file)
    if n_rows > MOST_ROWS or n_rows * len(names) > MOST_CELLS:
        raise BadData(
            f"The Parquet file has {n_rows:,} rows of {len(names):,} columns: keep {MOST_ROWS:,} rows and "
            f"{MOST_CELLS:,} cells at most."
        )
    unpacked = sum(file.metadata.row_group(k).total_byte_size for k in range(file.metadata.num_row_groups))
    if unpacked > MOST_UNPACKED:
        raise BadData(
            f"The Parquet file unpacks to {unpacked / 1e6:,.0f} MB: keep {MOST_UNPACKED / 1e6:.0f} MB at most."
        )
    # As dictionaries, text that repeats takes room once.
    table = opened(content, [name for name in names if is_text(fields.field(name).type)]).read(names, use_threads=False)
    columns, commas = {}, False
    for name, shown in zip(names, distinct_names(names), strict=True):
        cells = table[name]
        if pa.types.is_boolean(cells.type):
            cells = cells.cast(pa.string())
        if is_text(cells.type):
            columns[shown], comma = column_from_cells(cells)
            commas |= comma
        else:
            columns[shown] = cells.cast(pa.float64(), safe=False).to_numpy()
    left_out = [shortened(name) or "(unnamed)" for name in fields.names if name not in names]
    findings = [DECIMAL_COMMA] if commas else []
    if left_out:
        findings.append(f"Columns that hold neither numbers nor text are left out: {listed(left_out)}.")
    return columns, findings


def opened(content: bytes, as_dictionaries: list[str]) -> pq.ParquetFile:
    """The file, with its metadata read and none of its columns."""
    return pq.ParquetFile(
        io.BytesIO(content),
        read_dictionary=as_dictionaries,
        thrift_string_size_limit=METADATA_LIMIT,
        thrift_container_size_limit=METADATA_LIMIT,
    )


def wanted_columns(file: pq.ParquetFile) -> list[str]:
    """The columns of numbers, truth values and text that can be asked for by their name."""
    groups = [file.metadata.row_group(k) for k in range(file.metadata.num_row_groups)]
    paths = [file.metadata.schema.column(k).path for k in range(file.metadata.num_columns)]
    # Text encoded as what it shares with the text before it has no bound on how much it unpacks to.
    unbounded = {
        path for k, path in enumerate(paths) for group in groups if "DELTA_BYTE_ARRAY" in group.column(k).encodings
    }
    times = Counter(paths) + Counter(file.schema_arrow.names)
    return [
        field.name
        for field in file.schema_arrow
        if (is_number(field.type) or pa.types.is_boolean(field.type) or is_text(field.type))
        and times[field.name] == 2
        and field.name not in unbounded
    ]


def is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)
