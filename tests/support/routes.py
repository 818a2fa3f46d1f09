"""Every route of the application, taken from the application itself."""

from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.core.resource import Resource
from app.resources import CATALOGUE


@dataclass(frozen=True)
class Route:
    """A method of a path."""

    method: str
    path: str

    @property
    def resource(self) -> Resource | None:
        """The resource whose records the path names, or None."""
        parts = self.path.split("/")
        return CATALOGUE.by_name.get(parts[2]) if len(parts) > 2 and parts[1] == "v1" else None

    @property
    def after_key(self) -> str | None:
        """What stands after a record's key, such as ``/revisions``; None where the path names no record."""
        _, found, rest = self.path.partition("{slug}")
        return rest if found and self.resource is not None else None

    def at(self, key: str = "", **values: str) -> str:
        """The path with values in it."""
        filled = self.path.replace("{slug}", key)
        for name, value in values.items():
            filled = filled.replace(f"{{{name}}}", value)
        return filled


def routes_of(app: FastAPI) -> list[Route]:
    """The routes that the application has, in its order; files are not among them."""
    found: list[Route] = []
    for each in iter_route_contexts(app.routes):
        if each.path_format is not None and each.methods:
            found += [Route(method, each.path_format) for method in sorted(each.methods)]
    return found
