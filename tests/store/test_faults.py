"""Whatever becomes of the disk and the database, the app goes on, says so, and keeps runs again when it can."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from stored_runs import ALICE, a_run, assert_same

from realnvp.engine.process import PROJECT
from realnvp.store import store as store_module
from realnvp.store.failures import DATABASE_VARIABLE
from realnvp.store.store import VARIABLE, Store, most_runs

HERE = Path(__file__).parent


def until(condition: Callable[[], object], timeout: float = 20.0) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it has not come true"
        time.sleep(0.02)


def child(script: str, *arguments: object, **options: object) -> subprocess.Popen:
    """A process that knows the tests' runs."""
    path = os.pathsep.join([str(PROJECT), str(HERE)])
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def said_by(script: str, *arguments: object) -> list[str]:
    with child(script, *arguments) as process:
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    return said.splitlines()


# More than one process.

SAVE = """
import sys
from stored_runs import a_run
from realnvp.store.store import Store

url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
store = Store(url)
for k in range(count):
    store.save(a_run(f"{name}-{k}", k))
assert store.flush(30), store.notice
store.close()
assert store.notice is None, store.notice
"""


def test_processes_that_open_and_write_at_once_lose_nothing(url, open_store):
    processes = [child(SAVE, url, f"process{p}", 20) for p in range(3)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:  # now all at once, on a database that has no tables yet
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    store = open_store()
    expected = {f"process{p}-{k}" for p in range(3) for k in range(20)}
    found = [line.token for line in store.runs_of(ALICE)]
    assert len(found) == len(expected)
    assert set(found) == expected
    for token in expected:
        assert_same(store.load(token), a_run(token, int(token.split("-")[1])))


SAVE_FOR_EVER = """
import itertools, sys
from stored_runs import a_run
from realnvp.store.store import Store

store = Store(sys.argv[1])
for k in itertools.count():
    store.save(a_run(f"run{k % 7}", k, n=2_000))
    store.flush()
    print(k, flush=True)
"""


def test_a_process_that_is_killed_while_it_writes_leaves_whole_runs(url, open_store):
    for kill in range(2):
        with child(SAVE_FOR_EVER, url) as process:
            while int(process.stdout.readline()) < 8 + kill:
                pass
            process.send_signal(signal.SIGKILL)
    store = open_store()
    lines = store.runs_of(ALICE)
    assert len(lines) == 7
    for line in lines:
        run = store.load(line.token)
        assert_same(run, a_run(run.token, run.config.seed, n=2_000))
    store.save(a_run("after"))
    assert store.flush()
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


# Schemas.


def test_a_database_of_version_1_is_opened(url, open_store):
    """The very statements that made one, with a run of an app that had fewer settings."""
    engine = create_engine(url)
    script = (HERE / "version_1.sql").read_text()
    if engine.dialect.name == "postgresql":
        script = script.replace("BLOB", "BYTEA").replace("X'", "'\\x")
    with engine.begin() as connection:
        for statement in script.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
    store = open_store()
    assert store.notice is None
    run = store.load("old-run")
    assert (run.name, run.pinned, run.epoch, run.config.layers, run.config.patience) == ("Old moons", True, 2, 3, 0)
    assert run.losses.tolist() == [2.5, 1.25]
    store.save(a_run("new"))
    assert store.flush()
    assert len(store.runs_of(ALICE)) == 2


def test_migrating_twice_changes_nothing(url, open_store):
    open_store().save(a_run())
    for _ in range(2):
        open_store().close()
    assert_same(open_store().load("run"), a_run())


def test_a_database_of_a_newer_version_is_left_alone(url, open_store):
    open_store().close()
    engine = create_engine(url)
    with engine.begin() as connection:
        newest = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store = open_store()
    assert "newer version of this app" in store.notice
    store.save(a_run())
    assert store.runs_of(ALICE) == []
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM runs")) == 0
        connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})
    engine.dispose()
    until(lambda: store.notice is None)
    assert store.flush()
    assert_same(store.load("run"), a_run())


# A database that does not answer.


def test_a_locked_database_keeps_no_page_waiting_and_gets_all_in_the_end(url, open_store, monkeypatch):
    monkeypatch.setattr(store_module, "PATIENCE", 0.05)
    store = open_store()
    store.save(a_run("a"))
    assert store.flush()
    engine = create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
        else:
            connection.exec_driver_sql("LOCK TABLE runs IN SHARE MODE")  # it may be read
        store.save(a_run("b"))
        store.rename("a", ALICE, "Renamed")
        until(lambda: store.notice)
        assert "another program holds their database" in store.notice
        assert store.load("b")  # from what waits
        assert store.load("a").name == ""
        connection.rollback()
    engine.dispose()
    assert store.flush(10)
    assert store.notice is None
    assert_same(store.load("b"), a_run("b"))
    assert store.load("a").name == "Renamed"


def test_a_database_that_has_vanished_is_made_anew(tmp_path):
    folder = tmp_path / "home"
    store = Store(f"sqlite:///{folder / 'runs.db'}")
    store.save(a_run("a"))
    assert store.flush()
    shutil.rmtree(folder)
    store.save(a_run("b"))
    assert store.flush()
    assert store.notice is None
    assert [line.token for line in store.runs_of(ALICE)] == ["b"]
    store.close()
    again = Store(f"sqlite:///{folder / 'runs.db'}")
    assert_same(again.load("b"), a_run("b"))
    again.close()


def test_postgresql_whose_tables_vanished_is_made_anew(postgresql, open_store, url):
    if url.startswith("sqlite"):
        pytest.skip("the file is what vanishes there")
    store = open_store()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE parts, runs, entries, members, boards, alembic_version")
    engine.dispose()
    assert store.runs_of(ALICE) == []
    assert store.notice
    store.save(a_run())
    assert store.flush(10)
    assert_same(store.load("run"), a_run())
    assert store.notice is None


