"""The database: how connections are made, and the two kinds of transaction that a request can have.

A request has one transaction. A reading one sees a single moment of the register. A writing one is the only writer
while it lasts, on both databases alike, and is committed before the response is sent. Neither waits for another for
longer than it may.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from app.core.shares import Shares
from app.core.storage import postgresql, sqlite
from app.core.storage.failures import Failure, failure_of
from app.errors import OutcomeUnknown
from app.settings import Settings

STREAMS = 8
"""Responses that may be streamed at once in one process: each holds a connection for as long as its client takes."""

SERVER_LOCK_SECONDS = 1.5
"""How long a request waits for a writer of another process, or for a lock."""

COMMAND_LOCK_SECONDS = 10.0
"""How long a command does."""

MIGRATION_LOCK_SECONDS = 120.0
"""How long a process that starts waits for another one that makes the schema: that is the same for all of them."""

PLANNED = "followthrough_planned"
"""The option of a connection that says whether statements are run past SQLAlchemy (``reading/plans.py``)."""

WATCHED = sqlite.WATCHED
"""The option of a connection whose every statement is to come by SQLAlchemy's events, planned ones too."""

_WRITE_SECONDS = 30.0
_SPARE_CONNECTIONS = 6
"""For the writer, credentials, what looks after the server, and what watches for changes."""
_POOL_SECONDS = 1.5
_FULL_SECONDS = 60.0
_MIGRATION_LOCK = 7_211_300_104
"""Any number, the same for every process of ours."""


class Database:
    """An engine, and its transactions."""

    def __init__(self, settings: Settings, *, lock_seconds: float = COMMAND_LOCK_SECONDS) -> None:
        """Prepare the engine; no connection is made yet. Nobody waits longer than this for another's lock."""
        self.settings = settings
        self.lock_seconds = lock_seconds
        self.on_write: Callable[[int | None], None] = lambda number: None
        self.numbers_changes = False
        """Whether what is called on a write wants the number of the last change, for a look at the database more."""
        self._full_at = float("-inf")
        self.streams = Shares(STREAMS)
        # What is bound to a query came from clients: it has no place in a message.
        pool: dict[str, Any] = {
            "pool_size": settings.worker_threads,
            "max_overflow": STREAMS + _SPARE_CONNECTIONS,
            "pool_timeout": _POOL_SECONDS,
            "hide_parameters": True,
            "execution_options": {PLANNED: settings.short_way},
        }
        self.engine = self._on_postgresql(pool) if settings.on_postgresql else self._on_sqlite(pool)

    def _on_postgresql(self, pool: dict[str, Any]) -> sa.Engine:
        # Here, where it is wanted: its driver is a large library, and a server on SQLite starts sooner without.
        from app.core.storage.bounded_connection import connect

        arguments = postgresql.CONNECT_ARGUMENTS
        engine = sa.create_engine(self.settings.sqlalchemy_url, pool_pre_ping=True, connect_args=arguments, **pool)
        event.listen(engine, "do_connect", connect)
        event.listen(engine, "checkin", postgresql.bound_again)
        event.listen(engine, "handle_error", postgresql.demoted)
        return engine

    def _on_sqlite(self, pool: dict[str, Any]) -> sa.Engine:
        sqlite.private_file(self.settings.sqlite_file)
        engine = sa.create_engine(
            self.settings.sqlalchemy_url,
            module=sqlite.sqlite,
            poolclass=sa.QueuePool,
            connect_args={"check_same_thread": False, "timeout": self.lock_seconds},
            **pool,
        )
        engine.dialect.statement_compiler = sqlite.Compiler
        event.listen(engine, "connect", lambda driver, record: sqlite.prepare(driver, self.lock_seconds))
        event.listen(engine, "begin", sqlite.begin)
        return engine

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

    @property
    def was_full(self) -> bool:
        """Whether a change found no room in the last minute: PostgreSQL does not tell beforehand."""
        return time.monotonic() - self._full_at < _FULL_SECONDS

    @contextmanager
    def reading(self, *, seconds: float | None = None) -> Iterator[sa.Connection]:
        """A transaction that sees one moment of the register, changes nothing, and ends after a time at the latest.

        The time, in seconds, is that of the processor on SQLite, and that of each statement on PostgreSQL; 0 is any.
        """
        limit = seconds if seconds is not None else self.settings.query_seconds
        if self.dialect == "sqlite":
            with self.engine.connect() as connection, connection.begin():
                if not limit:
                    yield connection
                    return
                with sqlite.cpu_deadline(connection.connection.driver_connection, limit):
                    yield connection
            return
        options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            if limit:
                postgresql.bound(connection, statement=limit, lock=min(limit, self.lock_seconds))
            else:
                postgresql.unbound(connection)
            yield connection

    @contextmanager
    def writing(self, *, commit: bool = True, lock_seconds: float | None = None) -> Iterator[sa.Connection]:
        """A transaction that changes the register: committed at the end of the block, rolled back if it raises.

        One that is not to be kept is rolled back in any case, once everything has been checked. Raises OutcomeUnknown
        where the connection is lost while it is committed. Where ``lock_seconds`` is less than what the database waits
        for another's lock anyway, it counts instead.
        """
        whole, number = False, None
        wait = min(lock_seconds or self.lock_seconds, self.lock_seconds)
        connecting = self.engine.connect().execution_options(followthrough_write=True, followthrough_wait=wait)
        try:
            with connecting as connection, connection.begin() as transaction:
                if self.dialect == "postgresql":
                    postgresql.bound(connection, statement=_WRITE_SECONDS, lock=wait)
                yield connection
                if commit and self.numbers_changes:
                    number = connection.exec_driver_sql("SELECT seq FROM change_counter").scalar_one()
                if not commit:
                    transaction.rollback()
                whole = commit
        except sa.exc.DBAPIError as error:
            if failure_of(error) is Failure.full:
                self._full_at = time.monotonic()
            if whole and error.connection_invalidated:
                raise OutcomeUnknown() from error
            raise
        if commit:
            self.on_write(number)

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
                driver.execute(f"PRAGMA busy_timeout = {int(MIGRATION_LOCK_SECONDS * 1000)}")
            try:
                with connection.begin():
                    if not on_sqlite:
                        postgresql.unbound(connection)
                        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
                    yield connection
                    if on_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                        raise RuntimeError(
                            f"the migration leaves a row of {broken[0]} that refers to none of {broken[2]}"
                        )
            finally:
                if on_sqlite:
                    driver.execute("PRAGMA foreign_keys = ON")
                    driver.execute(f"PRAGMA busy_timeout = {int(self.lock_seconds * 1000)}")

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()
