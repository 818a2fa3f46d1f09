"""Backups of a register on SQLite, taken and put back while it is served.

Both ways go through SQLite's own backup interface, page by page, between the database and a file beside the place where
it is to be: what goes wrong leaves everything as it was, and a file of the name asked for is always whole.
"""

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from app.db import Database, sqlite  # type: ignore[attr-defined] # which module it is, is decided there
from app.prepare import known_revisions, migrate, newest_revision
from app.settings import Settings

Connection = Any
"""A connection of ``sqlite``, for which there are no types."""
Report = Callable[[int, int], None]
"""Told how many pages are done, and of how many."""

_HEADER = b"SQLite format 3\0"
_PAGES_AT_ONCE = 256
_FIRST_PAGES = 1
_LONGEST_WAIT = 60.0


class BackupError(Exception):
    """A backup cannot be taken or put back. Nothing was changed."""


def _quiet(done: int, of: int) -> None:
    return None


# -- taking one ------------------------------------------------------------------------------------------------------


def backup(settings: Settings, to: Path, *, force: bool = False, report: Report = _quiet) -> None:
    """Write the register, as it is at this moment, to a file that only its owner may read.

    It holds every change that was acknowledged before, and none in part. Raises BackupError, and leaves no file.
    """
    if not settings.sqlite_file.exists():
        raise BackupError(f"there is no register in {settings.data_dir}")
    if to.exists() and to.samefile(settings.sqlite_file):
        raise BackupError(f"{to} is the register itself")
    if to.exists() and not force:
        raise BackupError(f"{to} exists already; --force replaces it")
    with _reading(settings.sqlite_file) as source:
        _copy_to_file(source, to, force=force, report=report, check=True)


def _copy_to_file(source: Connection, to: Path, *, force: bool, report: Report, check: bool) -> None:
    part = to.with_name(f".{to.name}.{secrets.token_hex(4)}.part")
    try:
        # Made before SQLite opens it: it holds digests of keys and the secret of the register.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(_connect(part)) as target:
            _copy(source, target, report)
            # One file, without a log of its own beside it.
            target.execute("PRAGMA journal_mode = DELETE")
            if check:
                _demand_sound(target, "the register is damaged, and this copy of it as well")
        _keep(part)
        _put_in_place(part, to, force=force)
        _keep(to.parent)
    except OSError as error:
        raise BackupError(f"{to} cannot be written: {error.strerror}") from error
    except sqlite.Error as error:
        raise BackupError(f"the register cannot be copied: {error}") from error
    finally:
        for left in (part, part.with_name(f"{part.name}-journal")):
            with suppress(OSError):
                left.unlink()


def _copy(source: Connection, target: Connection, report: Report) -> None:
    """Copy the register as it is now. Within a transaction it stays so, however much others write meanwhile."""
    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    try:
        source.backup(
            target, pages=_PAGES_AT_ONCE, progress=lambda status, remaining, total: report(total - remaining, total)
        )
    finally:
        source.execute("ROLLBACK")


def _keep(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a power cut."""
    if path.is_dir() and os.name != "posix":
        return  # folders cannot be opened there
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_in_place(part: Path, to: Path, *, force: bool) -> None:
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


# -- putting one back ------------------------------------------------------------------------------------------------


def restore(settings: Settings, file: Path, report: Report = _quiet) -> Path | None:
    """Put a backup in the place of the present register, which a running server then goes on with.

    The backup is checked, brought to the present schema, and only then copied in, in one transaction. Who was given a
    cursor can go on with it, no number of a change is given twice, and keys stay as they are now. Gives the file that
    the present register is kept in, None where there was nothing to keep. Raises BackupError, and leaves everything as
    it was.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if file.exists() and settings.sqlite_file.exists() and file.samefile(settings.sqlite_file):
        raise BackupError(f"{file} is the register itself")
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as folder:
        staged = settings.model_copy(update={"data_dir": Path(folder), "database_url": ""})
        _stage(file, staged)
        return _copy_in(settings, staged, report)


def _stage(file: Path, staged: Settings) -> None:
    """Make a copy of a backup, checked and brought to the present schema."""
    try:
        with file.open("rb") as opened:
            if opened.read(len(_HEADER)) != _HEADER:
                raise BackupError(f"{file} is not a backup: it is not an SQLite database")
        with _reading(file) as source, closing(_connect(staged.sqlite_file)) as target:
            _copy(source, target, _quiet)
            _demand_sound(target, f"{file} is damaged")
            _demand_known(target, file)
        database = Database(staged)
        try:
            migrate(database)
        finally:
            database.dispose()
        with closing(_connect(staged.sqlite_file)) as target:
            _demand_complete(target, staged, file)
            target.execute("PRAGMA journal_mode = DELETE")
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}") from error
    except sqlite.Error as error:
        raise BackupError(f"{file} is damaged: {error}") from error
    except (sa.exc.SQLAlchemyError, RuntimeError) as error:
        raise BackupError(f"{file} cannot be brought to the present schema: {error}") from error


