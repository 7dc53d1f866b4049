"""Putting runs on a class's wall and taking them off, each within a transaction that the caller has begun.

What is not allowed is a RefusedError, raised before anything has been changed.
"""

import json
import math
import secrets

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from realnvp.snapshot import Evaluation
from realnvp.store.board import RefusedError
from realnvp.store.board_queries import changed, living, member_of
from realnvp.store.tables import entries, parts, runs

MOST_ENTRIES, MOST_ENTRIES_EACH = 200, 20  # on one wall, of all people together and of one
MOST_A_MINUTE = 3  # runs that one publishes


def publish(connection: Connection, code: str, owner: str, run: str, now: float) -> None:
    """Puts a kept run of one's own on the wall; one that is there already stays as it is."""
    if living(connection, code, now).closed:
        raise RefusedError("The class is closed: nothing more is published.")
    member = member_of(connection, code, owner)
    if member is None or not member.nickname:
        raise RefusedError("Join the class under a nickname first.")
    values = publishable(connection, owner, run)
    there = connection.execute(select(entries).where(entries.c.code == code, entries.c.run == run)).first()
    if there and there.removed is None:
        return
    if there and there.by_teacher:
        raise RefusedError("The teacher has taken this run off the wall: publish another.")
    forget_taken_back(connection, code, owner, now)
    check_room(connection, code, owner, now)
    connection.execute(delete(entries).where(entries.c.code == code, entries.c.run == run))
    token = secrets.token_urlsafe(16)
    connection.execute(insert(entries).values(token=token, code=code, created=now, by_teacher=False, **values))
    changed(connection, code)


def publishable(connection: Connection, owner: str, run: str) -> dict[str, object]:
    """What an entry takes from a run."""
    names = ("owner", "config", "epoch", "seconds", "evaluation", "parameters")
    picture = (parts.c.token == runs.c.token) & (parts.c.name == "thumbnail")
    statement = select(*[runs.c[name] for name in names], runs.c.device, parts.c.content).join(parts, picture)
    row = connection.execute(
        statement.where(runs.c.token == run, runs.c.owner == owner, ~runs.c.going, runs.c.deleted.is_(None))
    ).first()
    if row is None:
        raise RefusedError("This run of yours is not kept here: choose one that has ended.")
    if not row.device:  # see RunLine.read_back: nobody knows how it was trained, nor for how long
        raise RefusedError("Weights read from a file have no training to compare: publish a run trained here.")
    gap = row.evaluation and Evaluation(**json.loads(row.evaluation)).kl_gap
    if gap is None:
        raise RefusedError(
            "Without a known truth there is no KL gap to rank a run by: publish one of the shelf's data."
        )
    if not math.isfinite(gap):
        raise RefusedError("This run has diverged, so there is nothing to rank: publish another.")
    return {**{name: getattr(row, name) for name in names}, "run": run, "thumbnail": row.content}


def check_room(connection: Connection, code: str, owner: str, now: float) -> None:
    """Of one person so many runs a minute; and so many in all, those a teacher has removed among them."""

    def count(*conditions: object) -> int:
        return connection.scalar(select(func.count()).select_from(entries).where(*conditions))

    if count(entries.c.owner == owner, entries.c.created > now - 60) >= MOST_A_MINUTE:
        raise RefusedError(f"You have published {MOST_A_MINUTE} runs within a minute: wait a little.")
    here = (entries.c.code == code, entries.c.removed.is_(None) | entries.c.by_teacher)
    if count(*here, entries.c.owner == owner) >= MOST_ENTRIES_EACH:
        raise RefusedError(f"{MOST_ENTRIES_EACH} runs of yours are published here: take one back first.")
    if count(*here) >= MOST_ENTRIES:
        raise RefusedError(f"The wall is full: it holds {MOST_ENTRIES} runs.")


def forget_taken_back(connection: Connection, code: str, owner: str, now: float) -> None:
    """Deletes what somebody has taken back and can no longer have again; see check_room for the minute."""
    old = (entries.c.removed < now - 60, ~entries.c.by_teacher)
    connection.execute(delete(entries).where(entries.c.code == code, entries.c.owner == owner, *old))


def take_off(connection: Connection, code: str, owner: str, token: str, now: float) -> None:
    """Takes a run off the wall: one's own, or anyone's for a teacher. A student cannot publish that one again."""
    entry, teaches = entry_for(connection, code, owner, token, now)
    by_teacher = teaches and entry.owner != owner
    connection.execute(update(entries).where(entries.c.token == token).values(removed=now, by_teacher=by_teacher))
    changed(connection, code)


def put_back(connection: Connection, code: str, owner: str, token: str, now: float) -> None:
    """Undoes ``take_off``."""
    entry, teaches = entry_for(connection, code, owner, token, now)
    if entry.by_teacher and not teaches:
        raise RefusedError("The teacher has taken this run off the wall.")
    connection.execute(update(entries).where(entries.c.token == token).values(removed=None, by_teacher=False))
    changed(connection, code)


def entry_for(connection: Connection, code: str, owner: str, token: str, now: float) -> tuple[Row, bool]:
    """An entry that ``owner`` may change, and whether they teach the class."""
    living(connection, code, now)
    member = member_of(connection, code, owner)
    teaches = member is not None and member.teaches
    mine = True if teaches else entries.c.owner == owner
    entry = connection.execute(select(entries).where(entries.c.token == token, entries.c.code == code, mine)).first()
    if entry is None:
        raise RefusedError("This run is not on the wall any more.")
    return entry, teaches
