"""What is written, as JSON Schema: ``/v1/schemas/bundle.json`` and ``/v1/schemas/{resource}.json``."""

from collections.abc import Callable
from functools import cache, partial
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from app.api.context import Context
from app.api.documentation import response
from app.api.documented_router import DocumentedRouter
from app.api.read_request import Read
from app.api.responses import bytes_response
from app.core.reading.parameters import ParameterSet
from app.core.resource import Catalogue, Resource
from app.core.strict_json import dump
from app.core.writing.stamps import model_of
from app.errors import NotFound
from app.formats.bundle import FORMAT

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MEDIA_TYPE = "application/schema+json"

Object = dict[str, Any]
Name = Annotated[str, Path(alias="resource", description="The resource.")]

YAML_BUNDLE: Object = {
    "type": "object",
    "description": "A bundle: its head, and a list of records for each resource. `/v1/schemas/bundle.json` says all.",
    "required": ["format"],
    "properties": {"format": {"const": FORMAT}},
}
"""What the document says of a bundle in YAML, which it describes as the object that stands in it."""


def schema_of(resource: Resource) -> Object:
    """What a record of a resource is written as."""
    written = resource.create.model_json_schema(mode="validation")
    return {"$schema": _DIALECT, "$id": f"/v1/schemas/{resource.name}.json", **written}


def schema_of_bundle(catalogue: Catalogue) -> Object:
    """What a bundle is: the object that stands in YAML. In JSON Lines the first line is its head, without records, and
    each further line one record, with its ``resource``."""
    defs: Object = {}
    properties: Object = {
        "format": {"const": FORMAT, "description": "What the file is. In JSON Lines, the first line has it."},
        "title": {"type": "string", "description": "What the bundle is called."},
        "licence": {"type": "string", "description": "What the records can be reused under, as SPDX names it."},
        "drafts": {"type": "boolean", "description": "Whether it holds what is not published as well."},
        "scope": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The partnerships that it is limited to, by slug; all where it is left out.",
        },
        "as_of": {"type": "string", "format": "date-time", "description": "The moment whose register it holds."},
    }
    for resource in catalogue:
        record = _in_bundle(resource)
        defs |= record.pop("$defs", {})
        defs[resource.singular] = record
        properties[resource.name] = {"type": "array", "items": {"$ref": f"#/$defs/{resource.singular}"}}
    defs["line"] = {
        "description": "A line of JSON Lines after the first.",
        "required": ["resource"],
        "oneOf": [{"$ref": f"#/$defs/{resource.singular}"} for resource in catalogue],
    }
    return {
        "$schema": _DIALECT,
        "$id": "/v1/schemas/bundle.json",
        "title": "Bundle",
        "description": "A register, or a part of it, as one file: what /v1/export gives and POST /v1/import takes.",
        "type": "object",
        "required": ["format"],
        "additionalProperties": False,
        "properties": properties,
        "$defs": defs,
    }


def _in_bundle(resource: Resource) -> Object:
    """A record of a bundle: what a client would write, and what is carried along."""
    record: Object = resource.create.model_json_schema(mode="validation")
    stamps = model_of(resource).model_json_schema(mode="validation")
    record["$defs"] = {**record.get("$defs", {}), **stamps.get("$defs", {})}
    named = {"const": resource.name, "description": "In JSON Lines: which resource it is a record of."}
    record["properties"] = {"resource": named, **record["properties"], **stamps["properties"]}
    record["required"] = sorted({"slug", *record.get("required", ())})
    return record


class SchemaRoutes:
    """The schemas, each made when it is first wanted."""

    def __init__(self, context: Context) -> None:
        """Serve the schemas of a register."""
        catalogue = context.catalogue
        self._schemas: dict[str, Callable[[], Object]] = {"bundle": partial(schema_of_bundle, catalogue)}
        self._schemas |= {resource.name: partial(schema_of, resource) for resource in catalogue}
        self._written = cache(lambda name: dump(self._schemas[name]()))

    def get_bundle_schema(self, read: Read) -> Response:
        """What `/v1/export` gives and `POST /v1/import` takes, as JSON Schema (2020-12)."""
        return self._response(read, "bundle")

    def get_schema(self, read: Read, name: Name) -> Response:
        """What a record of a resource is written as, as JSON Schema (2020-12)."""
        if name not in self._schemas:
            raise NotFound(f"There is no such schema; there are {', '.join(self._schemas)}.")
        return self._response(read, name)

    def _response(self, read: Read, name: str) -> Response:
        read.parameters(ParameterSet)
        return bytes_response(self._written(name), read.viewer, _MEDIA_TYPE)

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        routes = DocumentedRouter(router)
        shown = response(200, "The schema.", content={_MEDIA_TYPE: {"schema": {"type": "object"}}})
        routes.read(
            "/schemas/bundle.json",
            self.get_bundle_schema,
            summary="Get the schema of a bundle",
            shows=shown,
        )
        routes.read(
            "/schemas/{resource}.json",
            self.get_schema,
            "get_resource_schema",
            summary="Get the schema of what is written",
            shows=shown,
            fails=(NotFound,),
            path_values={"resource": [name for name in self._schemas if name != "bundle"]},
        )
