"""A backup made ready to be put back: checked, and brought to the present schema, in a folder of its own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from app.core.storage.database import Database
from app.core.storage.sqlite import sqlite
from app.operations.backup_demands import demand_complete, demand_known
from app.operations.prepare import UnknownSchema, migrate
from app.operations.sqlite_copy import (
    BackupError,
    Connection,
    connect,
    copy,
    demand_sound,
    quiet,
    reading,
    unwritable,
)
from app.settings import Settings

if os.name == "posix":
    import fcntl

_PREFIX = ".restore-"
_HEADER = b"SQLite format 3\0"
_KEPT = "kept"
_REPLACED = "replaced"
"""The name, in the settings of a register, of the copy that was kept of what it has replaced."""


@contextmanager
def staging_folder(data_dir: Path) -> Iterator[Path]:
    """A folder to make a register ready in, removed at the end. One restore at a time has one.

    Raises BackupError where another one does.
    """
    with _alone(data_dir) as alone:
        if not alone:
            raise BackupError("another restore is running")
        _sweep(data_dir)
        with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=data_dir) as folder:
            yield Path(folder)


def remove_leftovers(data_dir: Path) -> None:
    """Remove what restores have left that were killed; it holds drafts, digests of keys and a secret."""
    if data_dir.is_dir():
        with _alone(data_dir) as alone:
            if alone:
                _sweep(data_dir)


@contextmanager
def _alone(data_dir: Path) -> Iterator[bool]:
    """Whether nobody else restores into this folder; the system takes the lock back from who is killed."""
    if os.name != "posix":
        yield True
        return
    handle = os.open(data_dir, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def announce_kept(folder: Path, copy: Path) -> None:
    """Write down, before the register is replaced, which copy of it is about to be kept."""
    (folder / _KEPT).write_text(copy.name)


def note_kept(source: Connection, copy: Path) -> None:
    """Let the register that is copied in name the copy of what it replaces: so it shows whether that has happened."""
    source.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_REPLACED, copy.name),
    )


def _sweep(data_dir: Path) -> None:
    for left in data_dir.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            _remove_needless_copy(data_dir, (left / _KEPT).read_text())
        shutil.rmtree(left, ignore_errors=True)
    for left in data_dir.glob(".followthrough-before-restore-*.part*"):
        left.unlink(missing_ok=True)


def _remove_needless_copy(data_dir: Path, name: str) -> None:
    """Remove the copy of a register that was then not replaced, as the restore was killed before its commit."""
    register = Settings(_env_file=None, data_dir=data_dir).sqlite_file
    try:
        with reading(register) as connection:
            replaced = connection.execute("SELECT value FROM setting WHERE name = ?", (_REPLACED,)).fetchone()
    except (BackupError, sqlite.Error):
        return  # it cannot be told: the copy may be all that there is
    if replaced is None or replaced[0] != name:
        (data_dir / Path(name).name).unlink(missing_ok=True)


def stage(file: Path, staged: Settings) -> None:
    """Make a copy of a backup, checked and brought to the present schema."""
    try:
        _demand_database(file)
        with reading(file) as source, closing(connect(staged.sqlite_file)) as target:
            _demand_room(source, staged.data_dir)
            copy(source, target, quiet)
            demand_sound(target, f"{file} is damaged")
            demand_known(target, file)
        database = Database(staged)
        try:
            migrate(database)
        finally:
            database.dispose()
        with closing(connect(staged.sqlite_file)) as target:
            demand_complete(target, staged, file)
            target.execute("PRAGMA journal_mode = DELETE")
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}") from error
    except sqlite.Error as error:
        raise unwritable(error, staged.data_dir.parent) or BackupError(f"{file} is damaged: {error}") from error
    except (sa.exc.SQLAlchemyError, RuntimeError, UnknownSchema) as error:
        unwritten = unwritable(getattr(error, "orig", None), staged.data_dir.parent)
        why = str(error).splitlines()[0]
        raise unwritten or BackupError(f"{file} cannot be brought to the present schema: {why}") from error


def _demand_database(file: Path) -> None:
    # Whoever opens a pipe waits for somebody who writes into it.
    if not file.is_file() and file.exists():
        raise BackupError(f"{file} is not a backup: it is not a file")
    with file.open("rb") as opened:
        if opened.read(len(_HEADER)) != _HEADER:
            raise BackupError(f"{file} is not a backup: it is not an SQLite database")


def _demand_room(source: Connection, folder: Path) -> None:
    """Refuse what cannot be restored for lack of room, before it takes the room of those who write to the register."""
    # Once as a copy to look at, and once on its way into the register; what is kept of the register comes later.
    (size,) = source.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()
    if 2 * size > shutil.disk_usage(folder).free:
        raise BackupError(f"it takes {2 * size // 2**20 + 1:,} MiB on the disk of {folder.parent}, which has less room")
