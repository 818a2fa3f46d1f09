"""What every command shares: how it says something, how it fails, and how it opens the register."""

import logging
import logging.config
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer
from pydantic import ValidationError

from app import end

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.exc import DBAPIError

    from app.core.storage.database import Database
    from app.settings import Settings

log = logging.getLogger("followthrough")

_PAUSE = 0.5


def _for_programs() -> bool:
    """Whether the log is JSON, in which everything that is said must be then; known before the settings are read."""
    from app.server.logs import Json
    from app.settings import given

    if handlers := logging.getLogger().handlers:
        return any(isinstance(each.formatter, Json) for each in handlers)
    try:
        variables: Mapping[str, str | None] = given()
    except (OSError, ValueError):
        # A file .env that cannot be read, which is what is about to be said.
        variables = os.environ
    return variables.get("FOLLOWTHROUGH_LOG_FORMAT") == "json"


def say(message: str) -> None:
    """Say how things stand, to a person or to the log."""
    if _for_programs():
        log.info(message)
    else:
        typer.echo(message, err=True)


def fail(message: str) -> NoReturn:
    """End with a message that a person can act on."""
    if _for_programs():
        from app.server.logs import configuration

        if not logging.getLogger().handlers:
            logging.config.dictConfig(configuration("info", "json"))
        log.error(message)
    else:
        typer.echo(f"followthrough: {message}", err=True)
    raise typer.Exit(1)


def clean_up_when_ended() -> None:
    """Let SIGTERM end the process as an exit does, with everything cleaned up."""
    signal.signal(signal.SIGTERM, end)


def read_settings() -> "Settings":
    """The settings of the environment, with the log set up as they want it; fails where one is wrong."""
    from app.core.flaws import nearest
    from app.server.logs import configuration
    from app.settings import Settings, given, unknown_names

    try:
        settings = Settings()
        _ = settings.sqlalchemy_url
    except ValidationError as error:
        flaws = "; ".join(f"FOLLOWTHROUGH_{str(each['loc'][0]).upper()} {each['msg']}" for each in error.errors())
        fail(f"a setting is wrong: {flaws}")
    except UnicodeDecodeError:
        fail("the file .env is not UTF-8")
    except OSError as error:
        fail(f"the file .env cannot be read: {error.strerror}")
    except ValueError as error:
        fail(str(error))
    logging.config.dictConfig(configuration(settings.log_level, settings.log_format))
    for name in unknown_names(given()):
        # To say nothing of it leaves a limit off that somebody believes to be on.
        say(
            f"{name} is no setting.{nearest(name, [f'FOLLOWTHROUGH_{each.upper()}' for each in Settings.model_fields])}"
        )
    return settings


@contextmanager
def opened(settings: "Settings", *, wait_seconds: float = 0) -> Iterator["Database"]:
    """The database of the register. What goes wrong with it within the block ends the command with a line.

    A PostgreSQL that does not answer yet is waited for, and so is another process that writes, as a server does that
    starts at the same time and loads the bundled register: ``wait_seconds`` at the most.
    """
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    from app.core.storage.database import COMMAND_LOCK_SECONDS, Database
    from app.core.storage.failures import lacks_room
    from app.errors import Problem
    from app.operations.prepare import UnknownSchema, UnusableSetting

    try:
        database = Database(settings, lock_seconds=max(wait_seconds, COMMAND_LOCK_SECONDS))
        try:
            _connect(database, wait_seconds)
            yield database
        finally:
            database.dispose()
    except DBAPIError as error:
        fail(_what_to_do(error, settings))
    except SQLAlchemyError as error:
        fail(f"the database cannot be used: {str(error).splitlines()[0]}")
    except (UnknownSchema, UnusableSetting) as error:
        fail(str(error))
    except Problem as problem:
        fail(problem.detail)
    except OSError as error:
        if lacks_room(error) and not error.filename:
            # Of the register's own file SQLite tells. This is one that is put aside.
            fail(f"the disk is full; make room for temporary files in {tempfile.gettempdir()}, and try again")
        fail(f"{error.filename or settings.data_dir}: {error.strerror or error}")


def _connect(database: "Database", wait_seconds: float) -> None:
    from sqlalchemy.exc import DBAPIError

    from app.core.storage.failures import Failure, failure_of

    end = time.monotonic() + wait_seconds
    waiting = False
    while True:
        try:
            with database.engine.connect() as connection:
                _demand_unicode(connection)
                return
        except DBAPIError as error:
            passing = database.dialect == "postgresql" and failure_of(error) is Failure.away
            if not passing or time.monotonic() > end:
                raise
        if not waiting:
            waiting = True
            say(f"Waiting up to {wait_seconds:.0f} s for the database …")
        time.sleep(_PAUSE)


def _demand_unicode(connection: "sa.Connection") -> None:
    from app.core.storage.postgresql import other_encoding

    if connection.dialect.name == "postgresql" and (encoding := other_encoding(connection)):
        fail(
            f"the database stores texts in {encoding}, and the register has texts in all languages; make another one: "
            "CREATE DATABASE register ENCODING 'UTF8' TEMPLATE template0"
        )


