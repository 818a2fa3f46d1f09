"""``/mcp``: where assistants come in."""

from typing import TYPE_CHECKING, Any

import orjson
from anyio import TASK_STATUS_IGNORED, Lock, sleep_forever, to_thread
from anyio.abc import TaskGroup, TaskStatus
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.context import Context
from app.api.request_body import JSON, check_media_type, read_bytes
from app.assistants import page
from app.core.strict_json import parse
from app.errors import Invalid

if TYPE_CHECKING:
    from app.assistants.protocol import Assistants

MAX_BYTES = 64 * 1024
"""The largest message that is taken."""

_PARSE_ERROR, _INVALID_REQUEST = -32700, -32600
"""What JSON-RPC calls these."""


class AssistantRoutes:
    """The door of assistants. The SDK behind it is loaded when the first of them comes."""

    def __init__(self, context: Context, hosts: list[str]) -> None:
        """Serve a register under these host names; under any, where none is named."""
        self._context = context
        self._hosts = hosts
        self._tasks: TaskGroup | None = None
        self._loading = Lock()
        self._app: ASGIApp | None = None

    def start(self, tasks: TaskGroup) -> None:
        """Let what serves assistants live in a group of tasks, until that is cancelled."""
        self._tasks = tasks

    # -- handlers ----------------------------------------------------------------------------------------------

    async def post_message(self, request: Request) -> Response:
        """A message of an assistant, and the response to it."""
        check_media_type(request, [JSON])
        body = await read_bytes(request, MAX_BYTES)
        try:
            message = parse(body)
        except Invalid as problem:
            return _rpc_error(_PARSE_ERROR, problem.errors[0]["detail"] if problem.errors else problem.detail)
        if (wrong := _wrong_in(message)) is not None:
            return _rpc_error(_INVALID_REQUEST, wrong)
        return _Forwarded(await self._served(), body)

    async def _served(self) -> ASGIApp:
        async with self._loading:
            if self._app is None:
                assert self._tasks is not None
                self._app = await self._tasks.start(self._serve)
            return self._app

    async def _serve(self, *, task_status: TaskStatus[ASGIApp] = TASK_STATUS_IGNORED) -> None:
        assistants = await to_thread.run_sync(self._load)
        async with assistants.manager.run():
            task_status.started(assistants.manager.handle_request)
            await sleep_forever()

    def _load(self) -> "Assistants":
        from app.assistants.protocol import Assistants

        return Assistants(self._context, self._hosts)

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes. They are no part of the REST API and its document."""
        router.add_api_route("/mcp", self.post_message, methods=["POST"], response_model=None)
        router.add_api_route("/mcp", page.lead_a_person, methods=["GET"], response_model=None)
        router.add_api_route(page.PAGE, page.get_page, methods=["GET"], response_model=None)


def _wrong_in(message: Any) -> str | None:
    """What keeps a JSON value from being a message that a server takes; None where nothing does."""
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return 'Send one JSON-RPC message: an object with "jsonrpc": "2.0".'
    if not isinstance(message.get("method"), str):
        return "The message names no `method`."
    if "id" in message and type(message["id"]) not in (str, int):
        return "`id` must be a string or a whole number."
    if not isinstance(message.get("params", {}), dict):
        return "`params` must be an object."
    return None


def _rpc_error(code: int, message: str) -> Response:
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
    return Response(orjson.dumps(body), 400, {"Cache-Control": "no-store"}, media_type="application/json")


class _Forwarded(Response):
    """The response of the SDK to a message whose body was read already."""

    def __init__(self, app: ASGIApp, body: bytes) -> None:
        super().__init__()
        self._app = app
        self._read = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        replayed = False

        async def body() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": self._read, "more_body": False}

        async def uncached(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
            await send(message)

        await self._app(scope, body, uncached)
