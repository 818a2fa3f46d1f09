"""The OpenAPI document: what the framework knows of the routes, completed with what the register knows of itself.

Bodies and queries are read by ``app.core``, so their schemas are put in here, from the same models. What several
operations say in the same words (problems, headers, parameters) is said once, under ``components``.

Examples run as they stand on the bundled register. What carries an ``example`` is filled in by Swagger UI; the
``examples`` of an optional parameter's schema are only shown.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app import __version__
from app.core.changing import WriteParameters
from app.core.context import Context
from app.core.relations import Many, One
from app.core.resource import Resource
from app.core.routes import models_of
from app.errors import PROBLEM_JSON, ProblemOut, RequestTimeout, TooManyRequests, documented
from app.views import MODELS as VIEWS
from app.web.limits import EXEMPT
from app.web.sections import first_words, place

_REF = "#/components/schemas/{model}"

DESCRIPTION = """\
Partner countries announce; afterwards few can say what was promised, by whom, by when, and what came of it.
Followthrough is an open register of exactly that, with the source behind every statement.

**Reading** needs no credential. Every list has the same grammar:

| to | write |
|---|---|
| filter by a field | `status=open`, `status=open&status=easing` (either), `status__ne=resolved`, `issued__gte=2024`, \
`title__contains=trade` |
| filter by a related record | `theme=trade` (its slug or its id) |
| search | `q=semiconductor` |
| sort | `sort=-priority,title` |
| count | `count=true`, `facets=status` |
| choose fields | `fields=slug,title`; every record then has just these |
| add what is referred to | `include=themes` |
| go on | follow `next` |
| take it away | `format=csv`, `format=jsonl` (all records at once) |

**Writing** needs a key (*Authorize*). A change of an existing record names the version it is based on:
`If-Match` with the record's `ETag`.

**Errors** are `application/problem+json`; the `type` of each leads to a page that says [what to do](/problems).

The bundled register is India and South Korea, and every example here runs on it as it stands.
"""

OTHER_TAGS = {
    "views": "What the register shows when its records are put together; computed at every reading.",
    "changes": "What came, went and was edited, in order: for mirrors, feed readers and live pages.",
    "keys": "Who may write: made and revoked by an admin.",
    "service": "What the server says of itself.",
}

PREFILLED = {"limit": 5}
"""What an optional query parameter is filled in with to try it out. Few, so that the first answer shows plain data."""

HINTS = {
    "q": "trade",
    "created_at__gte": "2026-01-01T00:00:00Z",
    "updated_at__gte": "2026-01-01T00:00:00Z",
}
"""What every list can be asked, in the words of an example; what is a resource's own is said by its ``examples``."""

_NEVER_SHOWN = ("HTTPValidationError", "ValidationError")

_IF_MATCH: dict[str, Any] = {
    "name": "If-Match", "in": "header", "schema": {"type": "string"},
    "description": "The `ETag` of the record as you last read it: with an old one, the change is refused (412), so "
    "that nobody else's is lost. `*` takes the record as it is.",
}  # fmt: skip
_IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match", "in": "header", "schema": {"type": "string"},
}  # fmt: skip
_READ_IF_NONE_MATCH = _IF_NONE_MATCH | {
    "description": "The `ETag` of the answer that you have: if it still holds, the answer is 304 without a body.",
}
_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "A name of your choice for this request; repeated within 24 hours, it has the same answer.",
}  # fmt: skip

_PREFER: dict[str, Any] = {
    "name": "Prefer", "in": "header", "required": False, "schema": {"type": "string"},
    "description": "`return=minimal`: answer without a body (RFC 7240).",
}  # fmt: skip
_DRY_RUN: dict[str, Any] = {
    "name": "dry_run", "in": "query", "required": False, "schema": {"type": "boolean", "default": False},
    "description": WriteParameters.model_fields["dry_run"].description,
}  # fmt: skip

_HEADERS: dict[str, tuple[dict[str, Any], ...]] = {
    "list": (_READ_IF_NONE_MATCH,),
    "record": (_READ_IF_NONE_MATCH,),
    "create": (_IDEMPOTENCY_KEY, _PREFER, _DRY_RUN),
    "replace": (
        _IF_MATCH,
        _IF_NONE_MATCH | {"description": "`*`: only create, never replace; an existing record is then left (412)."},
        _PREFER, _DRY_RUN,
    ),
    "update": (_IF_MATCH | {"example": "*"}, _PREFER, _DRY_RUN),
    "withdraw": (_IF_MATCH, _DRY_RUN),
    "change": (_IF_MATCH, _PREFER, _DRY_RUN),
    "view": (_READ_IF_NONE_MATCH,),
    "secret": (_DRY_RUN,),
}  # fmt: skip
"""What each kind of operation reads beside its own parameters."""

