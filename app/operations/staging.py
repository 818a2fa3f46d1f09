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
from app.operations.prepare import UnknownSchema, known_revisions, migrate
from app.operations.sqlite_copy import BackupError, Connection, connect, copy, demand_sound, quiet, reading
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
        with file.open("rb") as opened:
            if opened.read(len(_HEADER)) != _HEADER:
                raise BackupError(f"{file} is not a backup: it is not an SQLite database")
        with reading(file) as source, closing(connect(staged.sqlite_file)) as target:
            copy(source, target, quiet)
            demand_sound(target, f"{file} is damaged")
            _demand_known(target, file)
        database = Database(staged)
        try:
            migrate(database)
        finally:
            database.dispose()
        with closing(connect(staged.sqlite_file)) as target:
            _demand_complete(target, staged, file)
            target.execute("PRAGMA journal_mode = DELETE")
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}") from error
    except sqlite.Error as error:
        raise BackupError(f"{file} is damaged: {error}") from error
    except (sa.exc.SQLAlchemyError, RuntimeError, UnknownSchema) as error:
        raise BackupError(f"{file} cannot be brought to the present schema: {error}") from error


def _demand_known(connection: Connection, file: Path) -> None:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not {"alembic_version", "change_counter", "revision", "setting"} <= tables:
        raise BackupError(f"{file} is not a register of Followthrough")
    schemas = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
    schema = schemas[0] if len(schemas) == 1 else ""
    if schema in known_revisions():
        return
    raise BackupError(f"{file} has a schema that this program does not know; restore it with the version that made it")


def _demand_complete(connection: Connection, staged: Settings, file: Path) -> None:
    """Compare with a register that was made just now: a file can call its schema by our name and be another's."""
    with tempfile.TemporaryDirectory(dir=staged.data_dir) as folder:
        fresh = staged.model_copy(update={"data_dir": Path(folder)})
        database = Database(fresh)
        try:
            migrate(database)
        finally:
            database.dispose()
        with closing(connect(fresh.sqlite_file)) as other:
            ours, theirs = _shape(other), _shape(connection)
    _demand_shape(ours, theirs, file)
    if connection.execute("SELECT count(*) FROM change_counter").fetchone()[0] != 1:
        raise BackupError(f"{file} is not a register of Followthrough: its changes are not counted")
    _demand_agreement(connection, file)


def _demand_shape(ours: set[tuple[str, ...]], theirs: set[tuple[str, ...]], file: Path) -> None:
    missing = sorted(" ".join(each) for each in ours - theirs)
    # What acts by itself, or looks like a table and is none, has to be ours; an index more does no harm.
    strange = sorted(" ".join(each) for each in theirs - ours if each[0] in ("trigger", "view"))
    if missing or strange:
        wrong = f"it lacks the {missing[0]}" if missing else f"it has the {strange[0]}, which is none of ours"
        raise BackupError(f"{file} is not a register of Followthrough: {wrong}")


def _demand_agreement(connection: Connection, file: Path) -> None:
    """Refuse what a server would only find out later: a change could not be numbered, or anybody could sign."""
    (counted,) = connection.execute("SELECT seq FROM change_counter").fetchone()
    for table in ("revision", "refresh"):
        (last,) = connection.execute(f"SELECT coalesce(max(seq), 0) FROM {table}").fetchone()  # noqa: S608
        if last > counted:
            raise BackupError(f"{file} is damaged: its counter of changes stands at {counted}, below change {last}")
    for name, value in connection.execute("SELECT name, value FROM setting WHERE name IN ('secret', 'register')"):
        if not value:
            raise BackupError(f"{file} is damaged: its {name} is empty")


def _shape(connection: Connection) -> set[tuple[str, ...]]:
    """Every table, column, index, trigger and view."""
    named = connection.execute("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'").fetchall()
    columns = connection.execute(
        "SELECT 'column', s.name, c.name FROM sqlite_schema AS s, pragma_table_info(s.name) AS c WHERE s.type = 'table'"
    ).fetchall()
    return {tuple(row) for row in [*named, *columns] if not row[1].startswith("sqlite_stat")}
