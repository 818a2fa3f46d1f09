"""The OpenAPI document: what the framework knows of the routes, completed with what the register knows of itself.

Bodies and queries are read by ``app.core``, so their schemas are put in here, from the same models.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app import __version__
from app.core.context import Context
from app.core.routes import models_of
from app.errors import ProblemOut

_REF = "#/components/schemas/{model}"

DESCRIPTION = """\
Partner countries announce; afterwards few can say what was promised, by whom, by when, and what came of it.
Followthrough is an open register of exactly that.

Reading needs no credential. Every list has the same grammar: filter by any of its fields (`status=open`,
`issued__gte=2024`, `title__contains=trade`), by the records it refers to (`theme=trade`), search it
(`q=semiconductors`), sort it (`sort=-priority,title`), count it (`count=true`, `facets=status`), add what it refers to
(`include=themes`), and take it away as CSV or JSON Lines (`format=csv`). Errors are `application/problem+json`, and say
what to do.

The bundled register is India and South Korea; the examples here run on it as they stand.
"""

_HEADER_PARAMETERS: dict[str, dict[str, Any]] = {
    "If-Match": {
        "name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"},
        "description": "The `ETag` of the record as you have seen it (or `*`). To change a record needs it.",
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key", "in": "header", "required": False,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "description": "A name of your choice for this request; repeated within 24 hours, it has the same answer.",
    },
}  # fmt: skip


def document(app: FastAPI, context: Context) -> dict[str, Any]:
    """The whole document."""
    made = get_openapi(
        title="Followthrough", version=__version__, openapi_version="3.1.0", description=DESCRIPTION,
        summary="An open register of what partner countries promise each other, and what came of it.",
        routes=app.routes, tags=_tags(context), servers=[{"url": "/", "description": "This server."}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        contact={"name": "The editors of Followthrough"},
    )  # fmt: skip
    components = made.setdefault("components", {})
    schemas = _schemas(context)
    components["schemas"] = dict(sorted({**components.get("schemas", {}), **schemas}.items()))
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token that may write, such as the admin token.",
        }
    }
    for item in made["paths"].values():
        for operation in item.values():
            _complete(operation, context, components["schemas"])
    for resource in context.catalogue:
        grammar = context.grammar(resource)
        for model in (grammar.listing, grammar.selecting):
            components["schemas"].pop(model.__name__)
    return made


def _tags(context: Context) -> list[dict[str, str]]:
    shown = [
        "partnerships",
        "challenges",
        "recommendations",
        "stakeholders",
        "themes",
        "sources",
        "citations",
    ]
    ordered = sorted(context.catalogue, key=lambda each: shown.index(each.name) if each.name in shown else len(shown))
    tags = [{"name": resource.name, "description": resource.description} for resource in ordered]
    return [*tags, {"name": "service", "description": "What the server says of itself."}]


def _schemas(context: Context) -> dict[str, Any]:
    resources = list(context.catalogue)
    models: list[tuple[type[BaseModel], Any]] = [(ProblemOut, "serialization")]
    for resource in resources:
        models += [(resource.create, "validation"), (resource.read, "serialization")]
    models += [(model, "serialization") for model in models_of(context, resources).values()]
    for resource in resources:
        models.append((context.grammar(resource).listing, "validation"))
        models.append((context.grammar(resource).selecting, "validation"))
    _, made = models_json_schema(models, ref_template=_REF)
    schemas: dict[str, Any] = made["$defs"]
    schemas["Problem"] = schemas.pop("ProblemOut") | {"title": "Problem"}
    schemas["Flaw"] = schemas.pop("FlawOut") | {"title": "Flaw"}
    _rename(schemas, {"FlawOut": "Flaw", "ProblemOut": "Problem"})
    for resource in resources:
        stem = resource.read.__name__.removesuffix("Read")
        create = schemas[resource.create.__name__]
        schemas[f"{stem}Patch"] = _patch(create, f"{stem}Patch", resource.singular)
        if "create" in resource.examples:
            create["examples"] = [resource.examples["create"]]
            schemas[f"{stem}Patch"]["examples"] = [resource.examples.get("patch", {})]
    return schemas


def _rename(node: Any, names: dict[str, str]) -> None:
    if isinstance(node, dict):
        ref = node.get("$ref")
        if isinstance(ref, str) and (name := ref.rpartition("/")[2]) in names:
            node["$ref"] = _REF.format(model=names[name])
        for value in node.values():
            _rename(value, names)
    elif isinstance(node, list):
        for value in node:
            _rename(value, names)


def _patch(create: dict[str, Any], title: str, singular: str) -> dict[str, Any]:
    """The schema of a merge patch: any field of the body, or null where the field has a default to go back to."""
    required = set(create.get("required", ()))
    properties: dict[str, Any] = {}
    for name, schema in create["properties"].items():
        kept = {key: value for key, value in schema.items() if key != "default"}
        if name not in required and {"type": "null"} not in kept.get("anyOf", ()):
            description = {"description": kept.pop("description")} if "description" in kept else {}
            kept = {"anyOf": [kept, {"type": "null"}], **description}
        properties[name] = kept
    return {
        "title": title, "type": "object", "additionalProperties": False, "properties": properties,
        "description": f"A merge patch of a {singular}: only the fields to change.",
    }  # fmt: skip


def _complete(operation: dict[str, Any], context: Context, schemas: dict[str, Any]) -> None:
    # The framework announces its own validation errors; ours are among the documented problems.
    automatic = operation["responses"].get("422", {}).get("content", {}).get("application/json")
    if automatic is not None:
        del operation["responses"]["422"]
    operation["responses"] = dict(sorted(operation["responses"].items()))
    kind, resource = operation.pop("x-parameters", (None, ""))
    own = operation.get("parameters", [])
    for parameter in own:
        parameter["schema"].pop("title", None)
        if examples := parameter["schema"].pop("examples", None):
            parameter["example"] = examples[0]
    if kind in ("list", "record"):
        grammar = context.grammar(context.catalogue.by_name[resource])
        model = grammar.listing if kind == "list" else grammar.selecting
        own = [*own, *_query_parameters(schemas[model.__name__])]
    elif kind == "change":
        own = [*own, _HEADER_PARAMETERS["If-Match"]]
    elif kind == "create":
        own = [*own, _HEADER_PARAMETERS["Idempotency-Key"]]
    if own:
        operation["parameters"] = own
    body = operation.get("requestBody")
    if body is not None:
        for media in body["content"].values():
            examples = schemas[media["schema"]["$ref"].rpartition("/")[2]].get("examples")
            if examples:
                media["example"] = examples[0]


def _query_parameters(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of a query model as parameters."""
    parameters: list[dict[str, Any]] = []
    for name, field in schema["properties"].items():
        kept = {
            key: value for key, value in field.items() if key not in ("title", "description", "default", "examples")
        }
        options = [each for each in kept.get("anyOf", ()) if each != {"type": "null"}]
        if len(options) == 1:
            kept = options[0]
        parameter = {
            "name": name,
            "in": "query",
            "required": False,
            "description": field["description"],
            "schema": kept,
        }
        if kept.get("type") == "array":
            parameter |= {"style": "form", "explode": True}
        if examples := field.get("examples"):
            parameter["example"] = [examples[0]] if kept.get("type") == "array" else examples[0]
        parameters.append(parameter)
    return parameters