_RATE_LIMIT: dict[str, Any] = {
    "RateLimit": {
        "description": "How many requests are left (`r`), to be made within how many seconds (`t`).",
        "schema": {"type": "string"}, "example": '"address";r=59999;t=60',
    },
    "RateLimit-Policy": {
        "description": "How many requests (`q`) are taken in how many seconds (`w`), by address or by key.",
        "schema": {"type": "string"}, "example": '"address";q=60000;w=60',
    },
}  # fmt: skip
_RETRY_AFTER: dict[str, Any] = {
    "description": "The seconds after which to try again.", "schema": {"type": "integer", "minimum": 1},
}  # fmt: skip

_BODY_EXAMPLES = {"create": "create", "replace": "create", "update": "patch"}
"""Which example of the resource the body of each kind of operation has."""

Object = dict[str, Any]


def document(app: FastAPI, context: Context) -> Object:
    """The whole document."""
    made = get_openapi(
        title="Followthrough", version=__version__, openapi_version="3.1.0", description=DESCRIPTION,
        summary="An open register of what partner countries promise each other, and what came of it.",
        routes=app.routes, servers=[{"url": "/", "description": "This server."}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        contact={"name": "The editors of Followthrough"},
    )  # fmt: skip
    components = made.setdefault("components", {})
    schemas = {**components.get("schemas", {}), **_schemas(context)}
    for path, item in made["paths"].items():
        for operation in item.values():
            if path not in EXEMPT:
                _limit(operation)
            _complete(operation, context, schemas)
    unused = {model.__name__ for resource in context.catalogue for model in _query_models(context, resource)}
    names = _renamed(schemas)
    components["schemas"] = {}
    for name, schema in sorted(schemas.items()):
        if name not in unused and name not in _NEVER_SHOWN:
            _strip(schema)
            components["schemas"][names.get(name, name)] = {"title": names.get(name, name), **schema}
    _rename(made, names)
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A key, the admin token, or a token of the identity provider that the register trusts.",
        }
    }
    _share(made)
    made["tags"] = _tags(made, context)
    return made


def _operations(made: Object) -> Iterator[Object]:
    for item in made["paths"].values():
        yield from item.values()


def _tags(made: Object, context: Context) -> list[dict[str, str]]:
    """The tags in use, each with what it holds; a tag of which nothing is said here is a mistake of ours."""
    ordered = sorted(context.catalogue, key=lambda resource: place(resource.name))
    described = {resource.name: first_words(resource) for resource in ordered} | OTHER_TAGS
    used = {tag for operation in _operations(made) for tag in operation["tags"]}
    return [{"name": name, "description": described[name]} for name in sorted(used, key=list(described).index)]


# -- schemas -----------------------------------------------------------------------------------------------------


def _query_models(context: Context, resource: Resource) -> tuple[type[BaseModel], type[BaseModel]]:
    grammar = context.grammar(resource)
    return grammar.listing, grammar.selecting


def _stem(resource: Resource) -> str:
    return resource.read.__name__.removesuffix("Read")


def _schemas(context: Context) -> Object:
    resources = list(context.catalogue)
    models: list[tuple[type[BaseModel], Any]] = [(ProblemOut, "serialization")]
    for resource in resources:
        models += [(resource.create, "validation"), (resource.read, "serialization")]
        models += [(model, "validation") for model in _query_models(context, resource)]
    models += [(model, "serialization") for model in (*models_of(context, resources).values(), *VIEWS)]
    models += [(model, "serialization") for model in context.answers]
    models += [(model, "validation") for model in context.bodies]
    _, made = models_json_schema(models, ref_template=_REF)
    schemas: Object = made["$defs"]
    for resource in resources:
        stem = _stem(resource)
        schemas[f"{stem}Patch"] = _patch(schemas[resource.create.__name__], resource.singular)
        schemas[f"{stem}Record"] = _extended(schemas[f"{stem}Record"], f"{stem}Read", ("included",))
    return schemas


