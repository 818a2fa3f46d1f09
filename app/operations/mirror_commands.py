"""The command that mirrors another register."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.operations.console import Progress, fail, ready, say

if TYPE_CHECKING:
    from app.core.storage.database import Database
    from app.operations.mirror import Mirror, Remote
    from app.outbound.addresses import Network

commands = typer.Typer()

_MAX_SHOWN = 20


@commands.command()
def mirror(
    url: Annotated[str, typer.Argument(help="The register to mirror, such as https://register.example.")],
    once: Annotated[bool, typer.Option(help="Stop when both are equal; status 1 where they are not.")] = False,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks at what has changed.")] = 60,
    network: Annotated[
        list[str] | None, typer.Option(help="A network that is not public where the register may be: 10.0.0.0/8.")
    ] = None,
) -> None:
    """Keep this register equal to another one: fill it, then follow the other's changes.

    The register must be empty at first, or a mirror of the same address. What is public there is taken over with its
    ids, revisions and dates, so that every list answers alike; the mirror goes on where it was after any interruption,
    and says when both are equal. Serve it beside with FOLLOWTHROUGH_BUNDLED=false.
    """
    import anyio

    from app.operations.mirror import MirrorError, RemoteError
    from app.setting_values import networks

    try:
        allowed = networks(",".join(network or ()))
    except ValueError as error:
        fail(f"--network: {error}")
    with ready() as database:
        try:
            equal = anyio.run(_follow, database, url, allowed, None if once else every)
        except MirrorError as error:
            fail(str(error))
        except RemoteError as error:
            fail(f"{url} cannot be mirrored: {error}")
        except KeyboardInterrupt:
            say("Interrupted; the next run goes on where this one was.")
            raise typer.Exit(130) from None
    if not equal:
        raise typer.Exit(1)


async def _follow(database: "Database", url: str, allowed: "Sequence[Network]", every: float | None) -> bool:
    """Make both equal, and then look again every so many seconds; without, only say whether they are."""
    import anyio

    from app.operations.mirror import Mirror, Remote, RemoteError
    from app.outbound import Outbound, agent
    from app.resources import CATALOGUE

    own = Mirror(database, CATALOGUE, url)
    async with Outbound(agent(database.settings.public_url), allowed=allowed) as outbound:
        remote = Remote(url, outbound)
        equal = await _equal(database, own, remote)
        while every is not None:
            await anyio.sleep(every)
            try:
                if await _caught_up(own, remote):
                    equal = await _equal(database, own, remote)
            except RemoteError as error:
                # It may be back with the next look.
                say(f"{url} cannot be read at the moment: {error}.")
        return equal


async def _caught_up(own: "Mirror", remote: "Remote") -> int:
    """Bring this register to where the other is. Says how much there was to do."""
    import anyio.to_thread

    done = 0
    while True:
        begun = time.monotonic()
        with await own.read(remote, lambda seq: None) as part:
            if not part.entries:
                return done
            await anyio.to_thread.run_sync(own.apply, part, Progress())
            done += part.entries
            say(f"Took over {part.entries} changes, to number {part.seq}, in {time.monotonic() - begun:.1f} s.")


async def _equal(database: "Database", own: "Mirror", remote: "Remote") -> bool:
    """Catch up, compare, and say whether both are equal; what changes meanwhile is taken over and compared again."""
    from app.operations.mirror import compare
    from app.resources import CATALOGUE

    while True:
        await _caught_up(own, remote)
        counted: dict[str, int] = {}
        differences = [each async for each in compare(database, CATALOGUE, remote, counted)]
        with await own.read(remote, lambda seq: None) as since:
            if not since.entries:
                break
    if not differences:
        say(f"Both are equal at number {own.seq}: {sum(counted.values())} records.")
        return True
    for each in differences[:_MAX_SHOWN]:
        typer.echo(f"{each.resource} {each.slug} {each.detail}")
    say(f"{len(differences)} records differ.")
    return False
