import io
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from realnvp.points import FEWEST_POINTS, MOST_POINTS, BadData, PointSet

X = np.random.default_rng(0).normal(size=(60, 2))
LABELS = np.arange(60) % 3


def point_set(**changes) -> PointSet:
    values = {"title": "Mine", "points": X, "labels": LABELS, "axes": ("a", "b"), "classes": ("u", "v", "w")}
    return PointSet(**values | changes)


def test_arrays_are_copies_that_cannot_be_changed():
    theirs = X.copy()
    made = point_set(points=theirs)
    theirs[0] = 100
    assert made.points.dtype == np.float64
    assert made.labels.dtype == np.uint8
    np.testing.assert_array_equal(made.points, X)
    np.testing.assert_array_equal(made.labels, LABELS)
    for array in (made.points, made.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_axes_and_classes_have_defaults():
    made = PointSet("t", X, np.zeros(60, int))
    assert made.axes == ("x₁", "x₂")
    assert made.classes == made.findings == ()


def spoilt(value: float) -> np.ndarray:
    points = X.copy()
    points[7, 1] = value
    return points


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"points": X[:49], "labels": LABELS[:49]}, "49 points, too few"),
        ({"points": np.zeros((MOST_POINTS + 1, 2)), "labels": np.zeros(MOST_POINTS + 1, int)}, "100,001 points"),
        ({"points": spoilt(np.nan)}, '"b" has missing or infinite'),
        ({"points": spoilt(-np.inf)}, '"b" has missing or infinite'),
        ({"points": spoilt(-1e31)}, '"b" has values beyond 1e\\+30: divide'),
        ({"points": X * [1, 0]}, 'All values of "b" are the same'),
        ({"points": X * [1e-40, 1]}, '"a" all but agree: multiply'),
        ({"points": X + np.array([0, 1e6])}, "subtract a constant first, such as 1e\\+06"),
        ({"points": X - np.array([1e6, 0])}, "subtract a constant first, such as -1e\\+06"),
        ({"points": X[:, :1]}, "needs points"),
        ({"labels": LABELS[:-1]}, "a label for each"),
        ({"labels": LABELS - 1}, "labels"),
        ({"labels": LABELS + 1}, "labels"),
        ({"labels": LABELS + 0.5}, "labels"),
        ({"labels": np.arange(60) % 9, "classes": ()}, "labels"),
        ({"labels": np.arange(60) % 9, "classes": tuple("abcdefghi")}, "9 classes"),
        ({"axes": ("a",)}, "two axes"),
    ],
)
def test_points_that_no_flow_can_learn_are_refused_with_a_reason(changes, message):
    with pytest.raises(BadData, match=message) as refusal:
        point_set(**changes)
    assert str(refusal.value).endswith(".")


def test_the_limits_themselves_are_allowed():
    point_set(points=X[:FEWEST_POINTS], labels=LABELS[:FEWEST_POINTS])
    many = np.random.default_rng(0).normal(size=(MOST_POINTS, 2))
    point_set(points=many, labels=np.zeros(MOST_POINTS, int))
    point_set(points=X / np.abs(X).max() * 1e30)
    point_set(points=X + 1e4)
    assert np.float32(X + 1e4).std(axis=0) == pytest.approx(X.std(axis=0), rel=1e-2)  # which single precision holds


def test_digest_depends_on_what_is_trained_on_and_shown_and_on_nothing_else():
    made = point_set()
    assert len(made.digest) == 16
    assert int(made.digest, 16) >= 0
    assert made.digest == point_set().digest == replace(made, findings=("Something.",)).digest
    moved = np.where(np.arange(120).reshape(60, 2) == 50, np.nextafter(X, 9), X)
    others = [
        {"points": moved},
        {"points": X[:, ::-1]},
        {"labels": LABELS[::-1]},
        {"title": "Yours"},
        {"axes": ("b", "a")},
        {"classes": ("u", "v", "W")},
        {"classes": ("u", "v", "w", "x")},
    ]
    assert len({made.digest} | {replace(made, **change).digest for change in others}) == len(others) + 1


def test_digest_is_the_same_in_every_process_and_version():
    grid = np.stack(np.meshgrid(np.arange(10.0), np.arange(10.0)), -1).reshape(-1, 2)
    assert PointSet("Grid", grid, np.arange(100) % 2, classes=("even", "odd")).digest == "a9ee0c641417ea0e"


names = st.text(max_size=20)


@given(
    points=hnp.arrays(np.float64, (50, 2), elements=st.floats(-1e6, 1e6), unique=True),
    labels=hnp.arrays(np.uint8, 50, elements=st.integers(0, 2)),
    title=names,
    axes=st.tuples(names, names),
    classes=st.tuples(names, names, names),
    findings=st.lists(names, max_size=3),
)
def test_bytes_bring_back_the_same_set(points, labels, title, axes, classes, findings):
    try:
        made = PointSet(title, points, labels, axes, classes, tuple(findings))
    except BadData:
        return  # too little spread for its size
    back = PointSet.from_bytes(made.to_bytes())
    np.testing.assert_array_equal(back.points, made.points)
    np.testing.assert_array_equal(back.labels, made.labels)
    assert (back.title, back.axes, back.classes, back.findings) == (title, axes, classes, tuple(findings))
    assert back.digest == made.digest


def test_numpy_opens_the_bytes_without_pickles():
    with np.load(io.BytesIO(point_set().to_bytes()), allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["points"], X)
        np.testing.assert_array_equal(archive["labels"], LABELS)
        assert json.loads(archive["names"].tobytes())["title"] == "Mine"


SPRUNG = []


def spring() -> None:
    SPRUNG.append("a pickle was opened")


class Trap:
    def __reduce__(self):
        return spring, ()


def archive_of(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(f"{name}.npy", member)
    return content.getvalue()


def members() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(point_set().to_bytes())) as archive:
        return {name.removesuffix(".npy"): archive.read(name) for name in archive.namelist()}


def saved(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def names_of(**changes) -> bytes:
    names = {"title": "t", "axes": ["a", "b"], "classes": [], "findings": []} | changes
    return saved(np.frombuffer(json.dumps(names).encode(), np.uint8))


TRAP = np.array([Trap(), Trap()], object)
DAMAGED = {
    "nothing": b"",
    "no archive": b"hello",
    "an empty archive": archive_of(),
    "a bare pickle": pickle.dumps(Trap()),
    "pickled points": archive_of(**members() | {"points": saved(TRAP)}),
    "pickled names": archive_of(**members() | {"names": saved(TRAP)}),
    "a member too large": archive_of(**members(), more=b"\0" * 20_000_000),
    "points that are missing": archive_of(labels=members()["labels"], names=members()["names"]),
    "points that are infinite": archive_of(**members() | {"points": saved(np.full((60, 2), np.inf))}),
    "labels too large": archive_of(**members() | {"labels": saved(LABELS + 1000)}),
    "labels that are fractions": archive_of(**members() | {"labels": saved(LABELS / 2)}),
    "names that are no JSON": archive_of(**members() | {"names": saved(np.arange(9, dtype=np.uint8))}),
    "names too deep": archive_of(**members() | {"names": saved(np.full(100_000, ord("["), np.uint8))}),
    "a title that is a number": archive_of(**members() | {"names": names_of(title=3)}),
    "an axis that is a list": archive_of(**members() | {"names": names_of(axes=[[], "b"])}),
    "classes that are a number": archive_of(**members() | {"names": names_of(classes=3)}),
    "cut short": point_set().to_bytes()[:-30],
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_bytes_are_refused_and_never_run(name):
    SPRUNG.clear()
    with pytest.raises(BadData, match="not a saved point set, or it is damaged: save it again"):
        PointSet.from_bytes(DAMAGED[name])
    assert not SPRUNG


def test_the_trap_of_these_tests_springs():
    SPRUNG.clear()
    np.load(io.BytesIO(saved(TRAP)), allow_pickle=True)
    assert SPRUNG


@given(place=st.integers(0), value=st.integers(0, 255))
def test_one_wrong_byte_is_noticed_or_harmless(place, value):
    content = bytearray(point_set().to_bytes())
    content[place % len(content)] = value
    try:
        back = PointSet.from_bytes(bytes(content))
    except BadData:
        return
    assert back.digest == point_set().digest
