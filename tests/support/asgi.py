"""Asking an ASGI application directly, message by message, to see exactly what a layer does."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Result = TypeVar("Result")


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run something to its end on an event loop of its own, in a thread of its own.

    The thread that the tests run in may have a loop that runs: a browser's, from a test that was there before.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


@dataclass(frozen=True)
class Response:
    """What came back."""

    status: int
    headers: Headers
    pieces: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        """All of the body."""
        return b"".join(self.pieces)


def call(app: ASGIApp, path: str = "/v1/things", method: str = "GET", query: str = "", **headers: str) -> Response:
    """Send one request; a header ``if_none_match`` stands for ``If-None-Match``."""
    sent: list[Message] = []
    given = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": given,
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    run(_call(app, scope, receive, send))
    start, *rest = sent
    pieces = tuple(message.get("body", b"") for message in rest)
    assert [message.get("more_body", False) for message in rest][-1:] == [False], "the body does not end"
    return Response(start["status"], Headers(raw=start["headers"]), pieces)


async def _call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


class Fixed:
    """An application that always gives the same answer, in one piece or several, and counts how often it is asked."""

    def __init__(self, *pieces: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Take the answer."""
        self.pieces: Sequence[bytes] = pieces
        self.status = status
        self.headers = headers or {"content-type": "application/json"}
        self.requested = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the answer."""
        self.requested += 1
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        if len(self.pieces) == 1:
            headers.append((b"content-length", str(len(self.pieces[0])).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for piece in self.pieces:
            more = len(self.pieces) > 1
            await send({"type": "http.response.body", "body": piece, "more_body": more})
        if len(self.pieces) != 1:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
