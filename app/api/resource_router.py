"""Adds the routes of a resource's records, so that what holds for all of them is said once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from app.api.documentation import (
    FIND_FAILS,
    IF_NONE_MATCH,
    READ_FAILS,
    WRITE_FAILS,
    WRITING,
    Body,
    Responses,
    conditional,
    redirected,
    takes,
)
from app.api.problems import documented
from app.core.resource import Resource
from app.errors import Problem

Handler = Callable[..., Response]


@dataclass(frozen=True)
class ResourceRouter:
    """A router, and the resource whose routes it takes.

    A route with ``{slug}`` in its path is about one record: the record may be missing, withdrawn, or under another
    slug by now. The document says so of each.
    """

    router: APIRouter
    resource: Resource

    def read(
        self,
        path: str,
        handler: Handler,
        operation_id: str,
        *,
        summary: str,
        description: str,
        shows: Responses,
        fails: Sequence[type[Problem]] = (),
        query: Callable[[], type[BaseModel]] | type[BaseModel] | None = None,
        path_values: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Add a reading route, which whoever has its answer already need not be sent again."""
        self.router.add_api_route(
            path,
            handler,
            methods=["GET"],
            operation_id=operation_id,
            response_class=Response,
            response_model=None,
            summary=summary,
            description=description,
            responses={**shows, **conditional(), **_found(path, *READ_FAILS, *fails)},
            openapi_extra=takes(query=query, headers=(IF_NONE_MATCH,), path=path_values, resource=self.resource),
        )

    def write(
        self,
        method: str,
        path: str,
        handler: Handler,
        operation_id: str,
        *,
        summary: str,
        description: str,
        shows: Responses,
        fails: Sequence[type[Problem]] = (),
        headers: Sequence[dict[str, Any]],
        body: Body | None = None,
        redirects: bool = True,
    ) -> None:
        """Add a writing route. Its status is the first that it shows."""
        self.router.add_api_route(
            path,
            handler,
            methods=[method],
            operation_id=operation_id,
            response_class=Response,
            response_model=None,
            status_code=int(next(iter(shows))),
            summary=summary,
            description=description,
            responses={**shows, **_found(path, *WRITE_FAILS, *fails, redirects=redirects)},
            openapi_extra=takes(headers=tuple(headers), body=body, resource=self.resource, security=WRITING),
        )


def _found(path: str, *fails: type[Problem], redirects: bool = True) -> Responses:
    """The problems of a route, and what else a path to one record can answer."""
    if "{slug}" not in path:
        return documented(*fails)
    return {**(redirected() if redirects else {}), **documented(*fails, *FIND_FAILS)}
