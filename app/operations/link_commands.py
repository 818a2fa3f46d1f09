"""The command that tries links."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from app.operations.console import Progress, ready, say

if TYPE_CHECKING:
    from app.core.storage.database import Database
    from app.operations.links import Finding, Link

commands = typer.Typer()

_STORED_AT_ONCE = 25


@commands.command("check-links")
def check_links(
    days: Annotated[float, typer.Option(min=0, help="Leave alone what was checked within so many days.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Check so many at most, those never checked first.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what is found, and store nothing.")] = False,
    archives: Annotated[bool, typer.Option(help="Ask the Internet Archive for a copy of what is broken.")] = True,
) -> None:
    """Try the addresses of all published sources, and note in each what was found.

    A source is then `ok`, `redirected`, `broken`, or `blocked` where its site refuses programs. Sites are asked
    politely: their robots.txt is obeyed, and each gets one request a second at most. Addresses that are not public are
    never connected to. What is found is in the history of each source; what was found before an interruption is kept.
    Ends with status 1 where something is broken.
    """
    from app.core.clock import now
    from app.operations.links import due

    with ready() as database:
        links = due(database, now() - timedelta(days=days) if days else None, limit)
        if not links:
            say("No link is due.")
            return
        findings = _check(database, links, save=not dry_run, archives=archives)
    _report(findings)
    if any(each.status is not None and each.status.value == "broken" for each in findings):
        raise typer.Exit(1)


def _check(database: "Database", links: "list[Link]", *, save: bool, archives: bool) -> "list[Finding]":
    import anyio
    import anyio.to_thread

    from app.operations.links import Finding, Politeness, check_links, store
    from app.outbound import Outbound, agent
    from app.resources import CATALOGUE

    progress, findings, pending = Progress(), [], []
    write = partial(store, database, CATALOGUE)
    storing = anyio.Lock()

    async def found(finding: Finding) -> None:
        findings.append(finding)
        pending.append(finding)
        progress("links", len(findings), len(links))
        async with storing:
            if save and len(pending) >= _STORED_AT_ONCE:
                batch, pending[:] = pending[:], []
                await anyio.to_thread.run_sync(write, batch)

    async def run() -> None:
        async with Outbound(agent(database.settings.public_url)) as outbound:
            await check_links(links, outbound, found, Politeness(), archives=archives)

    try:
        anyio.run(run)
    except BaseExceptionGroup as group:
        raise _first(group) from None
    finally:
        if save and pending:
            write(pending)
    return findings


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong first, of all that went wrong at once."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _report(findings: "list[Finding]") -> None:
    """A line for everything that is not as it should be, and a summary."""
    from app.resources.sources import LinkStatus

    for finding in sorted(findings, key=lambda each: (each.status.value if each.status else "", each.link.slug)):
        if finding.status is LinkStatus.ok:
            continue
        status = finding.status.value if finding.status else "later"
        typer.echo(f"{status:<10}  {finding.link.slug}  {finding.link.url}: {finding.detail}")
        if finding.archive_url:
            typer.echo(f"{'':<10}  an archived copy to check and take as archive_url: {finding.archive_url}")
    counts = Counter(each.status.value if each.status else "left for another day" for each in findings)
    say(f"Checked {len(findings)}: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) + ".")
    unarchived = sum(not each.link.archived for each in findings)
    if unarchived:
        say(
            f"{unarchived} have no archived copy. https://web.archive.org/save/ takes addresses; what is submitted "
            "there is archived only once its copy can be read."
        )
