"""What the server says of itself to programs: health, figures, the index of the API, the API catalogue (RFC 9727)."""

from typing import Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from app import __version__
from app.core.answer import dump, json_answer
from app.core.context import context_of
from app.core.read import Reader
from app.core.routes import refuse_parameters
from app.core.visibility import ANONYMOUS
from app.errors import BadQuery, Forbidden, Unauthorized, Unavailable, documented
from app.web.metrics import MEDIA_TYPE, Metrics

router = APIRouter(tags=["service"], dependencies=[Depends(refuse_parameters)])

_OPEN: dict[str, Any] = {"security": [{}]}
_NEVER_STORED = {"Cache-Control": "no-store"}


class Health(BaseModel):
    """Whether the server runs."""

    status: Literal["ok"] = Field(description="That it does.")
    version: str = Field(description="The version of the program.")


class Readiness(BaseModel):
    """Whether the server can answer."""

    status: Literal["ready"] = Field(description="That it can.")


class Counted(BaseModel):
    """A resource of the register."""

    url: str = Field(description="The path of its list.")
    count: int = Field(description="How many of its records are published.")


class Index(BaseModel):
    """What there is."""

    name: str = Field(description="The name of the program.")
    version: str = Field(description="The version of the program.")
    resources: dict[str, Counted] = Field(description="Every resource, by its name.")
    openapi: str = Field(description="The path of the OpenAPI document.")
    docs: str = Field(description="The path of the interactive documentation.")


class Target(BaseModel):
    """What a link leads to."""

    href: str = Field(description="Its address.")
    type: str = Field(description="Its media type.")


class LinkContext(BaseModel):
    """The links of one resource of the web (RFC 9264)."""

    anchor: str = Field(description="What the links start from.")
    service_desc: list[Target] = Field(alias="service-desc", description="Its description for programs.")
    service_doc: list[Target] = Field(alias="service-doc", description="Its documentation for people.")
    status: list[Target] = Field(description="Where it says how it is.")


class Linkset(BaseModel):
    """A set of links."""

    linkset: list[LinkContext] = Field(description="The links, by what they start from.")


class LinksetResponse(JSONResponse):
    """A link set (RFC 9264) with the profile of API catalogues."""

    media_type = "application/linkset+json"


class MetricsResponse(Response):
    """Figures in Prometheus' text format."""

    media_type = MEDIA_TYPE


def _json(value: object) -> Response:
    return Response(dump(value), headers=_NEVER_STORED, media_type="application/json")


@router.get(
    "/healthz", operation_id="get_health", summary="Whether the server runs", response_model=Health,
    response_description="It runs.", responses=documented(BadQuery), openapi_extra=_OPEN,
)  # fmt: skip
async def health() -> Response:
    """Answers as long as the process runs; asks nothing of the database."""
    return _json({"status": "ok", "version": __version__})


@router.get(
    "/readyz", operation_id="get_readiness", summary="Whether the server can answer", response_model=Readiness,
    response_description="It can.", responses=documented(BadQuery, Unavailable), openapi_extra=_OPEN,
)  # fmt: skip
def ready(request: Request) -> Response:
    """Answers when the database does."""
    with context_of(request).database.reading() as connection:
        connection.execute(sa.text("SELECT seq FROM change_counter")).scalar_one()
    return _json({"status": "ready"})


@router.get(
    "/metrics", operation_id="get_metrics", summary="What the server counts", response_class=MetricsResponse,
    response_description="Figures in Prometheus' text format.", responses=documented(BadQuery), openapi_extra=_OPEN,
)  # fmt: skip
async def metrics(request: Request) -> Response:
    """Requests by method, route and status, how long they took, the connections to the database, the cache."""
    # On the event loop, which is where all is counted, and where a scrape is answered though every thread be busy.
    figures: Metrics = request.app.state.metrics
    return MetricsResponse(figures.text(), headers=_NEVER_STORED)


@router.get(
    "/v1", operation_id="get_index", summary="What there is", response_model=Index,
    response_description="Every resource.", responses=documented(BadQuery, Unauthorized, Forbidden, Unavailable),
    openapi_extra={"security": [{}, {"bearer": []}]},
)  # fmt: skip
def index(request: Request) -> Response:
    """Every resource with its address and the number of its published records."""
    context = context_of(request)
    viewer = context.authenticate(request)
    with context.database.reading() as connection:
        counts = counted(context.reader(connection, ANONYMOUS))
    body = {
        "name": "Followthrough",
        "version": __version__,
        "resources": {name: {"url": f"/v1/{name}", "count": count} for name, count in counts.items()},
        "openapi": "/openapi.json",
        "docs": "/docs",
    }
    return json_answer(body, viewer)


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
    response_class=LinksetResponse, response_model=Linkset, response_description="A link set.",
    responses=documented(BadQuery), openapi_extra=_OPEN,
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
