"""Another attempt for what a standby failed to answer: from the primary, and the client notices nothing.

See ``app.core.storage.standbys``, where it is decided what is read from a standby.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.read_request import ATTEMPT
from app.core.storage.standbys import Attempt, StandbyFailed


class StandbyRetry:
    """ASGI layer that lets what is read without a credential be read from standbys, and tries again where one fails."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap what answers requests. A request that comes here has no body that would be needed twice."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, once or twice."""
        reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not reads or any(name == b"authorization" for name, _ in scope["headers"]):
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_response(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        state, as_it_came = scope.setdefault("state", {}), dict(scope)
        state[ATTEMPT] = Attempt()
        try:
            await self.app(scope, receive, send_response)
        except StandbyFailed:
            if begun:
                raise
            # What the router has put into it leads to what failed.
            scope.clear()
            scope.update(as_it_came)
            state[ATTEMPT] = Attempt(from_primary=True)
            await self.app(scope, receive, send)
