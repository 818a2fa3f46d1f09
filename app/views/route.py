"""The route of a view of one partnership: found, read and answered as every record is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel

from app.core import etag
from app.core.answer import VARY, cache_control, json_answer
from app.core.context import context_of
from app.core.negotiation import choose
from app.core.query import view_parameters
from app.core.read import Reader
from app.core.routes import redirected, unchanged
from app.errors import BadQuery, Forbidden, Gone, NotAcceptable, NotFound, Unauthorized, Unavailable, documented
from app.resources.partnerships import partnerships

Drawing = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class View:
    """A view: its name in the path, what it answers, how it is computed, and how it is drawn where it can be."""

    name: str
    summary: str
    description: str
    model: type[BaseModel]
    build: Callable[[Reader, Mapping[str, Any]], dict[str, Any]]
    draw: Drawing | None = None


_FAILS = documented(BadQuery, Unauthorized, Forbidden, NotFound, Gone, NotAcceptable, Unavailable)
Key = Annotated[str, Path(description="The partnership's slug or id.", examples=["india-south-korea"])]


def partnership_route(router: APIRouter, view: View) -> None:
    """Add the route of a view, and that of its picture where it can be drawn."""
    formats = ("json", "svg") if view.draw else ("json",)

    def read_view(request: Request, key: Key) -> Response:
        return _answer(request, key, view, formats, None)

    content: dict[str, Any] = {"application/json": {"schema": {"$ref": f"#/components/schemas/{view.model.__name__}"}}}
    if view.draw:
        content["image/svg+xml"] = {"schema": {"type": "string"}}
    router.add_api_route(
        f"/partnerships/{{key}}/{view.name}", read_view, methods=["GET"], operation_id=f"get_{view.name}",
        response_class=Response, response_model=None, summary=view.summary, description=view.description,
        responses={200: {"description": view.summary, "content": content}, **redirected(), **unchanged(), **_FAILS},
        openapi_extra={"x-parameters": ["view", formats], "security": [{}, {"bearer": []}]},
    )  # fmt: skip
    if not view.draw:
        return

    def draw_view(request: Request, key: Key) -> Response:
        return _answer(request, key, view, ("svg",), "svg")

    router.add_api_route(
        f"/partnerships/{{key}}/{view.name}.svg", draw_view, methods=["GET"], operation_id=f"draw_{view.name}",
        response_class=Response, response_model=None, summary=f"{view.summary}, as a picture",
        description=f"{view.description} Drawn as an SVG picture, to be shown with an `<img>`.",
        responses={
            200: {"description": "The picture.", "content": {"image/svg+xml": {"schema": {"type": "string"}}}},
            **redirected(), **unchanged(), **_FAILS,
        },
        openapi_extra={"x-parameters": ["view", ["svg"]], "security": [{}, {"bearer": []}]},
    )  # fmt: skip


def _answer(request: Request, key: str, view: View, formats: tuple[str, ...], fixed: str | None) -> Response:
    context = context_of(request)
    viewer = context.authenticate(request)
    asked, as_of = view_parameters(formats, request.query_params.multi_items(), past=True)
    format_ = choose(fixed or asked, request.headers.get("accept"), formats)
    with context.database.reading() as connection:
        reader = context.reader(connection, viewer, as_of)
        located = reader.locate(partnerships, key)
        shown = view.build(reader, reader.one(partnerships, located.id))
    if format_ == "json":
        return json_answer(shown, viewer)
    assert view.draw is not None
    picture = view.draw(shown).encode()
    headers = {"ETag": etag.make(picture), "Cache-Control": cache_control(viewer), "Vary": VARY}
    return Response(picture, headers=headers, media_type="image/svg+xml")
