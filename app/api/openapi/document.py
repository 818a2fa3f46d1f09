"""The whole document, in the order in which a reader meets it.

The framework writes what it knows of the routes. Added here are what each route says that it :func:`takes`, the schemas
of all models together, what holds for every operation alike, and examples.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import BaseModel

from app import NAME, __version__
from app.api.context import Context
from app.api.documentation import DRY_RUN, HEADERS, TAKES, Takes, resolved
from app.api.openapi.outline import Outline, refer, shown_models
from app.api.openapi.parameters import query_parameters
from app.api.openapi.schemas import Mode, Schemas, reference, rename, strip
from app.api.openapi.sharing import operations, share
from app.api.problems import ProblemOut, documented
from app.errors import RequestTimeout, TooManyRequests

DESCRIPTION = """\
Partner countries announce; afterwards few can say what was promised, by whom, by when, and what came of it.
Followthrough is an open register of exactly that, with the source behind every statement.

**Reading** needs no credential. Every list has the same grammar:

| to | write, here for the promises (`commitments`) |
|---|---|
| filter by a field | `overdue=true`, `completion=limited&completion=substantial` (either), `completion__ne=complete`, \
`due_on__gte=2026`, `title__contains=trade` |
| filter by a related record | `theme=trade` (its slug or its id) |
| search | `q=semiconductor` |
| sort | `sort=due_on,title`, `sort=-updated_at` |
| count | `count=true`, `facets=completion` |
| add what is referred to | `include=sources` |
| go on | follow `next` |
| take it away | `/v1/commitments.csv`, `.xlsx`, `.json`, `.jsonl`: all records at once; `fields=slug,title` chooses \
columns |
| look back | `as_of=2026-11-30T00:00:00Z`: the register as it stood at that moment |

**Writing** needs a key: *Authorize* is under [Everything](/docs/all). Its examples only try (`dry_run=true`): the
answer is what would be stored, and nothing is. A change of an existing record names the version it is based on:
`If-Match` with the record's `ETag`.

**Errors** are `application/problem+json`; the `type` of each leads to a page that says [what to do](/problems).

