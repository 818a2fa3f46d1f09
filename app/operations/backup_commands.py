"""``followthrough backup`` and ``restore``."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.operations.console import clean_up_when_ended, fail, read_settings, say

commands = typer.Typer()

_BACKUP = 'pg_dump --format=custom --no-owner --file={file} "$FOLLOWTHROUGH_DATABASE_URL"'
_RESTORE = (
    "pg_restore --clean --if-exists --no-owner --single-transaction "
    '--dbname="$FOLLOWTHROUGH_DATABASE_URL" {file} && followthrough migrate'
)


def _pages(done: int, of: int) -> None:
    """Say how far a copy has come, on a terminal."""
    if sys.stderr.isatty() and of:
        typer.echo(f"\r  {done * 100 // of} %", nl=done == of, err=True)


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    force: Annotated[bool, typer.Option(help="Replace the file where there is one.")] = False,
) -> None:
    """Write a backup of the whole register, drafts, history and keys included, while it is served.

    The file is one SQLite database, checked, and either complete or not there. Keep it as you keep the register: it
    holds digests of keys. On PostgreSQL this only says which command to use.
    """
    from app.operations.backup import backup as take
    from app.operations.sqlite_copy import BackupError

    settings = read_settings()
    if settings.on_postgresql:
        fail(f"the register is on PostgreSQL; use its own program:\n  {_BACKUP.format(file=shlex.quote(str(file)))}")
    clean_up_when_ended()
    try:
        take(settings, file, force=force, report=_pages)
    except BackupError as error:
        fail(str(error))
    say(f"Written to {file}.")


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup, as `followthrough backup` writes it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of the present register; a server that runs goes on with it.

    The backup is checked first, and brought to the present schema. The present register is kept in a file beside it.
    On PostgreSQL this only says which command to use.
    """
    from app.operations.restore import restore as put_back
    from app.operations.sqlite_copy import BackupError

    settings = read_settings()
    if settings.on_postgresql:
        fail(
            "the register is on PostgreSQL; stop the server, and use PostgreSQL's own program:\n"
            f"  {_RESTORE.format(file=shlex.quote(str(file)))}"
        )
    if not yes:
        if not sys.stdin.isatty():
            fail("there is nobody to ask whether the present register is to be replaced; --yes says so")
        typer.confirm(f"Replace the register in {settings.data_dir} with {file}?", abort=True, err=True)
    clean_up_when_ended()
    try:
        present = put_back(settings, file, _pages)
    except BackupError as error:
        fail(f"nothing was changed: {error}")
    if present is not None:
        typer.echo(f"What the register was before is in {present}.", err=True)
    typer.echo(f"The register is as {file} has it.", err=True)
