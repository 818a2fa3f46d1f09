"""Waiting for an identity provider, before a request has a turn or a thread: one that hangs holds up nobody else.

Its keys are read at the first token, and when a token names one that is not known. All who show a token wait for that
together; everybody else goes on.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from starlette.types import ASGIApp, Receive, Scope, Send

Pending = Callable[[str], Future[None] | None]


class IssuerWait:
    """ASGI layer that lets a request with a token wait until it can be looked at."""

    def __init__(self, app: ASGIApp, pending: Pending) -> None:
        """Ask ``pending``, with the ``Authorization`` header, what is to be waited for. That ends by itself."""
        self.app = app
        self._pending = pending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, at once or when its token can be looked at."""
        if scope["type"] == "http":
            for name, value in scope["headers"]:
                if name == b"authorization" and (pending := self._pending(value.decode("latin-1"))) is not None:
                    # Others wait for the same: who leaves must not end it for them.
                    await asyncio.shield(asyncio.wrap_future(pending))
        await self.app(scope, receive, send)
