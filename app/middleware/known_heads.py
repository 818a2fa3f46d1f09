"""Requests whose response is known by their head: the server writes it as they come, past every layer.

A request that was answered from the cache is remembered by its head, and its response as all layers have left it. When
the same head comes again, and the cache would still give the same, it is written at once, with no task and no parser:
only date, request id and ``RateLimit`` are put in anew. No rule of a layer is repeated here: what the layers make of a
head (languages, codings, 304, CORS), they have made of this very head before.

The whole head must be the same, except for the fields in :data:`_IGNORED_FIELDS`: neither the cache nor any layer in
front of it reads these. Only a head with these fields and those in :data:`_REMEMBERABLE_HEAD` is remembered. A head
with a credential, a condition on writing, a range or a body is never remembered, and no head with any other field is.
"""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import uuid_utils
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.middleware.cache import FOUND
from app.middleware.cached_responses import CachedResponse, CachedResponses, Key
from app.middleware.rate_limits import RateLimits, client_of
from app.server.access_log import AccessLog
from app.server.logs import PathDiscretion
from app.server.metrics import Metrics

HEAD = "head of the request"
"""Under this name the state of a request holds the bytes of the request, where they came in one piece."""

_MAX_LENGTH = 4096
"""The longest head that is looked up, in bytes: what browsers send has a quarter of it."""

_MAX_IGNORED = 50
"""Ignored fields that a head may have: there is no end to how often one can be repeated."""

_MAX_HEADS = 16
"""Heads that are remembered for one response: browsers differ in what they accept."""

_OVERHEAD = 1000

_END = b"\r\n\r\n"

_IGNORED_FIELDS = re.compile(
    rb"\r\n(?i:"
    rb"x-request-id:[ \t]*([A-Za-z0-9._-]{1,128})"
    rb"|x-forwarded-for:([\t -~]*)"
    rb"|(?:user-agent|referer|cookie|dnt|sec-(?:ch-ua|fetch)-?[a-z-]*|sec-gpc|priority|pragma|cache-control|save-data"
    rb"|upgrade-insecure-requests|from|via|forwarded|x-forwarded-(?:proto|host|port)|x-real-ip|cdn-loop"
    rb"|traceparent|tracestate|baggage):[\t -~]*"
    rb")(?=\r\n)"
)