def _what_to_do(error: "DBAPIError", settings: "Settings") -> str:
    """One line for an error of the driver; what is a mistake of ours is raised again, with all that is known of it."""
    from app.core.storage.failures import Failure, failure_of
    from app.core.storage.readiness import is_full

    place = "PostgreSQL" if settings.on_postgresql else str(settings.data_dir)
    failure = failure_of(error)
    if failure is Failure.away and settings.data_dir.is_dir() and not settings.on_postgresql:
        # Where there is no room for the files that SQLite keeps beside the register, it only says "disk I/O error".
        failure = Failure.full if is_full(settings.data_dir) else failure
    known = {
        Failure.unreadable: "a row was changed from outside and cannot be read; followthrough check names it",
        Failure.busy: "another program is writing to the register, and nothing was changed; try again later",
        Failure.slow: "the database took too long, and nothing was changed; try again when it has less to do",
        Failure.full: f"the disk is full, and nothing was changed; make room for {place}, and try again",
        Failure.damaged: (
            f"the database in {place} is damaged, or is not a database; restore a backup (followthrough restore), or "
            "move the file away"
        ),
    }
    if failure in known:
        return known[failure]
    if failure in (Failure.bug, Failure.conflict):
        raise error
    told = str(error.orig or error).splitlines()[0]
    if failure is Failure.forbidden:
        return (
            f"{failure.value} ({told}); grant it that, or run `followthrough migrate` by the role that owns the tables"
        )
    return f"the database cannot be used: {told}"


def bring_up_to_date(database: "Database") -> bool:
    """Bring the schema up to date. Says whether there was anything to do."""
    from app.operations.prepare import migrate, newest_revision, schema_revision

    if schema_revision(database) == newest_revision():
        return False
    migrate(database)
    return True


@contextmanager
def ready() -> Iterator["Database"]:
    """The database with its schema up to date."""
    with opened(read_settings()) as database:
        bring_up_to_date(database)
        yield database


class Progress:
    """A bar a resource on a terminal, which grows as it goes on; elsewhere a line when one is done."""

    _WIDTH = 30

    def __init__(self) -> None:
        """Find out who reads."""
        self._live = sys.stderr.isatty() and not _for_programs()

    def __call__(self, name: str, done: int, of: int) -> None:
        """Say how far a resource has come."""
        if self._live and (done == of or done % 20 == 0):
            bar = "█" * (self._WIDTH * done // of)
            typer.echo(f"\r  {name:<16} {bar:<{self._WIDTH}} {done:,} of {of:,}", nl=done == of, err=True)
        elif not self._live and done == of:
            say(f"  {name}: {of}")


class Count:
    """How many records of each resource were written, on a terminal."""

    def __init__(self) -> None:
        """Find out who reads."""
        self._live = sys.stderr.isatty() and not _for_programs()
        self._name = ""

    def __call__(self, name: str, done: int) -> None:
        """Say how far a resource has come."""
        if self._live:
            new = "\n" if self._name not in ("", name) else ""
            self._name = name
            typer.echo(f"{new}\r  {name:<16} {done:,}", nl=False, err=True)

    def end(self) -> None:
        """End the last line."""
        if self._name:
            typer.echo("", err=True)


_REFUSALS_SHOWN = 20


def load_files(database: "Database", *paths: Path, mode: str = "upsert", dry_run: bool = False) -> None:
    """Load bundles as one, all or nothing, and say what came of it."""
    from app.core.importing import Mode, Unreadable, import_records
    from app.operations.bundle import EDITORS, opened_bundles
    from app.resources import CATALOGUE

    begun = time.monotonic()
    say(f"Loading {', '.join(path.name for path in paths)} …")
    with ExitStack() as until:
        try:
            plan = import_records(
                database,
                CATALOGUE,
                EDITORS,
                opened_bundles(paths, CATALOGUE, until),
                mode=Mode(mode),
                dry_run=dry_run,
                today=database.settings.today,
                progress=Progress(),
                by_field=False,
            )
        except Unreadable as problem:
            where = f"{problem.file}: " + (f"line {problem.row}: " if problem.row else "")
            fail(f"nothing was loaded: {where}{problem.detail}")
    if plan.refused:
        for entry in plan.refused[:_REFUSALS_SHOWN]:
            say(f"  {entry.described}")
        fail(f"nothing was loaded: {plan.refused[0].described}" + _more(len(plan.refused)))
    done, totals = "Would be loaded" if dry_run else f"Loaded in {time.monotonic() - begun:.1f} s", plan.totals
    withdrawn = f", {totals['withdrawn']} withdrawn" if totals["withdrawn"] else ""
    say(
        f"{done}: {totals['created']} created, {totals['changed']} changed, {totals['unchanged']} as before{withdrawn}."
    )


def _more(refused: int) -> str:
    return f" (and {refused - 1} more)" if refused > 1 else ""
