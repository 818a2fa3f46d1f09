"""Every error the API can answer: one class a kind of problem (RFC 9457), each with a page that explains it.

Code raises a :class:`Problem`; :func:`install` turns it, and everything the framework raises, into
``application/problem+json``. No answer repeats the input, names SQL or shows a traceback.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, NotRequired, TypedDict

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

log = logging.getLogger("followthrough.errors")

PROBLEM_JSON = "application/problem+json"


class Flaw(TypedDict):
    """One thing that is wrong with a request: where, and what."""

    pointer: NotRequired[str]
    parameter: NotRequired[str]
    detail: str


class Problem(Exception):
    """An error with its HTTP status, its permanent name and what a client can do about it."""

    status: ClassVar[int] = 500
    name: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"
    meaning: ClassVar[str] = "The server met a condition that it did not expect. Nothing was changed."
    remedy: ClassVar[str] = "Try again; if it lasts, report the request id given in `instance`."

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say what is wrong this time, and where."""
        super().__init__(detail or self.title)
        self.detail = detail or self.meaning
        self.errors = list(errors)
        self.headers = dict(headers or {})


class BadQuery(Problem):
    """A query parameter is unknown, repeated or has a value it cannot have."""

    status = 400
    name = "bad-query"
    title = "The query cannot be understood"
    meaning = "A query parameter is unknown, given twice where one is taken, or has a value that it cannot have."
    remedy = "`errors` names each parameter and, where one is close, the name that was probably meant."


class BadCursor(BadQuery):
    """A cursor was not made by this server for this query."""

    name = "bad-cursor"
    title = "The cursor does not belong to this query"
    meaning = "A cursor is opaque, signed, and bound to the filters and the order it was made for."
    remedy = "Follow `next` as it was given, or start again without `cursor`."


class Malformed(Problem):
    """The request is not what HTTP or JSON allow."""

    status = 400
    name = "malformed-request"
    title = "The request is malformed"
    meaning = "The request cannot be read: a path, a header or a key in it is not well-formed."
    remedy = "`detail` says which part."


def challenge(error: str | None = None) -> dict[str, str]:
    """The header that names the scheme to use (RFC 9110), and what is wrong with the token that came (RFC 6750)."""
    told = f', error="{error}"' if error else ""
    return {"WWW-Authenticate": f'Bearer realm="followthrough"{told}'}


class Unauthorized(Problem):
    """No credential, or a bad one."""

    status = 401
    name = "unauthorized"
    title = "A valid credential is needed"
    meaning = "Reading what is published needs no credential; writing needs one, and a bad one is never ignored."
    remedy = "Send `Authorization: Bearer …` with a valid token, or leave the header out to read."

    def __init__(self, detail: str | None = None, *, error: str | None = None) -> None:
        """Name the scheme to use and, where a token came, the error code of RFC 6750."""
        super().__init__(detail, headers=challenge(error))


class Forbidden(Problem):
    """The credential is good but does not reach this far."""

    status = 403
    name = "forbidden"
    title = "This credential may not do that"
    meaning = "The credential is valid, but its role does not include what was asked."
    remedy = "Use a credential whose role includes it."


class NotFound(Problem):
    """There is nothing here that the client may see."""

    status = 404
    name = "not-found"
    title = "There is no such thing here"
    meaning = "No record, page or route has this address. A record that may not be seen answers in the same way."
    remedy = "Check the slug or id; `/v1` lists every resource."


class MethodNotAllowed(Problem):
    """The path exists but not with this method."""

    status = 405
    name = "method-not-allowed"
    title = "This path does not take that method"
    meaning = "The path exists, but not with this method."
    remedy = "The `Allow` header lists the methods that it takes."


class NotAcceptable(Problem):
    """None of the media types asked for can be given."""

    status = 406
    name = "not-acceptable"
    title = "None of the formats asked for is available"
    meaning = "The `Accept` header names only formats that this path does not have."
    remedy = "Ask for one of the formats in `detail`, or use `?format=`."


