"""Classes: who may do what, how much of it, and for how long; on SQLite and on PostgreSQL."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import create_engine, text
from stored_runs import ALICE, BOB, a_run

from realnvp.snapshot import Evaluation
from realnvp.store import board_queries, boards, wall_queries
from realnvp.store.board import CODE_LENGTH, LETTERS, Challenge, RefusedError, clean_nickname, code_in
from realnvp.store.boards import Boards

TEACHER, EVE = "teacher-" + "t" * 16, "eve-" + "e" * 16
CHALLENGE = Challenge("two_moons", 20_000, 1_000, "Which one?")


def run_of(owner: str, token: str, **values: object) -> object:
    return a_run(token, 1, owner=owner, n=8, film=(), first=None, **values)


def keep(store, owner: str, *tokens: str, **values: object) -> None:
    for token in tokens:
        store.save(run_of(owner, token, **values))
    assert store.flush()


def refused(what: str, do: Callable[..., object], *args: object) -> None:
    with pytest.raises(RefusedError, match=what):
        do(*args)


@pytest.fixture
def classes(store) -> Boards:
    """Whose clock stands still until it is set."""
    now = time.time()
    store.boards.clock = lambda: now
    return store.boards


@pytest.fixture
def code(store, classes) -> str:
    """A class with Alice and Bob in it, who have three runs each, and Alice's first on the wall."""
    code, _ = classes.open(TEACHER, "Physics", CHALLENGE)
    for owner, name in ((ALICE, "Ada"), (BOB, "Blaise")):
        classes.join(code, owner, name)
        keep(store, owner, *[f"{name}{k}" for k in range(3)])
    classes.publish(code, ALICE, "Ada0")
    return code


def wall(classes: Boards, code: str) -> list[str]:
    return [entry.run for entry in classes.board(code).entries if not entry.removed]


def entry_of(classes: Boards, code: str, run: str) -> str:
    return next(entry.token for entry in classes.board(code).entries if entry.run == run)


def later(classes: Boards, seconds: float) -> None:
    now = classes.clock()
    classes.clock = lambda: now + seconds


def test_a_class_comes_back_as_it_was_opened_with_what_its_students_publish(open_store, store, code):
    before = store.load("Ada0")
    board = open_store().boards
    board.clock = store.boards.clock
    found = board.board(code)
    assert (found.code, found.title, found.challenge, found.closed, found.joined) == (
        code, "Physics", CHALLENGE, False, 2,
    )  # fmt: skip
    (entry,) = found.entries
    names = ("config", "epoch", "seconds", "evaluation", "parameters")
    assert [getattr(entry, name) for name in names] == [getattr(before, name) for name in names]
    assert (entry.owner, entry.nickname, entry.thumbnail) == (ALICE, "Ada", store.thumbnails(ALICE)["Ada0"])
    assert entry.thumbnail.startswith(b"\x89PNG")
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(LETTERS)
    assert [(m.code, m.title, m.nickname, m.teaches) for m in board.classes_of(ALICE)] == [
        (code, "Physics", "Ada", False)
    ]


def test_what_is_published_outlives_its_run(store, classes, code):
    store.delete("Ada0", ALICE)
    store.trim(ALICE, 0)
    assert store.load("Ada0") is None
    assert wall(classes, code) == ["Ada0"]


def test_a_key_is_kept_hashed_and_lets_its_holder_teach_until_it_is_renewed(url, store, classes):
    code, key = classes.open(TEACHER, "", Challenge())
    assert len(key) >= 22
    refused("not the teacher's key", classes.teach, code, EVE, key[:-1])
    refused("not the teacher's key", classes.teach, code, EVE, "\ud800")
    refused("Only the teacher", classes.close, code, EVE, True)
    classes.teach(code, BOB, key)
    classes.close(code, BOB, True)
    assert classes.board(code).closed
    renewed = classes.new_key(code, BOB)
    refused("not the teacher's key", classes.teach, code, EVE, key)
    classes.teach(code, EVE, renewed)
    classes.delete(code, EVE)
    assert classes.board(code) is None
    kept_code, kept = classes.open(BOB, "", Challenge())
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM boards")).all()
    engine.dispose()
    assert kept_code in str(rows)
    assert kept not in str(rows)


