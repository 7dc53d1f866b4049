"""Keeps people's own points in files named by what they hold: a worker, a later server or a link finds them again."""

import os
import re
import tempfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from threading import Lock

from realnvp.points import BadData, PointSet

HOME = "REALNVP_HOME"  # environment variable: the folder in which the app keeps what must last
MOST_BYTES = 500_000_000  # kept in files; the sets that were used longest ago go first
MOST_IN_MEMORY = 32
NAME = re.compile(r"points-[0-9a-f]{16}")

_memory: OrderedDict[str, PointSet] = OrderedDict()
_lock = Lock()


def home() -> Path:
    """The folder in which the app keeps what must last: REALNVP_HOME, or .realnvp beside app.py."""
    return Path(os.environ.get(HOME) or Path(__file__).parents[1] / ".realnvp")


def is_point_set(name: object) -> bool:
    """Whether this, as a dataset, names a kept set of points."""
    return isinstance(name, str) and NAME.fullmatch(name) is not None


def name_of(points: PointSet) -> str:
    """The name that a set of points goes by as a run's dataset; equal for equal sets."""
    return f"points-{points.digest}"


def remember(points: PointSet) -> str:
    """Makes points known to this process alone; returns their name."""
    name = name_of(points)
    with _lock:
        _memory[name] = points
        _memory.move_to_end(name)
        while len(_memory) > MOST_IN_MEMORY:
            _memory.popitem(last=False)
    return name


def keep(points: PointSet) -> str:
    """Writes points to their file; returns their name. A disk that takes nothing is a BadData that says so."""
    name = remember(points)
    folder = home() / "points"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / f"{name}.npz").exists():
            (folder / f"{name}.npz").touch()
            return name
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as part:
            part.write(points.to_bytes())
        os.replace(part.name, folder / f"{name}.npz")  # whole or not at all
        make_room(folder)
    except OSError as error:
        raise BadData(
            f"The points could not be kept on the server ({error.strerror or error}); free some space or make the "
            "folder that REALNVP_HOME names writable."
        ) from None
    return name


def make_room(folder: Path) -> None:
    """Deletes the files used longest ago, down to MOST_BYTES in all."""
    files = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > MOST_BYTES:
            file.unlink(missing_ok=True)


def load(name: str) -> PointSet:
    """The points of a name. Those that are no longer kept are a ValueError."""
    with _lock:
        if name in _memory:
            _memory.move_to_end(name)
            return _memory[name]
    file = home() / "points" / f"{name}.npz"
    content = None
    if is_point_set(name):
        with suppress(OSError):
            content = file.read_bytes()
            file.touch()  # it has been used
    if content is None:
        raise ValueError("The points of this run are no longer kept on this server: choose the data again.")
    points = PointSet.from_bytes(content)
    remember(points)
    return points
