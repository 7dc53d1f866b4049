"""A table that a person brings, and the points that two of its columns are."""

from dataclasses import dataclass

import numpy as np

from realnvp import npy
from realnvp.own import parquet
from realnvp.own.colours import colour_classes
from realnvp.own.columns import MOST_COLUMNS, MOST_ROWS
from realnvp.own.delimited import read_delimited
from realnvp.own.findings import findings_about
from realnvp.own.wording import counted, listed, shortened
from realnvp.points import FEWEST_POINTS, MOST_POINTS, BadData, PointSet, check_coordinates

MOST_BYTES = 10_000_000
OTHER_FORMATS = {
    b"PK\x03\x04": "is an Excel workbook, a ZIP archive or an .npz file: save one sheet as CSV, or unpack it",
    b"\x1f\x8b": "is compressed by gzip: unpack it first",
    b"\xd0\xcf\x11\xe0": "is an old Excel or Office file: save the sheet as CSV",
    b"%PDF-": "is a PDF document: save its table as CSV",
    b"\x89HDF": "is an HDF5 file: save its table as CSV or Parquet",
    b"\x89PNG": "is a picture: open it as a picture",
    b"\xff\xd8\xff": "is a picture: open it as a picture",
}


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length: numbers (float64, NaN where missing) or text (objects of str, "" where missing)."""

    columns: dict[str, np.ndarray]
    findings: tuple[str, ...] = ()  # sentences on how the file was read

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def numeric(self) -> list[str]:
        """The names of the columns that hold numbers, in their order."""
        return [name for name, values in self.columns.items() if values.dtype.kind == "f"]

    def head(self, n: int = 5) -> list[dict[str, float | str]]:
        """The first n rows, each by name of column, long texts shortened: for a preview."""
        shown = {name: [preview(cell) for cell in values[:n].tolist()] for name, values in self.columns.items()}
        return [dict(zip(shown, row, strict=True)) for row in zip(*shown.values(), strict=True)]


def preview(cell: float | str) -> float | str:
    return shortened(cell) if isinstance(cell, str) else cell


def read_table(content: bytes, name: str) -> Table:
    """The table in a file: CSV or text with other separators, Parquet or NPY, told apart by their content.

    ``name`` is what messages call the file. Whatever cannot be read, or has no two columns of numbers, is BadData.
    """
    name = shortened(name) or "The file"
    if not content:
        raise BadData(f"{name} is empty: choose a file with two columns of numbers.")
    if len(content) > MOST_BYTES:
        raise BadData(f"{name} is larger than {MOST_BYTES / 1e6:.0f} MB: keep fewer rows or columns.")
    for start, reason in OTHER_FORMATS.items():
        if content.startswith(start):
            raise BadData(f"{name} {reason}.")
    if content.startswith(parquet.MAGIC):
        columns, findings = parquet.read_parquet(content)
    elif content.startswith(npy.MAGIC):
        columns, findings = columns_of_array(content), []
    else:
        columns, findings = read_delimited(content)
    table = Table(columns, tuple(findings))
    if len(table.numeric) < 2:
        found = f"only one column of numbers, {table.numeric[0]}" if table.numeric else "no column of numbers"
        raise BadData(f"{name} has {found}: a point needs two, so choose a file that has them.")
    return table


def columns_of_array(content: bytes) -> dict[str, np.ndarray]:
    """The columns of an .npy file of shape (n, k), k at least 2."""
    try:
        array = npy.plain_array(content)
    except ValueError as error:
        raise BadData(str(error)) from None
    if array.ndim != 2 or array.shape[1] < 2:
        raise BadData(f"The array has the shape {array.shape}: save one with a row for each point and two columns.")
    if array.shape[0] > MOST_ROWS or array.shape[1] > MOST_COLUMNS:
        raise BadData(f"The array has the shape {array.shape}: keep {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns.")
    return {f"column {k}": column.astype(np.float64) for k, column in enumerate(array.T, start=1)}


def points_from_table(
    table: Table, x: str, y: str, colour: str | None = None, *, title: str, seed: int = 0
) -> PointSet:
    """The points of columns ``x`` and ``y``, coloured by the column ``colour``.

    Rows with a missing or infinite value in these columns are left out, and of too many ``seed`` chooses some. What a
    person should know of the points is in their findings; columns that make no points to learn are BadData.
    """
    for name in (x, y, *([] if colour is None else [colour])):
        if name not in table.columns:
            raise BadData(f'There is no column "{name}": choose one of {listed(table.columns)}.')
    for name in (x, y):
        if name not in table.numeric:
            raise BadData(f'The column "{name}" holds text: choose one of {listed(table.numeric)}.')
    if x == y:
        raise BadData(f'Both coordinates are the column "{x}": choose two different ones.')
    usable = np.isfinite(table.columns[x]) & np.isfinite(table.columns[y])
    if colour is not None:
        by = table.columns[colour]
        usable &= np.isfinite(by) if by.dtype.kind == "f" else by != ""
    rows = np.flatnonzero(usable)
    if len(rows) < FEWEST_POINTS:
        have = counted(len(rows), "row has", "rows have")
        raise BadData(
            f"Only {have} a value in each of these columns: choose others, or a file with {FEWEST_POINTS} rows or more."
        )
    findings = list(table.findings)
    if left_out := table.rows - len(rows):
        one, many = "row with a missing or infinite value is", "rows with a missing or infinite value are"
        findings.append(f"{counted(left_out, one, many)} left out.")
    if len(rows) > MOST_POINTS:
        findings.append(f"{MOST_POINTS:,} of {len(rows):,} rows are kept, chosen at random.")
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_POINTS, replace=False))
    points = np.column_stack([table.columns[x][rows], table.columns[y][rows]])
    check_coordinates(points, (x, y))
    labels, classes = (np.zeros(len(rows), np.uint8), ()) if colour is None else colour_classes(by[rows])
    return PointSet(title, points, labels, (x, y), classes, (*findings, *findings_about(points, (x, y))))
