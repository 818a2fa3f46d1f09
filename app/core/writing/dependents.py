"""Dependents: the records that cannot be without another one, and what that forbids."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.model import State
from app.core.relations import AnyOne, One
from app.core.resource import Catalogue, Resource
from app.errors import Conflict


def dependent_on(other: Resource, relation: One | AnyOne, resource: Resource, id_: UUID, *what: Any) -> sa.Select[Any]:
    """The records of one resource that depend on a record of another, those that were withdrawn left out."""
    rows = other.rows
    chosen = sa.select(*what).where(rows.c[relation.column] == id_, rows.c.state != State.withdrawn.value)
    if isinstance(relation, AnyOne):
        chosen = chosen.where(rows.c[relation.type_column] == resource.singular)
    return chosen


def demand_none(
    connection: sa.Connection,
    catalogue: Catalogue,
    resource: Resource,
    id_: UUID,
    states: Collection[State],
    *,
    say_which: bool,
) -> None:
    """Refuse to take away what other records depend on. Those that were given inside the record go with it."""
    for other, relation in catalogue.dependents(resource):
        count = dependent_on(other, relation, resource, id_, sa.func.count())
        if other.given_inside is not None:
            count = count.where(sa.not_(other.rows.c[other.given_inside]))
        number = connection.execute(count.where(other.rows.c.state.in_(states))).scalar_one()
        if not number:
            continue
        if not say_which:
            # What depends on it may be a draft of somebody else's, of which nothing may be said.
            raise Conflict(f"Other records depend on this {resource.singular}; an editor can withdraw them first.")
        if number > 1:
            raise Conflict(f"{number} {other.name} depend on this {resource.singular}; withdraw them first.")
        raise Conflict(f"1 {other.singular} depends on this {resource.singular}; withdraw it first.")
