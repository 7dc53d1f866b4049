"""Points drawn from a picture's darkness: the sampler of pictures, words and drawings."""

import numpy as np

from realnvp.points import PointSet

UNITS = 4.0  # length of the longer side in data space


def points_from_darkness(
    darkness: np.ndarray,
    *,
    title: str,
    n: int,
    seed: int,
    labels: np.ndarray | None = None,
    classes: tuple[str, ...] = (),
) -> PointSet:
    """n independent points, of a density proportional to darkness (height, width), whole numbers that are not all 0.

    A point falls evenly on the square that its pixel is, and takes the pixel's colour class from ``labels`` (height,
    width). The longer side is 4 units, the centre is the origin, y points upwards.
    """
    rng = np.random.default_rng(seed)
    height, width = darkness.shape
    up_to = darkness.ravel().cumsum(dtype=np.int64)
    pixels = np.searchsorted(up_to, rng.integers(up_to[-1], size=n), side="right")
    rows, columns = np.divmod(pixels, width)
    unit = UNITS / max(height, width)
    x = (columns + rng.random(n) - width / 2) * unit
    y = (height / 2 - rows - rng.random(n)) * unit
    colours = np.zeros(n, np.uint8) if labels is None else labels.ravel()[pixels]
    return PointSet(title, np.column_stack([x, y]), colours, classes=classes)
