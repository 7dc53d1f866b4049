"""Writes that no page waits for: a thread of their own, a bounded queue, and patience with a database that fails."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from realnvp.store.database import Database
from realnvp.store.failures import FAILURES, explain

MOST_WAITING = 500  # works; what has waited longest is then given up
RETRY_SECONDS = 1.0
UNKEPT = "One change to the kept runs could not be written, and is lost; the server's log says why."

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Work:
    """Something to do in one transaction. Of two with equal keys only the later is done."""

    key: Hashable
    do: Callable[[Connection], None]
    about: object = None
    done: threading.Event = field(default_factory=threading.Event)


class Writer:
    """Does works one after the other, in the order in which their keys were first put."""

    def __init__(self, database: Database) -> None:
        self.notice: str | None = None  # why nothing can be written now, for people; None while all is well
        self._database = database
        self._works: OrderedDict[Hashable, Work] = OrderedDict()
        self._changed = threading.Condition()
        self._closing = False
        self._idle = True
        self._thread = threading.Thread(target=self._run, daemon=True, name="store_writer")
        self._thread.start()

    def put(self, key: Hashable, do: Callable[[Connection], None], about: object = None) -> Work:
        """Returns at once."""
        work = Work(key, do, about)
        with self._changed:
            self._works[key] = work
            if len(self._works) > MOST_WAITING:
                self._works.popitem(last=False)
            self._changed.notify_all()
        return work

    def complain(self, error: Exception) -> None:
        """Notes a failure that another has met, until something can be written."""
        with self._changed:
            self._note(error)
            if not self._works:  # whose turn would tell
                self.put("probe", lambda _: None)

    def waiting(self, key: Hashable) -> object:
        """What the waiting work of a key is about; None without one."""
        with self._changed:
            return work.about if (work := self._works.get(key)) else None

    def flush(self, seconds: float) -> bool:
        """Waits until all that was put has been done; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closing or (self._idle and not self._works), seconds)

    def close(self, seconds: float) -> None:
        """Ends the thread, after what waits has been done, or after so many seconds without it."""
        self.flush(seconds)
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(seconds)

    def _run(self) -> None:
        while work := self._next():
            try:
                with self._database.writing() as connection:
                    work.do(connection)
            except (DataError, IntegrityError):  # trying again would not help
                self._give_up(work)
            except FAILURES as error:
                self._fail(error)
            except Exception:
                self._give_up(work)
            else:
                self._finish(work, None)

    def _next(self) -> Work | None:
        """The work whose turn it is, which keeps its place until it has been done; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._works or self._closing)
            if self._closing:
                return None
            self._idle = False
            return next(iter(self._works.values()))

    def _finish(self, work: Work, notice: str | None) -> None:
        work.done.set()
        with self._changed:
            self.notice, self._idle = notice, True
            if self._works.get(work.key) is work:  # else a later one has taken its place
                del self._works[work.key]
            self._changed.notify_all()

    def _give_up(self, work: Work) -> None:
        log.exception("A change to the kept runs could not be written: %s", work.key)
        self._finish(work, UNKEPT)

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._idle = True
            self._note(error)
            self._changed.wait_for(lambda: self._closing, RETRY_SECONDS)

    def _note(self, error: Exception) -> None:
        if isinstance(error, ProgrammingError) or "no such table" in str(error):
            self._database.reopen()  # which makes the tables anew
        self.notice = explain(error)
