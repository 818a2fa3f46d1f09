"""What the server says of itself to programs that watch over it: whether it runs, whether it can answer, figures."""

from typing import Literal, Protocol

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app import __version__
from app.api.documentation import (
    OPEN,
    takes,
)
from app.api.problems import documented
from app.api.read_request import refuse_bad_credentials, refuse_parameters
from app.core.storage.readiness import ReadinessProbe
from app.core.strict_json import dump
from app.errors import BadQuery, Unauthorized, Unavailable

_NEVER_STORED = {"Cache-Control": "no-store"}


class Health(BaseModel):
    """Whether the server runs."""

    status: Literal["ok"] = Field(description="That it does.")
    version: str = Field(description="The version of the program.")


class Readiness(BaseModel):
    """Whether the server can answer."""

    status: Literal["ready", "read-only"] = Field(
        description="`ready`: it can. `read-only`: it takes no changes for now, and shows what everybody may see."
    )


class Exposition(Protocol):
    """Figures of the server, as a program that collects them reads them."""

    def text(self) -> bytes:
        """All figures as they now are."""


class MetricsResponse(Response):
    """Figures in Prometheus' text format."""

    media_type = "text/plain; version=0.0.4; charset=utf-8"


def _json(value: object) -> Response:
    return Response(dump(value), headers=_NEVER_STORED, media_type="application/json")


class HealthRoutes:
    """Whether the server runs, whether it can answer, and what it counts."""

    def __init__(self, probe: ReadinessProbe, metrics: Exposition) -> None:
        """Tell of a server."""
        self.probe = probe
        self.metrics = metrics

    async def get_health(self) -> Response:
        """Answers as long as the process runs; asks nothing of the database."""
        return _json({"status": "ok", "version": __version__})

    async def get_readiness(self) -> Response:
        """Says within 2 s whether the database can be read, and has room for changes.

        On PostgreSQL a full disk shows once a change has met it, as `read-only`.
        """
        return _json({"status": "ready" if await self.probe.demand() else "read-only"})

    async def get_metrics(self) -> Response:
        """Requests by method, route and status, how long they took, the connections to the database, the cache."""
        # On the event loop, where all is counted, and where a scrape is answered even when every thread is busy.
        return MetricsResponse(self.metrics.text(), headers=_NEVER_STORED)

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        no_parameters = [Depends(refuse_parameters)]
        router.add_api_route(
            "/healthz",
            self.get_health,
            operation_id="get_health",
            summary="Check that the server runs",
            dependencies=no_parameters,
            response_model=Health,
            response_description="It runs.",
            responses=documented(BadQuery),
            openapi_extra=takes(security=OPEN),
        )
        router.add_api_route(
            "/readyz",
            self.get_readiness,
            operation_id="get_readiness",
            summary="Check that the server can answer",
            dependencies=no_parameters,
            response_model=Readiness,
            response_description="It can.",
            responses=documented(BadQuery, Unavailable),
            openapi_extra=takes(security=OPEN),
        )
        router.add_api_route(
            "/metrics",
            self.get_metrics,
            operation_id="get_metrics",
            summary="Get the figures of the server",
            dependencies=[*no_parameters, Depends(refuse_bad_credentials)],
            response_class=MetricsResponse,
            response_description="Figures in Prometheus' text format.",
            responses=documented(BadQuery, Unauthorized, Unavailable),
            openapi_extra=takes(security=OPEN),
        )
