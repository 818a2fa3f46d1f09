"""The order of a list, and the place in it that a cursor goes on after (keyset)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.core.reading.tables import Tables
from app.core.reading.value_types import unwrap
from app.core.resource import Resource
from app.core.vocabulary import Vocabulary


@dataclass(frozen=True)
class SortKey:
    """What rows are ordered by: an expression, its direction, and whether it can be unset."""

    expression: sa.ColumnElement[Any]
    descending: bool
    nullable: bool


def sort_keys(
    tables: Tables, resource: Resource, rows: sa.FromClause, order: Sequence[tuple[str, bool]]
) -> list[SortKey]:
    """The sort keys of an order by fields; ties end on the id."""
    found = [
        SortKey(_sortable(resource, name, tables.value(resource, rows, name)), descending, resource.nullable(name))
        for name, descending in order
    ]
    return [*found, SortKey(rows.c.id, False, False)]


def _sortable(resource: Resource, name: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """What a field sorts by: a term of a vocabulary by its place in it, anything else by itself."""
    bare = unwrap(resource.read.model_fields[name].annotation)[1]
    if isinstance(bare, type) and issubclass(bare, Vocabulary) and name != "state":
        return sa.case({term.value: place for place, term in enumerate(bare)}, value=column)
    return column


def ordered(key: SortKey, dialect: str) -> sa.ColumnElement[Any]:
    """An ordering in which unset values come last, said only where the database would not do so by itself."""
    found: sa.ColumnElement[Any] = key.expression.desc() if key.descending else key.expression.asc()
    by_itself = key.descending if dialect == "sqlite" else not key.descending
    return found if not key.nullable or by_itself else found.nulls_last()


def after(keys: Sequence[SortKey], unset: Sequence[bool]) -> sa.ColumnElement[bool]:
    """The condition under which a row comes after the one with the values bound; ``unset`` says which of them are.

    Where the first key can be unset and is not, this is said of the rows alone that have it: those without it follow,
    and are a part of their own (:func:`first_unset`). An index then begins where the page does.
    """
    rest = _after(keys, unset, first=0)
    return rest if unset[0] else sa.and_(_from(keys[0], 0), rest)


def among_ties(keys: Sequence[SortKey], unset: Sequence[bool]) -> sa.ColumnElement[bool]:
    """The part of :func:`after` that has the same first key, which is set: an index begins at the second one then.

    Where many have the same first key it would otherwise go through all of them up to the page.
    """
    same = keys[0].expression == _value(keys[0], 0)
    rest = _after(keys, unset, first=1)
    if unset[1] or keys[1].nullable:
        return sa.and_(same, rest)
    return sa.and_(same, _from(keys[1], 1), rest)


def beyond_ties(keys: Sequence[SortKey]) -> sa.ColumnElement[bool]:
    """The part of :func:`after` that has another first key, which is set."""
    return _beyond(keys[0], 0)


def _after(keys: Sequence[SortKey], unset: Sequence[bool], *, first: int) -> sa.ColumnElement[bool]:
    """The condition by the keys from this place on, of rows that have the same before it."""
    either: list[sa.ColumnElement[bool]] = []
    same: list[sa.ColumnElement[bool]] = []
    for place in range(first, len(keys)):
        key = keys[place]
        if unset[place]:
            same.append(key.expression.is_(None))
            continue
        beyond = _beyond(key, place)
        if key.nullable and place:
            beyond = sa.or_(beyond, key.expression.is_(None))
        either.append(sa.and_(*same, beyond))
        same.append(key.expression == _value(key, place))
    return sa.or_(*either)


def _value(key: SortKey, place: int) -> sa.ColumnElement[Any]:
    return sa.bindparam(_name(place), type_=key.expression.type)


def _beyond(key: SortKey, place: int) -> sa.ColumnElement[bool]:
    value = _value(key, place)
    return key.expression < value if key.descending else key.expression > value


def _from(key: SortKey, place: int) -> sa.ColumnElement[bool]:
    """What :func:`_after` implies for one key alone, said for the index."""
    value = _value(key, place)
    return key.expression <= value if key.descending else key.expression >= value


def first_unset(keys: Sequence[SortKey]) -> sa.ColumnElement[bool]:
    """The condition of the rows that come after all that have the first key."""
    return keys[0].expression.is_(None)


_NEAR = 2000
"""So many rows are gone through in their order, in a millisecond or two, before a page is looked for in another way."""


def is_read_off(tables: Tables, resource: Resource, name: str) -> bool:
    """Whether an index can have the order by a field: it is stored, and sorts by itself."""
    rows = resource.rows
    if name not in rows.c:
        return False
    column = tables.value(resource, rows, name)
    return column is rows.c[name] and _sortable(resource, name, column) is column


def near(key: SortKey, rows: sa.FromClause, *, beyond: bool) -> sa.ColumnElement[bool]:
    """The condition that a sort key that is a column is among its next few values; ``rows``: its table, as another.

    ``beyond``: those after the first value of the position that is bound, and not from the beginning.
    """
    column = rows.c[str(key.expression.key)]
    next_few = sa.select(column.label("value")).where(column.is_not(None)).limit(_NEAR)
    if beyond:
        value = sa.bindparam(_name(0), type_=column.type)
        next_few = next_few.where(column < value if key.descending else column > value)
    values_ = next_few.order_by(column.desc() if key.descending else column).subquery().c.value
    last = sa.select(sa.func.min(values_) if key.descending else sa.func.max(values_)).scalar_subquery()
    return key.expression >= last if key.descending else key.expression <= last


def values(position: Sequence[Any]) -> dict[str, Any]:
    """The parameters that :func:`after` is bound to, by name."""
    return {_name(place): value for place, value in enumerate(position) if value is not None}


def _name(place: int) -> str:
    return f"after_{place}"
