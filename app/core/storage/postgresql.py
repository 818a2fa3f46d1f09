"""PostgreSQL: connections on which nothing takes for ever, whatever has become of the server.

A server that is there and answers keeps to ``statement_timeout`` and ``lock_timeout``. One that hangs keeps to nothing,
and the system still acknowledges what is sent to it: then a deadline of our own ends the operation and the connection.
"""

from typing import Any, Protocol, cast

import sqlalchemy as sa
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry

OPERATION_SECONDS = 2.0
"""Longest time for what takes none on a server that is well: a ping, the beginning of a transaction."""

_READ_ONLY = "25006"

_GRACE = 1.0
"""The server's own deadline comes first, where it is well: its error says more, and the connection lives on."""

CONNECT_ARGUMENTS: dict[str, Any] = {
    "connect_timeout": 2,
    # Whatever the environment or the database has for other programs: texts are in all languages.
    "client_encoding": "utf8",
    # A machine that is gone without a word is noticed within about 10 s, even by a connection that only waits.
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

_IDENTITY = "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"


class _Bounded(Protocol):
    """What is known here of a connection (``bounded_connection.py``): its driver need not be imported for that."""

    seconds: float | None


def other_encoding(connection: sa.Connection) -> str | None:
    """The encoding of a database that cannot store all languages; None where it can."""
    encoding: str = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    return None if encoding == "UTF8" else encoding


def identity(connection: sa.Connection) -> tuple[int, int] | None:
    """What a database and its streaming standbys have in common, and no other; None where the server keeps it back."""
    try:
        found = connection.exec_driver_sql(_IDENTITY).one()
    except sa.exc.ProgrammingError:
        return None
    return found[0], found[1]


def bound_again(driver: _Bounded | None, record: ConnectionPoolEntry) -> None:
    """Give a connection that goes back to the pool the usual bound; None is one that was lost."""
    if driver is not None:
        driver.seconds = OPERATION_SECONDS


def demoted(error: ExceptionContext) -> None:
    """Give up the connections to a server that takes no changes any more: the next ones find the one that does."""
    writing = error.connection is not None and error.connection.get_execution_options().get("followthrough_write")
    if writing and getattr(error.original_exception, "sqlstate", None) == _READ_ONLY:
        error.is_disconnect = True


def bound(connection: sa.Connection, *, statement: float, lock: float) -> None:
    """Set how long each statement of this transaction may take, and how long it may wait for a lock, in seconds."""
    _driver(connection).seconds = statement + _GRACE
    # Compiling a query takes PostgreSQL many times as long as any of ours takes to run.
    connection.exec_driver_sql(
        f"SET LOCAL statement_timeout = {int(statement * 1000)}; SET LOCAL lock_timeout = {int(lock * 1000)}; "
        "SET LOCAL jit = off"
    )


def unbound(connection: sa.Connection) -> None:
    """Let a transaction take as long as it takes, such as one that changes the schema."""
    _driver(connection).seconds = None
    # What an operator has set for the role or the database is meant for requests. Idle is the transaction of a file
    # whose client reads slowly, or of a migration that computes.
    connection.exec_driver_sql(
        "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
    )


def _driver(connection: sa.Connection) -> _Bounded:
    return cast(_Bounded, connection.connection.driver_connection)
