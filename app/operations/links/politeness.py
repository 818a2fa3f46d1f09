"""Being a guest: one request at a time to a host, with a pause between two, and away for as long as it asks for."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio


class HostAway(Exception):
    """A host has asked not to be asked for longer than this run waits."""


@dataclass(frozen=True)
class Politeness:
    """How long is waited, in seconds."""

    pause: float = 1.0
    """Between two requests to a host, where it does not ask for more."""
    longest_pause: float = 30.0
    """The most that a host can ask for by Crawl-delay."""
    longest_away: float = 60.0
    """The most that is waited where a host asks to come again later; beyond, its links are left for another day."""
    again: float = 5.0
    """Before a link is tried once more whose failure may pass."""
    request: float = 20.0
    """For the whole of a request."""


@dataclass
class _Host:
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    free_at: float = 0.0
    pause: float = 0.0


class Hosts:
    """The hosts that are asked, and when each may be asked again."""

    def __init__(self, politeness: Politeness) -> None:
        """Be this polite."""
        self._politeness = politeness
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Wait until a host may be asked. Raises HostAway where that is too long."""
        host = self._host(name)
        async with host.lock:
            wait = host.free_at - time.monotonic()
            if wait > self._politeness.longest_away:
                raise HostAway()
            if wait > 0:
                await anyio.sleep(wait)
            try:
                yield
            finally:
                pause = max(self._politeness.pause, host.pause)
                host.free_at = max(host.free_at, time.monotonic() + pause)

    def slow_down(self, name: str, pause: float) -> None:
        """Wait longer between two requests to a host, as it wants."""
        self._host(name).pause = min(pause, self._politeness.longest_pause)

    def stay_away(self, name: str, seconds: float) -> None:
        """Do not ask a host for some time, as it wants."""
        self._host(name).free_at = time.monotonic() + seconds

    def _host(self, name: str) -> _Host:
        return self._hosts.setdefault(name, _Host())
