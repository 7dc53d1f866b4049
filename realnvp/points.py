"""A fixed set of points of the plane, as a person brings it: checked once, here, so that a flow can be trained on it.

Kept free of torch and Streamlit. Where such points come from: ``realnvp.own``.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from realnvp.npy import plain_array

FEWEST_POINTS = 50
MOST_POINTS = 100_000
MOST_CLASSES = 8  # as many colours as can be told apart
LARGEST_VALUE = 1e30  # beyond it squares overflow single precision, in which flows are trained
SMALLEST_SPREAD = 1e-30
SMALLEST_RELATIVE_SPREAD = 1e-5  # single precision holds seven digits: below it, too few are left for the shape


class BadData(ValueError):
    """What a person brought cannot be used. The message is one sentence: what is wrong and what to do."""


@dataclass(frozen=True, eq=False)
class PointSet:
    """Points with colours and names. Arrays are copied and read-only; points that no flow can learn are BadData."""

    title: str
    points: np.ndarray  # (n, 2) float64, all finite, n from FEWEST_POINTS to MOST_POINTS
    labels: np.ndarray  # (n,) uint8 colour class of each, below MOST_CLASSES
    axes: tuple[str, str] = ("x₁", "x₂")  # names of the two coordinates
    classes: tuple[str, ...] = ()  # names of the colour classes; empty where there is nothing to name
    findings: tuple[str, ...] = ()  # sentences that a person should know

    def __post_init__(self) -> None:
        points, labels = np.array(self.points, np.float64, order="C"), np.array(self.labels)
        if points.ndim != 2 or points.shape[1] != 2 or labels.shape != points.shape[:1] or len(self.axes) != 2:
            raise BadData("A point set needs points (n, 2), a label for each and the names of two axes.")
        check_coordinates(points, self.axes)
        if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= (len(self.classes) or MOST_CLASSES):
            raise BadData("The labels of a point set are whole numbers from 0 that count its classes.")
        if len(self.classes) > MOST_CLASSES:
            raise BadData(f"A point set has {len(self.classes)} classes: put them together to {MOST_CLASSES} at most.")
        labels = labels.astype(np.uint8)
        for name, array in (("points", points), ("labels", labels)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        for name in ("axes", "classes", "findings"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits that tell this set from others: of all that training and display depend on."""
        names = json.dumps([self.title, self.axes, self.classes])
        parts = (names.encode(), self.points.tobytes(), self.labels.tobytes())
        return hashlib.blake2b(b"".join(parts), digest_size=8).hexdigest()

    def to_bytes(self) -> bytes:
        """The set as an .npz file without pickles: arrays ``points`` and ``labels``, and ``names``, JSON as bytes."""
        names = {name: getattr(self, name) for name in ("title", "axes", "classes", "findings")}
        content = io.BytesIO()
        np.savez(
            content,
            allow_pickle=False,
            points=self.points,
            labels=self.labels,
            names=np.frombuffer(json.dumps(names).encode(), np.uint8),
        )
        return content.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "PointSet":
        """The set that ``to_bytes`` wrote. Anything else is BadData; nothing in it is ever run."""
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                sizes = {member.filename: member.file_size for member in archive.infolist()}
                if sum(sizes.values()) > 100 * MOST_POINTS:
                    raise ValueError("too large")
                arrays = {name: plain_array(archive.read(f"{name}.npy")) for name in ("points", "labels", "names")}
            return cls(points=arrays["points"], labels=arrays["labels"], **read_names(arrays["names"].tobytes()))
        except Exception:  # whatever a damaged archive makes the readers say
            raise BadData("This is not a saved point set, or it is damaged: save it again.") from None


def read_names(content: bytes) -> dict[str, str | tuple[str, ...]]:
    """Title, axes, classes and findings from JSON; a ValueError where one is missing or is no text."""
    names = json.loads(content)
    lists = {key: tuple(names[key]) for key in ("axes", "classes", "findings")}
    if not all(
        isinstance(name, str) for name in (names["title"], *lists["axes"], *lists["classes"], *lists["findings"])
    ):
        raise ValueError("a name that is no text")
    return {"title": names["title"], **lists}


def check_coordinates(points: np.ndarray, axes: tuple[str, str]) -> None:
    """BadData where a flow in single precision, trained on standardised points (n, 2), could not learn them."""
    if len(points) < FEWEST_POINTS:
        raise BadData(f"There are {len(points)} points, too few to learn from: bring {FEWEST_POINTS} or more.")
    if len(points) > MOST_POINTS:
        raise BadData(f"There are {len(points):,} points: leave out some, to keep {MOST_POINTS:,} at most.")
    for name, values in zip(axes, points.T, strict=True):
        if not np.isfinite(values).all():
            raise BadData(f'"{name}" has missing or infinite values: leave those points out.')
        if np.abs(values).max() > LARGEST_VALUE:
            raise BadData(f'"{name}" has values beyond {LARGEST_VALUE:.0e}: divide it by a constant first.')
        if values.min() == values.max():
            raise BadData(f'All values of "{name}" are the same: choose coordinates that vary.')
        spread = values.std()
        if spread < SMALLEST_SPREAD:
            raise BadData(f'The values of "{name}" all but agree: multiply it by a large constant first.')
        if spread < SMALLEST_RELATIVE_SPREAD * abs(values.mean()):
            raise BadData(
                f'The values of "{name}" differ too little for their size, more finely than single precision can tell: '
                f"subtract a constant first, such as {values.mean():.6g}."
            )
