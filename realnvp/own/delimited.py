"""CSV and its kin: bytes in an unknown encoding, with an unknown separator, with or without a header."""

import csv
import io
import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.csv

from realnvp.own.columns import (
    DECIMAL_COMMA,
    MISSING,
    MOST_COLUMNS,
    NUMBER,
    column_from_cells,
    distinct_names,
)
from realnvp.own.wording import counted
from realnvp.points import BadData

MOST_RAGGED = 0.1  # share of lines with another number of cells than the others that may be left out
SAMPLE = 65_536  # characters from which the separator is guessed: the first line must fit
SEPARATORS = ("\t", ";", ",", "|", " ")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
WHAT_TO_DO = "put each point on a line of its own, with a comma or a semicolon between its numbers"
UNCLOSED = 'A quotation mark (") is opened and never closed: close it or delete it.'


def read_delimited(content: bytes) -> tuple[dict[str, np.ndarray], list[str]]:
    """Columns by name, and findings."""
    text = decoded(content)
    if not text.strip():
        raise BadData(f"The text is blank: {WHAT_TO_DO}.")
    if control := CONTROL.search(text):
        raise BadData(f"The file is no text, for it has a character of code {ord(control[0])}: save the table as CSV.")
    separator, width = separator_and_width(text)
    if separator == " ":
        text = re.sub(r"(?m)^ | $", "", re.sub(r"[ \t]+", " ", text))
    cells, n_ragged = split(text, separator, width)
    columns, commas = zip(*map(column_from_cells, cells.columns), strict=True)
    findings = []
    if n_ragged:
        one, many = (
            "line with more or fewer cells than the others is",
            "lines with more or fewer cells than the others are",
        )
        findings.append(f"{counted(n_ragged, one, many)} left out.")
    if any(commas):
        findings.append(DECIMAL_COMMA)
    first = [column[0].as_py().strip() for column in cells.columns]
    # The first row is a header where it has a word above numbers.
    header = any(
        column.dtype.kind == "f" and np.isnan(column[0]) and word.lower() not in MISSING
        for column, word in zip(columns, first, strict=True)
    )
    names = distinct_names(first if header else [""] * width)
    return {name: column[1:] if header else column for name, column in zip(names, columns, strict=True)}, findings


def decoded(content: bytes) -> str:
    """The text in UTF-16 or UTF-8, told by their byte order mark or by what is in them, else in Windows' Latin-1."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    # In UTF-16 each Latin letter or digit has a zero byte: all in even places, or all in odd ones.
    even, odd = content[:1000:2].count(0), content[1:1000:2].count(0)
    if max(even, odd) > len(content[:1000]) / 4 and min(even, odd) == 0:
        return content.decode("utf-16-be" if even else "utf-16-le", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def separator_and_width(text: str) -> tuple[str, int]:
    """The separator that makes the most numbers in lines of equally many cells, and how many cells these are."""
    lines = [line for line in io.StringIO(text[:SAMPLE], newline=None) if line.strip()]
    if len(text) > SAMPLE:
        lines.pop()  # which may be cut
    if not lines:
        raise BadData(f"The first line of the text is longer than {SAMPLE:,} characters: {WHAT_TO_DO}.")
    number = re.compile(NUMBER, re.ASCII)
    best = (0.0, "", 0)
    for separator in SEPARATORS:
        stripped = (line.strip() if separator == " " else line for line in lines[:100])
        rows = list(csv.reader(stripped, delimiter=separator, skipinitialspace=separator == " "))
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if widths:
            width, n_rows = widths.most_common(1)[0]
            cells = [cell.strip().replace(",", ".", 1) for row in rows if len(row) == width for cell in row]
            numbers = sum(number.match(cell) is not None for cell in cells) / len(cells)
            best = max(best, (numbers * n_rows / len(rows), separator, width))
    share, separator, width = best
    if width > MOST_COLUMNS:
        raise BadData(f"The text has {width:,} columns: keep {MOST_COLUMNS:,} at most.")
    if share == 0 and text.count('"') % 2:
        raise BadData(UNCLOSED)
    if share == 0:
        raise BadData(f"The text has no two columns of numbers: {WHAT_TO_DO}.")
    return separator, width


def split(text: str, separator: str, width: int) -> tuple[pa.Table, int]:
    """The cells of all lines that have ``width`` of them, as text, and the number of lines that have not."""
    content = text.replace("\N{MINUS SIGN}", "-").encode()  # as minus is printed
    n_lines = sum(not line.isspace() for line in io.StringIO(text, newline=None))
    most_ragged = max(10, int(MOST_RAGGED * n_lines))
    n_ragged = 0

    def leave_out(row: pyarrow.csv.InvalidRow) -> str:
        nonlocal n_ragged
        n_ragged += not row.text.isspace()
        return "skip" if n_ragged <= most_ragged else "error"

    names = [str(k) for k in range(width)]
    try:
        cells = pyarrow.csv.read_csv(
            io.BytesIO(content),
            # One block, for a cell may be longer than blocks are.
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=len(content) + 1, column_names=names),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=leave_out
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        cells = None
    if text.count('"') % 2 and (cells is None or len(cells) + n_ragged < n_lines):
        raise BadData(UNCLOSED)
    if not cells:
        raise BadData(
            f"The lines of the text have different numbers of cells, most of them {width}: give every line as many."
        )
    return cells, n_ragged
