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


def thumbnail(snapshot: Snapshot) -> bytes:
    """A PNG of a few kilobytes: latent points in the colours of their classes, and new samples in grey.

    It is clear but for the dots, so that it suits light and dark pages.
    """
    colours = np.array([ImageColor.getrgb(colour) for colour in OKABE_ITO], np.uint8)
    latent = half(snapshot.latent, LATENT_VIEW, colours[snapshot.labels[:MOST_POINTS] % len(colours)])
    grey = np.array([ImageColor.getrgb(NEUTRAL)], np.uint8)
    samples = half(snapshot.samples, square(data_view(snapshot.input)), grey)
    whole = Image.new("RGBA", (2 * SIDE + GAP, SIDE))
    whole.paste(latent, (0, 0))
    whole.paste(samples, (SIDE + GAP, 0))
    file = io.BytesIO()
    whole.quantize(32, method=Image.Quantize.FASTOCTREE).save(file, "PNG")
    return file.getvalue()


def half(points: np.ndarray, view: View, colours: np.ndarray) -> Image.Image:
    """The points (n, 2) in a square; one colour (1, 3) for all, or one for each."""
    side, radius = SIDE * FINER, DOT * FINER
    x_low, x_high, y_low, y_high = view
    points = points[:MOST_POINTS].astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # a flow that has come to nothing may send points anywhere
        x = (points[:, 0] - x_low) / (x_high - x_low) * side
        y = (y_high - points[:, 1]) / (y_high - y_low) * side
    inside = np.isfinite(x) & np.isfinite(y) & (x > 0) & (x < side) & (y > 0) & (y < side)
    rows, columns = np.nonzero(np.hypot(*np.mgrid[-radius : radius + 1, -radius : radius + 1]) <= radius)  # of a dot
    image = np.zeros((side + 2 * radius, side + 2 * radius, 4), np.uint8)  # with room for dots that reach over the edge
    place = y[inside].astype(int)[:, None] + rows, x[inside].astype(int)[:, None] + columns
    image[..., :3][place] = np.broadcast_to(colours, (len(points), 3))[inside][:, None]
    image[..., 3][place] = 255
    whole = Image.fromarray(image[radius:-radius, radius:-radius])
    return whole.resize((SIDE, SIDE), Image.Resampling.BOX)


def square(view: View) -> View:
    """The view, with its shorter side made as long as the other where that is no more than four times as long."""
    x_low, x_high, y_low, y_high = view
    width, height = x_high - x_low, y_high - y_low
    if max(width, height) > 4 * min(width, height):  # coordinates in units of their own
        return view
    x_room, y_room = (max(width, height) - width) / 2, (max(width, height) - height) / 2
    return x_low - x_room, x_high + x_room, y_low - y_room, y_high + y_room
