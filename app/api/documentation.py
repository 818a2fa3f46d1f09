"""What routes say of themselves in the OpenAPI document, where FastAPI cannot see it in their signatures.

Queries, headers and bodies are read by ``app.core``, more strictly than the framework would. A route names their
models in ``openapi_extra=takes(...)``, and ``app.api.openapi`` puts them into the document.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.api.problems import documented
from app.api.write_request import WriteParameters
from app.core.resource import Resource
from app.errors import (
    BadQuery,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotAcceptable,
    NotFound,
    PreconditionRequired,
    Problem,
    StaleRevision,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
)

Responses = dict[int | str, dict[str, Any]]

TAKES = "x-takes"
"""Under this name an operation holds its :class:`Takes` until the document is complete."""

Model = Callable[[], type[BaseModel]] | type[BaseModel]
"""A model, or what makes it when the document is made."""


def resolved(model: Model) -> type[BaseModel]:
    """A model that is needed now."""
    return model if isinstance(model, type) else model()


class Body(BaseModel):
    """A body that an operation takes."""

    model: type[BaseModel]
    media_type: str = "application/json"
    required: bool = True
    patch: bool = False
    """Whether it is a merge patch of the model."""
    example: Any = None


class Takes(BaseModel):
    """What an operation takes beside what stands in the signature of its handler. The framework writes none of it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    query: Model | None = Field(default=None, exclude=True)
    """The parameter set."""
    headers: tuple[dict[str, Any], ...] = Field(default=(), exclude=True)
    body: Body | None = Field(default=None, exclude=True)
    path: Mapping[str, Sequence[str]] = Field(default={}, exclude=True)
    """The values that parameters of the path can have, where they are few."""
    resource: Resource | None = Field(default=None, exclude=True)
    """Whose records it is about: its examples are those of the operation."""


def takes(
    *,
    query: Model | None = None,
    headers: tuple[dict[str, Any], ...] = (),
    body: Body | None = None,
    path: Mapping[str, Sequence[str]] | None = None,
    resource: Resource | None = None,
    security: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The ``openapi_extra`` of a route. Without ``security`` anybody can read it, with a credential or without."""
    declared = Takes(query=query, headers=headers, body=body, path=path or {}, resource=resource)
    return {TAKES: declared, "security": READING if security is None else security}


READING: list[dict[str, Any]] = [{}, {"bearer": []}]
WRITING: list[dict[str, Any]] = [{"bearer": []}]
OPEN: list[dict[str, Any]] = [{}]
"""For what takes no credential at all."""

# -- problems ----------------------------------------------------------------------------------------------------

READ_FAILS: tuple[type[Problem], ...] = (BadQuery, Unauthorized, Forbidden, NotAcceptable, Unavailable)
WRITE_FAILS: tuple[type[Problem], ...] = (BadQuery, Unauthorized, Forbidden, Unavailable)
FIND_FAILS: tuple[type[Problem], ...] = (NotFound, Gone)
BODY_FAILS: tuple[type[Problem], ...] = (TooLarge, UnsupportedMediaType, Invalid)
CHANGE_FAILS: tuple[type[Problem], ...] = (StaleRevision, PreconditionRequired, Conflict)

# -- request headers ---------------------------------------------------------------------------------------------

_TEXT = {"type": "string"}

IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
    "description": "The `ETag` of the record as you last read it: with an old one, the change is refused (412), so "
    "that nobody else's is lost. Its revision alone will do. `*` takes the record as it is.",
    "example": '"1"',
}
IF_MATCH_OPTIONAL: dict[str, Any] = {name: value for name, value in IF_MATCH.items() if name != "example"} | {
    "required": False
}
IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "schema": _TEXT,
    "description": "The `ETag` of the response that you have: if it still holds, the response is 304 without a body.",
}
IF_NONE_EXISTS: dict[str, Any] = IF_NONE_MATCH | {
    "description": "`*`: only create, never replace; an existing record is then left (412).",
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "A name of your choice for this request; repeated within 24 hours, it has the same response.",
}
PREFER: dict[str, Any] = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "schema": _TEXT,
    "description": "`return=minimal`: respond without a body (RFC 7240).",
}
DRY_RUN: dict[str, Any] = {
    "name": "dry_run",
    "in": "query",
    "required": False,
    "schema": {"type": "boolean", "default": False},
    "example": True,
    "description": WriteParameters.model_fields["dry_run"].description,
}

# -- responses ---------------------------------------------------------------------------------------------------

HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "Names this version of the response.", "schema": _TEXT},
    "Link": {"description": 'The next page (`rel="next"`), and the licence (`rel="license"`).', "schema": _TEXT},
    "Location": {"description": "The record's address.", "schema": {"type": "string", "format": "uri-reference"}},
    "Content-Location": {
        "description": "The record's address, which a change of its slug changes.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Last-Modified": {"description": "When the record last changed.", "schema": _TEXT},
    "Dry-Run": {"description": "`true` where nothing was stored, as `dry_run=true` asks.", "schema": _TEXT},
    "Idempotency-Replayed": {
        "description": "`true` where this is the response that an earlier request with the same key had.",
        "schema": _TEXT,
    },
}


def response(
    status: int,
    description: str,
    model: Model | None = None,
    *headers: str,
    content: Mapping[str, Any] | None = None,
) -> Responses:
    """A response: its JSON as a model, and other media types as they are to be documented."""
    said: dict[str, Any] = {"description": description}
    if headers:
        said["headers"] = {name: HEADERS[name] for name in headers}
    if model is not None:
        said["model"] = model
    if content is not None:
        said["content"] = dict(content)
    return {status: said}


def record_shown(model: Model, status: int, description: str, *headers: str) -> Responses:
    """The response that shows a record."""
    return response(status, description, model, "ETag", "Last-Modified", *headers)


def record_changed(model: type[BaseModel], description: str) -> Responses:
    """The responses to a change of a record: the record as it now is, or no body where the client prefers none."""
    return {**record_shown(model, 200, description, "Content-Location"), **minimal()}


def minimal() -> Responses:
    """The response to a change whose client prefers no body."""
    return response(204, "It was changed; with `Prefer: return=minimal`.", None, "ETag")


def conditional() -> Responses:
    """The responses to a reading request that names a version: the client has it already, or insists on another."""
    return {
        **response(304, "What you have still holds.", None, "ETag"),
        **documented(StaleRevision),
    }


def redirected() -> Responses:
    """The response at a former slug."""
    return response(308, "The record has another slug now.", None, "Location")


def text(media_type: str, description: str | None = None) -> dict[str, Any]:
    """The content of a response that is text of some media type."""
    return {media_type: {"schema": {**_TEXT, **({"description": description} if description else {})}}}
