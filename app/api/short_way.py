"""A short way for what everybody reads: lists, records and files, past the framework's routing and dependencies.

Finding one route among some two hundred, working out its dependencies and changing threads twice costs more than most
of these responses. The handlers are the same, in the same kind of transaction, and what they raise is answered by the
same exception handlers; everything that stands in front of the router (limits, turns, log, metrics, conditions, coding)
is in front of this as well. Whatever is not plainly one of these requests goes on to the framework:
``FOLLOWTHROUGH_SHORT_WAY=false`` sends everything there, with the same responses.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.context import Context
from app.api.read_request import ReadRequest
from app.api.records import RecordRoutes
from app.core.reading.slug_or_id import is_slug_or_id
from app.core.visibility import ANONYMOUS

_API = "/v1/"
_WAY = "followthrough.way"


@dataclass(frozen=True)
class Way:
    """What answers a request, and the template of its route."""

    handle: Callable[[ReadRequest], Response]
    route: str


class ShortWays:
    """The requests that have a short way."""

    def __init__(self, context: Context) -> None:
        """None yet."""
        self.context = context
        self._records: dict[str, RecordRoutes] = {}

    def add(self, records: RecordRoutes) -> None:
        """Let the lists, records and files of a resource have one."""
        self._records[records.resource.name] = records

    def find(self, path: str) -> Way | None:
        """The way of a path; None for one that belongs to none of these."""
        if not path.startswith(_API):
            return None
        name, slash, slug_or_id = path[len(_API) :].partition("/")
        if slash:
            records = self._records.get(name)
            if records is None or not is_slug_or_id(slug_or_id):
                return None
            return Way(partial(records.get_record, slug_or_id=slug_or_id), f"{_API}{name}/{{slug}}")
        name, dot, ending = name.partition(".")
        records = self._records.get(name)
        if records is None:
            return None
        if not dot:
            return Way(records.list_records, f"{_API}{name}")
        if ending not in records.files.formats:
            return None
        return Way(partial(records.files.get_file, ending=ending), f"{_API}{name}.{{format}}")


class ShortWay:
    """ASGI layer next to the router: answers by a short way what has one."""

    def __init__(self, app: ASGIApp, ways: ShortWays) -> None:
        """Wrap the router of an application, whose routes and exception handlers are read at the first request."""
        self.app = app
        self._ways = ways
        self._others: frozenset[str] | None = None
        self._responding: ASGIApp = ExceptionMiddleware(self._respond)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        way = self._way(scope)
        if way is None:
            await self.app(scope, receive, send)
            return
        scope[_WAY] = way
        scope.setdefault("state", {})["route"] = way.route
        await self._responding(scope, receive, send)

    def _way(self, scope: Scope) -> Way | None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        if self._others is None:
            self._others = self._read(scope["app"])
        if scope["path"] in self._others:
            return None
        if any(name == b"authorization" for name, _ in scope["headers"]):
            return None
        return self._ways.find(scope["path"])

    def _read(self, application: FastAPI) -> frozenset[str]:
        """Treat exceptions as the application does; gives the paths that a record's could be taken for (``counts``)."""
        # What nothing else handles is handled around all layers, as it is for the framework's own routes.
        handlers = {
            kind: handler for kind, handler in application.exception_handlers.items() if kind not in (500, Exception)
        }
        self._responding = ExceptionMiddleware(self._respond, handlers=handlers)
        paths = (each.path_format or "" for each in iter_route_contexts(application.routes))
        return frozenset(path for path in paths if path.count("/") > _API.count("/") and "{" not in path)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await run_in_threadpool(self._handle, scope[_WAY], Request(scope, receive))
        await response(scope, receive, send)

    def _handle(self, way: Way, request: Request) -> Response:
        """Read within one transaction, in one thread, and end it before the response is sent."""
        with ExitStack() as transaction:
            return way.handle(ReadRequest(request, self._ways.context, ANONYMOUS, transaction))