def _renamed(schemas: Object) -> dict[str, str]:
    """Names that a client's code can carry: no hyphens, and nothing that says how ours is made."""
    names = {"ProblemOut": "Problem", "FlawOut": "Flaw"}
    names |= {name: name.removesuffix("-Output").replace("-", "") for name in schemas if "-" in name}
    return names


def _rename(node: Any, names: Mapping[str, str]) -> None:
    """Let every reference to a schema name it by its new name."""
    if isinstance(node, dict):
        if str(node.get("$ref", "")).startswith(_REF.format(model="")):
            name = node["$ref"].rpartition("/")[2]
            node["$ref"] = _REF.format(model=names.get(name, name))
        for value in node.values():
            _rename(value, names)
    elif isinstance(node, list):
        for value in node:
            _rename(value, names)


def _strip(schema: Object) -> None:
    """Take away what says nothing: titles made of field names, and null as the default of what is unset."""
    schema.pop("title", None)
    if schema.get("default", ...) is None:
        del schema["default"]
    for field in schema.get("properties", {}).values():
        _strip(field)


def _patch(create: Object, singular: str) -> Object:
    """The schema of a merge patch: any field of the body, or null where the field has a default to go back to."""
    required = set(create.get("required", ()))
    properties: Object = {}
    for name, schema in create["properties"].items():
        kept = {key: value for key, value in schema.items() if key != "default"}
        if name not in required and {"type": "null"} not in kept.get("anyOf", ()):
            description = {"description": kept.pop("description")} if "description" in kept else {}
            kept = {"anyOf": [kept, {"type": "null"}], **description}
        properties[name] = kept
    return {
        "type": "object", "additionalProperties": False, "properties": properties,
        "description": f"A merge patch of a {singular}: only the fields to change.",
    }  # fmt: skip


def _extended(schema: Object, base: str, own: tuple[str, ...]) -> Object:
    """A schema said by the one it extends and its own fields."""
    return {
        "description": schema["description"],
        "allOf": [
            {"$ref": _REF.format(model=base)},
            {"type": "object", "properties": {name: schema["properties"][name] for name in own}},
        ],
    }


# -- operations --------------------------------------------------------------------------------------------------


def _limit(operation: Object) -> None:
    """Add what holds for every operation alike: how much may be asked, and how slowly."""
    responses = operation["responses"]
    responses |= {str(status): said for status, said in documented(TooManyRequests).items()}
    responses["429"]["headers"] = {"Retry-After": _RETRY_AFTER}
    if "requestBody" in operation:
        responses |= {str(status): said for status, said in documented(RequestTimeout).items()}
    for status, response in responses.items():
        if status.startswith("2") or status == "429":
            response.setdefault("headers", {}).update(_RATE_LIMIT)


def _complete(operation: Object, context: Context, schemas: Object) -> None:
    """Add to an operation what ``app.core`` reads by itself: its query, its headers, and examples of its body."""
    # The framework announces its own validation errors; ours are among the documented problems.
    if "application/json" in operation["responses"].get("422", {}).get("content", {}):
        del operation["responses"]["422"]
    operation["responses"] = dict(sorted(operation["responses"].items()))
    kind, of = operation.pop("x-parameters", ("", ""))
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        _strip(parameter["schema"])
        if "description" in parameter:
            parameter["schema"].pop("description", None)
        if examples := parameter["schema"].pop("examples", None):
            parameter["example"] = examples[0]
    if kind in ("list", "record"):
        resource = context.catalogue.by_name[of]
        listing, selecting = _query_models(context, resource)
        model = listing if kind == "list" else selecting
        asked = _query_parameters(schemas[model.__name__], _hints(context, resource))
        # What every list takes comes first, then what this one can be filtered by.
        parameters += sorted(asked, key=lambda each: each["name"] in context.grammar(resource).filters)
    elif kind == "view":
        parameters += _view_parameters(context, schemas, of)
    parameters += _HEADERS.get(kind, ())
    if parameters:
        operation["parameters"] = parameters
    if kind in _BODY_EXAMPLES:
        example = context.catalogue.by_name[of].examples.get(_BODY_EXAMPLES[kind])
        for media in operation["requestBody"]["content"].values():
            media |= {"example": example} if example is not None else {}


