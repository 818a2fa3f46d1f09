"""The time that a request's body may take to arrive."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import RequestTimeout

SLOWEST = 100_000
"""Bytes a second: a body that comes more slowly runs into the deadline, however large it is."""


class BodyDeadline:
    """ASGI layer that stops waiting for a body which is sent too slowly.

    Whoever reads the body meets RequestTimeout. Once a response has begun, nothing is waited for but the client's
    leaving, and that has no deadline.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        """Allow this time from the end of the headers to the end of the body, and more for one that comes steadily."""
        self.app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one with a body has its deadline from now on."""
        if scope["type"] != "http" or not has_body(scope):
            await self.app(scope, receive, send)
            return
        # A large body has the time that it takes at the slowest pace that is waited for.
        end = asyncio.get_running_loop().time() + self._seconds
        over = False

        async def in_time() -> Message:
            nonlocal end, over
            if over:
                return await receive()
            try:
                async with asyncio.timeout_at(end):
                    message = await receive()
            except TimeoutError:
                over = True
                raise RequestTimeout() from None
            over = not message.get("more_body", False)
            end += len(message.get("body", b"")) / SLOWEST
            return message

        async def send_response(message: Message) -> None:
            nonlocal over
            over = True
            await send(message)

        await self.app(scope, in_time, send_response)


def has_body(scope: Scope) -> bool:
    """Whether a request announces a body."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )
