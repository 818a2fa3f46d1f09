"""What an error of a database driver means: whether it passes, and why."""

import errno
from enum import Enum

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from app.core.storage.sqlite import is_undecodable


class Failure(Enum):
    """The kinds of failure that are told apart, each with what an operator should know."""

    conflict = "another change got there first"
    busy = "another writer has the register"
    slow = "the statement took too long"
    full = "the disk is full"
    away = "the database is out of reach"
    damaged = "the database file is damaged: restore a backup (followthrough restore)"
    unreadable = "what is stored was changed from outside and cannot be read: followthrough check names it"
    forbidden = "the role of the register may not do that in the database"
    bug = "a statement failed"


_SQLITE = {
    "BUSY": Failure.busy,
    "LOCKED": Failure.busy,
    "INTERRUPT": Failure.slow,
    "FULL": Failure.full,
    "IOERR": Failure.away,
    "CANTOPEN": Failure.away,
    "READONLY": Failure.away,
    "PROTOCOL": Failure.away,
    "NOMEM": Failure.away,
    "CORRUPT": Failure.damaged,
    "NOTADB": Failure.damaged,
}
"""By the first word of SQLite's name for an error, such as SQLITE_IOERR_WRITE."""

_POSTGRESQL = {
    "55P03": Failure.busy,  # lock_timeout
    "40001": Failure.busy,  # serialization
    "40P01": Failure.busy,  # deadlock
    "57014": Failure.slow,  # statement_timeout
    "25P03": Failure.slow,  # idle_in_transaction_session_timeout
    "53100": Failure.full,
    "53400": Failure.full,  # temp_file_limit: as much room as there is for it
    "08": Failure.away,
    "53": Failure.away,  # out of connections or memory
    "57": Failure.away,  # shutting down, starting up
    "58": Failure.away,  # its system fails
    "25006": Failure.away,  # a standby in the place of the primary
    "42501": Failure.forbidden,
    "XX001": Failure.damaged,
    "XX002": Failure.damaged,
}
"""By SQLSTATE, or its class."""


def failure_of(error: DBAPIError) -> Failure:
    """What an error means."""
    if isinstance(error, IntegrityError):
        return Failure.conflict
    if (failure := of_sqlite(error.orig)) is not None:
        return failure
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2], Failure.bug)
    if is_undecodable(error.orig):
        return Failure.unreadable
    # An error of the driver itself, or one of a connection: no statement came to an end.
    passing = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return Failure.away if passing else Failure.bug


def of_sqlite(error: BaseException | None) -> Failure | None:
    """What an error of SQLite's own driver means; None where it is none of those that SQLite names."""
    name: str | None = getattr(error, "sqlite_errorname", None)
    if name is None:
        return None
    return _SQLITE.get(name.split("_")[1] if "_" in name else name, Failure.bug)


def in_words(error: BaseException) -> str:
    """Why something could not be done, for a line of the log: an error of the driver by what it means."""
    return failure_of(error).value if isinstance(error, DBAPIError) else str(error).partition("\n")[0]


def lacks_room(error: OSError) -> bool:
    """Whether a file could not be written for want of room: on the disk, or in what its user may have of it."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
