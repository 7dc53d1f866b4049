"""A drawing of brush strokes as points, each stroke a colour class."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from realnvp.own.darkness import points_from_darkness
from realnvp.points import MOST_CLASSES, BadData, PointSet

SIDE = 512  # pixels of the canvas
MOST_STROKES = 1_000
MOST_PLACES = 20_000  # in all strokes together
THINNEST, WIDEST = 2 / SIDE, 0.5  # brush, in canvas units
DAMAGED = "The drawing is damaged: clear it and draw again."


def points_from_strokes(strokes: Sequence[Mapping], *, n: int = 20_000, seed: int = 0) -> PointSet:
    """n points where the brush has left ink, evenly spread over it.

    A stroke is {"points": [[x, y], ...], "width": w, "erase": bool}, in units of a square canvas, x to the right and y
    downwards from 0 to 1; what lies outside is moved to the edge. An erasing stroke wipes off what was drawn before it.
    A place belongs to the last stroke over it: its colour class is that stroke's number, erasing ones not counted,
    modulo 8. A blank drawing is BadData, and so is what is no drawing, for it comes from a browser.
    """
    ink, labels = Image.new("L", (SIDE, SIDE)), Image.new("L", (SIDE, SIDE))
    classes: list[str] = []
    for places, width, erase in checked(strokes):
        draw(ink, places, width, 0 if erase else 1)
        if not erase:
            draw(labels, places, width, len(classes) % MOST_CLASSES)
            classes.append(f"stroke {len(classes) + 1}")
    darkness = np.asarray(ink)
    if not darkness.any():
        raise BadData("Draw something first: there is nothing on the canvas.")
    names = tuple(classes) if len(classes) <= MOST_CLASSES else ()
    return points_from_darkness(darkness, title="Drawing", n=n, seed=seed, labels=np.asarray(labels), classes=names)


def draw(canvas: Image.Image, places: np.ndarray, width: float, colour: int) -> None:
    """A line through places (m, 2) with round ends and joints, all in pixels: a disc at each place, bars between."""
    brush = ImageDraw.Draw(canvas)
    corners = [tuple(place) for place in places.tolist()]
    for corner in corners:
        brush.circle(corner, width / 2, fill=colour)
    brush.line(corners, fill=colour, width=round(width))


def checked(strokes: Sequence[Mapping]) -> list[tuple[np.ndarray, float, bool]]:
    """Places (m, 2) and width in pixels, and whether it erases, of each stroke that has a place."""
    if not isinstance(strokes, list | tuple) or not all(isinstance(stroke, Mapping) for stroke in strokes):
        raise BadData(DAMAGED)
    if len(strokes) > MOST_STROKES:
        raise BadData(f"The drawing has {len(strokes):,} strokes: keep {MOST_STROKES:,} at most.")
    found, n_places = [], 0
    for stroke in strokes:
        places, erase = stroke.get("points"), stroke.get("erase", False)
        if not isinstance(places, list | tuple) or not isinstance(erase, bool):
            raise BadData(DAMAGED)
        n_places += len(places)
        if n_places > MOST_PLACES:
            raise BadData(f"The drawing has more than {MOST_PLACES:,} points: clear it and draw fewer strokes.")
        if not all(isinstance(place, list | tuple) and len(place) == 2 for place in places):
            raise BadData(DAMAGED)
        width = within(stroke.get("width"), THINNEST, WIDEST)
        if places:
            found.append((np.array([[within(c, 0, 1) for c in place] for place in places]) * SIDE, width * SIDE, erase))
    return found


def within(value: object, low: float, high: float) -> float:
    """The number, moved into the range."""
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:
        raise BadData(DAMAGED)
    return float(min(max(value, low), high))
