import math

import numpy as np
import pytest
from helpers import global_generators
from hypothesis import given, settings
from hypothesis import strategies as st

from realnvp.own.strokes import points_from_strokes
from realnvp.points import BadData, PointSet


def stroke(*places, width: float = 0.04, erase: bool = False) -> dict:
    return {"points": [list(place) for place in places], "width": width, "erase": erase}


def on_canvas(places) -> np.ndarray:
    """Canvas units, y downwards from 0 to 1, in data space."""
    return (np.array(places) - 0.5) * [4, -4]


def distance_to_segment(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    along = np.clip((points - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
    return np.linalg.norm(points - start - along[:, None] * (end - start), axis=1)


PIXEL = 4 / 512


@pytest.mark.parametrize("ends", [[(0.1, 0.2), (0.8, 0.2)], [(0.3, 0.9), (0.3, 0.1)], [(0.1, 0.9), (0.8, 0.3)]])
def test_a_straight_stroke_makes_points_along_it(ends):
    width = 0.1
    made = points_from_strokes([stroke(*ends, width=width)])
    start, end = on_canvas(ends)
    distances = distance_to_segment(made.points, start, end)
    assert distances.max() < width * 4 / 2 + 2 * PIXEL
    # A stadium of even density: so much of it lies in the discs at the ends.
    length, radius = np.linalg.norm(end - start), width * 2
    along = (made.points - start) @ (end - start) / length
    beyond = np.mean((along < 0) | (along > length))
    assert beyond == pytest.approx(math.pi * radius**2 / (math.pi * radius**2 + 2 * radius * length), abs=0.015)
    inner = along[(along > 0) & (along < length)]
    assert np.histogram(inner, 4)[0] / len(inner) == pytest.approx([0.25] * 4, abs=0.02)


def test_a_joint_is_round_and_has_no_gap():
    corner = [(0.2, 0.8), (0.5, 0.2), (0.8, 0.8)]
    made = points_from_strokes([stroke(*corner, width=0.2)], n=50_000)
    a, b, c = on_canvas(corner)
    nearest = np.minimum(distance_to_segment(made.points, a, b), distance_to_segment(made.points, b, c))
    assert nearest.max() < 0.4 + 2 * PIXEL
    assert made.points[:, 1].max() == pytest.approx(b[1] + 0.4, abs=2 * PIXEL)  # the round top


def test_one_place_is_a_dot():
    made = points_from_strokes([stroke((0.25, 0.75), width=0.1)])
    distances = np.linalg.norm(made.points - on_canvas((0.25, 0.75)), axis=1)
    assert distances.max() == pytest.approx(0.2, abs=2 * PIXEL)
    assert np.mean(distances < 0.1) == pytest.approx(0.25, abs=0.03)


def test_each_stroke_is_a_class_and_the_last_one_lies_on_top():
    across, down = stroke((0.1, 0.5), (0.9, 0.5)), stroke((0.5, 0.1), (0.5, 0.9))
    made = points_from_strokes([across, down])
    assert made.title == "Drawing"
    assert made.classes == ("stroke 1", "stroke 2")
    crossing = (np.abs(made.points) < 0.06).all(axis=1)
    assert crossing.any()
    assert (made.labels[crossing] == 1).all()
    assert (np.abs(made.points[made.labels == 0, 1]) < 0.1).all()
    assert (np.abs(made.points[made.labels == 1, 0]) < 0.1).all()


def test_after_eight_strokes_the_classes_begin_again():
    made = points_from_strokes([stroke((0.05 + k / 10, 0.1), (0.05 + k / 10, 0.9)) for k in range(9)])
    assert made.classes == ()
    for k in range(9):
        near = np.abs(made.points[:, 0] - on_canvas((0.05 + k / 10, 0))[0]) < 0.05
        assert (made.labels[near] == k % 8).all()


def middle(made: PointSet) -> np.ndarray:
    return np.abs(made.points[:, 0]) < 0.4 - 2 * PIXEL


def test_erasing_wipes_what_lies_before_it_and_nothing_after():
    line, wipe = stroke((0.1, 0.5), (0.9, 0.5)), stroke((0.5, 0.1), (0.5, 0.9), width=0.2, erase=True)
    assert middle(points_from_strokes([line])).any()
    wiped = points_from_strokes([line, wipe])
    assert not middle(wiped).any()
    assert wiped.classes == ("stroke 1",)
    again = points_from_strokes([line, wipe, line])
    assert middle(again).any()
    assert set(again.labels) == {1}
    assert middle(points_from_strokes([wipe, line])).any()


def test_what_lies_outside_is_moved_to_the_edge():
    inside = points_from_strokes([stroke((0, 0.5), (1, 1), width=0.5)])
    outside = points_from_strokes([stroke((-7, 0.5), (10**400, math.inf), width=1e300)])
    assert outside.digest == inside.digest
    assert np.abs(outside.points).max() <= 2
    thin = points_from_strokes([stroke((0.2, 0.2), (0.8, 0.2), width=-1)])
    assert np.ptp(thin.points[:, 1]) < 5 * PIXEL


def test_a_full_canvas_is_a_square():
    made = points_from_strokes([stroke(*[(x, y) for y in (0.1, 0.5, 0.9) for x in (0, 1, 0)], width=0.5)])
    assert made.points.std(axis=0) == pytest.approx([4 / math.sqrt(12)] * 2, rel=0.02)


def test_seeds_make_points_repeatable_and_touch_no_global_generator():
    before = global_generators()
    first, again, other = (points_from_strokes([stroke((0.5, 0.5))], n=200, seed=seed) for seed in (1, 1, 2))
    assert global_generators() == before
    assert len(first.points) == 200
    assert first.digest == again.digest != other.digest


LINE = stroke((0.1, 0.5), (0.9, 0.5))


@pytest.mark.parametrize(
    "strokes",
    [[], [stroke()], [stroke((0.5, 0.5), erase=True)], [LINE, stroke((0, 0.5), (1, 0.5), width=0.3, erase=True)]],
)
def test_a_blank_drawing_asks_for_one(strokes):
    with pytest.raises(BadData, match=r"^Draw something first: .*\.$"):
        points_from_strokes(strokes)


@pytest.mark.parametrize(
    "strokes",
    [
        None,
        "strokes",
        {"points": []},
        [None],
        [[]],
        [{}],
        [LINE | {"points": None}],
        [LINE | {"points": "ab"}],
        [LINE | {"points": [0.5, 0.5]}],
        [LINE | {"points": [[0.5]]}],
        [LINE | {"points": [[0.5, 0.5, 0.5]]}],
        [LINE | {"points": ["ab"]}],
        [LINE | {"points": [["0.5", "0.5"]]}],
        [LINE | {"points": [[math.nan, 0.5]]}],
        [LINE | {"points": [[None, 0.5]]}],
        [LINE | {"points": [[True, 0.5]]}],
        [LINE | {"points": [[1j, 0.5]]}],
        [LINE | {"width": math.nan}],
        [LINE | {"width": "thick"}],
        [LINE | {"width": None}],
        [LINE | {"erase": "yes"}],
        [LINE | {"erase": None}],
    ],
)
def test_what_is_no_drawing_is_refused(strokes):
    with pytest.raises(BadData, match=r"^The drawing is damaged: clear it and draw again\.$"):
        points_from_strokes(strokes)


def test_too_large_a_drawing_is_refused():
    with pytest.raises(BadData, match=r"1,001 strokes: keep 1,000 at most\.$"):
        points_from_strokes([LINE] * 1001)
    with pytest.raises(BadData, match=r"more than 20,000 points: .*\.$"):
        points_from_strokes([stroke(*[(0.5, 0.5)] * 10_001)] * 2)


numbers = st.floats(-0.5, 1.5) | st.sampled_from([0, 1, -1, 10**400, math.inf, -math.inf])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["points", "width", "erase"]), inner),
    max_leaves=20,
)
plausible = st.lists(
    st.fixed_dictionaries(
        {"points": st.lists(st.lists(numbers, min_size=2, max_size=2), max_size=5), "width": numbers},
        optional={"erase": st.booleans()},
    ),
    max_size=5,
)


@given(plausible | anything | st.lists(anything, max_size=3))
@settings(max_examples=200)
def test_whatever_a_browser_sends_makes_points_or_one_sentence(strokes):
    try:
        made = points_from_strokes(strokes, n=100)
    except BadData as refusal:
        message = str(refusal)
    else:
        assert np.abs(made.points).max() <= 2
        message = "."
    assert message.endswith(".")