def test_each_change_raises_the_revision_and_nothing_else_does(store, classes, code):
    seen = [classes.revision(code)]
    entry = classes.board(code).entries[0].token
    for change in (
        partial(classes.publish, code, BOB, "Blaise0"),
        partial(classes.take_off, code, TEACHER, entry),
        partial(classes.put_back, code, TEACHER, entry),
        partial(classes.describe, code, TEACHER, "Chemistry", Challenge()),
        partial(classes.join, code, EVE, "Eve"),
    ):
        change()
        seen.append(classes.revision(code))
    assert seen == sorted(set(seen))
    classes.publish(code, BOB, "Blaise0")  # which is there
    classes.join(code, EVE, "Eve")
    refused("nickname", classes.join, code, EVE, " ")
    store.pin("Ada0", ALICE, True)
    assert classes.revision(code) == seen[-1]
    assert classes.board(code).revision == seen[-1]
    assert classes.revision("BCDFGH") == 0


def test_only_ones_own_kept_runs_with_a_kl_gap_are_published(store, classes, code):
    keep(store, BOB, "going", status="running", going=True)
    keep(store, BOB, "unknown", evaluation=Evaluation(1.0, 0.1, 50))
    keep(store, BOB, "diverged", evaluation=Evaluation(math.inf, 0.1, 50, 0.3, math.inf))
    keep(store, BOB, "deleted")
    keep(store, BOB, "imported", device="")
    store.delete("deleted", BOB)
    for run in ("Ada1", "nothing", "going", "deleted", "' OR 1=1 --"):
        refused("not kept here", classes.publish, code, BOB, run)
    refused("no KL gap", classes.publish, code, BOB, "unknown")
    refused("diverged", classes.publish, code, BOB, "diverged")
    refused("read from a file", classes.publish, code, BOB, "imported")
    refused("Join the class", classes.publish, code, EVE, "Ada1")
    refused("Join the class", classes.publish, code, TEACHER, "Ada1")
    assert wall(classes, code) == ["Ada0"]


def test_a_teacher_removes_any_run_for_good_and_can_undo_it_and_students_their_own(store, classes, code):
    classes.publish(code, BOB, "Blaise0")
    ada, blaise = (entry_of(classes, code, run) for run in ("Ada0", "Blaise0"))
    for who, entry in ((BOB, ada), (EVE, ada), (ALICE, "nothing")):
        refused("not on the wall", classes.take_off, code, who, entry)
    classes.take_off(code, ALICE, ada)
    assert wall(classes, code) == ["Blaise0"]
    classes.publish(code, ALICE, "Ada0")  # again
    classes.take_off(code, TEACHER, blaise)
    assert wall(classes, code) == ["Ada0"]
    refused("The teacher has taken", classes.publish, code, BOB, "Blaise0")
    refused("The teacher has taken", classes.put_back, code, BOB, blaise)
    classes.put_back(code, TEACHER, blaise)
    assert sorted(wall(classes, code)) == ["Ada0", "Blaise0"]


def test_a_closed_class_keeps_its_wall_and_takes_nothing_more_until_it_is_reopened(store, classes, code):
    classes.close(code, TEACHER, True)
    refused("closed", classes.publish, code, ALICE, "Ada1")
    refused("closed", classes.join, code, EVE, "Eve")
    assert wall(classes, code) == ["Ada0"]
    classes.close(code, TEACHER, False)
    classes.publish(code, ALICE, "Ada1")
    for change in (partial(classes.close, code, ALICE, True), partial(classes.delete, code, ALICE)):
        refused("Only the teacher", change)


@pytest.mark.parametrize("deleted_by", ["opening another", "trimming"])
def test_a_class_expires_with_all_that_belongs_to_it(url, store, classes, code, deleted_by):
    later(classes, board_queries.LASTING + 1)
    assert classes.board(code) is None
    assert classes.revision(code) == 0
    assert classes.classes_of(ALICE) == []
    refused("no such class", classes.publish, code, ALICE, "Ada1")
    engine = create_engine(url)

    def left() -> list[int]:
        with engine.connect() as connection:
            return [connection.scalar(text(f"SELECT count(*) FROM {t}")) for t in ("boards", "members", "entries")]

    assert left() == [1, 3, 1]
    if deleted_by == "opening another":
        classes.open(TEACHER, "", Challenge())
        assert left() == [1, 1, 0]
    else:
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE boards SET expires = 1")
        store.trim(ALICE, 100)
        assert left() == [0, 0, 0]
    engine.dispose()
    assert len(store.runs_of(ALICE)) == 3


