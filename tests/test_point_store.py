import os
from pathlib import Path

import numpy as np
import pytest

from realnvp import point_store
from realnvp.point_store import MOST_IN_MEMORY, is_point_set, keep, load, make_room, name_of, remember
from realnvp.points import BadData, PointSet


def points(seed: int = 0, title: str = "Some points") -> PointSet:
    drawn = np.random.default_rng(seed).normal(size=(60, 2))
    return PointSet(title, drawn, np.zeros(60, np.uint8), axes=("a", "b"), findings=("Nothing to say.",))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("REALNVP_HOME", str(tmp_path))
    monkeypatch.setattr(point_store, "_memory", type(point_store._memory)())
    return tmp_path / "points"


def forget() -> None:
    point_store._memory.clear()


def test_kept_points_are_found_again_by_their_name_in_another_process(home):
    name = keep(points())
    forget()
    found = load(name)
    assert np.array_equal(found.points, points().points)
    assert (found.title, found.axes, found.findings) == ("Some points", ("a", "b"), ("Nothing to say.",))
    assert name == name_of(points()) == name_of(found)
    assert is_point_set(name)
    assert [file.name for file in home.iterdir()] == [f"{name}.npz"]


def test_the_name_tells_sets_apart_and_keeping_one_twice_is_once(home):
    names = {keep(points(0)), keep(points(1)), keep(points(0, "Others")), keep(points(0))}
    assert len(names) == len(list(home.iterdir())) == 3


def test_remembered_points_are_in_no_file(home):
    name = remember(points())
    assert load(name) is load(name)
    assert not home.exists()
    forget()
    with pytest.raises(ValueError, match="choose the data again"):
        load(name)


def test_memory_is_bounded_and_what_has_left_it_is_read_again():
    names = [keep(points(seed)) for seed in range(MOST_IN_MEMORY + 3)]
    assert len(point_store._memory) == MOST_IN_MEMORY
    assert np.array_equal(load(names[0]).points, points(0).points)


@pytest.mark.parametrize("name", ["points-../../etc/passwd", "../points-0123456789abcdef", "two_moons", ""])
def test_only_names_of_sets_lead_to_files(name):
    assert not is_point_set(name)
    with pytest.raises(ValueError, match="choose the data again"):
        load(name)


def test_the_sets_used_longest_ago_make_room(home, monkeypatch):
    names = [keep(points(seed)) for seed in range(4)]
    for age, name in enumerate(names):
        os.utime(home / f"{name}.npz", (age, age))
    forget()
    load(names[0])  # used just now
    size = (home / f"{names[0]}.npz").stat().st_size
    monkeypatch.setattr(point_store, "MOST_BYTES", int(2.5 * size))
    make_room(home)
    assert {file.stem for file in home.iterdir()} == {names[0], names[3]}


def test_a_folder_that_takes_nothing_is_said_so(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("REALNVP_HOME", str(tmp_path / "file"))
    with pytest.raises(BadData, match=r"could not be kept on the server .* REALNVP_HOME"):
        keep(points())


def test_a_damaged_file_is_no_set_of_points(home):
    name = keep(points())
    forget()
    (home / f"{name}.npz").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(ValueError, match="damaged"):
        load(name)
