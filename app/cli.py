"""The command line: ``followthrough serve | migrate | load | export | keys | backup | restore |
rebuild | check | check-links | mirror | openapi``."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.collector import collect_less
from app.operations import backup_commands, key_commands, link_commands, mirror_commands, register_commands
from app.operations.console import (
    bring_up_to_date,
    clean_up_when_ended,
    fail,
    load_files,
    opened,
    read_settings,
    say,
)

if TYPE_CHECKING:
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


_SECONDS_TO_WAIT = 60
"""For how long a database that is still starting is waited for."""


def _prepare(settings: "Settings") -> None:
    from app.core.storage.sqlite import say_which
    from app.operations.prepare import BUNDLED, is_empty, register_id, secret_of
    from app.operations.staging import remove_leftovers

    if not settings.on_postgresql:
        remove_leftovers(settings.data_dir)
    with opened(settings, wait_seconds=_SECONDS_TO_WAIT) as database:
        if bring_up_to_date(database):
            say("The database is up to date.")
        if settings.bundled and is_empty(database):
            load_files(database, *BUNDLED)
        # Made or checked here, where what is wrong with one ends with a line.
        secret_of(database)
        register_id(database)
        if database.dialect == "sqlite":
            say_which()


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
    import signal
    import socket

    # Nothing that is made while starting is garbage, and looking for some takes a tenth of the time: the application
    # puts it on when it has started.
    gc.disable()

    from app.server.logs import configuration
    from app.server.metrics import shared_folder
    from app.server.run import run

    # uvicorn handles signals later, while it serves.
    clean_up_when_ended()
    settings = read_settings()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"cannot listen on {host} port {port}: {error.strerror}. Choose another with PORT or --port.")
    _prepare(settings)
    say(f"Serving the register at http://{host}:{port} (documentation: /docs). Ctrl-C ends it.")
    # Further processes begin with nothing but this: they are told how to log, and where to put their figures.
    log_config = configuration(settings.log_level, settings.log_format)
    if os.getpid() != 1:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with shared_folder(workers):
        run(host, port, workers, log_config)


@cli.command()
def openapi() -> None:
    """Print the OpenAPI document that the server would serve."""
    import tempfile

    import orjson

    from app.main import create_app
    from app.operations.prepare import migrate as migrate_to
    from app.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("FOLLOWTHROUGH_DATABASE_URL", None)
        settings = Settings(data_dir=Path(folder), database_url="", cache_bytes=0)
        with opened(settings) as database:
            migrate_to(database)
        document = create_app(settings).openapi()
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


for group in (register_commands.commands, link_commands.commands, mirror_commands.commands, backup_commands.commands):
    cli.registered_commands.extend(group.registered_commands)
cli.add_typer(key_commands.commands, name="keys")


def main() -> None:
    """Run the command line."""
    collect_less()
    cli()


if __name__ == "__main__":
    main()
