"""A run in one small picture, for lists: the latent points beside new samples, on no background."""

import io

import numpy as np
from PIL import Image, ImageColor

from realnvp.figures.points import LATENT_VIEW, NEUTRAL, OKABE_ITO, data_view
from realnvp.snapshot import Snapshot, View

SIDE = 112  # pixels of each half, about twice as many as a list shows
GAP = 12  # pixels between the halves
MOST_POINTS = 700
DOT = 2  # pixels: radius
FINER = 2  # drawn so many times larger, then made smaller, so that dots are round


RADIUS = DOT * FINER
DISC = np.argwhere(np.hypot(*np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1]) <= RADIUS).T  # rows, columns


def thumbnail(snapshot: Snapshot) -> bytes:
    """A PNG of a few kilobytes: latent points in the colours of their classes, and new samples in grey.

    It is clear but for the dots, so that it suits light and dark pages.
    """
    colours = np.array([pixel(colour) for colour in OKABE_ITO])
    samples_view = square(data_view(snapshot.input[:1000]))
    halves = (
        half(snapshot.latent, LATENT_VIEW, colours[snapshot.labels[:MOST_POINTS] % len(colours)]),
        np.zeros((SIDE * FINER, GAP * FINER), np.uint32),
        half(snapshot.samples, samples_view, np.broadcast_to(pixel(NEUTRAL), MOST_POINTS)),
    )
    drawn = np.concatenate(halves, axis=1)
    whole = Image.fromarray(drawn.view(np.uint8).reshape(*drawn.shape, 4)).reduce(FINER)
    file = io.BytesIO()
    whole.quantize(32, method=Image.Quantize.FASTOCTREE).save(file, "PNG", compress_level=3)
    return file.getvalue()


def half(points: np.ndarray, view: View, colours: np.ndarray) -> np.ndarray:
    """A square with a dot for each of the points (n, 2), as pixels; ``colours`` (MOST_POINTS or fewer,) are pixels."""
    side = SIDE * FINER
    x_low, x_high, y_low, y_high = view
    points = points[:MOST_POINTS].astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # a flow that has come to nothing may send points anywhere
        x = (points[:, 0] - x_low) / (x_high - x_low) * side
        y = (y_high - points[:, 1]) / (y_high - y_low) * side
    inside = np.isfinite(x) & np.isfinite(y) & (x > 0) & (x < side) & (y > 0) & (y < side)
    rows, columns = DISC[:, None] + np.array([y[inside], x[inside]], int)[..., None]
    image = np.zeros((side + 2 * RADIUS, side + 2 * RADIUS), np.uint32)  # with room for dots that reach over the edge
    image[rows, columns] = colours[: len(points)][inside][:, None]
    return image[RADIUS:-RADIUS, RADIUS:-RADIUS]


def pixel(colour: str) -> np.uint32:
    """A colour's opaque RGBA, its four bytes in memory as one number."""
    return np.frombuffer(bytes([*ImageColor.getrgb(colour), 255]), np.uint32)[0]


def square(view: View) -> View:
    """The view, with its shorter side made as long as the other where that is no more than four times as long."""
    x_low, x_high, y_low, y_high = view
    width, height = x_high - x_low, y_high - y_low
    if max(width, height) > 4 * min(width, height):  # coordinates in units of their own
        return view
    x_room, y_room = (max(width, height) - width) / 2, (max(width, height) - height) / 2
    return x_low - x_room, x_high + x_room, y_low - y_room, y_high + y_room
