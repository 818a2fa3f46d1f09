"""Copies of an SQLite register, page by page, by SQLite's own backup interface.

A copy is made beside the place where it is to be: what goes wrong leaves everything as it was, and a file of the name
that was asked for is always whole.
"""

import glob
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.core.storage.failures import Failure, of_sqlite
from app.core.storage.sqlite import sqlite

if os.name == "posix":
    import fcntl

Connection = Any
"""A connection of ``sqlite``, for which there are no types."""
Report = Callable[[int, int], None]
"""Called with the pages that are done, and of how many."""

_PAGES_AT_ONCE = 256


class BackupError(Exception):
    """A backup cannot be taken or put back. Nothing was changed."""


def unwritable(error: BaseException | None, place: Path) -> BackupError | None:
    """What to say where a file in a folder could not be written; None where something else is wrong.

    It says nothing of what is read, such as a backup that may be as good as ever.
    """
    failure = of_sqlite(error) or _UNNAMED.get(str(error))
    if failure is Failure.full:
        return BackupError(f"the disk is full; make room for {place}, and try again")
    if failure is Failure.away and "READ" not in getattr(error, "sqlite_errorname", ""):
        return BackupError(f"a file cannot be written in {place}, or the backup cannot be read: {error}")
    return None


_UNNAMED = {"database or disk is full": Failure.full, "disk I/O error": Failure.away}
"""What SQLite's own backup interface raises has no name, only SQLite's text."""


def quiet(done: int, of: int) -> None:
    return None


def copy_to_file(source: Connection, to: Path, *, force: bool, report: Report, check: bool) -> None:
    try:
        _remove_leftovers(to)
        with _part_of(to) as part:
            with closing(connect(part)) as target:
                copy(source, target, report)
                # One file, without a log of its own beside it.
                target.execute("PRAGMA journal_mode = DELETE")
                if check:
                    demand_sound(target, "the register is damaged, and this copy of it as well")
            make_durable(part)
            put_in_place(part, to, force=force)
            make_durable(to.parent)
    except OSError as error:
        raise BackupError(f"{to} cannot be written: {error.strerror}") from error
    except sqlite.Error as error:
        raise unwritable(error, to.parent) or BackupError(f"the register cannot be copied: {error}") from error


@contextmanager
def _part_of(to: Path) -> Iterator[Path]:
    """A file beside another one to write a copy to, removed at the end; as long as it is written to, it is locked."""
    while True:
        part = to.with_name(f".{to.name}.{secrets.token_hex(4)}.part")
        # Made before SQLite opens it: it holds digests of keys and the secret of the register.
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        # Whoever took it for a leftover before it was locked has removed it.
        if _lock(handle) and part.exists():
            break
        os.close(handle)
    try:
        yield part
    finally:
        _remove(part)
        os.close(handle)


def _remove_leftovers(to: Path) -> None:
    """Remove what backups to a file have left that were killed: drafts, digests of keys, a secret. None is locked."""
    if os.name != "posix":
        return
    for part in to.parent.glob(f".{glob.escape(to.name)}.{'[0-9a-f]' * 8}.part"):
        with suppress(OSError):
            handle = os.open(part, os.O_RDONLY)
            try:
                if _lock(handle):
                    _remove(part)
            finally:
                os.close(handle)


def _lock(handle: int) -> bool:
    """Lock a file, which the system undoes for who is killed; says whether it was free."""
    if os.name == "posix":
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _remove(part: Path) -> None:
    for left in (part, part.with_name(f"{part.name}-journal")):
        with suppress(OSError):
            left.unlink()


def copy(source: Connection, target: Connection, report: Report) -> None:
    """Copy the register as it is now. Within a transaction it stays so, however much others write meanwhile."""
    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    try:
        source.backup(
            target, pages=_PAGES_AT_ONCE, progress=lambda status, remaining, total: report(total - remaining, total)
        )
    finally:
        source.execute("ROLLBACK")


def make_durable(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a power cut."""
    if path.is_dir() and os.name != "posix":
        return  # folders cannot be opened there
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_in_place(part: Path, to: Path, *, force: bool) -> None:
    if not force:
        # A link is never made over a file that somebody has put there in the meantime.
        try:
            os.link(part, to)
        except FileExistsError:
            raise BackupError(f"{to} exists already; --force replaces it") from None
        except OSError:
            pass  # this file system has no links
        else:
            return
    part.replace(to)


def demand_sound(connection: Connection, otherwise: str) -> None:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupError(f"{otherwise}: {found}")
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise BackupError(f"{otherwise}: a row of {broken[0]} refers to one of {broken[2]} that is not there")


def connect(file: Path) -> Connection:
    return sqlite.connect(str(file), isolation_level=None, timeout=10)


@contextmanager
def reading(file: Path, *, locked: bool = False) -> Iterator[Connection]:
    """A connection that changes nothing.

    A file that this process has ``locked`` itself, so that nobody writes to it, is read past the lock.
    """
    address = f"file:{quote(str(file.resolve()))}?mode=ro{'&immutable=1' if locked else ''}"
    with closing(sqlite.connect(address, uri=True, isolation_level=None, timeout=10)) as connection:
        yield connection
