"""Reading classes, coming into them and teaching them, each within a transaction that the caller has begun.

What is not allowed is a RefusedError, raised before anything has been changed.
"""

import hmac
import json
import logging

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from realnvp.snapshot import Evaluation
from realnvp.store.board import (
    Board,
    Challenge,
    Entry,
    Membership,
    RefusedError,
    challenge_from_text,
    challenge_to_text,
    clean_nickname,
    hash_of,
    new_code,
)
from realnvp.store.run import clean_name, config_from_text
from realnvp.store.tables import boards, entries, members

LASTING = 30 * 24 * 3600.0  # seconds until a class and its wall are deleted
MOST_BOARDS, MOST_BOARDS_EACH = 1_000, 5  # at once on a server; opened within an hour from one browser
MOST_MEMBERS = 200  # of one class
NICKNAME_SECONDS = 10.0  # until a nickname can be changed again

log = logging.getLogger(__name__)


# Reading.


def revision_of(connection: Connection, code: str, now: float) -> int:
    """Goes up with each change of a class; 0 where there is none."""
    return connection.scalar(select(boards.c.revision).where(boards.c.code == code, boards.c.expires > now)) or 0


def read_board(connection: Connection, code: str, now: float) -> Board | None:
    row = connection.execute(select(boards).where(boards.c.code == code, boards.c.expires > now)).first()
    if row is None:
        return None
    named = (members.c.code == code, members.c.nickname != "")
    with_name = select(entries, members.c.nickname).join(members).where(entries.c.code == code)
    found = connection.execute(with_name.order_by(entries.c.created, entries.c.token))
    return Board(
        code=code,
        revision=row.revision,
        title=row.title,
        challenge=challenge_from_text(row.challenge),
        expires=row.expires,
        closed=row.closed,
        joined=connection.scalar(select(func.count()).select_from(members).where(*named)),
        entries=tuple(entry for row in found if (entry := entry_of(row))),
    )


def entry_of(row: Row) -> Entry | None:
    try:
        config = config_from_text(row.config)
    except ValueError as error:  # of a newer version of the app
        log.warning("A published run cannot be read: %s", error)
        return None
    names = ("token", "owner", "nickname", "run", "epoch", "seconds", "parameters", "created")
    return Entry(
        **{name: getattr(row, name) for name in names},
        config=config,
        evaluation=Evaluation(**json.loads(row.evaluation)),
        thumbnail=bytes(row.thumbnail),
        removed=row.removed is not None,
    )


def memberships(connection: Connection, owner: str, now: float) -> list[Membership]:
    """The classes of a browser, the newest first."""
    statement = select(members.c.code, boards.c.title, members.c.nickname, members.c.teaches).join(boards)
    statement = statement.where(members.c.owner == owner, boards.c.expires > now).order_by(boards.c.created.desc())
    return [Membership(*row) for row in connection.execute(statement)]


# Coming in.


def open_board(connection: Connection, owner: str, key: str, title: str, challenge: Challenge, now: float) -> str:
    """Opens a class that ``owner`` teaches, and so does whoever has the key; returns its code."""
    delete_expired(connection, now)
    if connection.scalar(select(func.count()).select_from(boards)) >= MOST_BOARDS:
        raise RefusedError("There are as many classes here as there is room for: try again another day.")
    lately = (members.c.owner == owner, members.c.teaches, members.c.since > now - 3600)
    if connection.scalar(select(func.count()).select_from(members).where(*lately)) >= MOST_BOARDS_EACH:
        raise RefusedError(f"This browser has opened {MOST_BOARDS_EACH} classes within an hour: wait a while.")
    code = new_code()
    while connection.scalar(select(boards.c.code).where(boards.c.code == code)):
        code = new_code()
    values = {"code": code, "key_hash": hash_of(key), "title": clean_name(title), "closed": False, "revision": 1}
    times = {"created": now, "expires": now + LASTING}
    connection.execute(insert(boards).values(**values, **times, challenge=challenge_to_text(challenge)))
    connection.execute(insert(members).values(code=code, owner=owner, nickname="", teaches=True, since=now))
    return code


def teach(connection: Connection, code: str, owner: str, key: str, now: float) -> None:
    """Lets a browser in that has the teacher's key."""
    board = living(connection, code, now)
    if not hmac.compare_digest(board.key_hash, hash_of(key)):
        raise RefusedError("This is not the teacher's key of the class: ask for a new teacher's link.")
    if member_of(connection, code, owner):
        change_member(connection, code, owner, teaches=True)
    else:
        connection.execute(insert(members).values(code=code, owner=owner, nickname="", teaches=True, since=now))
    changed(connection, code)


def join(connection: Connection, code: str, owner: str, text: str, now: float) -> None:
    """Gives a browser a nickname in a class, or another one."""
    if living(connection, code, now).closed:
        raise RefusedError("The class is closed: its wall can be looked at, and nobody joins any more.")
    nickname = clean_nickname(text)
    if not nickname:
        raise RefusedError("Write a nickname of at least one letter, digit or sign that can be seen.")
    member = member_of(connection, code, owner)
    if member and member.nickname == nickname:
        return
    others = connection.scalars(select(members.c.nickname).where(members.c.code == code, members.c.owner != owner))
    taken = [other.casefold() for other in others]
    if nickname.casefold() in taken:
        raise RefusedError("Somebody in this class has that nickname: take another.")
    if member is None and len(taken) >= MOST_MEMBERS:
        raise RefusedError(f"The class is full: {MOST_MEMBERS} have joined.")
    if member is None:
        connection.execute(insert(members).values(code=code, owner=owner, nickname=nickname, teaches=False, since=now))
    else:
        if member.nickname and now < member.since + NICKNAME_SECONDS:
            raise RefusedError("The nickname has just been changed: wait a few seconds.")
        change_member(connection, code, owner, nickname=nickname, since=now)
    changed(connection, code)


# What teachers alone may do.


def change_board(connection: Connection, code: str, owner: str, values: dict[str, object], now: float) -> None:
    check_teaches(connection, code, owner, now)
    connection.execute(update(boards).where(boards.c.code == code).values(values))
    changed(connection, code)


def delete_board(connection: Connection, code: str, owner: str, now: float) -> None:
    check_teaches(connection, code, owner, now)
    connection.execute(delete(boards).where(boards.c.code == code))


def check_teaches(connection: Connection, code: str, owner: str, now: float) -> None:
    living(connection, code, now)
    member = member_of(connection, code, owner)
    if member is None or not member.teaches:
        raise RefusedError("Only the teacher of the class can do this.")


def delete_expired(connection: Connection, now: float) -> None:
    connection.execute(delete(boards).where(boards.c.expires <= now))


# What the others share.


def living(connection: Connection, code: str, now: float) -> Row:
    row = connection.execute(select(boards).where(boards.c.code == code, boards.c.expires > now)).first()
    if row is None:
        raise RefusedError("There is no such class any more.")
    return row


def member_of(connection: Connection, code: str, owner: str) -> Row | None:
    return connection.execute(select(members).where(members.c.code == code, members.c.owner == owner)).first()


def change_member(connection: Connection, code: str, owner: str, **values: object) -> None:
    connection.execute(update(members).where(members.c.code == code, members.c.owner == owner).values(**values))


def changed(connection: Connection, code: str) -> None:
    connection.execute(update(boards).where(boards.c.code == code).values(revision=boards.c.revision + 1))