_REMEMBERABLE_HEAD = re.compile(
    rb"GET [!-~]+ HTTP/1\.1"
    rb"(?:\r\n(?i:(?:host|accept|accept-encoding|accept-language|if-none-match|origin):[\t -~]*"
    rb"|connection:[ \t]*keep-alive))+\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class _Known:
    """The response to a head."""

    key: Key
    cached: CachedResponse
    """What it was made from, and the key of that."""
    start: bytes
    """Status line and fields, with places for what differs."""
    limited: bool
    """Whether there is a place for how the client stands."""
    body: bytes
    method: str
    path: str
    """As the log shows it."""
    status: int
    line: str | None
    """Its line in the log, with places for what differs."""
    count: Counter
    duration: Histogram


class KnownHeads:
    """The heads whose response is known. All of this happens on the event loop."""

    def __init__(
        self,
        responses: CachedResponses,
        limits: RateLimits,
        metrics: Metrics,
        log: AccessLog,
        shown: PathDiscretion,
        proxies: Sequence[str],
    ) -> None:
        """Answer by these responses for as long as they are kept; ``proxies`` are the trusted ones."""
        self._responses = responses
        self._limits = limits
        self._metrics = metrics
        self._log = log
        self._shown = shown
        self._known: dict[bytes, _Known] = {}
        self._heads: dict[CachedResponse, list[bytes]] = {}
        self._address = _addresses(proxies)
        self._fields: Sequence[tuple[bytes, bytes]] = ()
        self._written_fields = b""
        responses.dropped = self._forget

    def response(
        self, data: bytes, client: tuple[str, int] | None, fields: Sequence[tuple[bytes, bytes]]
    ) -> bytes | None:
        """The whole response to what came over a connection, with the server's own fields; None where none is known.

        It is logged and counted here: the caller must send it.
        """
        begun = time.perf_counter()
        # What comes after the end of a head could be left aside as if it were a field of it.
        if len(data) > _MAX_LENGTH or not data.endswith(_END):
            return None
        head, request_ids, forwarded = _taken_apart(data)
        known = self._known.get(head)
        if known is None or len(request_ids) > 1 or not self._responses.find_again(known.key, known.cached):
            return None
        request_id = request_ids[0].decode("ascii") if request_ids else uuid_utils.uuid7().hex
        if fields is not self._fields:
            self._fields, self._written_fields = fields, _written(fields)
        values = {b"fields": self._written_fields, b"id": request_id.encode("ascii")}
        if known.limited:
            standing = self._limits.standing(self._address(client and client[0], b", ".join(forwarded)))
            if standing is None:
                return None
            values[b"limit"] = standing
        response = known.start % values + known.body
        seconds = time.perf_counter() - begun
        known.count.inc()
        known.duration.observe(seconds)
        if known.line is not None:
            self._log.write_ready(known.line, request_id, seconds)
        else:
            self._log.write(known.method, known.path, known.cached.route, known.status, request_id, seconds)
        return response

    def remember(self, scope: Scope, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Remember what a request was answered from the cache, where its head can be remembered."""
        key, cached = scope["state"][FOUND]
        head, _, _ = _taken_apart(scope["state"][HEAD])
        heads = self._heads.get(cached, [])
        if (
            cached.request_id is not None
            or head in heads
            or len(heads) >= _MAX_HEADS
            or not _REMEMBERABLE_HEAD.fullmatch(head)
        ):
            return
        if not self._responses.holds(key, cached):
            return
        method, route, path = scope["method"], cached.route, self._shown(scope["raw_path"])
        start = _written((name, _PLACES.get(name) or value.replace(b"%", b"%%")) for name, value in headers)
        known = _Known(
            key=key,
            cached=cached,
            start=STATUS_LINE[status] + b"%(fields)b" + start + b"\r\n",
            limited=_PLACES[b"ratelimit"] in start,
            body=cached.body if status == cached.status else b"",
            method=method,
            path=path,
            status=status,
            line=self._log.ready_line(method, path, route, status),
            count=self._metrics.series(method, route, status)[0],
            duration=self._metrics.series(method, route, status)[1],
        )
        self._heads[cached] = [*heads, head]
        self._known[head] = known
        self._responses.enlarge(cached, len(head) + len(known.start) + _OVERHEAD)

    def _forget(self, cached: CachedResponse) -> None:
        for head in self._heads.pop(cached, ()):
            self._known.pop(head, None)


class RememberHead:
    """ASGI layer around all others, which remembers the heads of requests that were answered from the cache."""

    def __init__(self, app: ASGIApp, known: KnownHeads) -> None:
        """Wrap the whole application."""
        self.app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and take down its response where the server gave its head."""
        state = scope.get("state", {})
        if HEAD not in state:
            await self.app(scope, receive, send)
            return

        async def noted(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start" and FOUND in state:
                self._known.remember(scope, message["status"], message["headers"])

        await self.app(scope, receive, noted)


_PLACES = {b"x-request-id": b"%(id)b", b"ratelimit": b"%(limit)b"}
"""The fields of a response that differ each time."""


def _taken_apart(data: bytes) -> tuple[bytes, list[bytes], list[bytes]]:
    """The head without the ignored fields, the request ids the client gave, and the addresses it was forwarded for."""
    pieces = _IGNORED_FIELDS.split(data)
    if len(pieces) == 1:
        return data, [], []
    if len(pieces) > 3 * _MAX_IGNORED:
        return b"", [], []
    return (
        b"".join(pieces[::3]),
        [each for each in pieces[1::3] if each],
        [each.strip() for each in pieces[2::3] if each is not None],
    )


def _addresses(proxies: Sequence[str]) -> Callable[[str | None, bytes], str]:
    """What tells by which address a request is counted: that of the other end, or one that it names and is believed."""

    async def nobody(scope: object, receive: object, send: object) -> None:
        pass

    believed = ProxyHeadersMiddleware(nobody, [*proxies]).trusted_hosts if proxies else None

    @lru_cache(maxsize=1024)
    def address(host: str | None, forwarded: bytes) -> str:
        if forwarded and believed is not None and host in believed:
            host = believed.get_trusted_client_address(forwarded.decode("latin-1"))[0] or host
        return client_of(host) if host else "unknown"

    # Where nobody is believed, what was sent is not kept either.
    return address if believed is not None else lambda host, forwarded: address(host, b"")


def _written(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(name.lower() + b": " + value + b"\r\n" for name, value in fields)
