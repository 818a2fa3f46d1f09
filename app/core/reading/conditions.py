"""Filters as SQL: the condition of each term, with its values as bound parameters.

A condition depends on which filters are used and with how many values, not on the values: so a list's statement can
be built once. :func:`shape` says what it depends on, :func:`values` gives what is bound.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.reading.filters import beyond_any
from app.core.reading.list_query import Term
from app.core.reading.operators import OPERATORS
from app.core.reading.tables import Tables
from app.core.reading.value_types import is_partial_date
from app.core.relations import AnyOne, Many, One, Relation
from app.core.resource import Resource
from app.core.storage.column_types import TermColumn
from app.core.storage.lookups import there_is, unindexed


@dataclass(frozen=True, slots=True)
class Referent:
    """A record that a relation's filter names, found by its slug or id."""

    singular: str
    id: UUID


def shape(terms: Sequence[Term]) -> Hashable:
    """What the conditions of these terms depend on."""
    return tuple((term.filter.parameter, _shape_of(term)) for term in terms)


def _shape_of(term: Term) -> Hashable:
    if term.filter.operator == "isnull":
        return term.values
    if term.filter.how == "related":
        return tuple(value.singular for value in term.values)
    return len(term.values)


def values(resource: Resource, terms: Sequence[Term]) -> dict[str, Any]:
    """The parameters that the conditions of these terms are bound to, by name."""
    return dict(pair for place, term in enumerate(terms) for pair in _values_of(resource, place, term))


def _values_of(resource: Resource, place: int, term: Term) -> Iterator[tuple[str, Any]]:
    operator = OPERATORS[term.filter.operator]
    if operator.suffix == "isnull":
        return
    partial = term.filter.how == "field" and _is_partial(resource, term.filter.target)
    for number, value in enumerate(term.values):
        if isinstance(value, Referent):
            yield _name(place, number), value.id
        else:
            yield _name(place, number), (operator.bound_partial if partial else operator.bound)(value)


def _name(place: int, number: int) -> str:
    return f"term_{place}_{number}"


def binds(place: int, term: Term, type_: sa.types.TypeEngine[Any]) -> list[sa.ColumnElement[Any]]:
    """The bound parameters of the term at a place, one a value."""
    return [sa.bindparam(_name(place, number), type_=type_) for number in range(len(term.values))]


def _is_partial(resource: Resource, name: str) -> bool:
    info = resource.read.model_fields.get(name)
    return info is not None and is_partial_date(info)


