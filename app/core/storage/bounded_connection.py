"""Connections to PostgreSQL, which end where the server has not answered in time.

By itself, as its driver is a large library: a server on SQLite starts sooner without.
"""

import time
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

from app.core.storage.postgresql import OPERATION_SECONDS

Result = TypeVar("Result")

_TAKES_CHANGES = ("read-write", "primary")
"""What libpq calls it, in an address of several servers."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that ends where the server has not answered in time."""

    seconds: float | None = OPERATION_SECONDS
    """Longest time for one operation; None: any."""

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        """Carry out an operation; raises psycopg.OperationalError where it takes too long."""
        limit = self.seconds if timeout is None else timeout
        begun = time.monotonic()
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError as error:
            if limit is None or error.sqlstate is not None or time.monotonic() - begun < limit:
                raise
            # What the server makes of it is not known, so nothing else can be done over this connection.
            with suppress(psycopg.Error):
                self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from error


def connect(dialect: object, record: object, args: tuple[Any, ...], parameters: dict[str, Any]) -> BoundedConnection:
    """Open a connection, in place of SQLAlchemy's way: of several servers, to one that is as it must be.

    libpq could find the one that takes changes by itself, but goes by what the other end says at the beginning. There a
    pooler repeats what its server was when it first saw it; so each is asked.
    """
    given = dict(parameters)
    wanted = given.get("target_session_attrs")
    if wanted not in _TAKES_CHANGES:
        return _open(given)[0]
    del given["target_session_attrs"]
    failed = psycopg.OperationalError("none of the servers takes changes")
    for server in _servers(given):
        try:
            connection, takes_changes = _open(given | server)
        except psycopg.OperationalError as error:
            failed = error
            continue
        if takes_changes:
            return connection
        connection.close()
    raise failed


def _servers(parameters: dict[str, Any]) -> list[dict[str, str]]:
    """The host and the port of each server, where they are named."""
    hosts, ports = str(parameters.get("host", "")).split(","), str(parameters.get("port", "")).split(",")
    # One port is that of all, as libpq has it.
    ports = ports * len(hosts) if len(ports) == 1 else ports
    pairs = zip(hosts, ports, strict=True)
    return [{name: each for name, each in (("host", host), ("port", port)) if each} for host, port in pairs]


def _open(parameters: dict[str, Any]) -> tuple[BoundedConnection, bool]:
    """A connection, and whether its server takes changes.

    Where a pooler stands between, and may give each transaction another connection, nothing is prepared: a statement
    would be prepared where somebody else is next. A pooler makes up the number of the process that it says is at the
    other end, as that is not the same one for long. Nothing else that we do lasts longer than a transaction.
    """
    connection = BoundedConnection.connect(**parameters)
    try:
        connection.autocommit = True
        row = connection.execute("SELECT pg_backend_pid(), pg_is_in_recovery()", prepare=False).fetchone()
        connection.autocommit = False
    except BaseException:
        connection.close()
        raise
    assert row is not None
    if row[0] != connection.info.backend_pid:
        connection.prepare_threshold = None
    return connection, not row[1]
