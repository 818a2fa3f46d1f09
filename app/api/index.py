"""What the API says of itself to programs: the index of its resources, and the API catalogue (RFC 9727)."""

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from app import LICENCE, LICENCE_URL, NAME, __version__
from app.api import etag
from app.api.documentation import (
    IF_NONE_MATCH,
    OPEN,
    conditional,
    response,
    takes,
)
from app.api.problems import documented
from app.api.quick_route import QuickRoute
from app.api.read_request import Read, refuse_parameters
from app.api.responses import json_response
from app.core.reading.reader import Reader
from app.core.strict_json import dump
from app.core.visibility import ANONYMOUS
from app.errors import BadQuery, Forbidden, Unauthorized, Unavailable

router = APIRouter(tags=["service"], dependencies=[Depends(refuse_parameters)], route_class=QuickRoute)


class Counted(BaseModel):
    """A resource of the register."""

    url: str = Field(description="The path of its list.")
    count: int = Field(description="How many of its records are published.")


class Licence(BaseModel):
    """What can be reused, and how."""

    name: str = Field(description="Its SPDX identifier.")
    url: str = Field(description="Its text.")


class Index(BaseModel):
    """What there is."""

    name: str = Field(description="The name of the program.")
    version: str = Field(description="The version of the program.")
    resources: dict[str, Counted] = Field(description="Every resource, by its name.")
    licence: Licence = Field(description="What the records can be reused under.")
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


@router.get(
    "/v1",
    operation_id="get_index",
    summary="Get the index of the API",
    response_model=Index,
    responses={
        **response(200, "Every resource.", None, "ETag"),
        **conditional(),
        **documented(BadQuery, Unauthorized, Forbidden, Unavailable),
    },
    openapi_extra=takes(headers=(IF_NONE_MATCH,)),
)
def get_index(read: Read) -> Response:
    """Every resource with its address and the number of its published records."""
    counts = count_records(read.context.reader(read.connection, ANONYMOUS))
    body = {
        "name": NAME,
        "version": __version__,
        "resources": {name: {"url": f"/v1/{name}", "count": count} for name, count in counts.items()},
        "licence": {"name": LICENCE, "url": LICENCE_URL},
        "openapi": "/openapi.json",
        "docs": "/docs",
    }
    return json_response(body, read.viewer)


def count_records(reader: Reader) -> dict[str, int]:
    """The number of records of each resource that the viewer sees, in one query."""
    parts = []
    for resource in reader.catalogue:
        rows, condition = reader.tables.visible(resource.table)
        counts = sa.select(sa.literal(resource.name).label("name"), sa.func.count()).select_from(rows)
        parts.append(counts.where(condition))
    return {row[0]: row[1] for row in reader.connection.execute(sa.union_all(*parts))}


@router.get(
    "/.well-known/api-catalog",
    operation_id="get_api_catalog",
    summary="Get the API catalog (RFC 9727)",
    response_class=LinksetResponse,
    response_model=Linkset,
    responses={**response(200, "A link set.", None, "ETag"), **conditional(), **documented(BadQuery)},
    openapi_extra=takes(headers=(IF_NONE_MATCH,), security=OPEN),
)
async def get_api_catalog() -> Response:
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
    body = dump(links)
    headers = {"Cache-Control": "public, max-age=3600", "ETag": etag.make(body)}
    return Response(body, headers=headers, media_type=media)
