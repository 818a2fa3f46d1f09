"""Problems over HTTP: every exception becomes ``application/problem+json``, and every operation documents its own.

:func:`install` turns each :class:`app.errors.Problem`, and everything the framework raises, into a response. None
repeats the input, names SQL or shows a traceback.
"""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.api.responses import PUBLIC, VARY
from app.api.trailing_slash import without_slash
from app.core.storage.column_types import UnreadableValue
from app.core.storage.failures import Failure, failure_of, lacks_room
from app.errors import (
    ALL,
    BadQuery,
    Conflict,
    DamagedRecord,
    Gone,
    Internal,
    Invalid,
    Malformed,
    NotAcceptable,
    NotFound,
    Problem,
    Unavailable,
    UnsupportedMediaType,
)

log = logging.getLogger("followthrough.errors")

PROBLEM_JSON = "application/problem+json"

_BY_STATUS: dict[int, type[Problem]] = {kind.status: kind for kind in reversed(ALL)}


class FlawOut(BaseModel):
    """One flaw of a request."""

    pointer: str | None = Field(default=None, description="JSON Pointer (RFC 6901) to the flaw in the body.")
    parameter: str | None = Field(default=None, description="The query parameter that is wrong.")
    resource: str | None = Field(default=None, description="Of a file that is imported: the record's resource.")
    slug: str | None = Field(default=None, description="Of a file that is imported: the record's slug.")
    file: str | None = Field(default=None, description="The file of an archive that it is in.")
    row: int | None = Field(default=None, description="The line or row that it is in; the first is 1.")
    column: str | None = Field(default=None, description="The column of a table that it is in.")
    detail: str = Field(description="What is wrong with it, and where one is close, the right name.")


class ProblemOut(BaseModel):
    """An error, as RFC 9457 describes it."""

    type: str = Field(description="Address of the page that explains this kind of problem.")
    title: str = Field(description="The kind of problem, in a line.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong this time.")
    instance: str = Field(description="Names this very response: ends in the request id, which the logs have too.")
    errors: list[FlawOut] | None = Field(default=None, description="Each flaw, where several can be told apart.")


