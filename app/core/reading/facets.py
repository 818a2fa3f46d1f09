"""Counting: how many records have each value of a facet, or each pair of values of two."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.core.reading.conditions import binds
from app.core.reading.grammar import Grammar
from app.core.reading.list_query import Term
from app.core.reading.tables import Tables
from app.core.relations import AnyOne, Many, One
from app.core.storage.lookups import InThisOrder, unindexed


@dataclass
class Counted:
    """What a statement needs to count by a facet: where the value is, and what must be joined to get at it."""

    value: sa.ColumnElement[Any]
    join: tuple[sa.FromClause, sa.ColumnElement[bool]] | None = None
    """What to join to the records, and on which condition."""
    conditions: list[sa.ColumnElement[bool]] = field(default_factory=list)
    once: bool = True
    """Whether a record has one such value at most."""
    repeats: bool = False
    """Whether a record can have the same value several times: then its rows cannot be counted as they are."""
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
        return Counted(members.c.value, (members, sa.true()), once=False, repeats=True)
    if filter_.how == "through":
        through = resource.listing.through[filter_.target]
        relation = resource.by_field[through.relation]
        assert isinstance(relation, Many)
        linked = tables.links_of(relation, through.where)
        value = linked.target.c[through.field]
        joined = (linked.join, rows.c.id == linked.links.c[relation.owner])
        return Counted(value, joined, [*linked.conditions, value.is_not(None)], once=False, repeats=True)
    relation = resource.by_field[filter_.target]
    if isinstance(relation, Many):
        linked = tables.links_of(relation)
        joined = (linked.join, rows.c.id == linked.links.c[relation.owner])
        slug, id_ = linked.target.c.slug, linked.target.c.id
        return Counted(slug, joined, linked.conditions, once=False, repeats=_repeats(relation), filtered=id_)
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
    number = sa.func.count(sa.distinct(rows.c.id)) if any(each.repeats for each in by) else sa.func.count()
    together = len(by) > 1 and all(each.once for each in by)
    values = [unindexed(each.value) if together else each.value for each in by]
    return sa.select(*values, number).select_from(source).where(*every).group_by(*values)


def _repeats(relation: Many) -> bool:
    """Whether a record can be tied to the same one several times: in several roles, or by several citations."""
    return {column.name for column in relation.links.primary_key} != {relation.owner, relation.via}


def counting_all(tables: Tables, grammar: Grammar, name: str) -> sa.Select[Any] | None:
    """The statement that counts all visible records by a facet that is a relation; None where it has to be another.

    Most records are visible. So all ties are counted, which an index has in order, and those of the records that are
    not visible are taken off: that takes a tenth of looking at every record, and comes to the same.
    """
    filter_ = grammar.filters[name]
    relation = grammar.resource.by_field.get(filter_.target)
    if filter_.how != "related" or relation is None or isinstance(relation, AnyOne):
        return None
    every, hidden = _ties(tables, grammar, relation), _ties(tables, grammar, relation, hidden=True)
    if every is None or hidden is None:
        return None
    target, visible = tables.visible_alias(relation.target)
    number = every.c.number - sa.func.coalesce(hidden.c.number, 0)
    joined = every.join(target, target.c.id == every.c.id).outerjoin(hidden, hidden.c.id == every.c.id)
    return sa.select(target.c.slug, number).select_from(joined).where(visible, number > 0)


def _ties(tables: Tables, grammar: Grammar, relation: One | Many, *, hidden: bool = False) -> sa.Subquery | None:
    """How many records are tied to each id by a relation; ``hidden``: only those that the viewer does not see."""
    table = grammar.resource.rows
    records = tables.alias(table)
    unseen = [sa.not_(tables.is_visible(records, table))] if hidden else []
    if isinstance(relation, One):
        id_, number = records.c[relation.column], sa.func.count()
        chosen = sa.select(id_.label("id"), number.label("number")).where(id_.is_not(None), *unseen)
        return chosen.group_by(id_).subquery()
    if relation.where or "state" in relation.links.c:
        return None
    links = tables.alias(relation.links)
    owner, id_ = links.c[relation.owner], links.c[relation.via]
    number = sa.func.count(sa.distinct(owner)) if _repeats(relation) else sa.func.count()
    source = InThisOrder(records, links, owner == records.c.id) if hidden else links
    chosen = sa.select(id_.label("id"), number.label("number")).select_from(source).where(*unseen)
    return chosen.group_by(id_).subquery()


def as_written(value: Any) -> str:
    """A value as it is written in a query."""
    return str(value).lower() if isinstance(value, bool) else str(value)
