import io
import zlib

import numpy as np
import pytest
import scipy.stats
from helpers import global_generators
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from realnvp.own.darkness import points_from_darkness
from realnvp.own.picture import picture_of, points_from_picture
from realnvp.points import BadData


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def grey(values) -> Image.Image:
    return Image.fromarray(np.asarray(values, np.uint8))


def pixels_of(points: np.ndarray, height: int, width: int) -> np.ndarray:
    """Number of points in each pixel, found from where the picture must lie."""
    unit = 4 / max(height, width)
    x_edges = (np.arange(width + 1) - width / 2) * unit
    y_edges = (np.arange(height + 1) - height / 2) * unit
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], [y_edges, x_edges])
    return counts[::-1]


WEDGE = np.add.outer(np.arange(6) * 40, np.arange(9) * 3)  # as dark as it is low and right


# The sampler.


@pytest.mark.parametrize("darkness", [WEDGE, WEDGE.T, WEDGE[:1], WEDGE[:, 3:4], (WEDGE > 60).astype(int)])
def test_points_fall_where_the_darkness_is_and_evenly_within_a_pixel(darkness):
    n = 100_000
    made = points_from_darkness(darkness, title="Wedge", n=n, seed=0)
    counts = pixels_of(made.points, *darkness.shape)
    assert counts.sum() == n  # none is outside
    assert not counts[darkness == 0].any()
    inked = darkness > 0
    assert scipy.stats.chisquare(counts[inked], n * darkness[inked] / darkness.sum()).pvalue > 1e-3
    within = made.points / (4 / max(darkness.shape)) + np.array(darkness.shape[::-1]) / 2
    for axis in (0, 1):
        assert scipy.stats.kstest(within[:, axis] % 1, "uniform").pvalue > 1e-3


def test_y_points_upwards_and_the_centre_is_the_origin():
    darkness = np.zeros((20, 40), int)
    darkness[0, 0] = 1  # top left
    made = points_from_darkness(darkness, title="Corner", n=50, seed=0)
    assert (made.points > [-2, 0.9]).all()
    assert (made.points < [-1.9, 1]).all()


def test_a_point_has_the_class_of_its_pixel():
    labels = np.arange(54).reshape(6, 9) % 8
    made = points_from_darkness(WEDGE, title="Wedge", n=5000, seed=0, labels=labels, classes=tuple("abcdefgh"))
    columns = np.floor(made.points[:, 0] / (4 / 9) + 4.5).astype(int)
    rows = np.floor(3 - made.points[:, 1] / (4 / 9)).astype(int)
    np.testing.assert_array_equal(made.labels, labels[rows, columns])
    assert made.classes == tuple("abcdefgh")


def test_seeds_make_points_repeatable_and_touch_no_global_generator():
    before = global_generators()
    first, again, other = (points_from_darkness(WEDGE, title="Wedge", n=1000, seed=seed) for seed in (3, 3, 4))
    assert global_generators() == before
    assert first.digest == again.digest != other.digest


# Pictures.


def test_darkness_is_counted_from_the_lightest_pixel():
    ramp = np.tile(np.arange(100, 200, 10), (5, 1))
    made = points_from_picture(grey(ramp), title="Ramp", n=50_000)
    counts = pixels_of(made.points, 5, 10).sum(axis=0)
    assert counts[-1] == 0
    assert scipy.stats.chisquare(counts[:-1], 50_000 * np.arange(9, 0, -1) / 45).pvalue > 1e-3


@pytest.mark.parametrize("size", [(2000, 1000), (700, 2100), (100_000, 3)])
def test_a_large_picture_is_scaled_down_and_keeps_its_shape(size):
    width, height = size
    left = np.arange(width) < width / 4
    made = points_from_picture(grey(np.tile(np.where(left, 0, 255), (height, 1))), title="Band", n=5000)
    half = np.array(size) / max(size) * 2
    assert (np.abs(made.points) <= half + 2 / 512).all()  # whole pixels
    assert made.points[:, 0].max() <= -half[0] / 2 + 4 / 512
    assert made.points[:, 0].min() == pytest.approx(-half[0], abs=0.01)
    assert np.ptp(made.points[:, 1]) == pytest.approx(2 * max(half[1], 2 / 512), rel=0.01)
    if max(size) < 5000:
        assert np.corrcoef(made.points.T)[0, 1] == pytest.approx(0, abs=0.06)


def test_labels_are_scaled_with_the_picture():
    picture = grey(np.tile([0, 255], (1500, 750)))
    labels = np.zeros((1500, 1500), int)
    labels[:750, 750:] = 5
    for given_labels in (labels, grey(labels)):
        made = points_from_picture(picture, title="Quarter", labels=given_labels)
        inside = (made.points > 0).all(axis=1)
        near_an_edge = (np.abs(made.points) < 0.01).any(axis=1)
        np.testing.assert_array_equal(made.labels[~near_an_edge], 5 * inside[~near_an_edge])


