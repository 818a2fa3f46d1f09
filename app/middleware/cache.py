"""Ready-made public responses, kept as bytes in front of the framework and served while the data has not changed.

Only what everybody sees gets in: responses to requests without a credential that say of themselves that they are
public, "there is no such record" and "it was withdrawn" included. Whether the data has changed is looked up at every
request (see ``Freshness``); when that cannot be known, nothing is served from here. No response outlives its day: what
is overdue today may not have been so yesterday.

The files of the pages change only with the program, and are kept as they were compressed.
"""

from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import etag
from app.api.read_request import ATTEMPT
from app.core.storage.standbys import Attempt
from app.middleware.cached_responses import CachedResponse, CachedResponses, Key, Version
from app.middleware.encoding import preferred
from app.middleware.language import GIVEN
from app.middleware.rate_limits import EXEMPT

MAX_RESPONSE_BYTES = 1024 * 1024
FOUND = "found in the cache"
"""Under this name the state of a request says what it is answered from: a key, and the response under it."""

_OVERHEAD = 1000
_ABSENT = (404, 410)
_UNCACHED_HEADERS = frozenset((b"authorization", b"if-match", b"range"))
"""What makes a response other than the one that everybody gets."""

_NOT_CONCERNED = dict.fromkeys(_UNCACHED_HEADERS, b"")


class ResponseCache:
    """ASGI layer that serves public responses from memory."""

    def __init__(self, app: ASGIApp, responses: CachedResponses) -> None:
        """Answer from these responses, and add to them."""
        self.app = app
        self._responses = responses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve from memory, or pass the request on and remember its response."""
        # What lists its values has one line by now, and of the others it counts only whether they are there.
        given: dict[bytes, bytes] = dict(scope["headers"]) if self._concerns(scope) else _NOT_CONCERNED
        if not _UNCACHED_HEADERS.isdisjoint(given):
            await self.app(scope, receive, send)
            return
        version = self._responses.version(scope["path"])
        if version is None:
            await self.app(scope, receive, send)
            return
        coding = preferred(given.get(b"accept-encoding", b"").decode("latin-1"))
        # By the language that was chosen, not by the header that it was chosen from, of which there are thousands.
        state = scope.setdefault("state", {})
        language = (state.get("language", ""), GIVEN in state)
        accept = given.get(b"accept", b"").decode("latin-1")
        key = (scope["path"], scope["query_string"], accept, coding, language)
        stored = self._responses.find(key, version)
        if stored is not None:
            # Nothing behind this layer is called, so it says itself which route the response is of.
            state["route"] = stored.route
            state[FOUND] = (key, stored)
            await _serve(stored, given.get(b"if-none-match"), scope, send)
            return
        if b"if-none-match" in given:
            await self.app(scope, receive, send)
            return

        def store(recorder: _Recorder) -> None:
            attempt: Attempt | None = state.get(ATTEMPT)
            if attempt is not None and not self._responses.made_at(version, attempt.numbers):
                # A standby was not as far yet, or further: kept under this version, its response would be an old one.
                return
            self._responses.keep(key, recorder.response(version, key, scope.get("state", {})))

        await self.app(scope, receive, _Recorder(send, store).send)

    def _concerns(self, scope: Scope) -> bool:
        return bool(
            scope["type"] == "http"
            and scope["method"] == "GET"
            and self._responses.most_bytes
            and scope["path"] not in EXEMPT
        )


async def _serve(stored: CachedResponse, known: bytes | None, scope: Scope, send: Send) -> None:
    """Send a stored response, or 304 where the client has it by what If-None-Match says."""
    headers, status, body = stored.headers, stored.status, stored.body
    if known is not None and status == 200 and etag.known({"if-none-match": known.decode("latin-1")}, stored.tags):
        left_out = (b"content-length", b"content-type", b"content-encoding")
        headers = [each for each in headers if each[0] not in left_out]
        status, body = 304, b""
    elif stored.request_id is not None:
        body = body.replace(stored.request_id, _named(scope["state"]), 1)
        headers = _with_length(headers, body)
    # A list of its own: what is in front adds to it.
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


def _named(state: Mapping[str, str]) -> bytes:
    """How a problem names its request. A client may call it anything, "404" as well, so the id alone is no place."""
    return f'urn:request:{state.get("request_id", "unknown")}"'.encode()


def _with_length(headers: list[tuple[bytes, bytes]], body: bytes) -> list[tuple[bytes, bytes]]:
    others = [each for each in headers if each[0] != b"content-length"]
    return [*others, (b"content-length", str(len(body)).encode())]


class _Recorder:
    """Passes a response on while taking it down, as long as it is worth keeping.

    It is stored before its end is sent: a client that asks again as soon as it has all of it gets it from memory.
    """

    def __init__(self, send: Send, store: Callable[["_Recorder"], None]) -> None:
        self._send = send
        self._store = store
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] | None = None
        self._parts: list[bytes] = []
        self._size = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            if _storable(self._status, Headers(raw=message["headers"])):
                self._headers = list(message["headers"])
        elif message["type"] == "http.response.body" and self._headers is not None:
            self._parts.append(message.get("body", b""))
            self._size += len(self._parts[-1])
            if self._size > MAX_RESPONSE_BYTES:
                self._headers = None
                self._parts.clear()
            elif not message.get("more_body", False):
                self._store(self)
        await self._send(message)

    def response(self, version: Version, key: Key, state: dict[str, str]) -> CachedResponse:
        """What to store. What a client can make as long as it likes is reckoned in."""
        assert self._headers is not None
        headers = sum(len(name) + len(value) for name, value in self._headers)
        size = self._size + headers + len(key[0]) + len(key[1]) + len(key[2]) + _OVERHEAD
        request_id = _named(state) if self._status in _ABSENT else None
        body = b"".join(self._parts)
        sent = _with_length(self._headers, body)
        return CachedResponse(version, self._status, sent, body, size, state.get("route"), request_id)


def _storable(status: int, headers: Headers) -> bool:
    if not headers.get("cache-control", "").startswith("public"):
        return False
    # The id of the request stands in the body of a problem, where it can be replaced unless it is encoded.
    return (status == 200 and "etag" in headers) or (status in _ABSENT and "content-encoding" not in headers)
