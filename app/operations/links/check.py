"""Trying links, many hosts at once and one thing at a time from each, and saying what was found."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urldefrag, urlsplit
from uuid import UUID

import anyio
import orjson

from app.operations.links.politeness import HostAway, Politeness
from app.operations.links.visit import Arrival, Astray, Disallowed, Visitor
from app.outbound import NoResponse, Outbound, OutboundError
from app.resources.sources import LinkStatus

_AT_ONCE = 8
_MAX_URL_LENGTH = 500
_REFUSED = (401, 402, 403, 407, 429, 451, 999)
"""How a site refuses a program, or anybody without an account: the page may well be there."""
_ARCHIVE = "https://archive.org/wayback/available?url="
_COPIES = "https://web.archive.org/"
_ARCHIVE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Link:
    """The address of a source."""

    source: UUID
    slug: str
    url: str
    archived: bool
    """Whether an archived copy is known."""


@dataclass(frozen=True)
class Finding:
    """What was found at a link; no status where its host asked to come another day."""

    link: Link
    status: LinkStatus | None
    detail: str
    """In words, going on from "it": "it answers 404"."""
    final_url: str | None = None
    """From where it answers, where that is another address."""
    archive_url: str | None = None
    """An archived copy that an editor could take."""


Found = Callable[[Finding], Awaitable[None]]


async def check_links(
    links: Sequence[Link], outbound: Outbound, found: Found, politeness: Politeness, *, archives: bool = True
) -> None:
    """Try links, and say what was found at each as it comes. Archives are asked for a copy of what is broken."""
    visitor = Visitor(outbound, politeness)
    by_host: dict[str, list[Link]] = {}
    for link in links:
        by_host.setdefault(_host(link.url), []).append(link)
    limiter = anyio.CapacityLimiter(_AT_ONCE)

    async def check_host(links: list[Link]) -> None:
        async with limiter:
            for link in links:
                await found(await _checked(visitor, link, politeness, archives=archives))

    async with anyio.create_task_group() as tasks:
        for each in by_host.values():
            tasks.start_soon(check_host, each)


async def _checked(visitor: Visitor, link: Link, politeness: Politeness, *, archives: bool) -> Finding:
    finding = await _tried(visitor, link, politeness)
    if finding.status is LinkStatus.broken and archives and not link.archived:
        return replace(finding, archive_url=await _archived(visitor, link.url))
    return finding


async def _tried(visitor: Visitor, link: Link, politeness: Politeness) -> Finding:
    try:
        try:
            arrival = await visitor.arrive(link.url)
            if arrival.reply.status >= 500:
                arrival = await _again(visitor, link.url, politeness)
        except NoResponse as error:
            if not error.passing:
                raise
            arrival = await _again(visitor, link.url, politeness)
    except HostAway:
        return Finding(link, None, "its host asks to come another day")
    except Disallowed as error:
        return Finding(link, LinkStatus.blocked, str(error))
    except (Astray, OutboundError) as error:
        return Finding(link, LinkStatus.broken, str(error))
    except ValueError:
        return Finding(link, LinkStatus.broken, "it is not an address that can be asked")
    return _judged(link, arrival)


async def _again(visitor: Visitor, url: str, politeness: Politeness) -> Arrival:
    await anyio.sleep(politeness.again)
    return await visitor.arrive(url)


def _judged(link: Link, arrival: Arrival) -> Finding:
    status, headers = arrival.reply.status, arrival.reply.headers
    reported = f"it answers {status}"
    if status in _REFUSED or "cf-mitigated" in headers:
        return Finding(link, LinkStatus.blocked, reported)
    if not 200 <= status < 300:
        return Finding(link, LinkStatus.broken, reported)
    if arrival.url != urldefrag(link.url).url:
        final = arrival.url if printable(arrival.url) else None
        return Finding(link, LinkStatus.redirected, f"it answers from {final or 'elsewhere'}", final)
    return Finding(link, LinkStatus.ok, reported)


async def _archived(visitor: Visitor, url: str) -> str | None:
    """A copy that the Internet Archive has and can show: one that was only asked for does not count."""
    try:
        reply = await visitor.fetch(f"{_ARCHIVE}{quote(url, safe='')}", _ARCHIVE_BYTES)
        closest = orjson.loads(reply.body)["archived_snapshots"]["closest"]
        if closest["available"] is True and str(closest["status"]) == "200":
            copy = str(closest["url"]).replace("http://", "https://", 1)
            return copy if copy.startswith(_COPIES) and printable(copy) else None
    except (OutboundError, HostAway, orjson.JSONDecodeError, KeyError, TypeError):
        pass
    return None


def printable(url: str) -> bool:
    """Whether an address that somebody else gave may stand in the history of a record."""
    return url.isascii() and url.isprintable() and len(url) <= _MAX_URL_LENGTH


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url
