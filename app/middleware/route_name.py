"""Which route a request came to, for the log and the metrics."""

from fastapi.routing import iter_route_contexts
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class RouteName:
    """ASGI layer next to the router: says under ``state.route`` which route a request came to, by its template."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the router; its routes are read at the first request, when all are there."""
        self.app = app
        self._templates: dict[int, str] | None = None
        self._mounts: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and take down where it went: when its response begins, or when it ends without one."""

        def note() -> None:
            if (name := self._name(scope)) is not None:
                scope.setdefault("state", {})["route"] = name

        async def send_response(message: Message) -> None:
            if message["type"] == "http.response.start":
                note()
            await send(message)

        try:
            await self.app(scope, receive, send_response)
        finally:
            note()

    def _name(self, scope: Scope) -> str | None:
        if self._templates is None:
            contexts = list(iter_route_contexts(scope["app"].routes))
            # A route knows its path without the prefix that it was included under.
            self._templates = {id(each.original_route): each.path_format for each in contexts if each.path_format}
            self._mounts = frozenset(each.path for each in scope["app"].routes if isinstance(each, Mount))
        if "route" in scope:
            return self._templates.get(id(scope["route"]))
        mount = scope.get("root_path", "")
        return f"{mount}/{{path}}" if mount in self._mounts else None
