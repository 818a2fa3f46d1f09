"""What every request passes through on its way in and out: its id, its line in the log, and the methods of its path."""

import logging
import re
import time

import uuid_utils
from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Mount, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import MethodNotAllowed, answer, request_id_of
from app.web.logs import PathDiscretion, access, current_request
from app.web.metrics import Metrics

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_PAGE = ("GET", "HEAD", "OPTIONS")
_ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class RequestId:
    """ASGI layer that gives each request an id (the client's own where it is well-formed), logs it and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, shown: PathDiscretion) -> None:
        """Wrap the whole application."""
        self.app = app
        self._metrics = metrics
        self._shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its id in the scope, in the answer and in the log."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid_utils.uuid7().hex
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        # Never taken back: what fails outside of this layer is logged by the server, which runs a request in a task
        # and a context of its own.
        current_request.set(request_id)
        begun = time.perf_counter()
        status = 500

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        self._metrics.in_progress += 1
        try:
            await self.app(scope, receive, stamped)
        finally:
            self._metrics.in_progress -= 1
            seconds = time.perf_counter() - begun
            method, route = scope["method"], state.get("route")
            self._metrics.count(method, route, status, seconds)
            if access.isEnabledFor(logging.INFO):
                path = self._shown(scope.get("raw_path") or b"")
                told = {
                    "method": method, "path": path, "route": route, "status": status, "request_id": request_id,
                    "milliseconds": round(seconds * 1000, 1), "key_id": state.get("key_id"),
                }  # fmt: skip
                access.info("%s %s %d", method, path, status, extra=told)


class RouteName:
    """ASGI layer next to the router: says under ``state.route`` which route a request came to, by its template."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the router; its routes are read at the first request, when all are there."""
        self.app = app
        self._templates: dict[int, str] | None = None
        self._mounts: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and take down where it went."""
        try:
            await self.app(scope, receive, send)
        finally:
            if (name := self._name(scope)) is not None:
                scope.setdefault("state", {})["route"] = name

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
        found: dict[str, None] = {}
        for pattern, methods in self._known:
            if pattern.match(path):
                found |= dict.fromkeys(methods)
        return (*found, "OPTIONS") if found else _PAGE

    def install(self) -> None:
        """Answer OPTIONS on every path, and say in each 405 what is allowed."""

        async def on_method(request: Request, error: Exception) -> Response:
            allow = {"Allow": ", ".join(self.of(request.url.path))}
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=allow)
            return answer(MethodNotAllowed(headers=allow), request_id_of(request))

        self._app.add_exception_handler(405, on_method)


def _methods(own: set[str]) -> tuple[str, ...]:
    return tuple(name for name in _ORDER if name in own or (name == "HEAD" and "GET" in own))
