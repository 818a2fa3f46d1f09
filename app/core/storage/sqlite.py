"""SQLite: which one it is, how its connections are set up, and how long a query may work.

The ``pysqlite3`` wheel brings a sound version wherever there is one. Where there is none, Python's own serves. Versions
before 3.51.3 can lose committed writes in WAL mode (sqlite.org/wal.html, "the WAL-reset bug"), and in no other: these
are run with a rollback journal, in which a reader may have to wait for a commit, and a commit for readers.
"""

import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

try:
    import pysqlite3 as sqlite
except ModuleNotFoundError:  # no wheel for this platform
    import sqlite3 as sqlite

__all__ = [
    "JOURNAL",
    "SOUND",
    "WATCHED",
    "Compiler",
    "begin",
    "cpu_deadline",
    "insert",
    "is_undecodable",
    "prepare",
    "private_file",
    "rows",
    "say_which",
    "sqlite",
    "undecoded",
]

log = logging.getLogger("followthrough.database")

SOUND = (3, 51, 3)
"""The first version without the fault."""

JOURNAL = "WAL" if sqlite.sqlite_version_info >= SOUND else "DELETE"
"""The mode that this version is sound in."""

_STEPS_BETWEEN_CHECKS = 20_000
_SECONDS_BETWEEN_TRIES = 0.01
_WALL = 10
"""A query may take this many times its processor time by the clock of a busy machine."""


class Compiler(SQLiteCompiler):
    """Writes statements that SQLite plans once.

    It looks at what ``LIMIT ?`` is bound to, and so plans such a statement anew each time that it is bound. To plan
    takes longer than to run, for most. A sum it takes as it comes.
    """

    def limit_clause(self, select: Any, **options: Any) -> str:
        """Write a limit as a sum, and where it begins too."""
        limit: str = super().limit_clause(select, **options)  # type: ignore[no-untyped-call]
        return limit.replace("LIMIT ", "LIMIT 0 + ", 1).replace("OFFSET ", "OFFSET 0 + ", 1)


def say_which() -> None:
    """Say once, at the start of a server, that it runs without WAL and why."""
    if JOURNAL != "WAL":
        log.warning(
            "SQLite %s can lose committed writes in WAL mode: a rollback journal is used, and readers may wait for "
            "writers. SQLite %s or newer (the pysqlite3 package has it) does without.",
            sqlite.sqlite_version,
            ".".join(map(str, SOUND)),
        )


def private_file(file: Path) -> None:
    """Make the folder and the file of a register where there is none: it holds drafts, digests of keys and the secret.

    Nobody but their owner may read them. A folder that is there already keeps its mode: it may hold other things.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name != "posix":
        return
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    # By its name, not by a handle: to close a handle on a database ends every lock that this process holds on it
    # (sqlite.org/howtocorrupt.html), and another process then takes it for a database that nobody uses.
    if file.stat().st_uid == os.geteuid():
        # SQLite gives the files that it keeps beside it (-wal, -shm, -journal) the same mode.
        file.chmod(0o600)


def prepare(connection: Any, lock_seconds: float) -> None:
    """Set up a connection of the driver. A writer waits at most this long for its turn."""
    # SQLAlchemy decides when a transaction begins, not the driver: see begin().
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(lock_seconds * 1000)}")
    mode = _journal_mode(cursor, lock_seconds)
    if mode.upper() != JOURNAL:
        raise sqlite.OperationalError(
            f"the database is in the journal mode {mode}, which SQLite {sqlite.sqlite_version} may not use: "
            "end every other program that has it open, and start again"
        )
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "cache_size = -32000", "temp_store = MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _journal_mode(cursor: Any, lock_seconds: float) -> str:
    """Choose the journal of a database; gives the one that it then has.

    A new database changes its mode. SQLite then waits for no other process whatever the busy timeout, so that of
    several servers that start at once on a new file all but one would fail.
    """
    latest = time.monotonic() + lock_seconds
    while True:
        try:
            cursor.execute(f"PRAGMA journal_mode = {JOURNAL}")
        except sqlite.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > latest:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            return str(cursor.fetchone()[0])


def begin(connection: sa.Connection) -> None:
    """Begin a transaction: one that means to write takes the lock at once.

    One that reads first and writes later could meet another writer in between and fail, whatever the busy timeout.
    """
    options = connection.get_execution_options()
    if not options.get("followthrough_write", False):
        connection.exec_driver_sql("BEGIN")
        return
    usual: int = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    wait = int(options.get("followthrough_wait", usual / 1000) * 1000)
    if wait == usual:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        # What is waited for later, a reader that holds up the commit, has its time to itself.
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")


WATCHED = "followthrough_watched"


def rows(connection: sa.Connection, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement as the driver gives them, past SQLAlchemy; raises what SQLAlchemy would.

    Where somebody watches what is run (``server/statement_spans.py``), SQLAlchemy runs it.
    """
    if connection.get_execution_options().get(WATCHED):
        result = connection.exec_driver_sql(sql, tuple(parameters))
        assert result.cursor is not None
        read: list[tuple[Any, ...]] = list(result.cursor.fetchall())
        result.close()
        return read
    driver = connection.connection.driver_connection
    assert driver is not None
    try:
        found: list[tuple[Any, ...]] = driver.execute(sql, parameters).fetchall()
    except sqlite.Error as error:
        raise _as_sqlalchemy(connection, sql, error) from error
    return found


def insert(connection: sa.Connection, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement once for each of some rows of parameters, past SQLAlchemy as :func:`rows` does."""
    if connection.get_execution_options().get(WATCHED):
        connection.exec_driver_sql(sql, list(map(tuple, rows)))
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    try:
        driver.executemany(sql, rows)
    except sqlite.Error as error:
        raise _as_sqlalchemy(connection, sql, error) from error


def _as_sqlalchemy(connection: sa.Connection, sql: str, error: Exception) -> BaseException:
    """An error of the driver as SQLAlchemy's of the same kind."""
    return sa.exc.DBAPIError.instance(sql, None, error, sqlite.Error, hide_parameters=True, dialect=connection.dialect)


@contextmanager
def cpu_deadline(driver: Any, seconds: float) -> Iterator[None]:
    """Interrupt what works longer within the block, by the processor time of this thread.

    A busy machine that lets a short query wait is no reason to end it; one that waits for ever is.
    """
    work, clock = time.thread_time() + seconds, time.monotonic() + seconds * _WALL

    def late() -> bool:
        return time.thread_time() > work or time.monotonic() > clock

    driver.set_progress_handler(late, _STEPS_BETWEEN_CHECKS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def is_undecodable(error: BaseException | None) -> bool:
    """Whether an error of the driver says that a text is no UTF-8: SQLite stores any bytes as a text."""
    return isinstance(error, sqlite.OperationalError) and str(error).startswith("Could not decode to UTF-8")


@contextmanager
def undecoded(driver: Any) -> Iterator[None]:
    """Within the block, a text that is no UTF-8 is read as the bytes that it is, and fails no query. This is slower."""
    before = driver.text_factory
    driver.text_factory = _decoded
    try:
        yield
    finally:
        driver.text_factory = before


def _decoded(stored: bytes) -> str | bytes:
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored
