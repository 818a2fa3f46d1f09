"""Refreshes: the records that read differently because another one changed.

A record is shown with the titles of what it refers to, and without what is not published. When one that it refers to
is published, withdrawn or renamed, it reads differently though nobody edited it: it keeps its revision, but whoever
follows the changes has to be told. So each such record gets a number of its own among the changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.model import State
from app.core.relations import AnyOne, Many, One, table_of
from app.core.resource import Catalogue, Resource

_PUBLISHED = State.published.value


def _looks_different(resource: Resource, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    """Whether a reference to a record changes with it: it comes, goes, or gets another name."""
    was_public = before is not None and before["state"] == _PUBLISHED
    is_public = after["state"] == _PUBLISHED
    if is_public != was_public:
        return True
    return is_public and before is not None and any(before[name] != after[name] for name in ("slug", resource.label))


def affected(
    connection: sa.Connection,
    catalogue: Catalogue,
    resource: Resource,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
) -> Iterator[tuple[Resource, UUID]]:
    """The published records that a change of a record affects, each with its resource."""
    if _PUBLISHED not in (after["state"], before["state"] if before else None):
        return
    versions = (after,) if before is None else (before, after)
    for other, linking in _linked_by(catalogue, resource):
        # The record is itself what links two others: its owner is shown with what it links to.
        owners = {columns[linking.owner] for columns in versions if _links(linking, columns)}
        yield from ((other, owner) for owner in owners)
    # What is new is not referred to yet.
    if before is None or not _looks_different(resource, before, after):
        return
    for other in catalogue:
        for relation in other.relations:
            condition = _refers(other, relation, resource, after["id"])
            if condition is not None:
                rows = other.rows
                chosen = sa.select(rows.c.id).where(condition, rows.c.state == _PUBLISHED)
                yield from ((other, id_) for id_ in connection.execute(chosen).scalars())


@cache
def _linked_by(catalogue: Catalogue, resource: Resource) -> Sequence[tuple[Resource, Many]]:
    """The relations whose linking rows are the records of a resource."""
    return [
        (other, relation)
        for other in catalogue
        for relation in other.relations
        if isinstance(relation, Many) and relation.links is resource.rows
    ]


def _links(relation: Many, columns: Mapping[str, Any]) -> bool:
    return relation.where.items() <= columns.items()


def _refers(
    other: Resource, relation: One | Many | AnyOne, resource: Resource, id_: UUID
) -> sa.ColumnElement[bool] | None:
    """The condition under which a record refers to one by a relation; None where it never could."""
    rows = other.rows
    if isinstance(relation, AnyOne):
        return sa.and_(rows.c[relation.type_column] == resource.singular, rows.c[relation.column] == id_)
    if relation.target is not resource.table:
        return None
    if isinstance(relation, One):
        return rows.c[relation.column] == id_
    links = relation.links
    linked = sa.select(links.c[relation.owner]).where(links.c[relation.via] == id_)
    linked = linked.where(*(links.c[name] == value for name, value in relation.where.items()))
    if "state" in links.c:
        linked = linked.where(links.c.state == _PUBLISHED)
    return rows.c.id.in_(linked)


def published(connection: sa.Connection, found: Mapping[UUID, Resource]) -> list[tuple[Resource, UUID]]:
    """Those of some records that everybody sees, in an order that does not depend on chance."""
    by_resource: dict[str, tuple[Resource, list[UUID]]] = {}
    for id_, resource in found.items():
        by_resource.setdefault(resource.name, (resource, []))[1].append(id_)
    changed: list[tuple[Resource, UUID]] = []
    for _, (resource, ids) in sorted(by_resource.items()):
        rows = table_of(resource.table)
        for start in range(0, len(ids), 500):
            part = rows.c.id.in_(ids[start : start + 500])
            chosen = sa.select(rows.c.id).where(part, rows.c.state == _PUBLISHED).order_by(rows.c.id)
            changed += [(resource, id_) for id_ in connection.execute(chosen).scalars()]
    return changed
