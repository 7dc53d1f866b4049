"""The store: what a page and the engine ask of it. Writing returns at once; reading sees what has been written."""

import atexit
import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import TypeVar

from sqlalchemy import Connection, delete, update

from realnvp.store.boards import Boards
from realnvp.store.database import Database, default_url
from realnvp.store.failures import FAILURES
from realnvp.store.queries import going, lines, read, save, thumbnails, trim
from realnvp.store.run import RunLine, StoredRun, clean_name
from realnvp.store.tables import runs
from realnvp.store.writer import Writer

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")  # of a run or an owner, as secrets.token_urlsafe makes them
VARIABLE = "REALNVP_MOST_RUNS"  # environment variable: how many runs are kept of all people together
MOST_RUNS, MOST_RUNS_EACH = 2_000, 200  # of all people together, and of one
PATIENCE = 1.0  # seconds that a page waits for a change of its own, so that it can show it
CLOSING_SECONDS = 5.0

Found = TypeVar("Found")


class Store:
    """Runs in a database. Every method may be called from any thread, and none raises because the database fails.

    ``notice`` then says what is wrong; what was to be written waits until it can be, and reading finds nothing.
    """

    def __init__(self, url: str | None = None, *, most: int | None = None, most_each: int = MOST_RUNS_EACH) -> None:
        """Opens the database of a URL, or that of REALNVP_DATABASE, or the file runs.db in REALNVP_HOME."""
        self._database = Database(url or default_url())
        self._most, self._most_each = most or most_runs(), most_each
        self._until_trim = 0  # runs that are written before the oldest of all are let go again
        self._writer = Writer(self._database)
        self.boards = Boards(self._read, self._writer)
        try:
            self._database.open()
        except FAILURES as error:
            self._writer.complain(error)
        atexit.register(self.close)

    @property
    def notice(self) -> str | None:
        """Why runs are not kept now, in a sentence for people; None while all is well."""
        return self._writer.notice

    # What the engine tells.

    def save(self, run: StoredRun) -> Event:
        """Keeps a run, in place of what was kept of it: whole, or not at all. Name and pin stay as they are.

        The event is set once it has been written.
        """
        now = time.time()
        run = replace(run, name=clean_name(run.name), created=run.created or now, updated=now)

        def write(connection: Connection) -> None:
            save(connection, run)
            if not run.going:
                trim(connection, run.owner, self._most_each)
                self._until_trim -= 1
                if self._until_trim < 0:  # counting all of them takes longer, the more there are
                    trim(connection, None, self._most)
                    self._until_trim = self._most // 100

        return self._writer.put(("run", run.token), write, run).done

    def forget(self, token: str) -> None:
        """Lets go of a run that was going and came to nothing."""
        statement = delete(runs).where(runs.c.token == token, runs.c.going)
        self._writer.put(("run", token), lambda connection: connection.execute(statement))

    def going(self) -> list[StoredRun] | None:
        """The runs that were going when the server ended, oldest first; None while the database cannot be read.

        Where another server is at work on the database they are its own: then there are none here.
        """
        return self._read(lambda connection: going(connection) if self._database.hold_alone() else [], None)

    # What pages ask.

    def load(self, token: str) -> StoredRun | None:
        """A run that is over, whoever asks: its token is the link to share. None where there is none.

        One that is going is not given out, for its token is control over it.
        """
        if not TOKEN.fullmatch(token):
            return None
        waiting = self._writer.waiting(("run", token))
        if isinstance(waiting, StoredRun) and not waiting.going:
            return waiting
        run = self._read(lambda connection: read(connection, token), None)
        return None if run is None or run.going else run

    def runs_of(self, owner: str) -> list[RunLine]:
        """An owner's runs that are over, newest first, without their numbers and pictures."""
        return self._read(lambda connection: lines(connection, owner), []) if TOKEN.fullmatch(owner) else []

    def thumbnails(self, owner: str) -> dict[str, bytes]:
        """Small pictures of an owner's runs that are over, PNG, by token; see figures/thumbnail.py."""
        return self._read(lambda connection: thumbnails(connection, owner), {}) if TOKEN.fullmatch(owner) else {}

    def rename(self, token: str, owner: str, name: str) -> None:
        """Gives a run a name, cut to what clean_name leaves of it."""
        self._change("name", token, owner, clean_name(name))

    def pin(self, token: str, owner: str, pinned: bool) -> None:
        """A pinned run is never trimmed away."""
        self._change("pinned", token, owner, pinned)

    def delete(self, token: str, owner: str) -> None:
        """Takes a run away; ``undelete`` brings it back, for an hour at least."""
        self._change("deleted", token, owner, time.time())

    def undelete(self, token: str, owner: str) -> None:
        self._change("deleted", token, owner, None)

    def trim(self, owner: str | None, most: int) -> None:
        """Lets go of the oldest runs that are not pinned, down to ``most`` of one owner, or of all: owner None."""
        work = self._writer.put(("trim", owner), lambda connection: trim(connection, owner, most))
        work.done.wait(PATIENCE)

    def flush(self, seconds: float = CLOSING_SECONDS) -> bool:
        """Waits until all has been written; False if that takes longer."""
        return self._writer.flush(seconds)

    def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """Writes what waits, for so long at most, and lets go of the database."""
        atexit.unregister(self.close)
        self._writer.close(seconds)
        self._database.close()

    def _read(self, query: Callable[[Connection], Found], nothing: Found) -> Found:
        try:
            with self._database.reading() as connection:
                return query(connection)
        except FAILURES as error:
            self._writer.complain(error)
            return nothing

    def _change(self, column: str, token: str, owner: str, value: object) -> None:
        if not (TOKEN.fullmatch(token) and TOKEN.fullmatch(owner)):
            return
        statement = update(runs).where(runs.c.token == token, runs.c.owner == owner).values({column: value})
        work = self._writer.put((column, token, owner), lambda connection: connection.execute(statement))
        work.done.wait(PATIENCE)


def most_runs() -> int:
    """What REALNVP_MOST_RUNS says, where that is a number."""
    text = os.environ.get(VARIABLE, "")
    return max(1, int(text)) if text.isdecimal() else MOST_RUNS
