"""The time that a request's body may take to arrive."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import RequestTimeout


class BodyDeadline:
    """ASGI layer that stops waiting for a body which is sent too slowly.

    Whoever reads the body meets RequestTimeout. Once an answer has begun, nothing is waited for but the client's
    leaving, and that has no deadline.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        """Allow this time from the end of the headers to the end of the body."""
        self.app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one with a body has its deadline from now on."""
        if scope["type"] != "http" or not _has_body(scope):
            await self.app(scope, receive, send)
            return
        end = asyncio.get_running_loop().time() + self._seconds
        over = False

        async def in_time() -> Message:
            nonlocal over
            if over:
                return await receive()
            try:
                async with asyncio.timeout_at(end):
                    message = await receive()
            except TimeoutError:
                over = True
                raise RequestTimeout() from None
            over = not message.get("more_body", False)
            return message

        async def noticed(message: Message) -> None:
            nonlocal over
            over = True
            await send(message)

        await self.app(scope, in_time, noticed)


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )
