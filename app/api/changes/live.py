"""The feed of changes as a live stream of server-sent events: what changes is told to whoever listens.

Listeners are few enough to count: each takes a slot, and gives it back however it ends. Between changes they cost a
look at the register's version now and then, and a comment that keeps the connection open. Those who are at the same
place in the feed share one reading of it.
"""

from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import anyio
import anyio.to_thread
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.types import Receive, Scope, Send

from app.api.changes.feed import FeedQuery, Part
from app.api.clients import key_or_address_of
from app.api.negotiation import EVENTS
from app.core.shares import Shares
from app.core.strict_json import dump
from app.errors import Unavailable

_LOOK_SECONDS = 0.25
_RETRY_MILLISECONDS = 3000
_AWAY_SECONDS = 30


class Ending(Protocol):
    """The end of the server, told beforehand."""

    @property
    def begun(self) -> bool:
        """Whether the server is about to stop."""

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is, or for a time. Says whether it is."""


class Live:
    """The listeners of one server."""

    def __init__(
        self,
        read: Callable[[FeedQuery], Part],
        version: Callable[[], Hashable | None],
        ending: Ending,
        *,
        most: int,
        heartbeat: float,
    ) -> None:
        """Read the feed in a thread when the version changes; end all streams when the server is about to stop."""
        self._read = read
        self._version = version
        self._ending = ending
        self._places = Shares(most)
        self._heartbeat = heartbeat
        self._reading = anyio.Lock()
        self._last: tuple[Any, Part] | None = None

    def stream(self, query: FeedQuery, most: int | None = None, *, head: bool) -> StreamingResponse:
        """The events after a number, as they come, so many at most; refused while too many listen."""
        return _Stream(_nothing() if head else self._events(query, most), self._slot)

    @contextmanager
    def _slot(self, client: str) -> Iterator[None]:
        with self._places.one(client) as found:
            if not found:
                detail = "Too many clients follow the changes live, or you do over too many connections."
                raise Unavailable(detail, retry_after=_AWAY_SECONDS)
            yield

    async def _events(self, query: FeedQuery, most: int | None) -> AsyncIterator[bytes]:
        left = most
        yield b"retry: %d\n\n" % _RETRY_MILLISECONDS
        while not self._ending.begun:
            version = self._version()
            part = await self._part(version, query)
            for entry in part.entries[:left]:
                yield format_sse_event(data_str=dump(entry).decode(), event="change", id=str(entry["seq"]))
            left = None if left is None else left - len(part.entries)
            if left is not None and left <= 0:
                return
            query = FeedQuery(part.seq, query.limit, query.resources, query.partnership)
            if not part.more:
                async for comment in self._until_changed(version):
                    yield comment

    async def _until_changed(self, version: Hashable | None) -> AsyncIterator[bytes]:
        """Wait until the register is another one, with a comment now and then; what cannot be known is waited for."""
        quiet = 0.0
        while not await self._ending.wait(_LOOK_SECONDS):
            now = self._version()
            if now is not None and now != version:
                return
            quiet += _LOOK_SECONDS
            if quiet >= self._heartbeat:
                quiet = 0.0
                yield KEEPALIVE_COMMENT

    async def _part(self, version: Hashable | None, query: FeedQuery) -> Part:
        async with self._reading:
            if version is not None and self._last is not None and self._last[0] == (version, query):
                return self._last[1]
            part = await anyio.to_thread.run_sync(self._read, query)
            self._last = ((version, query), part)
            return part


async def _nothing() -> AsyncIterator[bytes]:
    events: tuple[bytes, ...] = ()
    for event in events:
        yield event


class _Stream(StreamingResponse):
    """A response that takes a slot while it is sent, however that ends; refused beforehand where there is none."""

    def __init__(self, events: AsyncIterator[bytes], slot: Callable[[str], AbstractContextManager[None]]) -> None:
        # A proxy that gathered the events would hold them back.
        super().__init__(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}, media_type=EVENTS)
        self._slot = slot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._slot(key_or_address_of(scope)):
            await super().__call__(scope, receive, send)
