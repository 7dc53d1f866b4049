"""Columns of text cells turned into arrays of numbers or text, and names that tell them apart."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realnvp.own.wording import shortened

MOST_ROWS = 5_000_000
MOST_COLUMNS = 1_000
MISSING = ("", "-", "--", ".", "?", "na", "n/a", "#n/a", "nan", "null", "none")
NUMBER = r"^[+-]?((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|(?i:inf|infinity))$"
DECIMAL_COMMA = "A comma within a number is read as a decimal comma."


def column_from_cells(cells: pa.ChunkedArray) -> tuple[np.ndarray, bool]:
    """What a column of text cells holds, and whether its numbers are written with a decimal comma.

    float64 where at least half of the filled cells are numbers, the others NaN; else text, an object array of str
    with "" for a missing cell. A comma is a decimal comma where no number of the column has a decimal point.
    """
    different, codes = distinct_cells(cells)
    numbers, comma = numbers_from_text(different), False
    if not pc.any(pc.and_(pc.is_valid(numbers), pc.match_substring(different, "."))).as_py():
        with_commas = numbers_from_text(pc.replace_substring(different, ",", ".", max_replacements=1))
        comma = with_commas.null_count < numbers.null_count
        numbers = with_commas
    values = numbers.to_numpy(zero_copy_only=False)[codes]
    missing = pc.is_in(pc.utf8_lower(different), pa.array(MISSING))
    n_missing = np.count_nonzero(missing.to_numpy(zero_copy_only=False)[codes])
    n_numbers = np.count_nonzero(~np.isnan(values))
    if n_numbers and 2 * n_numbers >= len(values) - n_missing:
        return values, comma
    return np.array(pc.if_else(missing, "", different).to_pylist(), object)[codes], False


def distinct_cells(cells: pa.ChunkedArray) -> tuple[pa.StringArray, np.ndarray]:
    """The different texts of a column, trimmed and "" for none at all, and which of them each cell has."""
    if not pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_encode()
    cells = cells.unify_dictionaries()
    if cells.num_chunks == 0:
        return pa.array([""]), np.empty(0, np.int64)
    different = pa.concat_arrays([cells.chunk(0).dictionary.cast(pa.string()), pa.array([""])]).fill_null("")
    codes = [chunk.indices.cast(pa.int64()).fill_null(len(different) - 1).to_numpy() for chunk in cells.chunks]
    return pc.utf8_trim_whitespace(different), np.concatenate(codes)


def numbers_from_text(cells: pa.StringArray) -> pa.DoubleArray:
    """The numbers that cells spell out, with a decimal point; null for other cells. Too large a number is infinite."""
    return pc.if_else(pc.match_substring_regex(cells, NUMBER), cells, None).cast(pa.float64())


def distinct_names(names: Iterable[str]) -> list[str]:
    """Names on one line, none empty or the same: "column 2" for an empty second one, "a (2)" for a second a."""
    distinct: dict[str, None] = {}
    for k, name in enumerate(names, start=1):
        base = name = shortened(name) or f"column {k}"
        times = 1
        while name in distinct:
            times += 1
            name = f"{base} ({times})"
        distinct[name] = None
    return list(distinct)
