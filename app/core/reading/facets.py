"""Counting: how many records have each value of a facet, or each pair of values of two."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.core.reading.conditions import binds
from app.core.reading.grammar import Grammar
from app.core.reading.list_query import Term
from app.core.reading.tables import Tables
from app.core.relations import Many, One


@dataclass
class Counted:
    """What a statement needs to count by a facet: where the value is, and what must be joined to get at it."""

    value: sa.ColumnElement[Any]
    join: tuple[sa.FromClause, sa.ColumnElement[bool]] | None = None
    """What to join to the records, and on which condition."""
    conditions: list[sa.ColumnElement[bool]] = field(default_factory=list)
    once: bool = True
    """Whether a record has one such value at most, so that its rows can be counted as they are."""
    filtered: sa.ColumnElement[Any] | None = None
    """What a filter of the same name looks at, where that is not the value."""


def counted_by(tables: Tables, grammar: Grammar, name: str, rows: sa.FromClause) -> Counted:
    """How to count by a facet."""
    resource = grammar.resource
    filter_ = grammar.filters[name]
    if filter_.how == "field":
        value = tables.value(resource, rows, filter_.target)
        return Counted(value, conditions=[value.is_not(None)])
    if filter_.how == "members":
        members = tables.members(rows.c[filter_.target])
        return Counted(members.c.value, (members, sa.true()), once=False)
    if filter_.how == "through":
        through = resource.listing.through[filter_.target]
        relation = resource.by_field[through.relation]
        assert isinstance(relation, Many)
        linked = tables.links_of(relation, through.where)
        value = linked.target.c[through.field]
        joined = (linked.join, rows.c.id == linked.links.c[relation.owner])
        return Counted(value, joined, [*linked.conditions, value.is_not(None)], once=False)
    relation = resource.by_field[filter_.target]
    if isinstance(relation, Many):
        linked = tables.links_of(relation)
        joined = (linked.join, rows.c.id == linked.links.c[relation.owner])
        return Counted(linked.target.c.slug, joined, linked.conditions, once=False, filtered=linked.target.c.id)
    assert isinstance(relation, One)
    target, visible = tables.visible_alias(relation.target)
    return Counted(target.c.slug, (target, rows.c[relation.column] == target.c.id), [visible])


def counting(
    tables: Tables,
    grammar: Grammar,
    names: Sequence[str],
    rows: sa.FromClause,
    source: sa.FromClause,
    limits: Sequence[sa.ColumnElement[bool]],
    terms: Sequence[Term] = (),
) -> sa.Select[Any]:
    """The statement that counts the records by some facets: their values, then the number.

    With ``terms``, a facet that is filtered by counts those values alone that the filter names, even where a record
    has others beside: the records behind each number are then those of the list that is filtered by its values.
    """
    by = [counted_by(tables, grammar, name, rows) for name in names]
    every = list(limits)
    for name, each in zip(names, by, strict=True):
        if each.join is not None:
            source = source.join(*each.join)
        every += each.conditions
        for place, term in enumerate(terms):
            if term.filter.parameter == name and not each.once:
                column = each.value if each.filtered is None else each.filtered
                every.append(column.in_(binds(place, term, column.type)))
    number = sa.func.count() if all(each.once for each in by) else sa.func.count(sa.distinct(rows.c.id))
    values = [each.value for each in by]
    return sa.select(*values, number).select_from(source).where(*every).group_by(*values)


def as_written(value: Any) -> str:
    """A value as it is written in a query."""
    return str(value).lower() if isinstance(value, bool) else str(value)
