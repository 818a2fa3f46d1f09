"""Parameter sets as OpenAPI parameters, with hints at what can be asked for.

Examples run as they stand on the bundled register. What carries an ``example`` is filled in by Swagger UI; the
``examples`` of an optional parameter's schema are only shown.
"""

from collections.abc import Mapping
from typing import Any

from app.api.context import Context
from app.core.relations import Many, One
from app.core.resource import Resource

Object = dict[str, Any]

PREFILLED = {"limit": 25, "dry_run": True}
"""What an optional query parameter is filled in with to try it out: few records, plain to see, and nothing stored."""

HINTS = {
    "q": "trade",
    "created_at__gte": "2026-01-01T00:00:00Z",
    "updated_at__gte": "2026-01-01T00:00:00Z",
}
"""What every list can be asked, in the words of an example; what is a resource's own is said by its ``examples``."""


def query_parameters(schema: Object, context: Context, resource: Resource | None) -> list[Object]:
    """The fields of a parameter set as parameters: first what every list takes, then what this one can filter by."""
    required = schema.get("required", ())
    hints = _hints(context, resource) if resource is not None else {}
    parameters = [_parameter(name, field, name in required, hints) for name, field in schema["properties"].items()]
    if resource is not None:
        filters = context.grammar(resource).filters
        parameters.sort(key=lambda each: each["name"] in filters)
    return parameters


def _parameter(name: str, field: Object, required: bool, hints: Mapping[str, Any]) -> Object:
    left_out = ("title", "description", "default", "examples")
    schema = {key: value for key, value in field.items() if key not in left_out}
    options = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(options) == 1:
        schema = options[0]
    # How values are written in the query is said of the parameter, not of its schema.
    written: Object = {word: schema.pop(word) for word in ("style", "explode") if word in schema}
    parameter: Object = {"name": name, "in": "query", "description": field["description"], "schema": schema, **written}
    example = field.get("examples", [None])[0]
    if required:
        parameter |= {"required": True, "example": example}
    elif name in PREFILLED:
        parameter["example"] = PREFILLED[name]
    elif (hint := _hint(name, hints, example)) is not None:
        listed = hint if isinstance(hint, list) else [hint]
        parameter["description"] += f" For example `{','.join(map(str, listed))}`."
        schema["examples"] = [listed if schema.get("type") == "array" else hint]
    return parameter


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


def _hint(name: str, hints: Mapping[str, Any], otherwise: Any) -> Any:
    """What a parameter could be asked for; what a field is said to equal also bounds it, and contains itself."""
    field, _, operator = name.partition("__")
    return hints.get(name, hints.get(field, otherwise) if operator in ("", "lte", "gte", "contains") else None)
