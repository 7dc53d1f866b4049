"""The process that unpacks a Parquet file: ``python -m realnvp.own.unpacking``, Parquet in, Arrow's stream format out.

Only columns of numbers, truth values and text come out, as float64 and as dictionaries of text; the names of the others
stand in the stream's metadata. It looks at how much there is to unpack before it does, and may use so much memory.
"""

import contextlib
import io
import sys
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq

from realnvp.own.columns import MOST_COLUMNS, MOST_ROWS
from realnvp.points import BadData

REFUSED = 3  # exit status: the reason is on stderr
MOST_CELLS = 10_000_000
MOST_UNPACKED = 200_000_000  # bytes
MOST_MEMORY = 4 << 30  # bytes of address space, of which libraries reserve a good part


def unpacked(content: bytes) -> pa.Table:
    """The plain columns of a Parquet file. A ValueError of Arrow where it is damaged, BadData where it is too large."""
    file = pq.ParquetFile(io.BytesIO(content))
    schema, metadata = file.schema_arrow, file.metadata
    if metadata.num_columns > MOST_COLUMNS:
        raise BadData(f"The Parquet file has {metadata.num_columns:,} columns: keep {MOST_COLUMNS:,} at most.")
    leaves = [metadata.schema.column(k).path for k in range(metadata.num_columns)]
    named = Counter(leaves) + Counter(schema.names)  # twice where a name stands for one plain column and no other
    names = [field.name for field in schema if holds_cells(field.type) and named[field.name] == 2]
    if metadata.num_rows > MOST_ROWS or metadata.num_rows * len(names) > MOST_CELLS:
        raise BadData(
            f"The Parquet file has {metadata.num_rows:,} rows of {len(names):,} columns: keep {MOST_ROWS:,} rows and "
            f"{MOST_CELLS:,} cells at most."
        )
    refuse_size(sum(metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups)))
    texts = [name for name in names if is_text(schema.field(name).type)]
    try:  # as dictionaries, in which text that repeats takes room once
        read = pq.ParquetFile(io.BytesIO(content), read_dictionary=texts).read(names, use_threads=False)
    except OSError:  # which Arrow cannot do from every encoding
        read = file.read(names, use_threads=False)
    table = pa.table({name: plain(read[name]) for name in names}).unify_dictionaries()
    refuse_size(table.nbytes)
    left_out = [name for name in schema.names if name not in names]
    return table.replace_schema_metadata({"left out": "\n".join(left_out)})


def refuse_size(size: int) -> None:
    if size > MOST_UNPACKED:
        raise BadData(f"The Parquet file unpacks to {size / 1e6:,.0f} MB: keep {MOST_UNPACKED / 1e6:.0f} MB at most.")


def plain(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same cells as float64 or as a dictionary of text."""
    if pa.types.is_boolean(cells.type):
        cells = cells.cast(pa.string())
    if is_text(cells.type):
        return cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
    return cells.cast(pa.float64(), safe=False)


def holds_cells(kind: pa.DataType) -> bool:
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return number or pa.types.is_boolean(kind) or is_text(kind)


def is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def main() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # where the system sets no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    try:
        table = unpacked(sys.stdin.buffer.read())
    except BadData as reason:
        print(reason, file=sys.stderr)
        sys.exit(REFUSED)
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)


if __name__ == "__main__":
    main()
