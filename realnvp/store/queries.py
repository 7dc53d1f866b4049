"""What is read from and written to the tables, each within a transaction that the caller has begun."""

import logging
import time
import zlib
from functools import cache

from sqlalchemy import Connection, Insert, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from realnvp.store.board_queries import delete_expired
from realnvp.store.run import RunLine, StoredRun, from_parts
from realnvp.store.tables import OF_A_LINE, OF_A_RUN, OF_THE_OWNER, line_of, parts, row_of, runs, values_of

UNDO_SECONDS = 3600.0  # so long a deleted run can be had back

log = logging.getLogger(__name__)


def save(connection: Connection, run: StoredRun) -> None:
    """Writes a run, in place of what was there of it; another owner's is left as it is."""
    if connection.execute(upsert(connection.dialect.name), row_of(run)).first():
        connection.execute(delete(parts).where(parts.c.token == run.token))
        contents = [{"token": run.token, "name": name, "content": part} for name, part in run.parts().items()]
        connection.execute(insert(parts), contents)


@cache
def upsert(dialect: str) -> Insert:
    """The statement that writes a row of a run, once for all runs; it returns nothing where another owner has it."""
    statement = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect](runs)
    new = statement.excluded
    changed = {column.name: new[column.name] for column in OF_A_RUN if column.name not in OF_THE_OWNER}
    return statement.on_conflict_do_update(
        index_elements=["token"], set_=changed, where=runs.c.owner == new.owner
    ).returning(runs.c.token)


def lines(connection: Connection, owner: str) -> list[RunLine]:
    """An owner's runs that are over, newest first."""
    statement = select(*OF_A_LINE).where(runs.c.owner == owner, ~runs.c.going, runs.c.deleted.is_(None))
    found = []
    for row in connection.execute(statement.order_by(runs.c.created.desc(), runs.c.token)):
        try:
            found.append(line_of(row))
        except ValueError as error:  # of a newer version of the app
            log.warning("A run kept in the database cannot be read: %s", error)
    return found


def thumbnails(connection: Connection, owner: str) -> dict[str, bytes]:
    """The small pictures of an owner's runs that are over, by token."""
    there = (runs.c.owner == owner, ~runs.c.going, runs.c.deleted.is_(None), parts.c.name == "thumbnail")
    statement = select(parts.c.token, parts.c.content).join(runs, runs.c.token == parts.c.token).where(*there)
    return {token: bytes(content) for token, content in connection.execute(statement)}


def going(connection: Connection) -> list[StoredRun]:
    """The runs that are going, oldest first."""
    statement = select(runs.c.token).where(runs.c.going).order_by(runs.c.created, runs.c.token)
    found = (read(connection, token) for token in connection.scalars(statement).all())
    return [run for run in found if run is not None]


def read(connection: Connection, token: str) -> StoredRun | None:
    """A run that has not been deleted. One that this version of the app cannot read is none, and is logged."""
    row = connection.execute(select(*OF_A_RUN).where(runs.c.token == token, runs.c.deleted.is_(None))).first()
    if row is None:
        return None
    contents = connection.execute(select(parts.c.name, parts.c.content).where(parts.c.token == token))
    try:
        return from_parts(values_of(row), {name: bytes(content) for name, content in contents})
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        log.warning("A run kept in the database cannot be read: %s", error)
        return None


def trim(connection: Connection, owner: str | None, most: int) -> None:
    """Deletes for good the oldest runs beyond ``most`` that are over and not pinned, and what was deleted long ago.

    Classes that have expired go with them.
    """
    delete_expired(connection, time.time())
    connection.execute(delete(runs).where(runs.c.deleted < time.time() - UNDO_SECONDS))
    mine = runs.c.owner == owner if owner is not None else True
    over = select(runs.c.token).where(mine, ~runs.c.going, runs.c.deleted.is_(None))
    surplus = connection.scalar(select(func.count()).select_from(over.subquery())) - most
    if surplus > 0:
        oldest = over.where(~runs.c.pinned).order_by(runs.c.created, runs.c.token).limit(surplus)
        connection.execute(delete(runs).where(runs.c.token.in_(oldest)))
