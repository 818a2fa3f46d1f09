"""Search across resources: hits are found once, then joined to the visible records of each resource."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.reading.ranking import MANY, Ranking
from app.core.reading.spoiled import first_readable
from app.core.reading.tables import Tables
from app.core.relations import AnyOne, One
from app.core.resource import Resource
from app.core.storage import full_text, shelves
from app.core.storage.database import PLANNED
from app.core.storage.full_text import hits
from app.core.storage.lookups import InThisOrder, there_is
from app.core.storage.shelves import Span


@dataclass(frozen=True)
class SearchQuery:
    """What is looked for: phrases, in which resources, and of which partnership (None: of any and of none).

    Of hits that are as relevant, those of an earlier resource come first.
    """

    phrases: list[list[str]]
    resources: tuple[Resource, ...]
    partnership: UUID | None = None
    matched: int | None = None
    """How many of the phrases a record has, which is not all of them; None: it has every one."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found. Hits are ordered by falling score, then by the place of their resource, then by slug."""

    place: int
    resource: str
    id: UUID
    slug: str
    title: str
    score: int

    @property
    def position(self) -> list[Any]:
        """The values that the hits are ordered by."""
        return [self.score, self.place, self.slug]


class Search:
    """Looks for phrases through one viewer's tables."""

    def __init__(self, connection: sa.Connection, tables: Tables, query: SearchQuery) -> None:
        """Search within the transaction of this connection."""
        self._connection = connection
        self._tables = tables
        self._query = query
        self._any_of = query.matched is not None
        self._key = (query.resources, full_text.shape(query.phrases), query.partnership is None, self._any_of)
        texts = full_text.bound(tables.dialect, query.phrases, self._spans, any_of=self._any_of)
        self._bound = {**texts, "partnership": query.partnership, "matched": query.matched}

    def page(self, limit: int, after: Sequence[Any] | None = None) -> tuple[list[Hit], bool]:
        """Some hits, those after a position; and whether there are more."""
        key = ("search", after is None, self._most, *self._key)
        statement = self._tables.built_once(key, lambda: self._page(is_first=after is None))
        bound = {**self._bound, "size": limit + 1}
        if after is not None:
            bound |= dict(zip(("score", "place", "slug"), after, strict=True))
        found = [Hit(*row) for row in first_readable(self._connection, statement, bound, "what was searched")]
        if not found and self._most is not None:
            ranking = Ranking(self._connection, self._tables, self._query.resources, self._query.phrases[0][0])
            if ranking.is_worth_it:
                found = [Hit(*row) for row in ranking.page(limit + 1, after)]
        return found[:limit], len(found) > limit

    @property
    def _most(self) -> int | None:
        """How many documents are scored at most; a partnership, and a word beside others, have not so many."""
        words = [word for phrase in self._query.phrases for word in phrase]
        if self._tables.dialect != "sqlite" or self._any_of or self._query.partnership is not None or len(words) > 1:
            return None
        return MANY if self._connection.get_execution_options().get(PLANNED, True) else None

    def counts(self) -> dict[str, int]:
        """How many hits there are of each resource, by its singular, the most frequent first."""
        statement = self._tables.built_once(("search counts", *self._key), self._counts)
        singular = {resource.name: resource.singular for resource in self._query.resources}
        found = {singular[name]: int(number) for name, number in self._connection.execute(statement, self._bound)}
        return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))

    def most_matched(self) -> int:
        """How many of the phrases those records have that have most of them; 0 where none has any."""
        statement = self._tables.built_once(("search most", *self._key), self._most_matched)
        return int(self._connection.execute(statement, self._bound).scalar() or 0)

    def _most_matched(self) -> sa.Select[Any]:
        return sa.select(sa.func.max(self._found(among_all=True).c.matched))

    def _page(self, *, is_first: bool) -> sa.Select[Any]:
        found = self._found(most=self._most)
        columns = found.c
        chosen = sa.select(*(columns[name] for name in ("place", "name", "id", "slug", "title", "score")))
        if not is_first:
            chosen = chosen.where(_after(columns.score, columns.place, columns.slug))
        ordered = chosen.order_by(columns.score.desc(), columns.place, columns.slug)
        return ordered.limit(sa.bindparam("size", type_=sa.Integer()))

    def _counts(self) -> sa.Select[Any]:
        found = self._found()
        return sa.select(found.c.name, sa.func.count()).group_by(found.c.name)

    @property
    def _spans(self) -> list[Span]:
        """Where the documents stand that are looked through; none: everywhere."""
        if self._query.partnership is not None:
            return [shelves.of(each.name, self._query.partnership) for each in self._query.resources]
        if len(self._query.resources) < sum(bool(each.searchable) for each in self._tables.catalogue):
            return [shelves.of_resource(each.name) for each in self._query.resources]
        return []

    def _found(self, *, among_all: bool = False, most: int | None = None) -> sa.Subquery:
        """The visible records among the hits, as the columns of a :class:`Hit`; ``among_all``: whatever they have."""
        hit = hits(self._tables.dialect, self._query.phrases, len(self._spans), any_of=self._any_of, most=most)
        parts: list[sa.Select[Any]] = []
        for place, resource in enumerate(self._query.resources):
            rows, visible = self._tables.visible(resource.table)
            limits = [visible, hit.c.resource == resource.name]
            if self._any_of and not among_all:
                limits.append(hit.c.matched == sa.bindparam("matched", type_=sa.Integer()))
            if self._query.partnership is not None:
                inside = self._of_partnership(resource, rows)
                if inside is None and (parts or resource is not self._query.resources[-1]):
                    continue
                # Where no resource has records that belong to one, nothing is found, by a statement all the same.
                limits.append(sa.false() if inside is None else inside)
            chosen = sa.select(
                sa.literal(place).label("place"),
                sa.literal(resource.name).label("name"),
                rows.c.id,
                rows.c.slug,
                self._tables.title(resource, rows).label("title"),
                hit.c.score,
            )
            if self._any_of:
                chosen = chosen.add_columns(hit.c.matched)
            parts.append(chosen.select_from(InThisOrder(hit, rows, hit.c.record_id == rows.c.id)).where(*limits))
        return sa.union_all(*parts).subquery("found")

    def _of_partnership(self, resource: Resource, rows: sa.FromClause) -> sa.ColumnElement[bool] | None:
        """Whether a record belongs to the partnership; None where no record of the resource does to any."""
        wanted: sa.ColumnElement[Any] = sa.bindparam("partnership", type_=sa.Uuid())
        if resource.singular == "partnership":
            return rows.c.id == wanted
        for relation in resource.relations:
            if isinstance(relation, AnyOne):
                return self._of_any(relation, resource, rows)
        path = resource.listing.related.get("partnership")
        return self._on_path(resource, rows, path, wanted) if path is not None else None

    def _on_path(
        self, resource: Resource, rows: sa.FromClause, path: str, wanted: sa.ColumnElement[Any]
    ) -> sa.ColumnElement[bool]:
        first, _, rest = path.partition(".")
        relation = resource.by_field[first]
        assert isinstance(relation, One)
        column = rows.c[relation.column]
        if not rest:
            return column == wanted
        target, visible = self._tables.visible_alias(relation.target)
        beyond = self._on_path(self._tables.catalogue.of(relation.target), target, rest, wanted)
        return there_is(target.c.id == column, visible, beyond, within=target)

    def _of_any(self, relation: AnyOne, resource: Resource, rows: sa.FromClause) -> sa.ColumnElement[bool]:
        either = []
        for other in self._tables.catalogue:
            if other is resource or any(isinstance(each, AnyOne) for each in other.relations):
                continue
            target, visible = self._tables.visible_alias(other.table)
            inside = self._of_partnership(other, target)
            if inside is not None:
                there = there_is(target.c.id == rows.c[relation.column], visible, inside, within=target)
                either.append(sa.and_(rows.c[relation.type_column] == other.singular, there))
        return sa.or_(*either)


def _after(*columns: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a hit comes after the one whose position is bound."""
    score, place, slug = columns
    names = ("score", "place", "slug")
    last = [sa.bindparam(name, type_=column.type) for name, column in zip(names, columns, strict=True)]
    last_score, last_place, last_slug = last
    same = sa.and_(score == last_score, sa.or_(place > last_place, sa.and_(place == last_place, slug > last_slug)))
    return sa.and_(score <= last_score, sa.or_(score < last_score, same))
