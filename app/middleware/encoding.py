"""The last step of every response: content coding, conditional reading and HEAD, as one plain ASGI layer.

The entity tag of an encoded response is its own (``…-gzip``), and If-None-Match is compared with the tag of what would
be sent. The streamed formats are encoded as they are made.
"""

import zlib
from functools import lru_cache
from typing import Any, Protocol

import brotli
import zstandard
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import etag
from app.api.negotiation import EVENTS, weight_of
from app.api.problems import problem_response, request_id_of
from app.api.responses import HEAD
from app.errors import StaleRevision

SMALLEST = 600
_CODINGS = ("br", "zstd", "gzip")
_TEXT = (
    "text/",
    "application/json",
    "application/jsonl",
    "application/javascript",
    "application/xml",
    "application/yaml",
    "application/x-bibtex",
    "application/x-research-info-systems",
)
_TEXT_SUFFIXES = ("+json", "+xml", "+yaml")
"""Of types that are written as one of these (RFC 6839): ``application/ld+json``, ``image/svg+xml``."""


class Encoder(Protocol):
    """Encodes a body piece by piece."""

    def write(self, data: bytes) -> bytes:
        """Take a piece; give what is ready."""

    def finish(self) -> bytes:
        """Give the rest."""


class _Brotli:
    def __init__(self) -> None:
        # A smaller window than the usual one compresses as well here, and holds back a sixteenth of what it would.
        self._inner = brotli.Compressor(quality=4, lgwin=18)

    def write(self, data: bytes) -> bytes:
        return bytes(self._inner.process(data))

    def finish(self) -> bytes:
        return bytes(self._inner.finish())


class _Zstandard:
    def __init__(self) -> None:
        self._inner = zstandard.ZstdCompressor(level=3).compressobj()

    def write(self, data: bytes) -> bytes:
        return self._inner.compress(data)

    def finish(self) -> bytes:
        return self._inner.flush()


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.compressobj(5, zlib.DEFLATED, 31)

    def write(self, data: bytes) -> bytes:
        return self._inner.compress(data)

    def finish(self) -> bytes:
        return self._inner.flush()


_ENCODERS: dict[str, type[Any]] = {"br": _Brotli, "zstd": _Zstandard, "gzip": _Gzip}


@lru_cache(maxsize=256)
def preferred(accept: str) -> str | None:
    """The coding to use for an Accept-Encoding header, or None for none."""
    weights: dict[str, float] = {}
    for part in accept.split(","):
        name, _, parameters = part.lower().partition(";")
        weights[name.strip()] = weight_of(parameters.strip().removeprefix("q=").strip() or "1")
    known = {name: weights.get(name, weights.get("*", 0.0)) for name in _CODINGS}
    best = max(_CODINGS, key=lambda name: known[name])
    # No coding at all is a choice like the others where the client names it.
    return best if known[best] > 0 and known[best] >= weights.get("identity", 0.0) else None


class Representation:
    """ASGI layer that encodes responses, says 304 or 412 where a condition asks for it, and gives HEAD no body."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application that makes whole responses."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and finish its response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        head = scope["method"] == "HEAD"
        # A response without end must know that nobody will read it.
        inner = {**scope, "method": "GET", HEAD: True} if head else scope
        finish = _Finish(send, scope, headers, reading=head or scope["method"] == "GET", head=head)
        await self.app(inner, receive, finish.send)


class _Finish:
    def __init__(self, send: Send, scope: Scope, request: Headers, *, reading: bool, head: bool) -> None:
        self._send = send
        self._scope = scope
        self._request = request
        self._reading = reading
        self._head = head
        self._start: Message | None = None
        self._encoder: Encoder | None = None
        self._silent = head
        self._refused = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            await self._body(message.get("body", b""), message.get("more_body", False))
        else:
            await self._send(message)

    async def _body(self, body: bytes, more: bool) -> None:
        if self._refused:
            return
        if self._start is not None:
            begun = await self._begin(self._start, body, more)
            if begun is None:
                return
            body = begun
        elif self._encoder is not None:
            body = self._encoder.write(body) + (b"" if more else self._encoder.finish())
        if not self._silent:
            if body or not more:
                await self._send({"type": "http.response.body", "body": body, "more_body": more})
        elif not more:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self, start: Message, body: bytes, more: bool) -> bytes | None:
        """Send the head. Gives the part of the body to go on with, or None where that was refused."""
        self._start = None
        headers = MutableHeaders(scope=start)
        if self._reading and start["status"] in (200, 206) and not etag.expected(self._request, headers):
            await self._refuse()
            return None
        whole = not more
        if self._worth_encoding(start, headers, body, whole):
            headers.add_vary_header("Accept-Encoding")
            body = self._encode(headers, body, whole)
        if start["status"] == 304 and _is_text(headers):
            # It was said without making the response, which would have been encoded.
            headers.add_vary_header("Accept-Encoding")
        if self._reading and start["status"] == 200 and etag.known(self._request, headers):
            start["status"] = 304
        if start["status"] == 304:
            for name in ("content-length", "content-type", "content-encoding"):
                if name in headers:
                    del headers[name]
            self._silent = True
        await self._send(start)
        return body

    def _encode(self, headers: MutableHeaders, body: bytes, whole: bool) -> bytes:
        """Begin to encode in the coding that the client prefers, where it takes one; the tag is that of the coding."""
        coding = preferred(self._request.get("accept-encoding", ""))
        if coding is None:
            return body
        encoder: Encoder = _ENCODERS[coding]()
        headers["Content-Encoding"] = coding
        if "etag" in headers:
            headers["ETag"] = f'{headers["etag"][:-1]}-{coding}"'
        body = encoder.write(body) + (encoder.finish() if whole else b"")
        self._encoder = encoder
        if whole:
            headers["Content-Length"] = str(len(body))
        elif "content-length" in headers:
            del headers["Content-Length"]
        return body

    async def _refuse(self) -> None:
        """Say that the representation is not the one that the client insists on."""
        self._refused = True
        response = problem_response(StaleRevision(), request_id_of(Request(self._scope)))
        await self._send({"type": "http.response.start", "status": 412, "headers": response.raw_headers})
        body = b"" if self._head else bytes(response.body)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    def _worth_encoding(self, start: Message, headers: MutableHeaders, body: bytes, whole: bool) -> bool:
        if start["status"] in (204, 206, 304) or "content-encoding" in headers or (whole and len(body) < SMALLEST):
            return False
        return _is_text(headers)


def _is_text(headers: MutableHeaders) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip()
    # An encoder would hold back what must arrive at once.
    return (kind.startswith(_TEXT) or kind.endswith(_TEXT_SUFFIXES)) and kind != EVENTS
