"""One list under the filters of one query: its statements, and what they give."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any

import sqlalchemy as sa

from app.core.model import State
from app.core.reading import conditions, ordering
from app.core.reading.conditions import Referent
from app.core.reading.embedding import Embedding, Referred, Shape, Shown
from app.core.reading.facets import as_written, counting, counting_all
from app.core.reading.grammar import Grammar
from app.core.reading.list_query import ListQuery
from app.core.reading.plans import Row
from app.core.reading.spoiled import only_readable, readable_rows
from app.core.reading.tables import Tables
from app.core.storage import full_text, shelves
from app.core.storage.lookups import InThisOrder
from app.core.storage.shelves import Span

_MIN_READ = 10
"""SQLite sorts the whole table when it is asked for one or two rows, and follows the index when asked for more."""


_SHORT_PAGE = 200
"""In a longer page, such as a part of a file, the cost of ties is small beside the rest: one statement reads it."""


@dataclass
class Page:
    """A part of a list."""

    records: list[Shown]
    after: list[Any] | None
    """The sort values to go on after; None at the end of the list."""
    total: int | None = None
    facets: dict[str, dict[str, int]] | None = None
    included: dict[str, list[Shown]] | None = None
    unreadable: int = 0
    """How many records are left out because what is stored of them cannot be read."""


class _Part(Enum):
    """A part of what comes after a position in a list."""

    all_after = auto()
    """All of it. Where the position has a value in the first sort field, rows without one are left out."""
    ties = auto()
    """What has the same first sort value."""
    other_values = auto()
    """What has another one."""
    no_value = auto()
    """What has none."""

    def condition(self, keys: Sequence[ordering.SortKey], unset: Sequence[bool]) -> sa.ColumnElement[bool]:
        """The condition under which a row is in this part, after a position of which so much is unset."""
        if self is _Part.ties:
            return ordering.among_ties(keys, unset)
        if self is _Part.other_values:
            return ordering.beyond_ties(keys)
        return ordering.first_unset(keys) if self is _Part.no_value else ordering.after(keys, unset)


@dataclass(frozen=True)
class _Matching:
    """The rows of a list: where they come from, and under which conditions."""

    rows: sa.FromClause
    source: sa.FromClause
    conditions: Sequence[sa.ColumnElement[bool]]
    score: sa.ColumnElement[int] | None = None


class Listing:
    """The list of a resource under the filters of a query, whose relations are resolved to records."""

    def __init__(self, connection: sa.Connection, tables: Tables, grammar: Grammar, query: ListQuery) -> None:
        """Read within the transaction of this connection, through a viewer's tables."""
        self._connection = connection
        self._tables = tables
        self._grammar = grammar
        self._query = query
        self._phrases = full_text.phrases(query.q) if query.q is not None else None
        # Whether withdrawn records are wanted by name.
        self._withdrawn = State.withdrawn in query.values_of("state")
        self._key: tuple[Hashable, ...] = (
            grammar.resource,
            conditions.shape(query.terms),
            full_text.shape(self._phrases) if self._phrases else None,
            self._withdrawn,
        )
        self._bound: Mapping[str, Any] = conditions.values(grammar.resource, query.terms) | (
            full_text.bound(tables.dialect, self._phrases, [self._span]) if self._phrases else {}
        )

    def page(self, size: int, position: Sequence[Any] | None = None, referred: Referred | None = None) -> Page:
        """So many records, those after a position; notes what they refer to."""
        shape = Shape(self._grammar.resource, self._query.fields, self._query.include)
        if self._tables.at is not None:
            return self._page_as_of(shape, size, position, referred)
        unset = None if position is None else tuple(value is None for value in position)
        bound = {**self._bound, "size": max(size + 1, _MIN_READ), **ordering.values(position or ())}
        rows: list[Row | None] = []
        for part in self._parts(unset, is_short=size <= _SHORT_PAGE):
            rows += self._rows_of(part, shape, size - len(rows), unset, bound)
            if len(rows) > size:
                break
        while size < len(rows) and not any(rows[:size]):
            size += 1  # a page needs one record at least, for the next to go on after
        found = [row for row in rows[:size] if row is not None]
        records = Embedding(self._connection, self._tables).assembled(shape, found, referred)
        after = list(found[-1][len(shape.columns) :]) if found and len(rows) > size else None
        return Page(records, after, unreadable=len(rows[:size]) - len(found))

    def _rows_of(
        self, part: _Part, shape: Shape, size: int, unset: tuple[bool, ...] | None, bound: Mapping[str, Any]
    ) -> list[Row | None]:
        """The rows of a part of the list, as far as a page of this size needs them to know whether there are more.

        SQLite does not know how many rows a condition is true of. With an index it finds all that have a term, and
        sorts them for a page. Where many records have the term, it is faster to go through the records in order. So a
        page is looked for among the next few records, and then by the index.
        """
        several = self._is_in_order(unset) and bool(self._query.terms)
        found: list[Row | None] = []
        for nearby in (True, False) if several and part in (_Part.all_after, _Part.other_values) else (False,):
            in_order = nearby or (several and part is _Part.ties)
            key = ("page", shape.key, self._query.sort, unset, part, nearby, *self._key)
            build = partial(self._page, shape, unset, part, nearby=nearby, unindexed=in_order)
            statement = self._tables.built_once(key, build)
            found = list(readable_rows(self._connection, statement, bound, self._grammar.resource.name))
            if len(found) > size:
                break
        return found

    def _is_in_order(self, unset: tuple[bool, ...] | None) -> bool:
        """Whether a page is found by going through the records in their order, which SQLite has an index for."""
        resource, terms = self._grammar.resource, self._query.terms
        return (
            self._tables.dialect == "sqlite"
            and self._phrases is None
            and not (unset is not None and unset[0])
            and (not terms or conditions.shared_by_many(resource, terms))
            and ordering.is_read_off(self._tables, resource, self._order[0][0])
        )

    def _page_as_of(self, shape: Shape, size: int, position: Sequence[Any] | None, referred: Referred | None) -> Page:
        """The same of the past, in two steps.

        The past has no index on what refers to a record. What is computed is therefore computed for the records of the
        page alone, and not for all those that it is chosen from.
        """
        unset = None if position is None else tuple(value is None for value in position)
        bound = {**self._bound, "size": size + 1, **ordering.values(position or ())}
        rows: list[Row | None] = []
        for part in self._parts(unset):
            statement = self._page(Shape(shape.resource, ("id",)), unset, part)
            rows += readable_rows(self._connection, statement, bound, shape.resource.name)
            if len(rows) > size:
                break
        more, rows = len(rows) > size, rows[:size]
        known = [row for row in rows if row is not None]
        ids = [row[0] for row in known]
        found = Embedding(self._connection, self._tables).records(
            shape, ids, referred, whatever_visible=True, order=ids
        )
        return Page(found, list(known[-1][1:]) if more and known else None, unreadable=len(rows) - len(found))

    def total(self) -> int:
        """How many records match."""
        return int(self.counts(())[0][-1])

    def facet(self, name: str) -> dict[str, int]:
        """How many records have each value of a facet, the most frequent first."""
        found = [(as_written(value), int(number)) for value, number in self.counts((name,))]
        return dict(sorted(found, key=lambda each: (-each[1], each[0])))

    def counts(self, names: tuple[str, ...], *, exact: bool = False) -> list[tuple[Any, ...]]:
        """The values of some facets, then how many records have them all; ``exact``: only values filtered by."""

        def build() -> sa.Select[Any]:
            if (whole := self._counting_all(names)) is not None:
                return whole
            matching = self._matching()
            terms = self._query.terms if exact else ()
            return counting(
                self._tables, self._grammar, names, matching.rows, matching.source, matching.conditions, terms
            )

        statement = self._tables.built_once(("counts", names, exact, *self._key), build)
        return only_readable(self._connection, statement, self._bound, self._grammar.resource.name)

    def _counting_all(self, names: tuple[str, ...]) -> sa.Select[Any] | None:
        """How many of all visible records have each value of a facet; None where that is no shorter way to count."""
        if len(names) != 1 or self._query.terms or self._phrases is not None or self._tables.at is not None:
            return None
        return counting_all(self._tables, self._grammar, *names)

    def _matching(self, *, unindexed: bool = False) -> _Matching:
        resource, tables = self._grammar.resource, self._tables
        rows = tables.rows(resource.rows)
        visible = tables.is_visible(rows, resource.rows, withdrawn=self._withdrawn)
        limits = [visible, *conditions.all_of(tables, resource, rows, self._query.terms, unindexed=unindexed)]
        if self._phrases is None:
            return _Matching(rows, rows, limits)
        hits = full_text.hits(tables.dialect, self._phrases, spans=1)
        source = InThisOrder(hits, rows, hits.c.record_id == rows.c.id)
        return _Matching(rows, source, limits, hits.c.score)

    @property
    def _span(self) -> Span:
        """Where the documents of the list stand; those of one partnership stand together."""
        name = self._grammar.resource.name
        for term in self._query.terms:
            if (
                term.filter.parameter == "partnership"
                and len(term.values) == 1
                and isinstance(term.values[0], Referent)
            ):
                return shelves.of(name, term.values[0].id)
        return shelves.of_resource(name)

    @property
    def _order(self) -> Sequence[tuple[str, bool]]:
        return self._query.sort or self._grammar.order

    def _parts(self, unset: tuple[bool, ...] | None, *, is_short: bool = False) -> tuple[_Part, ...]:
        """In which parts a page goes on: where rows have the first sort value, and then where they have none."""
        by_score = self._phrases is not None and not self._query.sort
        if unset is None or unset[0] or by_score:
            return (_Part.all_after,)
        several = is_short and self._is_in_order(unset)
        parts = (_Part.ties, _Part.other_values) if several else (_Part.all_after,)
        return (*parts, _Part.no_value) if self._grammar.resource.nullable(self._order[0][0]) else parts

    def _page(
        self,
        shape: Shape,
        unset: Sequence[bool] | None,
        part: _Part,
        *,
        nearby: bool = False,
        unindexed: bool = False,
    ) -> sa.Select[Any]:
        """The statement of a part of a page: the columns of a shape, then the sort values.

        ``nearby``: of the next few records in its order. ``unindexed``: no filter is a reason to choose an index.
        """
        matching = self._matching(unindexed=unindexed)
        keys = ordering.sort_keys(self._tables, self._grammar.resource, matching.rows, self._order)
        if matching.score is not None and not self._query.sort:
            keys.insert(0, ordering.SortKey(matching.score, descending=True, nullable=False))
        columns = [*shape.select(self._tables, matching.rows), *(key.expression for key in keys)]
        chosen = sa.select(*columns).select_from(matching.source).where(*matching.conditions)
        if unset is not None:
            chosen = chosen.where(part.condition(keys, unset))
        if nearby:
            rows = self._tables.alias(self._grammar.resource.rows)
            chosen = chosen.where(ordering.near(keys[0], rows, beyond=unset is not None))
        ordered = chosen.order_by(*(ordering.ordered(key, self._tables.dialect) for key in keys))
        return ordered.limit(sa.bindparam("size", type_=sa.Integer()))
