"""Publishing and withdrawing a record as steps of their own, each with a note of why."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.core import etag
from app.core.body import JSON, check_media_type, read_bytes, validate
from app.core.changing import By
from app.core.model import State
from app.core.resource import Resource
from app.core.routes import answer_again, redirected, shown, without_body
from app.core.text import Prose
from app.core.write import ANY_REVISION
from app.errors import (
    BadQuery,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    StaleRevision,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
    documented,
)


class ReviewNote(BaseModel):
    """Why a record is published or withdrawn."""

    model_config = ConfigDict(extra="forbid")

    note: Prose | None = Field(
        default=None,
        max_length=2000,
        description="Why, for whoever reads the history.",
        examples=["Checked against the joint statement."],
    )


MODELS: tuple[type[BaseModel], ...] = (ReviewNote,)


async def _note(request: Request) -> str | None:
    """The note of a request, whose body may be left out."""
    raw = await read_bytes(request)
    if not raw:
        return None
    check_media_type(request, [JSON])
    return validate(ReviewNote, raw).note


Note = Annotated[str | None, Depends(_note)]


def _expected(request: Request) -> frozenset[str]:
    """If-Match is heeded where it is sent; these steps write over nobody's words, and do not ask for it."""
    header = request.headers.get("if-match")
    return etag.revisions(header) if header is not None else ANY_REVISION


def state_routes(router: APIRouter, resource: Resource) -> None:
    """Add the routes that change who sees a record."""
    singular, plural = resource.singular, resource.name
    key_type = Annotated[
        str, Path(description=f"The {singular}'s slug or id.", examples=[resource.examples.get("key", "a-slug")])
    ]

    def publish_record(request: Request, by: By, key: key_type, note: Note) -> Response:
        with by.writer() as writer:
            located = writer.reader.locate(resource, key)
            writer.set_state(resource, located.id, State.published, _expected(request), note)
            writer.close()
            return by.answer(answer_again(writer, resource, located))

    def withdraw_with_note(request: Request, by: By, key: key_type, note: Note) -> Response:
        with by.writer() as writer:
            located = writer.reader.locate(resource, key)
            writer.withdraw(resource, located.id, _expected(request), note)
            writer.close()
        return Response(status_code=204)

    fails = documented(
        BadQuery, Unauthorized, Forbidden, NotFound, Gone, Conflict, StaleRevision, TooLarge, UnsupportedMediaType,
        Invalid, Unavailable,
    )  # fmt: skip
    extra: dict[str, Any] = {
        "x-parameters": ["change", plural],
        "security": [{"bearer": []}],
        "requestBody": {
            "required": False,
            "content": {JSON: {"schema": {"$ref": "#/components/schemas/ReviewNote"}}},
        },
    }
    stem = resource.read.__name__.removesuffix("Read")
    router.add_api_route(
        f"/{plural}/{{key}}/publish", publish_record, methods=["POST"], operation_id=f"publish_{singular}",
        response_class=Response, response_model=None, summary=f"Publish the {singular}",
        description="Makes the record visible to everybody. What it cannot be without must be published already.",
        responses={
            **shown(f"{stem}Read", 200, "The record, published."), **without_body(), **redirected(), **fails
        },
        openapi_extra=extra,
    )  # fmt: skip
    router.add_api_route(
        f"/{plural}/{{key}}/withdraw", withdraw_with_note, methods=["POST"],
        operation_id=f"withdraw_{singular}_with_note", response_class=Response, response_model=None, status_code=204,
        summary=f"Withdraw the {singular}, and say why",
        description="The same as DELETE, with a note for whoever reads the history.",
        responses={204: {"description": "It was withdrawn."}, **redirected(), **fails},
        openapi_extra=dict(extra),
    )  # fmt: skip
