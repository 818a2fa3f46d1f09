"""Bodies: what a record is written as, whichever way it comes in."""

from collections.abc import Mapping
from typing import Any

import orjson

from app.core.flaws import MAX_FLAWS
from app.core.model import RecordWrite
from app.core.relations import Many, reference_slugs
from app.core.resource import Resource
from app.core.strict_json import check, dump, parse, validate, validate_parsed
from app.core.writing.references import References
from app.core.writing.slugs import Slugs
from app.errors import Invalid


def validate_record(resource: Resource, raw: bytes | Mapping[str, Any]) -> RecordWrite:
    """A record as it was sent (JSON), or as it is to be written. Raises Invalid with every flaw.

    This is the one way in: for POST, PUT and PATCH, for publishing, for reverting and for loading.
    """
    if isinstance(raw, bytes):
        return validate(resource.create, raw)
    try:
        written = dump(raw)
    except (TypeError, orjson.JSONEncodeError) as error:
        raise Invalid(f"The record cannot be written as JSON: {error}.") from None
    check(raw)
    return validate_parsed(resource.create, written)


def with_references(
    problem: Invalid,
    resource: Resource,
    raw: bytes | Mapping[str, Any],
    references: References,
    slugs: Slugs | None = None,
) -> Invalid:
    """The problem of a record's form, which names as well each of its references that leads nowhere.

    Of a new record, which is given with the ``slugs``, it also says that its slug is taken. Those of a valid record
    are looked up when it is written; a client whose record is not valid is told of all.
    """
    if not problem.errors:
        return problem
    try:
        given = parse(raw) if isinstance(raw, bytes) else raw
    except Invalid:
        return problem
    if not isinstance(given, dict):
        return problem
    wrong = {flaw.get("pointer", "") for flaw in problem.errors}
    slug = given.get("slug")
    taken = slugs.flaws_of(resource, slug) if slugs and isinstance(slug, str) and "/slug" not in wrong else []
    return Invalid(errors=[*problem.errors, *references.flaws_of(resource, given, wrong), *taken][:MAX_FLAWS])


def as_written(resource: Resource, record: Mapping[str, Any]) -> dict[str, Any]:
    """A record that was read, as the body that a client would write to get it. Unset fields are left out."""
    body: dict[str, Any] = {}
    for name in resource.create.model_fields:
        if name in resource.by_field:
            relation = resource.by_field[name]
            if isinstance(relation, Many) and not relation.writable:
                continue
            value = reference_slugs(record, relation)
        elif name in record:
            value = _without_unset(record[name])
        else:
            continue
        if value is not None and value not in ([], {}):
            body[name] = value
    return body


def _without_unset(value: Any) -> Any:
    return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value