def _demand_sound(connection: Connection, otherwise: str) -> None:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupError(f"{otherwise}: {found}")
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise BackupError(f"{otherwise}: a row of {broken[0]} refers to one of {broken[2]} that is not there")


def _demand_known(connection: Connection, file: Path) -> None:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not {"alembic_version", "change_counter", "revision", "setting"} <= tables:
        raise BackupError(f"{file} is not a register of Followthrough")
    schemas = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
    schema = schemas[0] if len(schemas) == 1 else ""
    if schema in known_revisions():
        return
    newest = newest_revision()
    if schema.isdigit() and schema > newest:
        raise BackupError(f"{file} has schema {schema}, newer than this program knows ({newest}); update the program")
    raise BackupError(f"{file} has a schema that this program does not know")


def _demand_complete(connection: Connection, staged: Settings, file: Path) -> None:
    """Compare with a register that was made just now: a file can call its schema by our name and be another's."""
    with tempfile.TemporaryDirectory(dir=staged.data_dir) as folder:
        fresh = staged.model_copy(update={"data_dir": Path(folder)})
        database = Database(fresh)
        try:
            migrate(database)
        finally:
            database.dispose()
        with closing(_connect(fresh.sqlite_file)) as other:
            ours, theirs = _shape(other), _shape(connection)
    missing = sorted(" ".join(each) for each in ours - theirs)
    # What acts by itself, or looks like a table and is none, has to be ours; an index more does no harm.
    strange = sorted(" ".join(each) for each in theirs - ours if each[0] in ("trigger", "view"))
    if missing or strange:
        told = f"it lacks the {missing[0]}" if missing else f"it has the {strange[0]}, which is none of ours"
        raise BackupError(f"{file} is not a register of Followthrough: {told}")
    if connection.execute("SELECT count(*) FROM change_counter").fetchone()[0] != 1:
        raise BackupError(f"{file} is not a register of Followthrough: its changes are not counted")


def _shape(connection: Connection) -> set[tuple[str, ...]]:
    """Every table, column, index, trigger and view."""
    named = connection.execute("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'").fetchall()
    columns = connection.execute(
        "SELECT 'column', s.name, c.name FROM sqlite_schema AS s, pragma_table_info(s.name) AS c WHERE s.type = 'table'"
    ).fetchall()
    return {tuple(row) for row in [*named, *columns] if not row[1].startswith("sqlite_stat")}


def _copy_in(settings: Settings, staged: Settings, report: Report) -> Path | None:
    """Copy a staged register over the present one, in one transaction of the latter.

    From the first page on nobody else can write. What is kept of the present register, and what goes over from it into
    the new one (the secret that cursors are signed with, the number of the last change), is therefore taken then: it is
    the last that there was. The staged register is changed through the connection that is copied from, so that SQLite
    takes the change into the copy.
    """
    kept: Path | None = None
    begun = False
    deadline = time.monotonic() + _LONGEST_WAIT
    try:
        with (
            closing(_connect(staged.sqlite_file)) as source,
            closing(_connect(settings.sqlite_file)) as target,
            _reading(settings.sqlite_file) as present,
        ):
            _demand_ours(present)
            _demand_writable(target)
            _same_pages(source, target)

            def step(status: int, remaining: int, total: int) -> None:
                nonlocal kept, begun
                if not total or remaining == total:  # somebody else is writing
                    if time.monotonic() > deadline:
                        raise BackupError("the register is being written to without a pause; try again")
                    return
                if not begun:
                    begun = True
                    kept = _keep_present(present, settings)
                    _carry_over(present, source)
                report(total - remaining, total)

            source.backup(target, pages=_FIRST_PAGES, progress=step, sleep=0.01)
            target.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except BaseException as error:
        if kept is not None:
            with suppress(OSError):
                kept.unlink()
        if isinstance(error, sqlite.Error):
            raise BackupError(
                f"the present register cannot be replaced: {error}. With the server stopped, its files "
                f"({settings.sqlite_file.name}*) can be moved away; then try again"
            ) from error
        raise
    return kept