class RequestTimeout(Problem):
    """The client took too long to send what it began."""

    status = 408
    name = "request-timeout"
    title = "The request took too long to arrive"
    meaning = "The headers or the body of the request did not arrive in the time that the server waits for them."
    remedy = "Send the request again, in one go; send less at a time over a slow line."

    def __init__(self, detail: str | None = None) -> None:
        """Close the connection: what else comes over it would be the rest of this request."""
        super().__init__(detail, headers={"Connection": "close"})


class Conflict(Problem):
    """The change contradicts something that the register holds."""

    status = 409
    name = "conflict"
    title = "The change conflicts with the register"
    meaning = "The change contradicts what the register holds: a slug is taken, or other records rest on this one."
    remedy = "`detail` says with what; change that first, or choose another slug."


class AppendOnly(Conflict):
    """A log is only added to."""

    name = "append-only"
    title = "An update is not edited once it is published"
    meaning = "The log of a promise is only added to, so that what was said at the time can always be seen."
    remedy = "Record the correction as a new update, or withdraw this one."


class Gone(Problem):
    """The record was withdrawn."""

    status = 410
    name = "gone"
    title = "This record was withdrawn"
    meaning = "The record was published once and has been withdrawn."
    remedy = "Remove links to it."


class StaleRevision(Problem):
    """The record changed since the client read it."""

    status = 412
    name = "precondition-failed"
    title = "The record is not as the request expects"
    meaning = (
        "`If-Match` names a revision that is no longer the record's, or `If-None-Match: *` met an existing record."
    )
    remedy = "Read the record again, apply the change to what it now says, and send its new ETag."


class TooLarge(Problem):
    """The body is larger than what is taken."""

    status = 413
    name = "content-too-large"
    title = "The body is too large"
    meaning = "A request body may have at most 2 MiB."
    remedy = "Send less at a time."


class UnsupportedMediaType(Problem):
    """The body is of a type that this path does not take."""

    status = 415
    name = "unsupported-media-type"
    title = "The body's media type is not taken here"
    meaning = "The `Content-Type` of the body is missing or not one that this path takes."
    remedy = "`detail` names the media types that are taken."


class Invalid(Problem):
    """A body that can be read but not accepted."""

    status = 422
    name = "invalid-body"
    title = "The body does not describe a valid record"
    meaning = "The body is not JSON, or a value in it is missing, unknown, of the wrong type or out of range."
    remedy = "`errors` points at each flaw with a JSON Pointer (RFC 6901)."


class KeyReused(Problem):
    """An Idempotency-Key came back with another request."""

    status = 422
    name = "idempotency-key-reused"
    title = "This Idempotency-Key was used for another request"
    meaning = "The same `Idempotency-Key` came with another body or path within 24 hours."
    remedy = "Use a new key for a new request; repeat the same request to have its first answer again."


class PreconditionRequired(Problem):
    """A change of an existing record must name the revision it is based on."""

    status = 428
    name = "precondition-required"
    title = "If-Match is required"
    meaning = "To change an existing record, say which revision of it you have seen, so that no edit is lost."
    remedy = "Read the record, and send its `ETag` as `If-Match`."


class TooManyRequests(Problem):
    """The client has used up what its address or its key may ask for."""

    status = 429
    name = "too-many-requests"
    title = "There were too many requests"
    meaning = "More requests came from this address, or with this key, than the server takes in the time."
    remedy = "Wait for the seconds in `Retry-After`; `RateLimit` tells in every answer how many requests are left."

    def __init__(self, detail: str | None = None, *, retry_after: int) -> None:
        """Say when to come back, in seconds."""
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Internal(Problem):
    """A mistake of ours."""


class Unavailable(Problem):
    """What an answer needs cannot be reached, or takes too long."""

    status = 503
    name = "unavailable"
    title = "The register cannot answer at the moment"
    meaning = (
        "The database or the identity provider is out of reach, or the query took longer than is allowed. "
        "Nothing was changed."
    )
    remedy = "Try again after the seconds in `Retry-After`; ask for less if it was a long query."

    def __init__(self, detail: str | None = None, *, retry_after: int = 2) -> None:
        """Say when to come back."""
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Overloaded(Unavailable):
    """More clients are connected, or take away whole lists, than the server serves at once."""

    name = "overloaded"
    title = "Too many clients are being served"
    meaning = "The server serves as many clients at once as it can. Nothing was changed."
    remedy = "Try again after the seconds in `Retry-After`."


