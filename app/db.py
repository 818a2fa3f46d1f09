"""The database: how connections are made, and the two kinds of transaction that a request can have.

A request has one transaction. A reading one sees a single moment of the register. A writing one is the only writer
while it lasts, on both databases alike, and is committed before the answer is sent.
"""

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from app.settings import Settings

try:
    import pysqlite3 as sqlite
except ModuleNotFoundError:  # no wheel for this platform: Python's own serves, where it is sound
    import sqlite3 as sqlite

SOUND_SQLITE = (3, 51, 3)
"""Earlier versions can lose committed writes in WAL mode (sqlite.org/wal.html, "the WAL-reset bug")."""

STREAMS = 8
"""Answers that may be streamed at once in one process: each holds a connection for as long as its client takes."""

_SPARE_CONNECTIONS = 2
_BUSY_MILLISECONDS = 10_000
_STEPS_BETWEEN_CHECKS = 20_000
_MIGRATION_LOCK = 7_211_300_104
"""Any number, the same for every process of ours."""


class Database:
    """An engine, and its transactions."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the engine; no connection is made yet."""
        self.settings = settings
        self.on_write: Callable[[], None] = lambda: None
        self.streams = threading.BoundedSemaphore(STREAMS)
        # What is bound to a query came from clients: it has no place in a message.
        pool = {
            "pool_size": settings.worker_threads,
            "max_overflow": STREAMS + _SPARE_CONNECTIONS,
            "pool_timeout": 10,
            "hide_parameters": True,
        }
        if settings.on_postgresql:
            self.engine = sa.create_engine(
                settings.sqlalchemy_url, pool_pre_ping=True, connect_args={"connect_timeout": 5}, **pool
            )
        else:
            if sqlite.sqlite_version_info < SOUND_SQLITE:
                raise RuntimeError(
                    f"SQLite {sqlite.sqlite_version} can lose committed writes; "
                    f"{'.'.join(map(str, SOUND_SQLITE))} or newer is needed (pip install pysqlite3)."
                )
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            self.engine = sa.create_engine(
                settings.sqlalchemy_url,
                module=sqlite,
                poolclass=sa.QueuePool,
                connect_args={"check_same_thread": False, "timeout": _BUSY_MILLISECONDS / 1000},
                **pool,
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def dialect(self) -> str:
        """sqlite or postgresql."""
        return self.engine.dialect.name

    @property
    def pool(self) -> sa.QueuePool:
        """The connections that are kept."""
        pool = self.engine.pool
        assert isinstance(pool, sa.QueuePool)
        return pool

    @contextmanager
    def reading(self, *, seconds: float | None = None) -> Iterator[sa.Connection]:
        """A transaction that sees one moment of the register, changes nothing, and ends after a time at the latest."""
        limit = seconds if seconds is not None else self.settings.query_seconds
        options: dict[str, Any] = {}
        if self.dialect == "postgresql":
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        connecting = self.engine.connect().execution_options(**options)
        with connecting as connection, connection.begin(), self._deadline(connection, limit):
            yield connection

    @contextmanager
    def writing(self, *, keep: bool = True) -> Iterator[sa.Connection]:
        """A transaction that changes the register: committed at the end of the block, rolled back if it raises.

        One that is not to be kept is rolled back in any case, once everything has been checked.
        """
        connecting = self.engine.connect().execution_options(followthrough_write=True)
        with connecting as connection, connection.begin() as transaction:
            yield connection
            if not keep:
                transaction.rollback()
        if keep:
            self.on_write()

    @contextmanager
    def migrating(self) -> Iterator[sa.Connection]:
        """A transaction that changes the schema, one process at a time.

        To change a table SQLite often has to make it anew, and others may refer to it: it is checked at the end, not in
        between, that every reference leads somewhere. That can only be chosen before the transaction begins.
        """
        on_sqlite = self.dialect == "sqlite"
        with self.engine.connect().execution_options(followthrough_write=True) as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            if on_sqlite:
                driver.execute("PRAGMA foreign_keys = OFF")
            try:
                with connection.begin():
                    if not on_sqlite:
                        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
                    yield connection
                    if on_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                        raise RuntimeError(
                            f"the migration leaves a row of {broken[0]} that refers to none of {broken[2]}"
                        )
            finally:
                if on_sqlite:
                    driver.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def _deadline(self, connection: sa.Connection, seconds: float) -> Iterator[None]:
        """Interrupt what runs longer; the client is told 503."""
        if not seconds:
            yield
            return
        if self.dialect == "postgresql":
            # Compiling a query takes PostgreSQL many times as long as any of ours takes to run.
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}; SET LOCAL jit = off")
            yield
            return
        driver = connection.connection.driver_connection
        assert driver is not None
        end = time.monotonic() + seconds
        driver.set_progress_handler(lambda: time.monotonic() > end, _STEPS_BETWEEN_CHECKS)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any, record: object) -> None:
    # SQLAlchemy decides when a transaction begins, not the driver: see _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {_BUSY_MILLISECONDS}",
        "cache_size = -32000",
        "temp_store = MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later could meet another writer in between and fail at once, whatever
    # the busy timeout; one that means to write therefore asks for the lock at its beginning.
    writes = connection.get_execution_options().get("followthrough_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class SqliteFreshness:
    """Whether the register has changed, asked of SQLite itself: exact, at every request."""

    def __init__(self, database: Database) -> None:
        """Use a connection that never writes, so that every commit is somebody else's."""
        self._connection = sqlite.connect(
            str(database.settings.sqlite_file), isolation_level=None, check_same_thread=False
        )

    def version(self) -> Hashable | None:
        """SQLite's own count of changes."""
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def seq(self) -> int | None:
        """The number of the register's last change, where it can be told. Never waits: readers of SQLite do not."""
        try:
            seq: int = self._connection.execute("SELECT seq FROM change_counter").fetchone()[0]
        except sqlite.Error:
            return None
        return seq

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PolledFreshness:
    """Whether the register has changed, asked of PostgreSQL twice a second: at most a second old, or not known.

    A change made by this process is known at once.
    """

    _PAUSE = 0.4
    _OLDEST = 1.0

    def __init__(self, database: Database) -> None:
        """Start asking, in a thread of its own."""
        self._database = database
        self._lock = threading.Lock()
        self._own = 0
        self._seen: tuple[int, int] | None = None
        self._last: int | None = None
        self._at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="freshness", daemon=True)
        database.on_write = self.changed
        self._thread.start()

    def version(self) -> Hashable | None:
        """The number of the last change, or None while the last look is too long ago."""
        with self._lock:
            return self._seen if time.monotonic() - self._at < self._OLDEST else None

    def seq(self) -> int | None:
        """The number of the register's last change, as it was seen last. Never waits."""
        return self._last

    def changed(self) -> None:
        """Take note of a change made here, before anybody asks."""
        with self._lock:
            self._own += 1
            self._seen = None
            self._at = 0.0

    def close(self) -> None:
        """Stop asking."""
        self._stop.set()
        self._thread.join(timeout=2)

    def _poll(self) -> None:
        # One connection is kept for this, and asked one thing at a time: asking is all that an idle server does.
        with ExitStack() as connected:
            connection: sa.Connection | None = None
            while not self._stop.is_set():
                with self._lock:
                    own = self._own
                asked = time.monotonic()
                try:
                    if connection is None:
                        opened = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                        connection = connected.enter_context(opened)
                    seq = connection.exec_driver_sql("SELECT seq FROM change_counter").scalar_one()
                except sa.exc.SQLAlchemyError:
                    connected.close()
                    connection = None
                else:
                    with self._lock:
                        self._last = seq
                        # A look that began before our own last change says nothing about it.
                        if own == self._own:
                            self._seen, self._at = (own, seq), asked
                self._stop.wait(self._PAUSE)


def freshness_of(database: Database) -> SqliteFreshness | PolledFreshness:
    """What tells whether this database has changed."""
    return SqliteFreshness(database) if database.dialect == "sqlite" else PolledFreshness(database)
