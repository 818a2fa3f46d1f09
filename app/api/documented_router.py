"""Adds routes, each with what the document says of it, so that what holds for all of them is said once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.params import Depends as DependsOn
from fastapi.responses import Response

from app.api.documentation import (
    DRY_RUN,
    FIND_FAILS,
    HEADERS,
    IF_NONE_MATCH,
    READ_FAILS,
    WRITE_FAILS,
    WRITING,
    Body,
    Model,
    Responses,
    conditional,
    redirected,
    takes,
)
from app.api.problems import documented
from app.core.docstrings import docstring
from app.core.resource import Resource
from app.errors import NotFound, Problem

Handler = Callable[..., Response]


@dataclass(frozen=True)
class DocumentedRouter:
    """A router, and what its routes have in common.

    A route with ``{slug}`` in its path is about one record: the record may be missing, withdrawn, or under another
    slug by now. One with ``{id}`` is about something that may be missing. The document says so of each.

    An operation is named after its handler and described by its docstring, unless the route says otherwise. In what is
    said of a resource's route, ``{singular}``, ``{plural}``, ``{Plural}`` and ``{one}`` stand for its names.
    """

    router: APIRouter
    resource: Resource | None = None
    """The resource whose routes they are, where they are of one."""
    security: list[dict[str, Any]] | None = None
    """The credential that reading takes; None: anybody reads, with one or without."""
    read_fails: Sequence[type[Problem]] = READ_FAILS
    before_body: Sequence[DependsOn] = ()
    """What a writing route depends on before its body is read, which the signature of its handler could not say."""

    def read(
        self,
        path: str,
        handler: Handler,
        operation_id: str = "",
        *,
        summary: str,
        description: str = "",
        shows: Responses,
        fails: Sequence[type[Problem]] = (),
        query: Model | None = None,
        headers: Sequence[dict[str, Any]] = (),
        path_values: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Add a reading route: whoever has its response already need not be sent it again."""
        tagged = {"ETag": HEADERS["ETag"]}
        shows = {status: {**shown, "headers": tagged | shown.get("headers", {})} for status, shown in shows.items()}
        self._add(
            "GET",
            path,
            handler,
            (operation_id, summary, description),
            responses={**shows, **conditional(), **_found(path, *self.read_fails, *fails)},
            openapi_extra=takes(
                query=query,
                headers=(IF_NONE_MATCH, *headers),
                path=path_values,
                resource=self.resource,
                security=self.security,
            ),
        )

    def write(
        self,
        method: str,
        path: str,
        handler: Handler,
        operation_id: str = "",
        *,
        summary: str,
        description: str = "",
        shows: Responses,
        fails: Sequence[type[Problem]] = (),
        headers: Sequence[dict[str, Any]] = (),
        body: Body | None = None,
        redirects: bool = True,
    ) -> None:
        """Add a writing route, which can be tried. Its status is the first that it shows."""
        self._add(
            method,
            path,
            handler,
            (operation_id, summary, description),
            status_code=int(next(iter(shows))),
            dependencies=self.before_body,
            responses={**shows, **_found(path, *WRITE_FAILS, *fails, redirects=redirects)},
            openapi_extra=takes(headers=(*headers, DRY_RUN), body=body, resource=self.resource, security=WRITING),
        )

    def _add(self, method: str, path: str, handler: Handler, said: tuple[str, str, str], **options: Any) -> None:
        """Add a route, named and described by what is said of it: its operation id, summary and description."""
        operation_id, summary, description = map(self._worded, said)
        self.router.add_api_route(
            path,
            handler,
            methods=[method],
            operation_id=operation_id or handler.__name__,
            response_class=Response,
            response_model=None,
            summary=summary,
            description=description or self._worded(docstring(handler)),
            **options,
        )

    def _worded(self, text: str) -> str:
        """What is said of a resource's route, with the names of the resource."""
        if self.resource is None:
            return text
        singular, plural = self.resource.singular, self.resource.name
        one = f"{'an' if singular[0] in 'aeiou' else 'a'} {singular}"
        return text.format(singular=singular, plural=plural, Plural=plural.capitalize(), one=one)


def _found(path: str, *fails: type[Problem], redirects: bool = True) -> Responses:
    """The problems of a route, and what else a path to one record can give."""
    if "{id}" in path:
        return documented(*fails, NotFound)
    if "{slug}" not in path:
        return documented(*fails)
    return {**(redirected() if redirects else {}), **documented(*fails, *FIND_FAILS)}
