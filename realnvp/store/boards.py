"""Classes, as pages ask for them. What is written is written by the store's writer, for which a page waits a moment."""

import secrets
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection

from realnvp.store import board_queries as queries
from realnvp.store import wall_queries as wall
from realnvp.store.board import Board, Challenge, Membership, RefusedError, challenge_to_text, hash_of
from realnvp.store.run import clean_name
from realnvp.store.writer import Writer

PATIENCE = 1.5  # seconds that a page waits for what it has asked for
LATE = "Nothing was changed, for the database is slow to answer: try again in a moment."

Found = TypeVar("Found")


class Boards:
    """The classes of a database. Each class has a code, by which people join, and a key, by which they teach.

    A method that changes something is done when it returns; what is not done is a RefusedError that says why.
    Reading answers None where the database cannot be read.
    """

    def __init__(self, read: Callable[[Callable[[Connection], Found], Found], Found], writer: Writer) -> None:
        self._read, self._writer = read, writer
        self.clock = time.time

    def revision(self, code: str) -> int | None:
        """Goes up with each change of a class; 0 where there is none."""
        return self._read(lambda connection: queries.revision_of(connection, code, self.clock()), None)

    def board(self, code: str) -> Board | None:
        return self._read(lambda connection: queries.read_board(connection, code, self.clock()), None)

    def classes_of(self, owner: str) -> list[Membership]:
        """Those that a browser has joined or teaches, the newest first."""
        return self._read(lambda connection: queries.memberships(connection, owner, self.clock()), [])

    def open(self, owner: str, title: str, challenge: Challenge) -> tuple[str, str]:
        """A new class: its code, and its key, which is kept nowhere."""
        key = secrets.token_urlsafe(16)
        return self._decide(partial(queries.open_board, owner=owner, key=key, title=title, challenge=challenge)), key

    def join(self, code: str, owner: str, nickname: str) -> None:
        self._decide(partial(queries.join, code=code, owner=owner, text=nickname))

    def teach(self, code: str, owner: str, key: str) -> None:
        self._decide(partial(queries.teach, code=code, owner=owner, key=key))

    def publish(self, code: str, owner: str, run: str) -> None:
        self._decide(partial(wall.publish, code=code, owner=owner, run=run))

    def take_off(self, code: str, owner: str, entry: str) -> None:
        """Takes a run off the wall: one's own, or anyone's for a teacher; ``put_back`` undoes it."""
        self._decide(partial(wall.take_off, code=code, owner=owner, token=entry))

    def put_back(self, code: str, owner: str, entry: str) -> None:
        self._decide(partial(wall.put_back, code=code, owner=owner, token=entry))

    def describe(self, code: str, owner: str, title: str, challenge: Challenge) -> None:
        self._change(code, owner, {"title": clean_name(title), "challenge": challenge_to_text(challenge)})

    def close(self, code: str, owner: str, closed: bool) -> None:
        """Closed, a class keeps its wall, and nobody joins or publishes."""
        self._change(code, owner, {"closed": closed})

    def new_key(self, code: str, owner: str) -> str:
        """A key in place of the old one, which is good for nothing from then on."""
        key = secrets.token_urlsafe(16)
        self._change(code, owner, {"key_hash": hash_of(key)})
        return key

    def delete(self, code: str, owner: str) -> None:
        self._decide(partial(queries.delete_board, code=code, owner=owner))

    def _change(self, code: str, owner: str, values: dict[str, object]) -> None:
        self._decide(partial(queries.change_board, code=code, owner=owner, values=values))

    def _decide(self, decide: Callable[..., Found]) -> Found:
        """Does it in a transaction of the writer's, and answers what comes of it; too late, it is not done at all."""
        answers: list[Any] = []
        late = False

        def do(connection: Connection) -> None:
            if late:
                return
            try:
                with connection.begin_nested() as attempt:
                    answers.append(decide(connection, now=self.clock()))
                    if late:  # it had to wait for another's lock
                        attempt.rollback()
            except RefusedError as refused:
                answers.append(refused)

        work = self._writer.put(("class", secrets.token_hex(8)), do)
        if not work.done.wait(PATIENCE) or not answers:
            late = True
            raise RefusedError(LATE)
        if isinstance(answers[-1], RefusedError):
            raise answers[-1]
        return answers[-1]
