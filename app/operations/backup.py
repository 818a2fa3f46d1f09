"""Backups of a register on SQLite, taken while it is served."""

from pathlib import Path

from app.operations.sqlite_copy import BackupError, Report, copy_to_file, quiet, reading
from app.settings import Settings


def backup(settings: Settings, to: Path, *, force: bool = False, report: Report = quiet) -> None:
    """Write the register, as it is at this moment, to a file that only its owner may read.

    It holds every change that was acknowledged before, and none in part. Raises BackupError, and leaves no file.
    """
    if not settings.sqlite_file.exists():
        raise BackupError(f"there is no register in {settings.data_dir}")
    if to.exists() and to.samefile(settings.sqlite_file):
        raise BackupError(f"{to} is the register itself")
    beside = to.parent.resolve() == settings.data_dir.resolve()
    if beside and to.name in {f"{settings.sqlite_file.name}-{log}" for log in ("wal", "shm", "journal")}:
        # Whoever opens the register next would lose what stands in its log alone.
        raise BackupError(f"{to} is a part of the register")
    if to.exists() and not force:
        raise BackupError(f"{to} exists already; --force replaces it")
    with reading(settings.sqlite_file) as source:
        copy_to_file(source, to, force=force, report=report, check=True)
