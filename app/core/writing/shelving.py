"""Shelving: which partnership a record belongs to, and so where its search document stands."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from app.core.relations import AnyOne, One
from app.core.resource import Catalogue, Change, Resource
from app.core.storage import shelves
from app.core.storage.full_text import documents

_PARTNERSHIP = "partnership"


class Rows(Protocol):
    """Where records can be looked up: a writer, for one."""

    catalogue: Catalogue

    def row(self, resource: Resource, id_: UUID) -> Mapping[str, Any]:
        """The row of a record."""


def partnership_of(records: Rows, resource: Resource, row: Mapping[str, Any]) -> UUID | None:
    """The partnership that a record belongs to, by the path that its lists are filtered by; None: to none."""
    relation = _owner_of(resource)
    if relation is None:
        return row["id"] if resource.singular == _PARTNERSHIP else None
    id_: UUID = row[relation.column]
    if isinstance(relation, AnyOne):
        target = records.catalogue.by_singular[row[relation.type_column]]
    else:
        target = records.catalogue.of(relation.target)
    return id_ if target.singular == _PARTNERSHIP else partnership_of(records, target, records.row(target, id_))


def shelf_of(records: Rows, resource: Resource, row: Mapping[str, Any]) -> int:
    """The first number of the shelf that a record's document stands on."""
    return shelves.of(resource.name, partnership_of(records, resource, row))[0]


def reshelve(connection: sa.Connection, change: Change) -> None:
    """Move the document of a record that now belongs to another partnership, and those of what is said of it.

    Nothing else can belong to a partnership by a record that moves: nothing may refer to it.
    """
    owner = _owner_of(change.resource)
    if owner is None or change.before is None or owner.column not in change.changed:
        return
    writer, resource = change.writer, change.resource
    was, now = (partnership_of(writer, resource, each) for each in (change.before, change.columns))
    if was == now:
        return
    _renumber(connection, resource, change.id, now)
    for other, relation in _about_any(writer.catalogue):
        rows = other.rows
        about = rows.c[relation.type_column] == resource.singular, rows.c[relation.column] == change.id
        for id_ in connection.execute(sa.select(rows.c.id).where(*about)).scalars().all():
            _renumber(connection, other, id_, now)


def _renumber(connection: sa.Connection, resource: Resource, id_: UUID, partnership: UUID | None) -> None:
    moved = sa.update(documents).where(documents.c.record_id == id_)
    moved = moved.values(number=shelves.next_number(documents.c.number, "shelf"))
    connection.execute(moved, {"shelf": shelves.of(resource.name, partnership)[0]})


def _owner_of(resource: Resource) -> One | AnyOne | None:
    """The relation by which records belong to a partnership."""
    path = resource.listing.related.get(_PARTNERSHIP)
    relation = resource.by_field[path.partition(".")[0]] if path is not None else None
    assert relation is None or isinstance(relation, One | AnyOne)
    return relation


def _about_any(catalogue: Catalogue) -> Iterator[tuple[Resource, AnyOne]]:
    """The resources whose records are about any others: citations."""
    for resource in catalogue:
        relation = _owner_of(resource)
        if resource.searchable and isinstance(relation, AnyOne):
            yield resource, relation
