"""Words of the sentences that a person reads, from names and numbers of any kind."""

from collections.abc import Iterable


def shortened(text: str, most: int = 60) -> str:
    """The text on one line, cut to so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def listed(names: Iterable[str], most: int = 10) -> str:
    """The first names, with commas between them."""
    names = list(names)
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def counted(n: int, one: str, many: str) -> str:
    """A number and what it counts: "1 row is" or "1,200 rows are"."""
    return f"1 {one}" if n == 1 else f"{n:,} {many}"
