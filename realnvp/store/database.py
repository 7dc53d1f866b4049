"""The database: where it is, how it is opened, and how it is brought to the newest schema."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError

from realnvp.point_store import home
from realnvp.store.failures import DATABASE_VARIABLE, FAILURES, NewerSchemaError, UnreachableError

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_SECONDS = 2.0  # how long another's lock is waited for
LOCK = 5_107_112_117  # PostgreSQL's advisory locks are numbers: that of migrations, and with 1 added that of the server

_migrating = threading.Lock()  # Alembic keeps what it does in globals


def default_url() -> str:
    """What REALNVP_DATABASE says, or else a file in the folder that REALNVP_HOME names."""
    return (
        os.environ.get(DATABASE_VARIABLE) or URL.create("sqlite", database=str(home() / "runs.db")).render_as_string()
    )


class Database:
    """SQLite or PostgreSQL. What goes wrong is one of FAILURES."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: Engine | None = None  # once it has been opened
        self._file: tuple[int, int] | None = None  # device and inode of the file that was opened
        self._alone: sqlite3.Connection | Connection | None = None
        self._opening = threading.Lock()

    def open(self) -> None:
        """Connects and migrates, unless that has been done."""
        with self._opening:
            if self._engine is not None:
                return
            engine = connect(self._url)
            try:
                if path := engine.url.database if engine.dialect.name == "sqlite" else None:
                    Path(path).parent.mkdir(parents=True, exist_ok=True)
                    write_ahead(path)
                migrate(engine)
                self._file = identity(path) if path else None
            except BaseException:
                engine.dispose()
                raise
            self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        if self._engine is None:
            raise UnreachableError("not open")
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all that is done in it, or nothing. A file that has vanished is made anew."""
        if self._file and identity(self._engine.url.database) != self._file:
            self.reopen()
        self.open()
        with self._engine.execution_options(writes=True).begin() as connection:
            yield connection

    def reopen(self) -> None:
        """Lets go of all connections, so that the next use opens and migrates again."""
        engine, self._engine, self._file = self._engine, None, None
        if engine is not None:
            engine.dispose()

    def hold_alone(self) -> bool:
        """Whether this server is the only one at the database; it stays so until it ends, however it ends."""
        if self._alone is None:
            if self._engine.dialect.name == "sqlite":
                lock = sqlite3.connect(
                    f"{self._engine.url.database}.lock", timeout=0, isolation_level=None, check_same_thread=False
                )
                try:
                    lock.execute("BEGIN EXCLUSIVE")
                except sqlite3.OperationalError as error:
                    lock.close()
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                        raise DBAPIError("BEGIN EXCLUSIVE", None, error) from error
                    return False
            else:
                lock = self._engine.connect()
                if not lock.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK + 1}):
                    lock.close()
                    return False
                lock.commit()
            self._alone = lock
        return True

    def close(self) -> None:
        if self._alone is not None:
            with suppress(*FAILURES):
                if isinstance(self._alone, Connection):
                    self._alone.invalidate()  # a connection that went back to its pool would keep the lock
                self._alone.close()
            self._alone = None
        self.reopen()


def connect(url: str) -> Engine:
    """An engine that has not connected yet."""
    target = make_url(url)
    if target.drivername in ("postgres", "postgresql"):
        target = target.set(drivername="postgresql+psycopg")
    if target.get_backend_name() != "sqlite":
        options = f"-c lock_timeout={BUSY_SECONDS:.0f}s -c statement_timeout=10s"
        return create_engine(target, pool_pre_ping=True, connect_args={"connect_timeout": 3, "options": options})
    engine = create_engine(target, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # BEGIN is sent below, so that the schema changes within transactions too
        connection.execute("PRAGMA synchronous=NORMAL")  # in WAL mode no crash can damage the file
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def write_ahead(path: str) -> None:
    """Has a SQLite file keep a write-ahead log, so that readers never wait for writers; the file remembers it."""
    last = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.DatabaseError as error:
            # SQLite does not wait here for another process that does the same.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise DBAPIError("PRAGMA journal_mode=WAL", None, error) from error
        time.sleep(0.05)


def migrate(engine: Engine) -> None:
    """Brings the schema to the newest version, in one transaction; a second process waits for the first."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _migrating, engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:  # it knows no such version
            raise NewerSchemaError(str(error)) from error


def identity(path: str) -> tuple[int, int] | None:
    with suppress(OSError):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    return None
