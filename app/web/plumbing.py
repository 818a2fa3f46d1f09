"""What every request passes through on its way in and out: its id, its line in the log, and the methods of its path."""

import logging
import re
import time

import uuid_utils
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import MethodNotAllowed, answer, request_id_of

log = logging.getLogger("followthrough.access")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_PAGE = ("GET", "HEAD", "OPTIONS")


class RequestId:
    """ASGI layer that gives each request an id (the client's own where it is well-formed), and writes it to the log."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the whole application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its id in the scope, in the answer and in the log."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid_utils.uuid7().hex
        scope.setdefault("state", {})["request_id"] = request_id
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

        try:
            await self.app(scope, receive, stamped)
        finally:
            milliseconds = (time.perf_counter() - begun) * 1000
            log.info("%s %s %d %.1fms %s", scope["method"], _loggable(scope), status, milliseconds, request_id)


def _loggable(scope: Scope) -> str:
    """The path as it came over the wire, still encoded, so that nobody can write lines of their own into the log."""
    raw: bytes = scope.get("raw_path") or b""
    return raw.partition(b"?")[0].decode("ascii", "replace")[:300]


class Methods:
    """The methods that each path takes, known from the document that describes them."""

    def __init__(self, app: FastAPI) -> None:
        """Read the paths when first asked; all routes are there by then."""
        self._app = app
        self._known: list[tuple[re.Pattern[str], tuple[str, ...]]] | None = None

    def of(self, path: str) -> tuple[str, ...]:
        """What a path takes; pages that are not part of the API are read only."""
        if self._known is None:
            self._known = [
                (compile_path(template)[0], _methods(item)) for template, item in self._app.openapi()["paths"].items()
            ]
        found: dict[str, None] = {}
        for pattern, methods in self._known:
            if pattern.match(path):
                found |= dict.fromkeys(methods)
        return tuple(found) or _PAGE

    def install(self) -> None:
        """Answer OPTIONS on every path, and say in each 405 what is allowed."""

        async def on_method(request: Request, error: Exception) -> Response:
            allow = {"Allow": ", ".join(self.of(request.url.path))}
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=allow)
            return answer(MethodNotAllowed(headers=allow), request_id_of(request))

        self._app.add_exception_handler(405, on_method)


def _methods(item: dict[str, object]) -> tuple[str, ...]:
    own = [name.upper() for name in item if name in ("get", "post", "put", "patch", "delete")]
    return (*own, *(["HEAD"] if "GET" in own else []), "OPTIONS")
