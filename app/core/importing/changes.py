"""What a change comes to, field by field, as bodies write the values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core.importing.plan import FieldChange
from app.core.relations import AnyOne, Many, One
from app.core.resource import Change
from app.core.writing.writer import Writer

_UNSAID = frozenset({"updated_at", "created_by"})


def field_changes(writer: Writer, change: Change) -> Iterator[FieldChange]:
    """The fields that a change of a record gives another value, with the old and the new one."""
    before, changed = change.before, change.changed
    assert before is not None
    relations = {relation.column: relation for relation in change.resource.relations if not isinstance(relation, Many)}
    done: set[str] = set()
    for name in changed:
        relation = relations.get(name.removesuffix("_type") + "_id" if name.endswith("_type") else name)
        if name in _UNSAID:
            continue
        if relation is None:
            yield {"field": name, "old": before[name], "new": changed[name]}
        elif relation.field not in done:
            done.add(relation.field)
            yield {
                "field": relation.field,
                "old": _reference(writer, relation, before),
                "new": _reference(writer, relation, change.columns),
            }
    for field, rows in change.links.items():
        many = change.resource.by_field[field]
        assert isinstance(many, Many)
        old = writer.plan.linked(change.resource, before, field)
        yield {"field": field, "old": _linked(writer, many, old), "new": _linked(writer, many, rows)}


def _reference(writer: Writer, relation: One | AnyOne, row: Mapping[str, Any]) -> Any:
    id_: UUID | None = row[relation.column]
    if id_ is None:
        return None
    if isinstance(relation, AnyOne):
        target = writer.catalogue.by_singular[row[relation.type_column]]
        return {"type": target.singular, "slug": writer.row(target, id_)["slug"]}
    return writer.row(writer.catalogue.of(relation.target), id_)["slug"]


def _linked(writer: Writer, relation: Many, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    target = writer.catalogue.of(relation.target)
    found: list[Any] = []
    for row in rows:
        slug = writer.row(target, row[relation.via])["slug"]
        if relation.item is None:
            found.append(slug)
        else:
            found.append({relation.item: slug, **{name: row[name] for name in relation.extras}})
    return found
