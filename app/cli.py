"""The command line: ``followthrough serve | migrate | load | export | keys | backup | restore | rebuild | openapi``."""

import logging.config
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from pydantic import ValidationError

from app.security.commands import commands

if TYPE_CHECKING:
    from app.db import Database
    from app.settings import Settings

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=(
        "Followthrough: an open register of what partner countries promise each other, and what came of it.\n\n"
        "`followthrough serve` is all it takes: it prepares the database, loads the bundled register into an empty "
        "one, and serves it. Settings are environment variables: FOLLOWTHROUGH_DATA_DIR, FOLLOWTHROUGH_DATABASE_URL, "
        "FOLLOWTHROUGH_ADMIN_TOKEN and others (see README)."
    ),
)


def fail(message: str) -> NoReturn:
    """End with a message that a person can act on."""
    typer.echo(f"followthrough: {message}", err=True)
    raise typer.Exit(1)


def _settings() -> "Settings":
    from app.settings import Settings
    from app.web.logs import configuration

    try:
        settings = Settings()
        _ = settings.sqlalchemy_url
    except ValidationError as error:
        told = "; ".join(f"FOLLOWTHROUGH_{str(each['loc'][0]).upper()} {each['msg']}" for each in error.errors())
        fail(f"a setting is wrong: {told}")
    except ValueError as error:
        fail(str(error))
    logging.config.dictConfig(configuration(settings.log_level, settings.log_format))
    return settings


@contextmanager
def _opened(settings: "Settings") -> Iterator["Database"]:
    from sqlalchemy.exc import SQLAlchemyError

    from app.db import Database

    try:
        database = Database(settings)
        with database.engine.connect():
            pass
    except (OSError, RuntimeError) as error:
        fail(str(error))
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or "it does not answer").splitlines()[0]
        fail(f"the database cannot be used: {reason}")
    try:
        yield database
    finally:
        database.dispose()


def _migrate(database: "Database") -> bool:
    """Bring the schema up to date. Says whether there was anything to do."""
    from app.prepare import migrate, newest_revision, schema_revision

    newest, current = newest_revision(), schema_revision(database)
    if current == newest:
        return False
    if current is not None and current > newest:
        fail(
            f"the database has schema {current}, which is newer than this program knows ({newest}); update the program"
        )
    migrate(database)
    return True


