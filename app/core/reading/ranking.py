"""Ranking: the most relevant records that have a frequent word, found without looking at all that have it.

How relevant a document is to one word follows from the columns that have it, which FTS5 knows: there are seven sets of
columns, and so seven scores. The hits are read score by score, the highest first, and resource by resource, until a
page is full. Where many have the same score, they are looked for in the order of their slugs instead: few have to be
looked at, as many have it.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from app.core.reading.spoiled import first_readable
from app.core.reading.tables import Tables
from app.core.resource import Resource
from app.core.storage import full_text, shelves
from app.core.storage.lookups import InThisOrder

MANY = 20_000
"""With more hits than these a word is frequent: to score them all takes longer than some thirty small queries."""

_MANY_ALIKE = 2000
"""More hits of one resource and score than these are first looked for in the order of their slugs."""
_NEAR = 20_000
"""So many records are gone through in that order, before all that the index finds are sorted."""


class Ranking:
    """The records of some resources that have a word, in order: by falling score, by resource, by slug."""

    def __init__(self, connection: sa.Connection, tables: Tables, resources: Sequence[Resource], word: str) -> None:
        """Look for it within the transaction of this connection, through a viewer's tables."""
        self._connection = connection
        self._tables = tables
        self._resources = resources
        self._match = full_text.match_of(connection, word)
        self._bound = full_text.bound("sqlite", [[word]])

    @property
    def is_worth_it(self) -> bool:
        """Whether the word is as frequent as that."""
        return full_text.number_of(self._connection, self._match, MANY + 1) > MANY

    def page(self, size: int, after: Sequence[Any] | None) -> list[tuple[Any, ...]]:
        """So many hits as rows (place of the resource, its name, id, slug, title, score), those after a position."""
        found: list[tuple[Any, ...]] = []
        for place, resource in enumerate(self._resources):
            if len(found) < size or found[-1][-1] <= _possible(resource):
                found += self._best_of(place, size, after)
                found = sorted(found, key=lambda row: (-row[-1], row[0], row[3]))[:size]
        return found

    def _best_of(self, place: int, size: int, after: Sequence[Any] | None) -> list[tuple[Any, ...]]:
        """So many hits of one resource."""
        best, slug = _begin(place, after)
        resource = self._resources[place]
        possible, span = _possible(resource), shelves.of_resource(resource.name)
        if not full_text.number_of(self._connection, self._match, 1, span):
            return []
        found: list[tuple[Any, ...]] = []
        for score in range(best, 0, -1):
            if not score & ~possible and len(found) < size:
                match = full_text.with_score(self._match, score, possible)
                here = slug if score == best else ""
                found += self._alike(place, match, {"score": score, "slug": here, "size": size - len(found)})
        return found

    def _alike(self, place: int, match: str, bound: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The first hits of one resource, of those that have the same score and come after a slug."""
        resource = self._resources[place]
        span = shelves.of_resource(resource.name)
        number = full_text.number_of(self._connection, match, _MANY_ALIKE + 1, span)
        every = {**self._bound, **bound, "search_found": match, "search_from_0": span[0], "search_to_0": span[1]}
        for by_slug in (True, False) if number > _MANY_ALIKE else (False,) if number else ():
            build = partial(self._statement, place, by_slug=by_slug)
            statement = self._tables.built_once(("ranking", resource, place, by_slug), build)
            rows = first_readable(self._connection, statement, every, "what was searched")
            if len(rows) >= bound["size"] or not by_slug:
                return rows
        return []

    def _statement(self, place: int, *, by_slug: bool) -> sa.Select[Any]:
        """The hits of a resource that have the score bound; ``by_slug``: among the records whose slugs are next."""
        resource, documents = self._resources[place], full_text.documents
        rows, visible = self._tables.visible(resource.table)
        score, slug = sa.bindparam("score", type_=sa.Integer()), sa.bindparam("slug", type_=rows.c.slug.type)
        columns = (rows.c.id, rows.c.slug, self._tables.title(resource, rows), score)
        chosen = sa.select(sa.literal(place), sa.literal(resource.name), *columns).where(visible, rows.c.slug > slug)
        if by_slug:
            same = full_text.score_of("sqlite", [["word"]]) == score
            chosen = chosen.where(rows.c.slug <= self._near(resource, slug), same)
            source = InThisOrder(rows, documents, documents.c.record_id == rows.c.id)
        else:
            found = sa.bindparam("search_found", type_=sa.String())
            hit = full_text.by_fts5(sa.select(documents.c.record_id), 1, found).subquery()
            source = InThisOrder(hit, rows, hit.c.record_id == rows.c.id)
        return chosen.select_from(source).order_by(rows.c.slug).limit(sa.bindparam("size", type_=sa.Integer()))

    def _near(self, resource: Resource, slug: sa.ColumnElement[str]) -> sa.ScalarSelect[Any]:
        """The last of the next few slugs."""
        rows = self._tables.alias(resource.rows)
        next_few = sa.select(rows.c.slug.label("slug")).where(rows.c.slug > slug).order_by(rows.c.slug).limit(_NEAR)
        return sa.select(sa.func.max(next_few.subquery().c.slug)).scalar_subquery()


def _begin(place: int, after: Sequence[Any] | None) -> tuple[int, str]:
    """The score that the hits of a resource go on with after a position, and the slug that those of it go on after."""
    if after is None:
        return full_text.MAX_SCORE, ""
    score, last, slug = after
    if place < last:
        return score - 1, ""
    return score, slug if place == last else ""


def _possible(resource: Resource) -> int:
    """The score of a document that has a word in every column that documents of a resource have."""
    columns = {name if name == "summary" else "body" for name in resource.searchable if name != resource.label}
    if resource.label in resource.searchable:
        columns.add("label")
    return sum(full_text.WEIGHTS[name] for name in columns)
