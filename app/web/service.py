"""What the server says of itself to programs: health, the index of the API, and the API catalogue (RFC 9727)."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import __version__
from app.core.answer import dump, json_answer
from app.core.context import context_of
from app.core.read import Reader
from app.core.visibility import ANONYMOUS
from app.errors import Unavailable, documented

router = APIRouter(tags=["service"])

_JSON_OBJECT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The answer.", "content": {"application/json": {"schema": {"type": "object"}}}}
}
_NEVER_STORED = {"Cache-Control": "no-store"}


def _json(value: object) -> Response:
    return Response(dump(value), headers=_NEVER_STORED, media_type="application/json")


@router.get(
    "/healthz",
    operation_id="get_health",
    summary="Whether the server runs",
    response_model=None,
    responses=_JSON_OBJECT,
)
async def health() -> Response:
    """Answers as long as the process runs; asks nothing of the database."""
    return _json({"status": "ok", "version": __version__})


@router.get(
    "/readyz", operation_id="get_readiness", summary="Whether the server can answer", response_model=None,
    responses={**_JSON_OBJECT, **documented(Unavailable)},
)  # fmt: skip
def ready(request: Request) -> Response:
    """Answers when the database does."""
    with context_of(request).database.reading() as connection:
        connection.execute(sa.text("SELECT seq FROM change_counter")).scalar_one()
    return _json({"status": "ready"})


@router.get("/v1", operation_id="get_index", summary="What there is", response_model=None, responses=_JSON_OBJECT)
def index(request: Request) -> Response:
    """Every resource with its address and the number of its published records."""
    context = context_of(request)
    with context.database.reading() as connection:
        counts = counted(Reader(connection, context.catalogue, ANONYMOUS))
    body = {
        "name": "Followthrough",
        "version": __version__,
        "resources": {name: {"url": f"/v1/{name}", "count": count} for name, count in counts.items()},
        "openapi": "/openapi.json",
        "docs": "/docs",
    }
    return json_answer(body, ANONYMOUS)


def counted(reader: Reader) -> dict[str, int]:
    """The number of records of each resource that the viewer sees, in one query."""
    parts = []
    for resource in reader.catalogue:
        rows, condition = reader.seen(resource.table)
        counts = sa.select(sa.literal(resource.name).label("name"), sa.func.count()).select_from(rows)
        parts.append(counts.where(condition))
    return {row[0]: row[1] for row in reader.connection.execute(sa.union_all(*parts))}


@router.get(
    "/.well-known/api-catalog", operation_id="get_api_catalog", summary="Where this API is described",
    response_model=None,
    responses={
        200: {"description": "A link set.", "content": {"application/linkset+json": {"schema": {"type": "object"}}}}
    },
)  # fmt: skip
async def api_catalog() -> Response:
    """The API catalogue of RFC 9727: a link set to the API, its description and its documentation."""
    links = {
        "linkset": [
            {
                "anchor": "/v1",
                "service-desc": [{"href": "/openapi.json", "type": "application/json"}],
                "service-doc": [{"href": "/docs", "type": "text/html"}],
                "status": [{"href": "/healthz", "type": "application/json"}],
            }
        ]
    }
    media = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
    return Response(dump(links), headers={"Cache-Control": "public, max-age=3600"}, media_type=media)