class _Progress:
    """A line a resource on a terminal that is rewritten as it goes on; elsewhere a line when one is done."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()

    def __call__(self, name: str, done: int, of: int) -> None:
        if self._live and (done == of or done % 20 == 0):
            typer.echo(f"\r  {name}: {done} of {of}", nl=done == of, err=True)
        elif not self._live and done == of:
            typer.echo(f"  {name}: {of}", err=True)


def _load(database: "Database", path: Path) -> None:
    from app.bundle import BundleError, load, read
    from app.core.clock import clock_of
    from app.resources import CATALOGUE

    begun = time.monotonic()
    typer.echo(f"Loading {path.name} …", err=True)
    try:
        report = load(database, CATALOGUE, read(path), _Progress(), clock_of(database.settings.today))
    except BundleError as error:
        fail(f"nothing was loaded: {error}")
    typer.echo(
        f"Loaded in {time.monotonic() - begun:.1f} s: {report.total(report.created)} created, "
        f"{report.total(report.changed)} changed, {report.total(report.unchanged)} as before.",
        err=True,
    )


def _prepare(settings: "Settings") -> None:
    from app.prepare import BUNDLED, is_empty

    with _opened(settings) as database:
        if _migrate(database):
            typer.echo("The database is up to date.", err=True)
        if settings.bundled and is_empty(database):
            _load(database, BUNDLED)


@cli.command()
def serve(
    host: Annotated[str, typer.Option(envvar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer requests.")] = 1,
) -> None:
    """Prepare the database and serve the register.

    The first start makes the database, brings its schema up to date and loads the bundled register
    (FOLLOWTHROUGH_BUNDLED=false leaves it empty). Later starts change nothing.
    """
    import gc
    import socket

    # Nothing that is made while starting is garbage, and looking for some takes a tenth of the time: the application
    # puts it on when it has started.
    gc.disable()

    from app.web.logs import configuration
    from app.web.metrics import shared_folder
    from app.web.server import run

    settings = _settings()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"cannot listen on {host} port {port}: {error.strerror}. Choose another with PORT or --port.")
    _prepare(settings)
    typer.echo(f"Serving the register at http://{host}:{port} (documentation: /docs). Ctrl-C ends it.", err=True)
    # Further processes begin with nothing but this: they are told how to log, and where to put their figures.
    log_config = configuration(settings.log_level, settings.log_format)
    with shared_folder(workers):
        run(host, port, workers, log_config)


@cli.command()
def migrate(
    revision: Annotated[str, typer.Option(help="The schema to go to, up or down, such as 0001.")] = "head",
) -> None:
    """Bring the database's schema up to date.

    `serve` does this by itself; use it where the server itself may not change the schema.
    """
    from alembic.util import CommandError

    from app.prepare import migrate as migrate_to

    with _opened(_settings()) as database:
        if revision == "head":
            done = _migrate(database)
            typer.echo("The schema is up to date." if done else "There was nothing to do.", err=True)
            return
        try:
            migrate_to(database, revision)
        except CommandError as error:
            fail(f"there is no way to the schema {revision}: {error}")
        typer.echo(f"The schema is at {revision}.", err=True)


@cli.command()
def load(
    bundle: Annotated[Path, typer.Argument(help="A bundle: a YAML file as `followthrough export` writes it.")],
) -> None:
    """Load a bundle into the register, all or nothing.

    Records are found by their slug: new ones are created, others get the values of the bundle, and what is the same is
    left alone. Loading the same bundle twice changes nothing.
    """
    with _opened(_settings()) as database:
        _migrate(database)
        _load(database, bundle)


@cli.command()
def export(
    to: Annotated[
        Path | None, typer.Argument(help="The file to write; left out, the bundle goes to standard output.")
    ] = None,
    drafts: Annotated[bool, typer.Option(help="Include what is not published.")] = False,
    title: Annotated[str, typer.Option(help="The bundle's title.")] = "Followthrough",
) -> None:
    """Write the register as a bundle, which `followthrough load` takes."""
    from app.bundle import dump
    from app.resources import CATALOGUE

    with _opened(_settings()) as database:
        _migrate(database)
        if to is None:
            dump(database, CATALOGUE, title, sys.stdout, drafts=drafts)
            return
        # Written beside and moved into place, so that a file of this name is always a whole bundle.
        part = to.with_name(f".{to.name}.part")
        try:
            with part.open("w", encoding="utf-8") as out:
                dump(database, CATALOGUE, title, out, drafts=drafts)
            part.replace(to)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            fail(f"{to} cannot be written: {error.strerror}")
    typer.echo(f"Written to {to}.", err=True)


_BACKUP = 'pg_dump --format=custom --no-owner --file={file} "$FOLLOWTHROUGH_DATABASE_URL"'
_RESTORE = (
    "pg_restore --clean --if-exists --no-owner --single-transaction "
    '--dbname="$FOLLOWTHROUGH_DATABASE_URL" {file} && followthrough migrate'
)


def _pages(done: int, of: int) -> None:
    """Say how far a copy has come, on a terminal."""
    if sys.stderr.isatty() and of:
        typer.echo(f"\r  {done * 100 // of} %", nl=done == of, err=True)


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    force: Annotated[bool, typer.Option(help="Replace the file where there is one.")] = False,
) -> None:
    """Write a backup of the whole register, drafts, history and keys included, while it is served.

    The file is one SQLite database, checked, and either complete or not there. Keep it as you keep the register: it
    holds digests of keys. On PostgreSQL this only says which command to use.
    """
    from app.backup import BackupError
    from app.backup import backup as take

    settings = _settings()
    if settings.on_postgresql:
        fail(f"the register is on PostgreSQL; use its own program:\n  {_BACKUP.format(file=shlex.quote(str(file)))}")
    try:
        take(settings, file, force=force, report=_pages)
    except BackupError as error:
        fail(str(error))
    typer.echo(f"Written to {file}.", err=True)


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup, as `followthrough backup` writes it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of the present register; a server that runs goes on with it.

    The backup is checked first, and brought to the present schema. The present register is kept in a file beside it.
    On PostgreSQL this only says which command to use.
    """
    from app.backup import BackupError
    from app.backup import restore as put_back

    settings = _settings()
    if settings.on_postgresql:
        fail(
            "the register is on PostgreSQL; stop the server, and use PostgreSQL's own program:\n"
            f"  {_RESTORE.format(file=shlex.quote(str(file)))}"
        )
    if not yes:
        if not sys.stdin.isatty():
            fail("there is nobody to ask whether the present register is to be replaced; --yes says so")
        typer.confirm(f"Replace the register in {settings.data_dir} with {file}?", abort=True, err=True)
    try:
        kept = put_back(settings, file, _pages)
    except BackupError as error:
        fail(f"nothing was changed: {error}")
    if kept is not None:
        typer.echo(f"What the register was before is in {kept}.", err=True)
    typer.echo(f"The register is as {file} has it.", err=True)


@cli.command()
def rebuild() -> None:
    """Work out anew how far each promise has come, from its updates, and mend what differs.

    How far a promise has come (completion, lifecycle, whether milestones were met) is kept beside it, and changed with
    every update in the same transaction: normally nothing has drifted, and running this proves it. Run it after the
    database was changed by other means, such as SQL. What is mended is in the history, as changes by "rebuild".
    """
    from app.core.clock import clock_of
    from app.core.visibility import Role, Viewer
    from app.core.write import Writer
    from app.resources import CATALOGUE
    from app.resources.progress import rebuild as mend

    with _opened(_settings()) as database:
        _migrate(database)
        with database.writing() as connection:
            clock = clock_of(database.settings.today)
            writer = Writer(connection, CATALOGUE, Viewer(Role.admin, "rebuild"), clock)
            mended = mend(writer)
            writer.close()
    if mended:
        many = f"{mended} records had drifted from the updates and were mended."
        typer.echo(many if mended > 1 else "One record had drifted from the updates and was mended.")
    else:
        typer.echo("Nothing had drifted.")


@cli.command()
def openapi() -> None:
    """Print the OpenAPI document that the server would serve."""
    import tempfile

    import orjson

    from app.main import create_app
    from app.prepare import migrate as migrate_to
    from app.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("FOLLOWTHROUGH_DATABASE_URL", None)
        settings = Settings(data_dir=Path(folder), database_url="", cache_bytes=0)
        with _opened(settings) as database:
            migrate_to(database)
        document = create_app(settings).openapi()
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


@contextmanager
def _ready() -> Iterator["Database"]:
    """The database with its schema up to date."""
    with _opened(_settings()) as database:
        _migrate(database)
        yield database


cli.add_typer(commands(_ready, fail), name="keys")


def main() -> None:
    """Run the command line."""
    cli()


if __name__ == "__main__":
    main()