def test_connections_that_the_server_cut_are_made_anew(postgresql, open_store, url):
    if url.startswith("sqlite"):
        pytest.skip("a file has no connections to cut")
    store = open_store()
    store.save(a_run("a"))
    assert store.flush()
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    engine.dispose()
    store.save(a_run("b"))
    assert store.flush(10)
    assert len(store.runs_of(ALICE)) == 2
    assert store.notice is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://nobody@127.0.0.1:9/nothing", "cannot be reached"),
        ("nonsense", "REALNVP_DATABASE names no database"),
        ("nonsense://x/y", "REALNVP_DATABASE names no database"),
        ("sqlite:////proc/nothing/runs.db", "make the folder that REALNVP_HOME names writable"),
    ],
)
def test_a_database_that_is_not_there_is_a_notice(url, said):
    store = Store(url.replace("nobody@", "nobody:secret@"))
    try:
        assert said in store.notice
        assert "secret" not in store.notice
        store.save(a_run())
        assert store.runs_of(ALICE) == []
        assert store.going() is None
        assert_same(store.load("run"), a_run())  # as long as the server lives
        assert not store.flush(0.1)
    finally:
        store.close(0.1)


def test_a_damaged_file_is_a_notice_and_is_left_alone(tmp_path):
    file = tmp_path / "runs.db"
    file.write_bytes(b"no database" * 1000)
    store = Store(f"sqlite:///{file}")
    assert "is damaged" in store.notice
    assert file.read_bytes() == b"no database" * 1000
    file.unlink()
    until(lambda: store.notice is None)
    store.close()


READ_ONLY = """
import os, sys
from stored_runs import a_run
from realnvp.store.store import Store

run, other = a_run(), Store(sys.argv[1])  # with all that has to be imported for it
root = os.geteuid() == 0
if root:
    os.seteuid(65534)  # root may write anywhere
store = Store()
print(store.notice)
store.save(run)
print(store.load("run") is not None, store.flush(2))
print("waiting", flush=True)
sys.stdin.readline()
if root:
    os.seteuid(0)
print(store.flush(20), store.notice, len(store.runs_of(run.owner)))
"""


def test_a_read_only_folder_is_a_notice_until_it_can_be_written(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    folder.mkdir(mode=0o555)
    monkeypatch.setenv("REALNVP_HOME", str(folder))
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    with child(READ_ONLY, f"sqlite:///{tmp_path / 'other.db'}") as process:
        said = [process.stdout.readline() for _ in range(3)]
        assert "make the folder that REALNVP_HOME names writable" in said[0]
        assert said[1:] == ["True False\n", "waiting\n"]
        folder.chmod(0o777)
        assert process.communicate("go\n", timeout=60)[0] == "True None 1\n"
    assert process.returncode == 0


FULL = """
import resource, sys
from stored_runs import a_run, assert_same
from realnvp.store.store import Store

store = Store(sys.argv[1])
store.save(a_run("before"))
assert store.flush()
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, most))
for k in range(5):
    store.save(a_run(f"run{k}", k, n=5_000))
assert not store.flush(3)
print(store.notice)
assert_same(store.load("before"), a_run("before"))
assert_same(store.load("run4"), a_run("run4", 4, n=5_000))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
assert store.flush(20)
assert store.notice is None
for k in range(5):
    assert_same(store.load(f"run{k}"), a_run(f"run{k}", k, n=5_000))
print(len(store.runs_of(a_run().owner)))
store.close()
"""


def test_a_full_disk_is_a_notice_until_there_is_room(tmp_path):
    """The limit is the kernel's own: it refuses to let the files grow."""
    notice, kept = said_by(FULL, f"sqlite:///{tmp_path / 'runs.db'}")
    assert notice.startswith("The disk takes no more")
    assert kept == "6"


def test_more_than_the_queue_holds_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("realnvp.store.writer.MOST_WAITING", 10)
    (tmp_path / "file").write_text("in the way")
    store = Store(f"sqlite:///{tmp_path / 'file' / 'runs.db'}")
    for k in range(50):
        store.save(a_run(f"run{k}"))
    found = [k for k in range(50) if store.load(f"run{k}")]
    assert found == list(range(40, 50))  # the newest
    (tmp_path / "file").unlink()
    assert store.flush(10)
    assert len(store.runs_of(ALICE)) == 10
    store.close()


# Settings.


def test_the_environment_says_where_and_how_many(tmp_path, monkeypatch, url):
    monkeypatch.setenv(DATABASE_VARIABLE, url)
    monkeypatch.setenv(VARIABLE, "2")
    store = Store()
    for k in range(3):
        store.save(a_run(f"run{k}", created=1e9 + k))
    store.close()
    again = Store(url)
    assert [line.token for line in again.runs_of(ALICE)] == ["run2", "run1"]
    again.close()


@pytest.mark.parametrize(("said", "most"), [("7", 7), ("0", 1), ("", 2_000), ("-3", 2_000), ("many", 2_000)])
def test_the_limit_is_a_number(monkeypatch, said, most):
    monkeypatch.setenv(VARIABLE, said)
    assert most_runs() == most


def test_closing_ends_the_writer_and_may_be_done_twice(tmp_path):
    before = threading.active_count()
    store = Store(f"sqlite:///{tmp_path / 'runs.db'}")
    store.save(a_run())
    store.close()
    store.close()
    assert threading.active_count() == before
    with sqlite3.connect(tmp_path / "runs.db") as connection:
        assert connection.execute("SELECT token FROM runs").fetchall() == [("run",)]