Two registers are bundled: India and South Korea, India and Japan. Every example here runs on them as it stands, and
changes nothing.
"""


class Tag(NamedTuple):
    """A group of operations."""

    name: str
    description: str


OTHER_TAGS = {
    "views": "What the register shows when its records are put together; computed at every reading.",
    "files": "Whole registers: taken away as one file, and brought in from one.",
    "changes": "What came, went and was edited, in order: for mirrors, feed readers and live pages.",
    "keys": "Who may write: made and revoked by an admin.",
    "webhooks": "Changes delivered to whoever an admin names: signed, in order, at least once.",
    "service": "What the server says of itself.",
}


_RATE_LIMIT: dict[str, Any] = {
    "RateLimit": {
        "description": "How many requests are left (`r`), to be made within how many seconds (`t`).",
        "schema": {"type": "string"},
        "example": '"address";r=59999;t=60',
    },
    "RateLimit-Policy": {
        "description": "How many requests (`q`) are taken in how many seconds (`w`), by address or by key.",
        "schema": {"type": "string"},
        "example": '"address";q=60000;w=60',
    },
}
_RETRY_AFTER: dict[str, Any] = {
    "description": "The seconds after which to try again.",
    "schema": {"type": "integer", "minimum": 1},
}

Object = dict[str, Any]


def document(app: FastAPI, context: Context, tags: Sequence[Tag], unlimited: Collection[str]) -> Object:
    """The whole document: the resources under their tags, in this order; ``unlimited`` paths have no rate limit."""
    every = (route for route in iter_route_contexts(app.routes) if isinstance(route.original_route, APIRoute))
    routes = {route.operation_id: route for route in every if route.include_in_schema}
    whole = get_openapi(
        title=NAME,
        version=__version__,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        summary="An open register of what partner countries promise each other, and what came of it.",
        routes=[Outline(each) for each in routes.values()],
        servers=[{"url": context.public_url or "/", "description": "This server."}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        contact={"name": "The editors of Followthrough"},
    )
    schemas = Schemas(_models(routes.values()))
    parameter_sets: set[str] = set()
    for path, item in whole["paths"].items():
        for operation in item.values():
            route = routes[operation["operationId"]]
            declared = _takes(route)
            for status, model in shown_models(route):
                refer(operation, status, schemas.name(model, "serialization"))
            if path not in unlimited:
                _limit(operation, declared)
            operation.pop(TAKES, None)
            _complete(operation, declared, context, schemas)
            if declared.query is not None:
                parameter_sets.add(schemas.name(resolved(declared.query), "validation"))
    schemas.extend()
    components, names = schemas.components(left_out=parameter_sets)
    whole["components"] = {
        "schemas": components,
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "A key, the admin token, or a token of the identity provider that the register trusts.",
            }
        },
    }
    rename(whole, names)
    share(whole)
    whole["tags"] = _tags(whole, tags)
    return whole


def _tags(whole: Object, tags: Sequence[Tag]) -> list[dict[str, str]]:
    """The tags in use, each with what it holds; a tag of which nothing is said here is a mistake of ours."""
    described = dict(tags) | OTHER_TAGS
    used = {tag for operation in operations(whole) for tag in operation["tags"]}
    return [{"name": name, "description": described[name]} for name in sorted(used, key=list(described).index)]


# -- what routes declare -----------------------------------------------------------------------------------------


def _takes(route: RouteContext) -> Takes:
    declared: Takes = (route.openapi_extra or {}).get(TAKES) or Takes()
    return declared


def _models(routes: Collection[RouteContext]) -> Iterator[tuple[type[BaseModel], Mode]]:
    """Every model that a route names, with how it is used."""
    yield ProblemOut, "serialization"
    for route in routes:
        for _, model in shown_models(route):
            yield model, "serialization"
        declared = _takes(route)
        if declared.body is not None:
            yield declared.body.model, "validation"
        if declared.query is not None:
            yield resolved(declared.query), "validation"


_FIRST_TO_TRY = ("csv", "jsonld")
"""The values of a parameter of the path that a stranger is shown first: of formats, what a list and a record are best
read in."""

# -- operations --------------------------------------------------------------------------------------------------


def _limit(operation: Object, declared: Takes) -> None:
    """Add what holds for every operation alike: how much may be asked, and how slowly."""
    responses = operation["responses"]
    responses |= {str(status): said for status, said in documented(TooManyRequests).items()}
    responses["429"]["headers"] = {"Retry-After": _RETRY_AFTER}
    if declared.body is not None:
        responses |= {str(status): said for status, said in documented(RequestTimeout).items()}
    for status, response in responses.items():
        if status.startswith("2") or status == "429":
            response.setdefault("headers", {}).update(_RATE_LIMIT)


def _complete(operation: Object, declared: Takes, context: Context, schemas: Schemas) -> None:
    """Add to an operation what it takes: its query, its headers, its body, and examples."""
    # The framework announces its own validation errors; ours are among the documented problems.
    if "application/json" in operation["responses"].get("422", {}).get("content", {}):
        del operation["responses"]["422"]
    operation["responses"] = dict(sorted(operation["responses"].items()))
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        _describe_path(parameter, declared)
    if declared.query is not None:
        parameters += query_parameters(schemas.of(resolved(declared.query), "validation"), context, declared.resource)
    parameters += [_with_revision(each, declared) for each in declared.headers]
    if DRY_RUN in declared.headers:
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                response.setdefault("headers", {})["Dry-Run"] = HEADERS["Dry-Run"]
    if parameters:
        operation["parameters"] = parameters
    if declared.body is not None:
        body = declared.body
        name = schemas.add_patch(body.model) if body.patch else schemas.name(body.model, "validation")
        media: Object = {"schema": reference(name)}
        if body.example is not None:
            media["example"] = body.example
        operation["requestBody"] = {"required": body.required, "content": {body.media_type: media}}


def _describe_path(parameter: Object, declared: Takes) -> None:
    """Say what a parameter of the path stands for, with an example that there is."""
    strip(parameter["schema"])
    if "description" in parameter:
        parameter["schema"].pop("description", None)
    if examples := parameter["schema"].pop("examples", None):
        parameter["example"] = examples[0]
    if values := declared.path.get(parameter["name"]):
        parameter["schema"] = {"type": "string", "enum": list(values)}
        parameter["example"] = next((each for each in _FIRST_TO_TRY if each in values), values[0])
    resource = declared.resource
    if resource is not None and parameter["name"] == "slug" and "description" not in parameter:
        parameter["description"] = f"The {resource.singular}'s slug or id."
        parameter["example"] = resource.examples.get("key", "a-slug")


def _with_revision(header: Object, declared: Takes) -> Object:
    """A header whose example is the revision of the example record, so that whoever tries it is not refused."""
    if header["name"] != "If-Match" or "example" not in header or declared.resource is None:
        return header
    return header | {"example": f'"{declared.resource.examples.get("revision", 1)}"'}
