"""The routes of the document: the whole one, and the one of what anybody can read."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from app.api import etag
from app.api.openapi.reading import reading_document
from app.api.read_request import refuse_bad_credentials
from app.core.strict_json import dump

Object = dict[str, Any]


class DocumentRoutes:
    """The OpenAPI document, made when it is first wanted."""

    def __init__(self, make: Callable[[], Object]) -> None:
        """Serve what this makes."""
        self._make = make

    @cached_property
    def document(self) -> Object:
        """The whole document."""
        return self._make()

    @cached_property
    def _whole(self) -> bytes:
        return dump(self.document)

    @cached_property
    def _reading(self) -> bytes:
        return dump(reading_document(self.document))

    def openapi_json(self) -> Response:
        """Every operation."""
        return _response(self._whole)

    def openapi_reading_json(self) -> Response:
        """What anybody can read."""
        return _response(self._reading)

    def register(self, router: APIRouter) -> None:
        """Add the routes. They are not in the document themselves."""
        for path, handler in (
            ("/openapi.json", self.openapi_json),
            ("/openapi-reading.json", self.openapi_reading_json),
        ):
            router.add_api_route(
                path,
                handler,
                methods=["GET"],
                include_in_schema=False,
                response_model=None,
                dependencies=[Depends(refuse_bad_credentials)],
            )


def _response(body: bytes) -> Response:
    headers = {"ETag": etag.make(body), "Cache-Control": "public, max-age=60"}
    return Response(body, headers=headers, media_type="application/json")
