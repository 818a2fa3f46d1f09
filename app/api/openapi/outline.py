"""Routes without their models: the schemas of all models are made once, here, and not a second time by the framework.

What the framework would make of them, a field of a validator for each field of each model, takes longer than all else
that the document needs, and the document then has its own.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi.routing import RouteContext
from pydantic import BaseModel

from app.api.documentation import resolved
from app.api.openapi.schemas import reference

Object = dict[str, Any]


class Outline(RouteContext):
    """A route as it is, but for the models that it shows."""

    def __init__(self, route: RouteContext) -> None:
        """Take the route as it was included, with its whole path."""
        vars(self).update(vars(route))

    @property
    def response_field(self) -> None:
        """The model of a response, of which the framework is told nothing."""

    @property
    def response_fields(self) -> Object:
        """The models of the other responses."""
        return {}


def shown_models(route: RouteContext) -> Iterator[tuple[str, type[BaseModel]]]:
    """The models that a route shows, with the status of each."""
    if route.response_model is not None:
        yield str(route.status_code or HTTPStatus.OK.value), route.response_model
    for status, said in (route.responses or {}).items():
        if "model" in said:
            yield str(status), resolved(said["model"])


def refer(operation: Object, status: str, name: str) -> None:
    """Let a response of an operation name the schema of its model."""
    content = operation["responses"][status].setdefault("content", {})
    # Where the framework knows the media type but no model, it leaves an empty schema.
    empty = (media for media in content.values() if media.get("schema") == {})
    media = next(empty, None) or content.setdefault("application/json", {})
    media["schema"] = reference(name)