@pytest.mark.parametrize(
    "image",
    [
        grey(np.full((50, 50), 255)),
        grey(np.full((50, 50), 0)),
        grey(np.full((50, 50), 128)),
        grey(np.random.default_rng(0).integers(240, 256, (50, 50))),
        grey([[7]]),
        Image.new("RGB", (5, 5), (200, 10, 10)),
    ],
)
def test_a_picture_without_contrast_is_refused(image):
    with pytest.raises(BadData, match=r"nearly the same everywhere: choose .*\.$"):
        points_from_picture(image, title="Blank")


RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (40, 60), np.uint8)
COLOURS = RNG.integers(0, 256, (40, 60, 3), np.uint8)


def luma(colours: np.ndarray) -> np.ndarray:
    return colours @ [0.299, 0.587, 0.114]  # ITU-R 601


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (grey(NOISE), NOISE),
        (Image.fromarray(NOISE > 127), 255 * (NOISE > 127)),
        (Image.fromarray(COLOURS), luma(COLOURS)),
        (Image.fromarray(NOISE.astype(np.uint16) * 257), NOISE),
        (Image.fromarray(COLOURS // 64 * 64).quantize(64), luma(COLOURS // 64 * 64)),
        (Image.fromarray(np.dstack([COLOURS, NOISE])), luma(COLOURS) * (NOISE / 255) + 255 - NOISE),
        (Image.fromarray(np.dstack([NOISE // 2, NOISE])), (NOISE // 2) * (NOISE / 255) + 255 - NOISE),
    ],
    ids=["L", "1", "RGB", "16 bits", "palette", "RGBA", "LA"],
)
def test_png_of_every_kind(image, expected):
    read = picture_of(saved(image), "a.png")
    assert read.mode == "L"
    np.testing.assert_allclose(np.asarray(read), expected, atol=2)


def test_a_transparent_colour_is_white():
    image = Image.fromarray(np.repeat(np.uint8([[[0, 0, 0], [255, 0, 0]]]), 30, axis=0))
    read = np.asarray(picture_of(saved(image, transparency=(0, 0, 0)), "a.png"))
    assert (read[:, 0] == 255).all()
    assert (read[:, 1] == 76).all()
    palette = image.quantize(2)
    black = palette.getpalette()[:3] == [0, 0, 0]
    read = np.asarray(picture_of(saved(palette, transparency=0 if black else 1), "a.png"))
    assert (read[:, 0] == 255).all()


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_of_every_kind(mode):
    smooth = np.repeat(np.repeat(COLOURS[:5, :7], 8, axis=0), 8, axis=1)
    image = Image.fromarray(smooth).convert(mode)
    read = picture_of(
        saved(image, "JPEG", quality=98, subsampling=0) if mode == "RGB" else saved(image, "JPEG"), "a.jpg"
    )
    assert read.mode == "L"
    assert np.abs(np.asarray(read) - luma(smooth)).mean() < 4


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(kind, orientation):
    upright = np.kron([[0, 255, 255], [80, 80, 255]], np.ones((16, 16))).astype(np.uint8)
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = saved(grey(turned), kind, exif=exif)
    np.testing.assert_allclose(np.asarray(picture_of(content, "a")), upright, atol=3)


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that announces a size, and hardly anything after it."""
    content = bytearray(saved(grey([[0]])))
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "neither a PNG nor a JPEG"),
        (b"hello", "neither a PNG nor a JPEG"),
        (saved(grey(NOISE), "GIF"), "neither a PNG nor a JPEG"),
        (saved(grey(NOISE), "TIFF"), "neither a PNG nor a JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither a PNG nor a JPEG"),
        (saved(grey(NOISE))[:300], "damaged or cut short"),
        (saved(grey(NOISE))[:20], "damaged or cut short"),
        (saved(grey(NOISE), "JPEG")[:300], "damaged or cut short"),
        (b"\x89PNG\r\n\x1a\n", "damaged or cut short"),
        (b"\xff\xd8\xff", "damaged or cut short"),
        (png_of_size(60_000, 60_000), "60,000 x 60,000 pixels: make it smaller than 40 megapixels"),
        (png_of_size(2**31 - 1, 2**31 - 1), "pixels"),
        (png_of_size(10_000, 4_001), "10,000 x 4,001 pixels"),
        (png_of_size(0, 5), "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20_000_000), "20 MB"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(content, message):
    with pytest.raises(BadData, match=message) as refusal:
        picture_of(content, "my.png")
    assert str(refusal.value).startswith("my.png ")
    assert str(refusal.value).endswith(".")


def test_a_picture_as_large_as_allowed_is_read():
    assert picture_of(saved(Image.new("L", (8000, 5000), 255), compress_level=1), "a.png").size == (8000, 5000)


@given(st.sampled_from(["PNG", "JPEG"]), st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=4))
@settings(max_examples=100)
def test_a_changed_file_is_a_picture_or_refused(kind, changes):
    content = bytearray(saved(grey(NOISE), kind))
    for place, value in changes:
        content[place % len(content)] = value
    try:
        read = picture_of(bytes(content), "a")
    except BadData:
        return
    assert read.mode == "L"
