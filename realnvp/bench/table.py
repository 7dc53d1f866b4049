"""What a measurement has found, as a table: for the terminal and the README, for programs, and for a plot."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows of values by column. A plot shows the columns ``drawn``, which share one unit, over the ``labels``."""

    title: str
    rows: Sequence[dict[str, Any]]  # numbers, words, or None for what was not measured
    labels: tuple[str, ...] = ()  # the columns that say which row it is
    drawn: tuple[str, ...] = ()
    unit: str = ""
    line: bool = False  # whether the one label is a number, over which lines are drawn; else bars
    note: str = ""  # what a reader must know beside the numbers

    def cells(self) -> list[list[str]]:
        """The names of the columns, then the rows, as they are shown."""
        columns = list(self.rows[0]) if self.rows else []
        return [columns, *([shown(row[column]) for column in columns] for row in self.rows)]

    def text(self) -> str:
        """The table in Markdown, with its title above and its note below."""
        if not self.rows:
            return f"{self.title}: {self.note}"
        cells = self.cells()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        head, *lines = [
            "| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in cells
        ]
        rule = "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|"
        title = f"{self.title} ({self.unit})" if self.unit else self.title
        return "\n".join([title, "", head, rule, *lines, "", self.note]).rstrip()

    def data(self) -> dict[str, Any]:
        """What JSON carries of it."""
        return asdict(self)


def shown(value: Any) -> str:
    """A value as a person reads it; of a number that is no whole one, four digits."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float() if abs(value) >= 1000:
            return f"{value:,.0f}"
        case float():
            return f"{value:.4g}"
        case int():
            return f"{value:,}"
    return str(value)
