"""Ready-made public answers, kept as bytes in front of the framework and served while the data has not changed.

Only what everybody sees gets in: answers to requests without a credential that say of themselves that they are
public. Whether the data has changed is asked at every request (see ``Freshness``); when that cannot be told, nothing
is served from here. Nor does an answer outlive its day: what is overdue today may not have been so yesterday.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import etag
from app.core.clock import Clock, now
from app.core.encoding import preferred

LARGEST = 1024 * 1024
_OVERHEAD = 1000


class Freshness(Protocol):
    """Tells whether the register has changed."""

    def version(self) -> Hashable | None:
        """A value that is different after every change; None while that cannot be known."""


@dataclass(slots=True)
class Figures:
    """How a cache fares."""

    entries: int = 0
    """How many answers it holds."""
    size: int = 0
    """The memory they take, as it is reckoned against the limit."""
    hits: int = 0
    """How many requests it has answered."""
    misses: int = 0
    """How many it could have answered and had to pass on."""


@dataclass(slots=True)
class _Kept:
    version: Hashable
    headers: list[tuple[bytes, bytes]]
    body: bytes
    size: int
    route: str | None


class AnswerCache:
    """ASGI layer that serves public answers from memory."""

    def __init__(
        self,
        app: ASGIApp,
        freshness: Freshness,
        most_bytes: int,
        clock: Clock = now,
        figures: Figures | None = None,
    ) -> None:
        """Keep at most this many bytes of answers, those used last; how it fares is told in the figures."""
        self.app = app
        self._clock = clock
        self._freshness = freshness
        self._most = most_bytes
        self._kept: OrderedDict[tuple[str, bytes, str, str | None], _Kept] = OrderedDict()
        self._size = 0
        self._figures = figures if figures is not None else Figures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve from memory, or pass the request on and remember its answer."""
        if scope["type"] != "http" or scope["method"] != "GET" or not self._most or not scope["path"].startswith("/v1"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        version = None if "authorization" in headers else self._version()
        if version is None:
            await self.app(scope, receive, send)
            return
        coding = preferred(headers.get("accept-encoding", ""))
        key = (scope["path"], scope["query_string"], headers.get("accept", ""), coding)
        kept = self._kept.get(key)
        if kept is not None and kept.version == version:
            self._kept.move_to_end(key)
            self._figures.hits += 1
            # Nothing behind this layer is asked, so it says itself which route the answer is of.
            scope.setdefault("state", {})["route"] = kept.route
            await self._serve(kept, headers, send)
            return
        self._figures.misses += 1
        if "if-none-match" in headers or "if-modified-since" in headers:
            await self.app(scope, receive, send)
            return
        recorder = _Recorder(send)
        await self.app(scope, receive, recorder.send)
        # What a client can make as long as it likes counts as well.
        asked = len(scope["path"]) + len(scope["query_string"]) + len(headers.get("accept", ""))
        if (made := recorder.made(version, asked, scope.get("state", {}).get("route"))) is not None:
            self._keep(key, made)

    def _version(self) -> Hashable | None:
        """What must be as it was for an answer to hold: the register, and the day that computed fields are for."""
        seen = self._freshness.version()
        return None if seen is None else (seen, self._clock().date())

    async def _serve(self, kept: _Kept, request: Headers, send: Send) -> None:
        if etag.known(request, Headers(raw=kept.headers)):
            left_out = (b"content-length", b"content-type", b"content-encoding")
            headers = [each for each in kept.headers if each[0] not in left_out]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
        await send({"type": "http.response.body", "body": kept.body})

    def _keep(self, key: tuple[str, bytes, str, str | None], made: _Kept) -> None:
        before = self._kept.pop(key, None)
        if before is not None:
            self._size -= before.size
        self._kept[key] = made
        self._size += made.size
        while self._size > self._most and self._kept:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size
        self._figures.entries, self._figures.size = len(self._kept), self._size


class _Recorder:
    """Passes an answer on while taking it down, as long as it is worth keeping."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._headers: list[tuple[bytes, bytes]] | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._whole = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            headers = Headers(raw=message["headers"])
            if headers.get("cache-control", "").startswith("public") and "etag" in headers:
                self._headers = list(message["headers"])
        elif message["type"] == "http.response.body" and self._headers is not None:
            self._parts.append(message.get("body", b""))
            self._size += len(self._parts[-1])
            self._whole = not message.get("more_body", False)
            if self._size > LARGEST:
                self._headers = None
                self._parts.clear()
        await self._send(message)

    def made(self, version: Hashable, asked: int, route: str | None) -> _Kept | None:
        if self._headers is None or not self._whole:
            return None
        headers = sum(len(name) + len(value) for name, value in self._headers)
        size = self._size + headers + asked + _OVERHEAD
        return _Kept(version, self._headers, b"".join(self._parts), size, route)