ALL: tuple[type[Problem], ...] = (
    BadQuery, BadCursor, Malformed, Unauthorized, Forbidden, NotFound, MethodNotAllowed, NotAcceptable,
    RequestTimeout, Conflict, AppendOnly, Gone, StaleRevision, TooLarge, UnsupportedMediaType, Invalid, KeyReused,
    PreconditionRequired, TooManyRequests, Internal, Unavailable, Overloaded,
)  # fmt: skip

_BY_STATUS: dict[int, type[Problem]] = {kind.status: kind for kind in reversed(ALL)}


class FlawOut(BaseModel):
    """One flaw of a request."""

    pointer: str | None = Field(default=None, description="JSON Pointer (RFC 6901) to the flaw in the body.")
    parameter: str | None = Field(default=None, description="The query parameter that is wrong.")
    detail: str = Field(description="What is wrong with it, and where one is close, the right name.")


class ProblemOut(BaseModel):
    """An error, as RFC 9457 describes it."""

    type: str = Field(description="Address of the page that explains this kind of problem.")
    title: str = Field(description="The kind of problem, in a line.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong this time.")
    instance: str = Field(description="Names this very answer: ends in the request id, which the logs have too.")
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
_TOLD: dict[type[Problem], dict[str, Any]] = {
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
"""What an answer says that its kind does not, in the examples."""


def example(kind: type[Problem]) -> dict[str, Any]:
    """What an answer of this kind looks like."""
    return {
        "type": f"/problems/{kind.name}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.meaning,
        "instance": "urn:request:0198c1d2e3f4",
        **_TOLD.get(kind, {}),
    }


def answer(problem: Problem, request_id: str) -> Response:
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
    made: Problem = known(status.phrase, headers=headers)
    return made


def _from_database(error: DBAPIError) -> Problem:
    """What a driver's error means for the client: a conflict, a database out of reach, or a mistake of ours."""
    if isinstance(error, IntegrityError):
        return Conflict("Another change got there first, and this one no longer fits; read the record and try again.")
    text = str(error.orig).lower()
    passing = (
        "interrupt",
        "locked",
        "busy",
        "timeout",
        "connection",
        "shutting down",
        "starting up",
        "disk",
        "closed",
    )
    if error.connection_invalidated or any(word in text for word in passing):
        return Unavailable()
    return Internal()


def request_id_of(request: Request) -> str:
    """The id that the request carries through logs and answers."""
    return str(request.scope.get("state", {}).get("request_id", "unknown"))


def install(app: FastAPI) -> None:
    """Answer every exception with a problem."""

    def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return answer(error, request_id_of(request))

    def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(_from_http(error), request_id_of(request))

    def on_validation(request: Request, error: Exception) -> Response:
        # Bodies and queries are validated in core; what is left to the framework is the path.
        return answer(NotFound(), request_id_of(request))

    def on_database(request: Request, error: Exception) -> Response:
        assert isinstance(error, DBAPIError)
        problem = _from_database(error)
        log.error("database error", exc_info=error, extra={"request_id": request_id_of(request)})
        return answer(problem, request_id_of(request))

    def on_pool(request: Request, error: Exception) -> Response:
        log.warning("no connection to the database was free", extra={"request_id": request_id_of(request)})
        return answer(Unavailable(), request_id_of(request))

    def on_anything(request: Request, error: Exception) -> Response:
        log.error("unexpected error", exc_info=error, extra={"request_id": request_id_of(request)})
        return answer(Internal(), request_id_of(request))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(DBAPIError, on_database)
    app.add_exception_handler(PoolTimeoutError, on_pool)
    app.add_exception_handler(Exception, on_anything)
