"""Putting a backup back into a register on SQLite, while it is served."""

import time
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from app.core.storage.sqlite import JOURNAL, private_file, sqlite
from app.operations.backup_demands import is_count
from app.operations.prepare import known_revisions
from app.operations.sqlite_copy import (
    BackupError,
    Connection,
    Report,
    connect,
    copy_to_file,
    quiet,
    reading,
    unwritable,
)
from app.operations.staging import announce_kept, note_kept, stage, staging_folder
from app.settings import Settings

_FIRST_PAGES = 1
_MAX_WAIT_SECONDS = 60.0


def restore(settings: Settings, file: Path, report: Report = quiet) -> Path | None:
    """Put a backup in the place of the present register, which a running server then goes on with.

    The backup is checked, brought to the present schema, and only then copied in, in one transaction. Who was given a
    cursor can go on with it, no number of a change is given twice, and keys stay as they are now. Gives the file that
    the present register is kept in, None where there was nothing to keep. Raises BackupError, and leaves everything as
    it was.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if file.exists() and settings.sqlite_file.exists() and file.samefile(settings.sqlite_file):
            raise BackupError(f"{file} is the register itself")
        with staging_folder(settings.data_dir) as folder:
            staged = settings.model_copy(update={"data_dir": folder, "database_url": ""})
            stage(file, staged)
            return _copy_in(settings, staged, report)
    except OSError as error:
        raise BackupError(f"{error.filename or settings.data_dir}: {error.strerror or error}") from error


def _copy_in(settings: Settings, staged: Settings, report: Report) -> Path | None:
    """Copy a staged register over the present one, in one transaction of the latter.

    From the first page on nobody else can write. What is kept of the present register, and what goes over from it into
    the new one (the secret that cursors are signed with, the number of the last change), is therefore taken then: it is
    the last that there was. The staged register is changed through the connection that is copied from, so that SQLite
    takes the change into the copy.
    """
    private_file(settings.sqlite_file)
    present_copy: Path | None = None
    begun = False
    deadline = time.monotonic() + _MAX_WAIT_SECONDS
    try:
        with (
            ExitStack() as until_copied,
            closing(connect(staged.sqlite_file)) as source,
            closing(connect(settings.sqlite_file)) as target,
        ):
            with reading(settings.sqlite_file) as present:
                _demand_ours(present)
            _demand_writable(target)
            _same_pages(source, target)

            def step(status: int, remaining: int, total: int) -> None:
                nonlocal present_copy, begun
                if not total or remaining == total:  # somebody else is writing
                    if time.monotonic() > deadline:
                        raise BackupError("the register is being written to without a pause; try again")
                    return
                if not begun:
                    begun = True
                    # Closed after the copy: without its locks, to close it would end those of the copy as well.
                    present = until_copied.enter_context(reading(settings.sqlite_file, locked=JOURNAL != "WAL"))
                    present_copy = _copy_present(present, settings, staged)
                    _carry_over(present, source)
                    if present_copy is not None:
                        note_kept(source, present_copy)
                report(total - remaining, total)

            source.backup(target, pages=_FIRST_PAGES, progress=step, sleep=0.01)
            target.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except BaseException as error:
        if present_copy is not None:
            with suppress(OSError):
                present_copy.unlink()
        if isinstance(error, sqlite.Error):
            raise unwritable(error, settings.data_dir) or BackupError(
                f"the present register cannot be replaced: {error}. With the server stopped, its files "
                f"({settings.sqlite_file.name}*) can be moved away; then try again"
            ) from error
        raise
    return present_copy


def _demand_ours(present: Connection) -> None:
    """A server that is newer than this program would not know what to do with a schema of ours."""
    if present.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'alembic_version'").fetchone()[0]:
        for (schema,) in present.execute("SELECT version_num FROM alembic_version").fetchall():
            if schema not in known_revisions():
                raise BackupError("the present register has a schema that this program does not know; update it")


def _demand_writable(target: Connection) -> None:
    """Set up the file in the mode that the server uses it in."""
    target.execute(f"PRAGMA journal_mode = {JOURNAL}")
    target.execute("PRAGMA synchronous = FULL")


def _same_pages(source: Connection, target: Connection) -> None:
    """A database that others have open keeps the size of its pages; the copy takes it on."""
    size = target.execute("PRAGMA page_size").fetchone()[0]
    if source.execute("PRAGMA page_size").fetchone()[0] != size:
        source.execute(f"PRAGMA page_size = {int(size)}")
        source.execute("VACUUM")


def _copy_present(present: Connection, settings: Settings, staged: Settings) -> Path | None:
    if _is_empty(present):
        return None
    at = datetime.now(UTC)
    target_file = settings.data_dir / f"followthrough-before-restore-{at:%Y%m%dT%H%M%S}-{at.microsecond:06d}Z.sqlite3"
    announce_kept(staged.data_dir, target_file)
    # Not checked: a damaged register may be the very reason for all this, and is kept as it is.
    copy_to_file(present, target_file, force=False, report=quiet, check=False)
    return target_file


def _is_empty(connection: Connection) -> bool:
    """Whether there is nothing to keep. What was damaged may be the very reason for all this, and is no nothing."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        return True
    if not {"change_counter", "revision"} <= tables:
        return False
    (counted,) = connection.execute("SELECT coalesce(max(seq), 0) FROM change_counter").fetchone()
    return counted == 0 and connection.execute("SELECT 1 FROM revision LIMIT 1").fetchone() is None


def _carry_over(present: Connection, source: Connection) -> None:
    """Take over what must not go back. What no register could have is left behind: it would spoil the new one."""
    if not present.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'change_counter'").fetchone()[0]:
        return
    (seq,) = present.execute("SELECT coalesce(max(seq), 0) FROM change_counter").fetchone()
    secret = present.execute(
        "SELECT value FROM setting WHERE name = 'secret' AND typeof(value) = 'text' AND value <> ''"
    ).fetchone()
    source.execute("BEGIN")
    if is_count(seq):
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
