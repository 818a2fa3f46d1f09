"""Whether the register has changed: what the cache of responses and the live stream go by."""

import threading
import time
from collections.abc import Hashable
from contextlib import ExitStack

import sqlalchemy as sa

from app.core.storage.database import Database
from app.core.storage.sqlite import sqlite
from app.core.storage.standbys import Reads

_LAST_PUBLIC = """
SELECT coalesce(max(seq), 0) FROM (
    SELECT seq FROM (
        SELECT seq FROM revision WHERE state = 'published' OR state_before = 'published' ORDER BY seq DESC LIMIT 1
    ) AS changed
    UNION ALL SELECT max(seq) FROM refresh
) AS numbered
"""
"""The number of the last change that the public could see: a draft moves nothing."""


class SqliteFreshness:
    """Whether the register has changed, by SQLite's own count: exact, at every request."""

    def __init__(self, database: Database) -> None:
        """Use a connection that never writes, so that every commit is somebody else's."""
        self._connection = sqlite.connect(
            str(database.settings.sqlite_file), isolation_level=None, check_same_thread=False, timeout=0
        )

    def version(self) -> Hashable | None:
        """SQLite's own count of changes. Never waits: what cannot be known at once is not known."""
        try:
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite.Error:
            return None
        return version

    def is_at(self, version: Hashable, number: int) -> bool:
        """Whether a version is that of a snapshot of some standby: there are none."""
        return False

    def seq(self) -> int | None:
        """The number of the last change that the public could see, where it can be told. Never waits."""
        try:
            seq: int = self._connection.execute(_LAST_PUBLIC).fetchone()[0]
        except sqlite.Error:
            return None
        return seq

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PolledFreshness:
    """Whether the register has changed, looked up in PostgreSQL twice a second: at most a second old, or not known.

    A change made by this process is known at once. The result also tells which standbys keep up.
    """

    _PAUSE = 0.4
    _OLDEST = 1.0

    def __init__(self, database: Database, reads: Reads) -> None:
        """Start looking, in a thread of its own."""
        self._database = database
        self._reads = reads
        self._lock = threading.Lock()
        self._own = 0
        self._version: tuple[int, int] | None = None
        self._last: int | None = None
        self._at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="freshness", daemon=True)
        database.on_write = self.changed
        self._thread.start()

    def version(self) -> Hashable | None:
        """The number of the last change, or None while the last look is too long ago."""
        with self._lock:
            return self._version if time.monotonic() - self._at < self._OLDEST else None

    def is_at(self, version: Hashable, number: int) -> bool:
        """Whether a version is the very one of a snapshot, by the number of the snapshot's last change."""
        return isinstance(version, tuple) and version[1] == number

    def seq(self) -> int | None:
        """The number of the last change that the public could see, as it was last looked up. Never waits."""
        return self._last

    def changed(self, number: int | None) -> None:
        """Take note of a change made here, before anybody else looks; and of its number, where that was looked up."""
        if number is not None:
            self._reads.changed_here(number)
        with self._lock:
            self._own += 1
            self._version = None
            self._at = 0.0

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        self._thread.join(timeout=2)

    def _poll(self) -> None:
        # One connection is kept for this, and used for one thing at a time: this is all that an idle server does.
        with ExitStack() as connected:
            connection: sa.Connection | None = None
            public: int | None = None
            while not self._stop.is_set():
                with self._lock:
                    own = self._own
                begun = time.monotonic()
                try:
                    if connection is None:
                        opened = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                        connection = connected.enter_context(opened)
                        self._reads.connected(connection)
                    seq = connection.exec_driver_sql("SELECT seq FROM change_counter").scalar_one()
                    if self._last is None or self._version is None or self._version[1] != seq:
                        public = connection.exec_driver_sql(_LAST_PUBLIC).scalar_one()
                except sa.exc.SQLAlchemyError:
                    connected.close()
                    connection = None
                else:
                    self._reads.looked(seq, begun)
                    with self._lock:
                        self._last = public
                        # A look that began before our own last change says nothing about it.
                        if own == self._own:
                            self._version, self._at = (own, seq), begun
                self._stop.wait(self._PAUSE)


def freshness_of(database: Database, reads: Reads) -> SqliteFreshness | PolledFreshness:
    """What tells whether this database has changed, and tells that to those who read from its standbys."""
    return SqliteFreshness(database) if database.dialect == "sqlite" else PolledFreshness(database, reads)