@dataclass(frozen=True)
class _Condition:
    """A term at its place, for the rows of a resource; no index is to be chosen for one that is ``unindexed``."""

    tables: Tables
    resource: Resource
    rows: sa.FromClause
    place: int
    term: Term
    unindexed: bool = False

    def built(self) -> sa.ColumnElement[bool]:
        kinds = {"field": self._field, "members": self._members, "through": self._through, "related": self._related}
        return kinds[self.term.filter.how]()

    @property
    def _negated(self) -> bool:
        return self.term.filter.operator == "ne"

    def _binds(self, type_: sa.types.TypeEngine[Any]) -> list[sa.ColumnElement[Any]]:
        return binds(self.place, self.term, type_)

    def _given(self, yes: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        """A condition, or its contrary where the term says so."""
        return yes if self.term.values[0] else ~yes

    def _field(self) -> sa.ColumnElement[bool]:
        name = self.term.filter.target
        column = self.tables.value(self.resource, self.rows, name)
        if self.unindexed:
            column = unindexed(column)
        operator = OPERATORS[self.term.filter.operator]
        if operator.suffix == "isnull":
            return self._given(column.is_(None))
        found = operator.condition(column, self._binds(column.type), partial=_is_partial(self.resource, name))
        if self._negated and self.resource.nullable(name):
            return sa.or_(found, column.is_(None))
        return found

    def _members(self) -> sa.ColumnElement[bool]:
        members = self.tables.members(self.rows.c[self.term.filter.target])
        found = sa.exists().where(members.c.value.in_(self._binds(sa.String())))
        return ~found if self._negated else found

    def _through(self) -> sa.ColumnElement[bool]:
        """A field of the records on the other side of a relation."""
        through = self.resource.listing.through[self.term.filter.target]
        relation = self.resource.by_field[through.relation]
        assert isinstance(relation, Many)
        linked = self.tables.links_of(relation, through.where)
        column = linked.target.c[through.field]
        owners = sa.select(linked.links.c[relation.owner]).select_from(linked.join).where(*linked.conditions)
        found = self.rows.c.id.in_(owners.where(column.in_(self._binds(column.type))))
        return sa.not_(found) if self._negated else sa.and_(found)

    def _related(self) -> sa.ColumnElement[bool]:
        """A relation, or the relation of a record that is referred to."""
        first, _, rest = self.term.filter.target.partition(".")
        relation = self.resource.by_field[first]
        if not rest:
            return self._relation(relation)
        if isinstance(relation, AnyOne):
            return self._beyond_any(relation, rest)
        assert isinstance(relation, One)
        column = self.rows.c[relation.column]
        inner = self._beyond(self.tables.catalogue.of(relation.target), rest)
        if self._negated:
            return sa.or_(column.not_in(inner), column.is_(None))
        return sa.and_(column.in_(inner))

    def _beyond(self, resource: Resource, path: str) -> sa.Select[Any]:
        """The ids of the visible records of a resource for which the term holds along a path."""
        target, visible = self.tables.visible_alias(resource.table)
        # Looked for without the negation: what leads nowhere is none of these either.
        plain = replace(self.term.filter, target=path, operator="")
        term = replace(self.term, filter=plain)
        return sa.select(target.c.id).where(visible, replace(self, resource=resource, rows=target, term=term).built())

    def _beyond_any(self, relation: AnyOne, parameter: str) -> sa.ColumnElement[bool]:
        """A relation of whatever is referred to; what is referred to may itself be the record that is named."""
        kind, column = self.rows.c[relation.type_column], self.rows.c[relation.column]
        either = []
        for other, path in beyond_any(self.tables.catalogue, parameter):
            either.append(sa.and_(kind == other.singular, column.in_(self._beyond(other, path))))
        for referent, bind in zip(self.term.values, self._binds(column.type), strict=True):
            either.append(sa.and_(kind == referent.singular, column == bind))
        found = sa.or_(*either)
        return sa.not_(found) if self._negated else found

    def _relation(self, relation: Relation) -> sa.ColumnElement[bool]:
        if isinstance(relation, One):
            return self._one(relation)
        return self._any_one(relation) if isinstance(relation, AnyOne) else self._many(relation)

    def _one(self, relation: One) -> sa.ColumnElement[bool]:
        column = self.rows.c[relation.column]
        if self.term.filter.operator == "isnull":
            target, visible = self.tables.visible_alias(relation.target)
            return self._given(~there_is(target.c.id == column, visible, within=target))
        found = OPERATORS[self.term.filter.operator].compare(column, self._binds(column.type))
        return sa.or_(found, column.is_(None)) if self._negated else found

    def _any_one(self, relation: AnyOne) -> sa.ColumnElement[bool]:
        kind, column = self.rows.c[relation.type_column], self.rows.c[relation.column]
        pairs = zip(self.term.values, self._binds(column.type), strict=True)
        found = sa.or_(*(sa.and_(kind == referent.singular, column == bind) for referent, bind in pairs))
        return sa.not_(found) if self._negated else found

    def _many(self, relation: Many) -> sa.ColumnElement[bool]:
        linked = self.tables.links_of(relation)
        owners = sa.select(linked.links.c[relation.owner]).select_from(linked.join).where(*linked.conditions)
        if self.term.filter.operator == "isnull":
            owned = linked.links.c[relation.owner] == self.rows.c.id
            return self._given(~there_is(owned, *linked.conditions, within=linked.join))
        column = linked.links.c[relation.via]
        found = self.rows.c.id.in_(owners.where(column.in_(self._binds(column.type))))
        return ~found if self._negated else found


def all_of(
    tables: Tables, resource: Resource, rows: sa.FromClause, terms: Sequence[Term], *, unindexed: bool = False
) -> list[sa.ColumnElement[bool]]:
    """The conditions of all terms of a query; ``unindexed``: no index is to be chosen for their fields."""
    return [_Condition(tables, resource, rows, place, term, unindexed).built() for place, term in enumerate(terms)]


def shared_by_many(resource: Resource, terms: Sequence[Term]) -> bool:
    """Whether there is an index for some of the terms, but so many records can be expected to match that it is no help.

    They are terms of vocabularies, and what is true or not; what is computed has no index.
    """
    fields = {term.filter.target for term in terms if term.filter.how == "field"}
    stored = [name for name in fields if name in resource.rows.c]
    return (
        bool(stored)
        and all(term.filter.how == "field" for term in terms)
        and all(isinstance(resource.rows.c[name].type, (TermColumn, sa.Boolean)) for name in stored)
    )


def resolved(terms: Sequence[Term], found: Mapping[str, Sequence[Referent]]) -> tuple[Term, ...]:
    """The terms with the records that their relations' filters name, by parameter."""
    return tuple(
        replace(term, values=tuple(found[term.filter.parameter])) if term.filter.parameter in found else term
        for term in terms
    )
