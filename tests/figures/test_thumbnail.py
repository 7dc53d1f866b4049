"""The small picture of a run: two halves on no background, small enough for a list, whatever the flow has come to."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageColor

from realnvp.figures.points import NEUTRAL, OKABE_ITO
from realnvp.figures.thumbnail import GAP, SIDE, square, thumbnail
from realnvp.snapshot import Journey, Snapshot


def snapshot(n: int = 2000) -> Snapshot:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(n, 2)).astype(np.float32)
    none = np.zeros((1, n), np.float32)
    labels = (points[:, 0] > 0).astype(np.uint8)
    return Snapshot(0, points, labels, points, points + 1, points, Journey(points, none, none, (0,)), {})


def pixels(png: bytes) -> np.ndarray:
    """(height, width, 4) RGBA."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)


def near(image: np.ndarray, colour: str) -> np.ndarray:
    """Where an image is opaque and of a colour, give or take what a palette rounds."""
    distance = np.abs(image[..., :3] - np.array(ImageColor.getrgb(colour))).max(-1)
    return (image[..., 3] > 200) & (distance < 40)


def test_it_is_small_and_clear_but_for_the_points():
    png = thumbnail(snapshot())
    image = pixels(png)
    assert png.startswith(b"\x89PNG")
    assert len(png) < 4_000
    assert image.shape == (SIDE, 2 * SIDE + GAP, 4)
    assert (image[..., 3] == 0).mean() > 0.3
    assert (image[:, SIDE : SIDE + GAP, 3] == 0).all()


def test_latent_points_have_their_classes_colours_at_their_places_and_samples_are_grey():
    image = pixels(thumbnail(snapshot()))
    latent, samples = image[:, :SIDE], image[:, SIDE + GAP :]
    left, right = near(latent, OKABE_ITO[0]), near(latent, OKABE_ITO[1])
    assert left[:, : SIDE // 2 - 2].sum() > 20 * left[:, SIDE // 2 + 2 :].sum()
    assert right[:, SIDE // 2 + 2 :].sum() > 20 * right[:, : SIDE // 2 - 2].sum()
    grey = near(samples, NEUTRAL)
    assert grey.sum() > 0.9 * (samples[..., 3] > 200).sum()
    # The samples lie above and to the right of the input, whose view is shown.
    assert grey[: SIDE // 2].sum() > grey[SIDE // 2 :].sum()
    assert grey[:, SIDE // 2 :].sum() > grey[:, : SIDE // 2].sum()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
def test_points_that_a_flow_has_lost_are_left_out(value):
    lost = np.full((2000, 2), value, np.float32)
    image = pixels(thumbnail(replace(snapshot(), latent=lost, samples=lost)))
    assert (image[..., 3] == 0).all()


def test_a_view_is_made_square_unless_its_coordinates_have_units_of_their_own():
    assert square((0, 4, 0, 2)) == (0, 4, -1, 3)
    assert square((0, 2, 0, 4)) == (-1, 3, 0, 4)
    assert square((0, 1, 0, 1000)) == (0, 1, 0, 1000)
