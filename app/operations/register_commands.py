"""Commands on a register: its schema, its bundles, what is wrong with it."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.operations.console import Count, bring_up_to_date, fail, load_files, opened, read_settings, ready

commands = typer.Typer()


@commands.command()
def migrate(
    revision: Annotated[str, typer.Option(help="The schema to go to, up or down, such as 0001.")] = "head",
) -> None:
    """Bring the database's schema up to date.

    `serve` does this by itself; use it where the server itself may not change the schema.
    """
    from alembic.util import CommandError

    from app.operations.prepare import migrate as migrate_to

    with opened(read_settings()) as database:
        if revision == "head":
            done = bring_up_to_date(database)
            typer.echo("The schema is up to date." if done else "There was nothing to do.", err=True)
            return
        try:
            migrate_to(database, revision)
        except CommandError as error:
            fail(f"there is no way to the schema {revision}: {error}")
        typer.echo(f"The schema is at {revision}.", err=True)


@commands.command()
def load(
    bundle: Annotated[
        Path, typer.Argument(help="A bundle, as `followthrough export` writes it: .yaml, .jsonl or .zip.")
    ],
    mode: Annotated[
        Literal["create", "upsert", "mirror"],
        typer.Option(help="create: only add; upsert: change what is there too; mirror: withdraw what it has not."),
    ] = "upsert",
    dry_run: Annotated[bool, typer.Option(help="Say what would come of it, and store nothing.")] = False,
) -> None:
    """Load a bundle into the register, all or nothing.

    Records are found by their id or slug: new ones are created, others get the values of the bundle, and what is the
    same is left alone. Loading the same bundle twice changes nothing. The bundle of another register, loaded into an
    empty one, makes the two equal, ids and revisions included.
    """
    with ready() as database:
        load_files(database, bundle, mode=mode, dry_run=dry_run)


@commands.command()
def export(
    to: Annotated[
        Path | None,
        typer.Argument(help="The file to write: .yaml, .jsonl or .zip. Left out, YAML goes to standard output."),
    ] = None,
    drafts: Annotated[bool, typer.Option(help="Include what is not published.")] = False,
    title: Annotated[str, typer.Option(help="The bundle's title.")] = "Followthrough",
    partnership: Annotated[
        list[str] | None, typer.Option(help="Only this partnership, by slug; repeat it for several.")
    ] = None,
    plain: Annotated[bool, typer.Option(help="Leave out ids, revisions and moments; not for .zip.")] = False,
) -> None:
    """Write the register as a bundle, which `followthrough load` takes."""
    from app.formats.bundle.reading import Kind
    from app.operations.bundle import dumped, kind_of
    from app.resources import CATALOGUE

    kind, count = kind_of(to or Path("-.yaml")), Count()
    if plain and kind is Kind.zip:
        fail("--plain is for .yaml and .jsonl: the tables in a .zip have ids, revisions and moments.")
    with ready() as database:
        pieces = dumped(
            database,
            CATALOGUE,
            kind,
            title=title,
            partnerships=partnership or (),
            drafts=drafts,
            with_stamps=not plain,
            progress=count if to is not None else lambda name, done: None,
        )
        if to is None:
            for piece in pieces:
                typer.echo(piece, nl=False)
            return
        # What is not published is for nobody else on this machine, as in a backup.
        _write_whole(to, pieces, mode=0o600 if drafts else 0o666)
    count.end()
    typer.echo(f"Written to {to}.", err=True)


def _write_whole(to: Path, pieces: Iterable[bytes], *, mode: int) -> None:
    """Write a file beside, of this mode, and move it into place, so that one of this name is always whole."""
    part = to.with_name(f".{to.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=mode, exist_ok=False)
        with part.open("wb") as out:
            out.writelines(pieces)
        part.replace(to)
    except OSError as error:
        fail(f"{to} cannot be written: {error.strerror}")
    finally:
        with suppress(OSError):
            part.unlink()


@commands.command()
def rebuild() -> None:
    """Work out anew how far each promise has come, from its updates, and what search finds it by; mend what differs.

    How far a promise has come (completion, lifecycle, whether milestones were met) is kept beside it, and changed with
    every update in the same transaction: normally nothing has drifted, and running this proves it. So it is with the
    words that search finds a record by. Run it after the database was changed by other means, such as SQL. What is
    mended of a promise is in the history, as a change by "rebuild".
    """
    from app.core.visibility import Role, Viewer
    from app.core.writing.documents import file_anew
    from app.core.writing.writer import Writer
    from app.resources import CATALOGUE
    from app.resources.progress import rebuild as mend

    with ready() as database, database.writing() as connection:
        writer = Writer(connection, CATALOGUE, Viewer(Role.admin, "rebuild"), today=database.settings.today)
        mended = mend(writer)
        filed = file_anew(writer)
        writer.close()
    if mended:
        many = f"{mended} records had drifted from the updates and were mended."
        typer.echo(many if mended > 1 else "One record had drifted from the updates and was mended.")
    if filed:
        typer.echo(f"Search documents that were mended: {filed}.")
    if not mended and not filed:
        typer.echo("Nothing had drifted.")


@commands.command()
def check() -> None:
    """Look for damage in the register, and change nothing.

    Finds what a wrong clock, another program or a failing disk has left: changes dated wrongly, values that no record
    could have, references that lead nowhere, records that differ from their history, promises that say otherwise than
    their updates, records that search finds by other words than theirs. Ends with status 1 where it has found
    something.
    """
    from app.operations.check import check as findings
    from app.resources import CATALOGUE

    found = False
    with ready() as database:
        for finding in findings(database, CATALOGUE):
            found = True
            typer.echo(finding)
    if found:
        raise typer.Exit(1)
    typer.echo("Nothing is wrong.")