def documented(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of an operation that can fail in these ways."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = by_status.setdefault(
            kind.status,
            {
                "description": f"{kind.title}.",
                "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        entry["content"][PROBLEM_JSON]["examples"][kind.name] = {
            "summary": kind.title,
            "value": example(kind),
        }
    return by_status


_MISSPELT = "There is no such parameter. Did you mean severity?"
_TAKEN = "The slug is, or once was, that of another challenge."
_EXAMPLE_MEMBERS: dict[type[Problem], dict[str, Any]] = {
    BadQuery: {"detail": f"sevrity: {_MISSPELT}", "errors": [{"parameter": "sevrity", "detail": _MISSPELT}]},
    NotAcceptable: {"detail": "Available here: application/json, text/csv, application/jsonl."},
    Conflict: {"detail": _TAKEN, "errors": [{"pointer": "/slug", "detail": _TAKEN}]},
    UnsupportedMediaType: {"detail": "Send the body as application/json, in UTF-8."},
    Invalid: {
        "errors": [
            {"pointer": "/title", "detail": "Field required."},
            {"pointer": "/severity", "detail": "It should be 'low', 'moderate', 'high' or 'critical'."},
        ],
    },
}
"""What a response says that its kind does not, in the examples."""


def example(kind: type[Problem]) -> dict[str, Any]:
    """What a response of this kind looks like."""
    return {
        "type": f"/problems/{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.meaning,
        "instance": "urn:request:0198c1d2e3f4",
        **_EXAMPLE_MEMBERS.get(kind, {}),
    }


def problem_response(problem: Problem, request_id: str) -> Response:
    """The problem as an HTTP response."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.name}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": f"urn:request:{request_id}",
    }
    if problem.errors:
        body["errors"] = problem.errors
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(orjson.dumps(body), problem.status, headers, media_type=PROBLEM_JSON)


def _from_http(error: HTTPException) -> Problem:
    kind = _BY_STATUS.get(error.status_code)
    headers = dict(error.headers or {})
    if kind is not None:
        problem = kind()
        problem.headers |= headers
        return problem
    status = HTTPStatus(error.status_code)
    known = type(status.phrase, (Problem,), {"status": status.value, "name": "http-error", "title": status.phrase})
    other: Problem = known(status.phrase, headers=headers)
    return other


_PASSING = {
    Failure.busy: "Other changes take too long to be made. Nothing was changed.",
    Failure.slow: "The query took longer than is allowed. Nothing was changed.",
    Failure.full: "The disk of the database is full. Nothing was changed.",
    Failure.away: "The database is out of reach. Nothing was changed.",
}


def from_database(failure: Failure) -> Problem:
    """What a failure of the database means for the client: a conflict, something that passes, or a mistake of ours."""
    if failure is Failure.conflict:
        return Conflict("Another change got there first, and this one no longer fits; read the record and try again.")
    if failure is Failure.unreadable:
        return DamagedRecord()
    return Unavailable(_PASSING[failure]) if failure in _PASSING else Internal()


def storable(problem: Problem, request: Request) -> Problem:
    """Let caches keep that something is not there, or not any more, as long as they keep what was there.

    A stored 200 that no 404 or 410 could replace would live on.
    """
    reading = request.scope["method"] in ("GET", "HEAD") and "authorization" not in request.headers
    if isinstance(problem, NotFound | Gone) and reading:
        problem.headers.setdefault("Cache-Control", PUBLIC)
        problem.headers.setdefault("Vary", VARY)
    return problem


def _code(error: DBAPIError) -> str:
    """The driver's own name for an error; its message could quote what was sent."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return str(code or type(error.orig).__name__)


def request_id_of(request: Request) -> str:
    """The id that the request carries through logs and answers."""
    return str(request.scope.get("state", {}).get("request_id", "unknown"))


# -- what becomes of an exception ------------------------------------------------------------------------------------


def _of_http(request: Request, error: HTTPException) -> Problem | Response:
    elsewhere = without_slash(request) if error.status_code == 404 else None
    return elsewhere or _from_http(error)


def _of_database(request: Request, error: DBAPIError) -> Problem:
    failure = failure_of(error)
    extra = {"request_id": request_id_of(request)}
    if failure in _PASSING or failure is Failure.conflict:
        # What passes is no mistake of ours: while a database is away, a line a request says enough.
        log.warning("%s (%s)", failure.value, _code(error), extra=extra)
    else:
        log.error(failure.value, exc_info=error, extra=extra)
    return from_database(failure)


def _of_unreadable(request: Request, error: UnreadableValue) -> Problem:
    # What is read of a record beside its own row, where nothing can be left out.
    log.error(Failure.unreadable.value, exc_info=error, extra={"request_id": request_id_of(request)})
    return DamagedRecord()


def _of_pool(request: Request, error: PoolTimeoutError) -> Problem:
    log.warning("no connection to the database was free", extra={"request_id": request_id_of(request)})
    return Unavailable()


def _of_system(request: Request, error: OSError) -> Problem:
    """A disk that is full, for what is put aside on it, passes; everything else of the system is a mistake of ours."""
    if not lacks_room(error):
        raise error
    log.warning("the disk for temporary files is full", extra={"request_id": request_id_of(request)})
    return Unavailable("The disk of the server is full. Nothing was changed.")


def _of_anything(request: Request, error: Exception) -> Problem:
    log.error("unexpected error", exc_info=error, extra={"request_id": request_id_of(request)})
    # This is sent from outside of all our layers, which would say so otherwise.
    return Internal(headers={"Access-Control-Allow-Origin": "*", "X-Request-Id": request_id_of(request)})


_HANDLERS: Mapping[type[Exception], Callable[[Request, Any], Problem | Response]] = {
    Problem: lambda request, error: error,
    HTTPException: _of_http,
    # Bodies and queries are validated in core; what is left to the framework is the path.
    RequestValidationError: lambda request, error: NotFound(),
    DBAPIError: _of_database,
    UnreadableValue: _of_unreadable,
    PoolTimeoutError: _of_pool,
    OSError: _of_system,
    # Nobody is there to read it, and nothing went wrong on our side.
    ClientDisconnect: lambda request, error: Malformed("The client left before its request was done."),
    Exception: _of_anything,
}

ProblemPage = Callable[[Request, Problem, str], Response | None]
"""Makes the page of a problem for people, given the request and its id; None where a program should have it as JSON."""


def install(app: FastAPI, page: ProblemPage = lambda request, problem, request_id: None) -> None:
    """Answer every exception with a problem, as a page where a person should read it."""

    def handling(handler: Callable[[Request, Any], Problem | Response]) -> Callable[[Request, Exception], Response]:
        def handle(request: Request, error: Exception) -> Response:
            found = handler(request, error)
            if isinstance(found, Response):
                return found
            problem, request_id = storable(found, request), request_id_of(request)
            return page(request, problem, request_id) or problem_response(problem, request_id)

        return handle

    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handling(handler))