def test_rates_and_numbers_are_limited(store, classes, code, monkeypatch):
    monkeypatch.setattr(wall_queries, "MOST_ENTRIES_EACH", 4)
    monkeypatch.setattr(wall_queries, "MOST_ENTRIES", 5)
    monkeypatch.setattr(board_queries, "MOST_MEMBERS", 3)  # the teacher is one
    keep(store, ALICE, "Ada3", "Ada4")
    classes.publish(code, ALICE, "Ada1")
    classes.take_off(code, ALICE, entry_of(classes, code, "Ada1"))  # no way round the limit
    classes.publish(code, ALICE, "Ada2")
    refused("3 runs within a minute", classes.publish, code, ALICE, "Ada3")
    later(classes, 61)
    for run in ("Ada3", "Ada1"):
        classes.publish(code, ALICE, run)
    refused("4 runs of yours", classes.publish, code, ALICE, "Ada4")
    classes.publish(code, BOB, "Blaise0")
    refused("wall is full", classes.publish, code, BOB, "Blaise1")
    assert len(wall(classes, code)) == 5

    classes.join(code, ALICE, "Ada Lovelace")
    assert {entry.nickname for entry in classes.board(code).entries} == {"Ada Lovelace", "Blaise"}
    refused("just been changed", classes.join, code, ALICE, "Ada")
    refused("has that nickname", classes.join, code, EVE, "ADA lovelace")
    refused("class is full", classes.join, code, EVE, "Eve")
    later(classes, board_queries.NICKNAME_SECONDS)
    classes.join(code, ALICE, "Ada")


def test_a_browser_opens_so_many_classes_an_hour_and_a_server_holds_so_many(classes, monkeypatch):
    monkeypatch.setattr(board_queries, "MOST_BOARDS_EACH", 2)
    monkeypatch.setattr(board_queries, "MOST_BOARDS", 3)
    codes = [classes.open(TEACHER, "", Challenge())[0] for _ in range(2)]
    assert len(set(codes)) == 2
    refused("2 classes within an hour", classes.open, TEACHER, "", Challenge())
    classes.open(BOB, "", Challenge())
    refused("as many classes here", classes.open, ALICE, "", Challenge())
    later(classes, board_queries.LASTING)
    classes.open(TEACHER, "", Challenge())  # the others have expired


def test_a_database_that_is_slow_keeps_nobody_waiting_and_does_nothing_late(url, store, classes, code, monkeypatch):
    monkeypatch.setattr(boards, "PATIENCE", 0.1)
    engine = create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
        else:
            connection.exec_driver_sql("LOCK TABLE boards, members, entries IN SHARE MODE")
        refused("Nothing was changed", classes.publish, code, ALICE, "Ada1")
        connection.rollback()
    engine.dispose()
    assert store.flush(10)
    assert wall(classes, code) == ["Ada0"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  Ada \n Lovelace ", "Ada Lovelace"),
        ("\u202eadA\u200b\u2066\ufeff", "adA"),
        ("\uff21\uff44\uff41", "Ada"),  # full width
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert"),
        ("x" * 10_000, "x" * 24),
        ("\U0001f600", "\U0001f600"),
        ("' OR 1=1; --", "' OR 1=1; --"),
        ("\x00\x1b\ud800", ""),
        ("\u3164\u2800\u115f", ""),
        ("\u0301\u0301", ""),
        ("", ""),
    ],
)
def test_a_nickname_is_one_short_line_of_what_can_be_seen(said, kept):
    assert clean_nickname(said) == kept


def test_a_code_is_read_however_it_is_typed():
    assert code_in(" bcd-fgh ") == code_in("BCD FGH") == "BCDFGH"
    for text_of_none in ("", "BCDFG", "BCDFGHJ", "ABCDEF", "BCDFG0", "<script>", "x" * 10_000, "\x00", "\ud800BCDFG"):
        assert code_in(text_of_none) is None


def test_a_challenge_has_what_can_be_shown(classes):
    code, _ = classes.open(TEACHER, "x\u202ey\n" * 100, Challenge("nonsense", -1, -2, "a\x00b\n" * 200))
    board = classes.board(code)
    assert board.challenge == replace(Challenge(), task=board.challenge.task)
    assert len(board.challenge.task) <= 200
    assert board.title.startswith("xy xy")
