"""Responses to HTTP/1.0, which knows no chunks: the end of the connection is the end of the body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class WithoutChunks:
    """The application, with each body of unknown length ended by closing the connection.

    uvicorn chunks such bodies whatever the version, unless it takes their length for known: it is told piece by piece.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application; the cycle of its request, which is made later, must be set before it is called."""
        self._app = app
        self.cycle: RequestResponseCycle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        cycle = self.cycle
        assert cycle is not None
        measured = True

        async def send_plainly(message: Message) -> None:
            nonlocal measured
            if message["type"] == "http.response.start":
                measured = any(name.lower() == b"content-length" for name, _ in message.get("headers", ()))
                if not measured:
                    cycle.chunked_encoding = False
            elif not measured:
                cycle.expected_content_length = len(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, send_plainly)
