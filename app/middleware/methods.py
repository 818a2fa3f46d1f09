"""The methods that each path takes, and the server as a whole: OPTIONS says so, and a 405 says what is allowed."""

import re

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem_response, request_id_of
from app.errors import MethodNotAllowed

_PAGE = ("GET", "HEAD", "OPTIONS")
_ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Methods:
    """The methods that each path takes, known from the routes themselves."""

    def __init__(self, app: FastAPI) -> None:
        """Read the paths when first asked; all routes are there by then."""
        self._app = app
        self._known: list[tuple[re.Pattern[str], tuple[str, ...]]] | None = None

    def of(self, path: str) -> tuple[str, ...]:
        """What a path takes; pages that are not part of the API are read only."""
        if self._known is None:
            self._known = [
                (compile_path(each.path_format)[0], _methods(each.methods))
                for each in iter_route_contexts(self._app.routes)
                if each.path_format and each.methods
            ]
        matching = [(pattern, methods) for pattern, methods in self._known if pattern.match(path)]
        # An address of its own (`/v1/sources/import`) is no record's: what records take is not taken there.
        own = [each for each in matching if not each[0].groups]
        found = dict.fromkeys(method for _, methods in own or matching for method in methods)
        return (*found, "OPTIONS") if found else _PAGE

    def install(self) -> None:
        """Answer OPTIONS on every path, and say in each 405 what is allowed."""

        async def on_method(request: Request, error: Exception) -> Response:
            allow = {"Allow": ", ".join(self.of(request.url.path))}
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=allow)
            return problem_response(MethodNotAllowed(headers=allow), request_id_of(request))

        self._app.add_exception_handler(405, on_method)


def _methods(own: set[str]) -> tuple[str, ...]:
    return tuple(name for name in _ORDER if name in own or (name == "HEAD" and "GET" in own))


class ServerOptions:
    """ASGI layer that says what the server as a whole takes: ``OPTIONS *`` (RFC 9110), which no route is of."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the router."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what has a path."""
        if scope["type"] == "http" and scope["path"] == "*" and scope["method"] == "OPTIONS":
            await Response(status_code=204, headers={"Allow": ", ".join((*_ORDER, "OPTIONS"))})(scope, receive, send)
            return
        await self.app(scope, receive, send)
