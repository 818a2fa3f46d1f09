"""Keys on the command line: ``followthrough keys create | list | revoke``."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import typer

from app.operations.console import fail, ready

commands = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys that may write.")

_DAYS = re.compile(r"([1-9][0-9]{0,4})d")


def _moment(text: str | None) -> datetime | None:
    """A day or a number of days from now, as the moment that it ends or comes."""
    if text is None:
        return None
    if days := _DAYS.fullmatch(text):
        return datetime.now(UTC) + timedelta(days=int(days[1]))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("give days from now, such as 90d, or a date, such as 2027-06-30") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment <= datetime.now(UTC):
        raise typer.BadParameter("it lies in the past")
    return moment


@commands.command()
def create(
    role: Annotated[
        Literal["contributor", "editor", "admin"],
        typer.Option(help="What it may do: write drafts, edit and publish, or make keys."),
    ],
    name: Annotated[str, typer.Option(help="Whose it is, or what for.")] = "",
    expires: Annotated[
        str | None, typer.Option(help="Days from now, such as 90d, or a date, such as 2027-06-30 (UTC).")
    ] = None,
) -> None:
    """Make a key. Its token is printed once, and cannot be shown again: only a digest of it is kept."""
    from app.core.field_types import unstorable
    from app.security.keys import KeyRole, Keys

    moment = _moment(expires)
    named = name.strip() or role
    if len(named) > 200 or not named.isprintable() or unstorable(named):
        raise typer.BadParameter("a name is one line of at most 200 printable characters")
    with ready() as database, database.writing() as connection:
        key, token = Keys(database).create(connection, named, KeyRole(role), "cli", moment)
    until = f", until {key['expires_at']:%Y-%m-%d %H:%M} UTC" if moment else ""
    typer.echo(f"Key {key['id']} ({role}{until}). Keep this token; it is not shown again:", err=True)
    typer.echo(token)


@commands.command("list")
def list_keys() -> None:
    """List all keys, the newest first: never their secrets."""
    from app.security.keys import Keys

    with ready() as database, database.reading() as connection:
        found = Keys(database).all(connection)
    if not found:
        typer.echo("There are no keys. Make one: followthrough keys create --role editor", err=True)
    for key in found:
        typer.echo(
            f"{key['id']}  {key['role']:<11}  {_ending(key):<24}  "
            f"{'used ' + _day(key['last_used_at']) if key['last_used_at'] else 'never used':<16}  {key['name']}"
        )


@commands.command()
def revoke(key: Annotated[str, typer.Argument(help="The id of the key, as `keys list` shows it.")]) -> None:
    """Revoke a key: it is refused from its next request on. What it wrote stays."""
    from app.errors import NotFound
    from app.security.keys import Keys

    with ready() as database:
        try:
            with database.writing() as connection:
                Keys(database).revoke(connection, key, "cli")
        except NotFound:
            fail(f"there is no key {key}; `followthrough keys list` shows all")
    typer.echo(f"Key {key} is revoked.", err=True)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _ending(key: dict[str, Any]) -> str:
    if key["revoked_at"] is not None:
        return f"revoked {_day(key['revoked_at'])}"
    if key["expires_at"] is None:
        return "does not expire"
    ended = key["expires_at"] <= datetime.now(UTC)
    return f"{'expired' if ended else 'expires'} {_day(key['expires_at'])}"