def _demand_ours(present: Connection) -> None:
    """A server that is newer than this program would not know what to do with a schema of ours."""
    if present.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'alembic_version'").fetchone()[0]:
        for (schema,) in present.execute("SELECT version_num FROM alembic_version").fetchall():
            if schema not in known_revisions():
                raise BackupError("the present register has a schema that this program does not know; update it")


def _demand_writable(target: Connection) -> None:
    """Make the file where there is none, in the mode that the server uses it in."""
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("PRAGMA synchronous = FULL")


def _same_pages(source: Connection, target: Connection) -> None:
    """A database that others have open keeps the size of its pages; the copy takes it on."""
    size = target.execute("PRAGMA page_size").fetchone()[0]
    if source.execute("PRAGMA page_size").fetchone()[0] != size:
        source.execute(f"PRAGMA page_size = {int(size)}")
        source.execute("VACUUM")


def _keep_present(present: Connection, settings: Settings) -> Path | None:
    if not _has_changes(present):
        return None
    at = datetime.now(UTC)
    kept = settings.data_dir / f"followthrough-before-restore-{at:%Y%m%dT%H%M%S}-{at.microsecond:06d}Z.sqlite3"
    # Not checked: a damaged register may be the very reason for all this, and is kept as it is.
    _copy_to_file(present, kept, force=False, report=_quiet, check=False)
    return kept


def _has_changes(connection: Connection) -> bool:
    tables = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'change_counter'").fetchone()[0]
    return bool(tables) and connection.execute("SELECT max(seq) FROM change_counter").fetchone()[0] not in (None, 0)


def _carry_over(present: Connection, source: Connection) -> None:
    if not present.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'change_counter'").fetchone()[0]:
        return
    (seq,) = present.execute("SELECT coalesce(max(seq), 0) FROM change_counter").fetchone()
    secret = present.execute("SELECT value FROM setting WHERE name = 'secret'").fetchone()
    source.execute("BEGIN")
    source.execute("UPDATE change_counter SET seq = max(seq, ?)", (seq,))
    if secret is not None:
        source.execute(
            "INSERT INTO setting (name, value) VALUES ('secret', ?) ON CONFLICT (name) DO UPDATE SET value = ?",
            (secret[0], secret[0]),
        )
    _carry_over_keys(present, source)
    source.execute("COMMIT")


def _carry_over_keys(present: Connection, source: Connection) -> None:
    """Keep the keys as they are now: one that was revoked since the backup must not be good again."""
    ours = [row[1] for row in present.execute("PRAGMA table_info(api_key)")]
    named = ", ".join(name for name in ours if name in {row[1] for row in source.execute("PRAGMA table_info(api_key)")})
    if named:
        rows = present.execute(f"SELECT {named} FROM api_key").fetchall()  # noqa: S608 (names of columns of ours)
        marks = ", ".join("?" * len(named.split(", ")))
        source.executemany(f"INSERT OR REPLACE INTO api_key ({named}) VALUES ({marks})", rows)  # noqa: S608


# -- connections -----------------------------------------------------------------------------------------------------


def _connect(file: Path) -> Connection:
    return sqlite.connect(str(file), isolation_level=None, timeout=10)


@contextmanager
def _reading(file: Path) -> Iterator[Connection]:
    """A connection that changes nothing."""
    address = f"file:{quote(str(file.resolve()))}?mode=ro"
    with closing(sqlite.connect(address, uri=True, isolation_level=None, timeout=10)) as connection:
        yield connection