def _view_parameters(context: Context, schemas: Object, formats: Sequence[str]) -> list[Object]:
    """The parameters of a view: those of a record that make sense for it."""
    selecting = context.grammar(context.catalogue.all[0]).selecting
    shape = schemas[selecting.__name__]["properties"]
    format_ = {"description": shape["format"]["description"], "type": "string", "enum": list(formats)}
    return _query_parameters({"properties": {"as_of": shape["as_of"], "format": format_}}, {})


def _hints(context: Context, resource: Resource) -> Object:
    """What to ask the optional parameters of a resource's lists for. A relation is asked for the target's example."""
    hints = {name: hint for name, hint in HINTS.items() if name != "q" or resource.searchable}
    for name, path in resource.listing.related.items():
        target: Resource | None = resource
        for step in path.split("."):
            relation = target.by_field[step] if target is not None else None
            target = context.catalogue.of(relation.target) if isinstance(relation, One | Many) else None
        if target is not None and "key" in target.examples:
            hints[name] = target.examples["key"]
    return {**hints, **resource.examples}


def _query_parameters(schema: Object, hints: Mapping[str, Any]) -> list[Object]:
    """The fields of a query model as parameters."""
    parameters: list[Object] = []
    for name, field in schema["properties"].items():
        left_out = ("title", "description", "default", "examples")
        kept = {key: value for key, value in field.items() if key not in left_out}
        options = [each for each in kept.get("anyOf", ()) if each != {"type": "null"}]
        if len(options) == 1:
            kept = options[0]
        parameter = {"name": name, "in": "query", "description": field["description"], "schema": kept}
        if name in PREFILLED:
            parameter["example"] = PREFILLED[name]
        elif (hint := _hint(name, hints, field.get("examples", [None])[0])) is not None:
            parameter["description"] += f" For example `{hint}`."
            kept["examples"] = [[hint] if kept.get("type") == "array" else hint]
        parameters.append(parameter)
    return parameters


def _hint(name: str, hints: Mapping[str, Any], otherwise: Any) -> Any:
    """What a parameter could be asked for; what a field is said to equal also bounds it, and contains itself."""
    field, _, operator = name.partition("__")
    return hints.get(name, hints.get(field, otherwise) if operator in ("", "lte", "gte", "contains") else None)


# -- sharing -----------------------------------------------------------------------------------------------------


@dataclass
class _Use:
    """A place where something is said: what holds it, under which key, and the tag of the operation it is part of."""

    holder: Any
    key: Any
    tag: str

    @property
    def said(self) -> Object:
        found: Object = self.holder[self.key]
        return found


def _share(made: Object) -> None:
    """Say once, under ``components``, what several operations say in the same words."""
    responses: list[_Use] = []
    headers: list[_Use] = []
    parameters: list[_Use] = []
    for operation in _operations(made):
        tag = operation["tags"][0]
        for status, response in operation["responses"].items():
            responses.append(_Use(operation["responses"], status, tag))
            headers += [_Use(response["headers"], name, tag) for name in response.get("headers", ())]
        parameters += [
            _Use(operation["parameters"], place, tag) for place in range(len(operation.get("parameters", ())))
        ]
    made["components"] |= {
        "headers": _shared("headers", headers, lambda use: str(use.key)),
        "responses": _shared("responses", responses, _response_name),
        "parameters": _shared("parameters", parameters, lambda use: str(use.said["name"])),
    }


def _shared(section: str, uses: list[_Use], name_of: Callable[[_Use], str]) -> Object:
    """Put a reference wherever the same is said twice; gives what is referred to, by name.

    What the operations of one tag alone have in common is named after it. Where two would have the same name, only the
    first is shared.
    """
    alike: dict[str, list[_Use]] = {}
    for use in uses:
        alike.setdefault(json.dumps(use.said, sort_keys=True), []).append(use)
    components: Object = {}
    for group in alike.values():
        first = group[0]
        name = name_of(first)
        if len({use.tag for use in group}) < (3 if first.said.get("in") == "path" else 2):
            name = f"{first.tag}_{name}"
        if len(group) > 1 and name not in components:
            components[name] = first.said
            for use in group:
                use.holder[use.key] = {"$ref": f"#/components/{section}/{name}"}
    return dict(sorted(components.items()))


def _response_name(use: _Use) -> str:
    """What a response is called: after the problems it can be, or after its status."""
    problems = use.said.get("content", {}).get(PROBLEM_JSON, {}).get("examples", {})
    if problems:
        return "Or".join(name.title().replace("-", "") for name in problems)
    return HTTPStatus(int(use.key)).phrase.title().replace(" ", "")
