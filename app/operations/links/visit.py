"""Asking a site for one thing: within its rules, in its time, following where it leads."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urldefrag, urljoin, urlsplit

import anyio
from protego import Protego

from app.operations.links.politeness import HostAway, Hosts, Politeness
from app.outbound import NoResponse, Outbound, Reply

AGENT = "Followthrough"
"""The name that a robots.txt can address this check by."""

_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 5
_ROBOTS_BYTES = 512 * 1024
_PAGE_BYTES = 16 * 1024
_WITHOUT_HEAD = (403, 405, 501)
"""What a site that takes no HEAD answers to it; nothing else is asked for twice."""
_COME_LATER = (429, 503)


class Disallowed(Exception):
    """A site's robots.txt asks programs to stay away; the message says so."""


class Astray(Exception):
    """A site leads nowhere: in a circle, or to what is no web address. The message says how."""


@dataclass(frozen=True)
class Arrival:
    """What was found in the end, and where."""

    url: str
    reply: Reply


class Visitor:
    """Asks sites, and remembers their rules for as long as it lives."""

    def __init__(self, outbound: Outbound, politeness: Politeness) -> None:
        """Ask through the one door out."""
        self._outbound = outbound
        self._politeness = politeness
        self._hosts = Hosts(politeness)
        self._rules: dict[str, Protego | Disallowed] = {}
        self._reading: dict[str, anyio.Lock] = {}

    async def arrive(self, url: str) -> Arrival:
        """Go to an address and on to where it leads.

        Raises Disallowed, Astray, HostAway, and OutboundError where nothing answers.
        """
        here = urldefrag(url).url
        for _ in range(_MAX_REDIRECTS + 1):
            await self._demand_allowed(here)
            reply = await self._request("HEAD", here)
            if reply.status in _WITHOUT_HEAD:
                reply = await self._request("GET", here)
            if reply.status not in _REDIRECTS or "location" not in reply.headers:
                return Arrival(here, reply)
            here = _target(here, reply.headers["location"])
        raise Astray(f"it redirects more than {_MAX_REDIRECTS} times")

    async def fetch(self, url: str, most_bytes: int) -> Reply:
        """Get something from a service that is made for programs; its turn is waited for as well."""
        async with self._hosts.turn(_host(url)):
            return await self._outbound.request("GET", url, seconds=self._politeness.request, most_bytes=most_bytes)

    async def _request(self, method: str, url: str) -> Reply:
        """A reply, the second one where the host asks to come again in a while."""
        reply = await self._once(method, url, _PAGE_BYTES)
        wait = _retry_after(reply) if reply.status in _COME_LATER else None
        if wait is None:
            return reply
        self._hosts.stay_away(_host(url), wait)
        return await self._once(method, url, _PAGE_BYTES)

    async def _once(self, method: str, url: str, most_bytes: int) -> Reply:
        async with self._hosts.turn(_host(url)):
            return await self._outbound.request(
                method,
                url,
                headers={"Accept": "*/*"},
                seconds=self._politeness.request,
                most_bytes=most_bytes,
                cut=True,
            )

    # -- robots.txt (RFC 9309) ---------------------------------------------------------------------------------------

    async def _demand_allowed(self, url: str) -> None:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._reading.setdefault(origin, anyio.Lock()):
            if origin not in self._rules:
                self._rules[origin] = await self._read_rules(origin)
        rules = self._rules[origin]
        if isinstance(rules, Disallowed):
            raise rules
        if not rules.can_fetch(url, AGENT):
            raise Disallowed("its robots.txt asks programs to stay away")

    async def _read_rules(self, origin: str) -> Protego | Disallowed:
        here = f"{origin}/robots.txt"
        for _ in range(_MAX_REDIRECTS + 1):
            reply = await self._once("GET", here, _ROBOTS_BYTES)
            if reply.status not in _REDIRECTS or "location" not in reply.headers:
                break
            here = _target(here, reply.headers["location"])
        if reply.status >= 500 or reply.status == 429:
            return Disallowed(f"its robots.txt cannot be read, it answers {reply.status}")
        # Without rules everything is allowed.
        rules = Protego.parse(reply.body.decode("utf-8", "replace") if reply.status == 200 else "")
        delay = rules.crawl_delay(AGENT)
        if delay is not None and math.isfinite(delay):
            self._hosts.slow_down(_host(origin), delay)
        return rules


def _target(here: str, location: str) -> str:
    """Where a redirect leads; raises Astray."""
    try:
        found = urldefrag(urljoin(here, location)).url
        if urlsplit(found).scheme not in ("http", "https") or not urlsplit(found).hostname:
            raise ValueError
    except ValueError:
        raise Astray("it redirects to what is no web address") from None
    return found


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        raise NoResponse("it is not an address that can be asked", passing=False) from None


def _retry_after(reply: Reply) -> float | None:
    """For how many seconds a host asks to stay away; None where it does not say."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


__all__ = ["AGENT", "Arrival", "Astray", "Disallowed", "HostAway", "Visitor"]
