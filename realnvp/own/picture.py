"""A picture as a density: the darker a place, the more points fall there."""

import io

import numpy as np
from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from realnvp.own.darkness import points_from_darkness
from realnvp.own.wording import shortened
from realnvp.points import BadData, PointSet

MOST_BYTES = 20_000_000
MOST_PIXELS = 40_000_000
SIDE = 512  # pixels that the longer side is scaled down to
LEAST_CONTRAST = 32  # of 255 between the lightest and the darkest pixel
FORMATS = {b"\x89PNG\r\n\x1a\n": PngImageFile, b"\xff\xd8\xff": JpegImageFile}


def picture_of(content: bytes, name: str) -> Image.Image:
    """The picture in a PNG or JPEG file, upright, in greys ("L"), where it is transparent white.

    ``name`` is what messages call the file. What is no such picture, or too large a one, is BadData.
    """
    name = shortened(name) or "The picture"
    if len(content) > MOST_BYTES:
        raise BadData(f"{name} has {len(content) / 1e6:,.0f} MB: keep {MOST_BYTES / 1e6:.0f} MB at most.")
    reader = next((reader for start, reader in FORMATS.items() if content.startswith(start)), None)
    if reader is None:
        raise BadData(f"{name} is neither a PNG nor a JPEG picture: save it as one of these.")
    try:
        picture = reader(io.BytesIO(content))  # reads the size, no pixels
        width, height = picture.size
        if width * height <= MOST_PIXELS:
            return greys(ImageOps.exif_transpose(picture))
    except Exception:  # whatever a damaged picture makes Pillow say
        raise BadData(f"{name} is damaged or cut short: save the picture again.") from None
    raise BadData(f"{name} has {width:,} x {height:,} pixels: make it smaller than {MOST_PIXELS / 1e6:.0f} megapixels.")


def greys(picture: Image.Image) -> Image.Image:
    """Any picture as "L", on white paper."""
    if picture.mode.startswith("I"):  # 16 bits a pixel
        return Image.fromarray((np.asarray(picture, np.int64) >> 8).astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("L")


def points_from_picture(
    image: Image.Image,
    *,
    title: str,
    n: int = 20_000,
    seed: int = 0,
    labels: Image.Image | np.ndarray | None = None,
    classes: tuple[str, ...] = (),
) -> PointSet:
    """n points of a density proportional to darkness, counted from the lightest pixel.

    ``labels`` are the colour classes of the image's pixels, in a picture of the same size. An image without contrast
    is BadData.
    """
    picture, size = image.convert("L"), image.size
    if labels is not None:
        labels = Image.fromarray(np.asarray(labels, np.uint8))
    if max(size) > SIDE:
        size = tuple(max(1, round(side * SIDE / max(size))) for side in size)
        picture = picture.resize(size, Image.Resampling.BOX)
        labels = labels and labels.resize(size, Image.Resampling.NEAREST)
    grey = np.asarray(picture, np.int64)
    darkness = grey.max() - grey
    if darkness.max() < LEAST_CONTRAST:
        raise BadData("The picture is nearly the same everywhere: choose one with dark shapes on a light ground.")
    labels = labels and np.asarray(labels)
    return points_from_darkness(darkness, title=title, n=n, seed=seed, labels=labels, classes=classes)
