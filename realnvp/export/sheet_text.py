"""Text on a sheet: plain, in letters that its font has, and cut to the room that there is. Imports matplotlib."""

from functools import cache
from typing import Any

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import TextToPath

INK, FAINT = "#1f2430", "#6b7280"
MOST = 2_000  # letters that are looked at
SAFETY = 0.96  # letters of a PNG are set on whole pixels, which takes a little more room than measured
_measure = TextToPath()


def write(page: Figure, x: float, y: float, words: str, room: float, **style: Any) -> None:
    """A line at a place of the page, no wider than ``room``: all are parts of the page's sides, y that of its top."""
    inches = room * page.get_figwidth()
    look = {"va": "top", "color": INK, "fontsize": 8.0} | style
    page.text(x, y, fitted(drawable(words), inches, font_of(look)), parse_math=False, **look)


def write_lines(page: Figure, x: float, y: float, words: str, room: float, most: int, **style: Any) -> None:
    """The same in up to ``most`` lines, broken at blanks where there are any."""
    size = style["fontsize"]
    inches, font, rest = room * page.get_figwidth(), font_of(style), drawable(words)
    for k in range(most):
        end = len(rest) if k == most - 1 else fitting(rest, inches, font)
        if end < len(rest) and " " in rest[1:end]:
            end = rest.rindex(" ", 1, end)
        write(page, x, y - 1.5 * k * size / 72 / page.get_figheight(), rest[:end], room, **style)
        rest = rest[end:].lstrip()
        if not rest:
            return


def drawable(words: str) -> str:
    """The words as one line; a replacement character stands for each letter that the font lacks."""
    line = "".join(letter if letter.isprintable() else " " for letter in words[:MOST])
    return "".join(letter if has(letter) else "\N{REPLACEMENT CHARACTER}" for letter in line)


@cache
def has(letter: str) -> bool:
    return get_font(findfont("DejaVu Sans")).get_char_index(ord(letter)) > 0


def font_of(style: dict[str, Any]) -> FontProperties:
    family = style.get("family", "DejaVu Sans")
    return FontProperties(family=family, size=style["fontsize"], weight=style.get("weight", "normal"))


def fitted(words: str, inches: float, font: FontProperties) -> str:
    """The words, or as much of their beginning as there is room for."""
    end = fitting(words, inches, font)
    return words if end == len(words) else f"{words[: max(end - 1, 0)]}…"


def fitting(words: str, inches: float, font: FontProperties) -> int:
    """How many of the letters there is room for."""
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        width, _, _ = _measure.get_text_width_height_descent(words[:middle], font, ismath=False)
        low, high = (middle, high) if width / 72 <= SAFETY * inches else (low, middle - 1)
    return low
