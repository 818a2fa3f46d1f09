"""The id of a request, its line in the log, and its count in the metrics."""

import re
import time

import uuid_utils
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.server.access_log import AccessLog
from app.server.logs import PathDiscretion, current_request
from app.server.metrics import Metrics

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class RequestId:
    """ASGI layer that gives each request an id (the client's own where it is well-formed), logs it and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, shown: PathDiscretion, log: AccessLog) -> None:
        """Wrap the whole application."""
        self.app = app
        self._log = log
        self._metrics = metrics
        self._shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its id in the scope, in the response and in the log."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received = Headers(scope=scope).get("x-request-id", "")
        request_id = received if _REQUEST_ID.fullmatch(received) else uuid_utils.uuid7().hex
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        # Never taken back: what fails outside of this layer is logged by the server, which runs a request in a task
        # and a context of its own.
        current_request.set(request_id)
        begun = time.perf_counter()
        status = 500

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [each for each in message["headers"] if each[0] != b"x-request-id"]
                headers.append((b"x-request-id", request_id.encode()))
                if not any(name == b"x-content-type-options" for name, _ in headers):
                    headers.append((b"x-content-type-options", b"nosniff"))
                message["headers"] = headers
            await send(message)

        self._metrics.in_progress += 1
        try:
            await self.app(scope, receive, with_id)
        finally:
            self._metrics.in_progress -= 1
            seconds = time.perf_counter() - begun
            method, route = scope["method"], state.get("route")
            self._metrics.count(method, route, status, seconds)
            path = self._shown(scope.get("raw_path") or b"")
            self._log.write(method, path, route, status, request_id, seconds, state.get("key_id"))
