"""The records that relations' filters name, found by slug or id before the list is read.

A name that leads to nothing the viewer can see is refused, with the nearest one that does: the same for what is hidden
as for what is not there. An empty list would read as an answer.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.flaws import nearest
from app.core.reading import conditions
from app.core.reading.conditions import Referent
from app.core.reading.filters import relation_at
from app.core.reading.list_query import Term
from app.core.reading.parameters import bad_query
from app.core.reading.slug_or_id import as_id, matching_any
from app.core.reading.tables import Tables
from app.core.relations import AnyOne
from app.core.resource import Resource
from app.errors import Flaw

_MAX_SIMILAR = 200
"""Among so many slugs the nearest is looked for."""


class Referents:
    """Finds the records that the filters of one request name; what a page's many lists name alike is found once."""

    def __init__(self, connection: sa.Connection, tables: Tables) -> None:
        """Look within a transaction that sees one moment, through a viewer's tables."""
        self._connection = connection
        self._tables = tables
        self._known: dict[tuple[Resource, str], UUID] = {}

    def resolved(self, resource: Resource, terms: Sequence[Term]) -> tuple[Term, ...]:
        """The terms, with the records that they name in place of slugs; BadQuery names each that leads nowhere."""
        found: dict[str, list[Referent]] = {}
        flaws: list[Flaw] = []
        for term in terms:
            if term.filter.how != "related" or term.filter.operator == "isnull":
                continue
            parameter = term.filter.parameter
            found[parameter] = []
            targets = list(_targets(self._tables, resource, term, terms))
            names = list(dict.fromkeys(str(value) for value in term.values))
            by_name = self._by_name(targets, names)
            for name in names:
                found[parameter] += by_name.get(name, [])
                if name not in by_name:
                    detail = no_such(self._connection, self._tables, targets, name)
                    flaws.append({"parameter": parameter, "detail": detail})
        if flaws:
            raise bad_query(flaws)
        return conditions.resolved(terms, found)

    def find(self, target: Resource, name: str) -> UUID | None:
        """The id of a visible record, by slug or id."""
        return self._ids_of(target, [name]).get(name)

    def _by_name(self, targets: Sequence[Resource], names: Sequence[str]) -> dict[str, list[Referent]]:
        """The visible records with these slugs or ids, by what they were named by."""
        by_name: dict[str, list[Referent]] = {}
        for target in targets:
            for name, id_ in self._ids_of(target, names).items():
                by_name.setdefault(name, []).append(Referent(target.singular, id_))
        return by_name

    def _ids_of(self, target: Resource, names: Sequence[str]) -> dict[str, UUID]:
        """What the names name, as far as they do: by one query for all that are not known yet."""
        wanted = [name for name in names if (target, name) not in self._known]
        if wanted:
            look = _one if len(wanted) == 1 else _several
            self._known |= {(target, name): id_ for name, id_ in look(self._connection, self._tables, target, wanted)}
        return {name: self._known[target, name] for name in names if (target, name) in self._known}


def _targets(tables: Tables, resource: Resource, term: Term, terms: Sequence[Term]) -> Iterator[Resource]:
    """The resources that a filter's relation leads to; for one that leads to any, those of the types wanted."""
    catalogue = tables.catalogue
    _, relation = relation_at(resource, catalogue, term.filter.target)
    if not isinstance(relation, AnyOne):
        yield catalogue.of(relation.target)
        return
    wanted: set[str] = set()
    if term.filter.operator == "":
        wanted = {value for each in terms if each.filter.parameter == relation.type_column for value in each.values}
    for each in catalogue:
        if each.citable and (not wanted or each.singular in wanted):
            yield each


def _several(
    connection: sa.Connection, tables: Tables, target: Resource, names: Sequence[str]
) -> Iterator[tuple[str, UUID]]:
    rows, visible = tables.visible(target.table)
    found = connection.execute(sa.select(rows.c.id, rows.c.slug).where(matching_any(rows, names), visible)).all()
    by_id, by_slug = {row.id for row in found}, {row.slug: row.id for row in found}
    for name in names:
        id_ = as_id(name)
        if id_ is None and name in by_slug:
            yield name, by_slug[name]
        elif id_ is not None and id_ in by_id:
            yield name, id_


def _one(
    connection: sa.Connection, tables: Tables, target: Resource, names: Sequence[str]
) -> Iterator[tuple[str, UUID]]:
    """The same of one name, which is looked for by a statement that is built once."""
    (name,) = names
    id_ = as_id(name)

    def build() -> sa.Select[Any]:
        rows, visible = tables.visible(target.table)
        column = rows.c.slug if id_ is None else rows.c.id
        return sa.select(rows.c.id).where(column == sa.bindparam("name", type_=column.type), visible)

    statement = tables.built_once(("find", target, id_ is None), build)
    found: UUID | None = connection.execute(statement, {"name": name if id_ is None else id_}).scalar()
    if found is not None:
        yield name, found


def no_such(connection: sa.Connection, tables: Tables, targets: Sequence[Resource], name: str) -> str:
    """That nothing visible has this slug or id, with the nearest slug that something has."""
    kind = targets[0].singular if len(targets) == 1 else "record"
    similar = [slug for target in targets for slug in similar_slugs(connection, tables, target, name)]
    return f"There is no {kind} {name}.{nearest(name, similar[:_MAX_SIMILAR])}"


def similar_slugs(connection: sa.Connection, tables: Tables, target: Resource, name: str) -> list[str]:
    """Slugs of visible records that begin as a name does, or that share a word's beginning with it."""
    rows, visible = tables.visible(target.table)
    words = sorted({word[:4] for word in name.split("-") if len(word) > 2}, key=len, reverse=True)[:6]
    alike = [rows.c.slug.like(f"{name[:1]}%"), *(rows.c.slug.like(f"%{word}%") for word in words)]
    shared = sum((sa.case((condition, 1), else_=0) for condition in alike), sa.literal(0))
    chosen = sa.select(rows.c.slug).where(visible, sa.or_(*alike))
    return list(connection.execute(chosen.order_by(shared.desc(), rows.c.slug).limit(_MAX_SIMILAR)).scalars())
