"""Reading: one query for a page, one for each relation, none for each record.

Every table is reached through :class:`app.core.reading.tables.Tables` and every record through
:func:`app.core.visibility.visible`, so the past and what a client may see are decided in one place for lists, counts,
facets, references and inclusions.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from app.core.model import State
from app.core.reading.cursors import Cursors
from app.core.reading.embedding import Embedding, Referred, Shape, Shown
from app.core.reading.facets import as_written
from app.core.reading.grammar import Grammar
from app.core.reading.inclusion import Subject, included
from app.core.reading.list_query import LIMIT, ListQuery
from app.core.reading.listing import Listing, Page
from app.core.reading.parameters import flaws_together
from app.core.reading.plans import Row
from app.core.reading.referents import Referents
from app.core.reading.slug_or_id import as_id, is_slug_or_id
from app.core.reading.spoiled import damaged, only_readable, readable_rows
from app.core.reading.tables import Tables
from app.core.resource import Catalogue, Resource
from app.core.storage import history
from app.core.translations import ORIGINAL
from app.core.visibility import Role, Viewer
from app.errors import BadQuery, Flaw, Gone, NotFound


@dataclass(frozen=True, slots=True)
class Located:
    """A record that was found."""

    id: UUID
    slug: str
    revision: int
    updated_at: datetime


class _Found(NamedTuple):
    """What is looked at of a record that a path names."""

    id: UUID
    slug: str
    revision: int
    updated_at: datetime
    state: str
    visible: bool


class Moved(Exception):
    """A record is wanted by a slug it no longer has."""

    def __init__(self, former: str, slug: str) -> None:
        """Name the slug that it had, and the one that it has now."""
        super().__init__(slug)
        self.former = former
        self.slug = slug


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records match, and how many have each value of some facets together."""

    total: int
    rows: list[tuple[tuple[str, ...], int]]


class Reader:
    """Reads the register on behalf of a viewer, as it is or as it stood after change ``at``."""

    def __init__(
        self,
        connection: sa.Connection,
        catalogue: Catalogue,
        viewer: Viewer,
        today: date | None = None,
        at: int | None = None,
        language: str = ORIGINAL,
    ) -> None:
        """Read within the transaction of this connection. Computed fields are as of ``today``, in UTC."""
        self.connection = connection
        self.catalogue = catalogue
        self.viewer = viewer
        self.today = today or datetime.now(UTC).date()
        self.at = at
        self.tables = Tables(catalogue, viewer, connection.dialect.name, self.today, at, language)
        self.referents = Referents(connection, self.tables)
        self._embedding = Embedding(connection, self.tables)

    # -- one record --------------------------------------------------------------------------------------------

    def locate(self, resource: Resource, slug_or_id: str) -> Located:
        """A record the viewer may see, by slug or id; raises NotFound, Gone or Moved, and DamagedRecord."""
        if not is_slug_or_id(slug_or_id):
            raise NotFound()
        id_ = as_id(slug_or_id)

        def build() -> sa.Select[Any]:
            rows, visible = self.tables.visible(resource.table)
            column = rows.c.slug if id_ is None else rows.c.id
            chosen = sa.select(rows.c.id, rows.c.slug, rows.c.revision, rows.c.updated_at, rows.c.state)
            name = sa.bindparam("name", type_=column.type)
            return chosen.add_columns(visible.label("visible")).where(column == name)

        statement = self.tables.built_once(("locate", resource, id_ is None), build)
        bound = {"name": slug_or_id if id_ is None else id_}
        rows = readable_rows(self.connection, statement, bound, resource.name)
        if not rows:
            self._moved(resource, slug_or_id)
            raise NotFound()
        if rows[0] is None:
            raise damaged(resource, slug_or_id)
        found = _Found(*rows[0])
        if found.visible:
            return Located(found.id, found.slug, found.revision, found.updated_at)
        if self._is_withdrawn(resource, found) and (
            self.viewer.role >= Role.editor
            or history.was_published(self.connection, resource.table, found.id, None if id_ else slug_or_id)
        ):
            raise Gone()
        raise NotFound()

    def _is_withdrawn(self, resource: Resource, found: _Found) -> bool:
        """Whether a row that is not visible is withdrawn: then, or by now."""
        if found.state == State.withdrawn.value or self.at is None or found.state != State.published.value:
            return bool(found.state == State.withdrawn.value)
        # It was public then, and is not shown any more.
        return True

    def _moved(self, resource: Resource, slug: str) -> None:
        """What became of the record that once had this slug, as far as the viewer may know that it had."""
        versions = history.twin(resource.rows)
        known: sa.ColumnElement[bool] = versions.c.state == State.published.value
        if self.viewer.role >= Role.editor:
            known = sa.true()
        elif not self.viewer.public:
            known = sa.or_(known, versions.c.created_by == self.viewer.actor)
        had = sa.select(versions.c.id).where(versions.c.slug == slug, known)
        rows, visible = self.tables.visible(resource.table)
        chosen = sa.select(rows.c.slug, rows.c.state, visible.label("visible")).where(rows.c.id.in_(had))
        now = self.connection.execute(chosen).first()
        if now is not None and now.visible and now.slug != slug:
            raise Moved(slug, now.slug)
        if now is not None and now.state == State.withdrawn.value:
            raise Gone()

    def one(
        self, resource: Resource, id_: UUID, query: ListQuery | None = None, cursors: Cursors | None = None
    ) -> Shown:
        """A record that was located.

        What is to be included stands under ``included``; where it goes on, which needs cursors, under
        ``included_more``.
        """
        query = query or ListQuery()
        referred = Referred() if query.include else None
        shape = Shape(resource, query.fields, query.include)
        records = self._embedding.records(shape, [id_], referred, whatever_visible=True)
        if not records:
            raise damaged(resource, str(id_))
        (shown,) = records
        if referred is not None:
            subject = Subject(resource, id_, shown.get("slug", str(id_)))
            shown |= included(self.connection, self.tables, subject, query, referred, cursors)
        return shown

    def several(self, resource: Resource, ids: Collection[UUID]) -> dict[UUID, Shown]:
        """Those of some records that the viewer sees, by id."""
        return {record["id"]: record for record in self._embedding.records(Shape(resource), ids)}

    def rows(
        self, what: str, statement: sa.Select[Any] | sa.CompoundSelect[Any], bound: Mapping[str, Any] | None = None
    ) -> list[Row]:
        """The rows of a view's own query that can be read; the log says of what the others were."""
        return only_readable(self.connection, statement, bound or {}, what)

    # -- lists -------------------------------------------------------------------------------------------------

    def page(self, grammar: Grammar, query: ListQuery, cursors: Cursors, limit: int | None = None) -> Page:
        """A page of the list that a request wants."""
        size = limit or query.limit or LIMIT
        listing, position = self._begun(grammar, query, cursors)
        referred = Referred() if query.include else None
        page = listing.page(size, position, referred)
        if query.count:
            page.total = listing.total()
        if query.facets:
            page.facets = {name: listing.facet(name) for name in query.facets}
        if referred is not None:
            page.included = self._embedding.included(query.include, referred)
        return page

    def parts(
        self, grammar: Grammar, query: ListQuery, cursors: Cursors, size: int, limit: int | None = None
    ) -> Iterator[Sequence[Shown]]:
        """The records of a list, so many at once; at most ``limit`` of them, and all where it says none."""
        left = limit
        while left is None or left > 0:
            page = self.page(grammar, query, cursors, limit=size if left is None else min(size, left))
            yield page.records
            if page.after is None:
                return
            left = None if left is None else left - len(page.records)
            query = replace(query, cursor=cursors.write(grammar.resource.name, query, page.after, self.viewer))

    def _begun(self, grammar: Grammar, query: ListQuery, cursors: Cursors) -> tuple[Listing, list[Any] | None]:
        """The list that is wanted, and where to go on in it; what is wrong with either is told together."""
        if query.cursor is None:
            return self._listing(grammar, query), None
        with flaws_together() as reading:
            with reading():
                listing = self._listing(grammar, query)
            with reading():
                position = cursors.read(grammar.resource.name, query, self.viewer)
        return listing, position

    def misnamed(self, grammar: Grammar, query: ListQuery) -> list[Flaw]:
        """What a query names that leads nowhere the viewer can see."""
        try:
            self.referents.resolved(grammar.resource, query.terms)
        except BadQuery as problem:
            return problem.errors
        return []

    def total(self, grammar: Grammar, query: ListQuery) -> int:
        """How many records a list has."""
        return self._listing(grammar, query).total()

    def counts(self, grammar: Grammar, query: ListQuery) -> Counts:
        """How many records of a list have each value of ``query.facets`` together, the most frequent first."""
        listing = self._listing(grammar, query)
        found = listing.counts(query.facets, exact=True)
        rows = [(tuple(as_written(value) for value in row[:-1]), int(row[-1])) for row in found]
        return Counts(listing.total(), sorted(rows, key=lambda each: (-each[1], each[0])))

    def _listing(self, grammar: Grammar, query: ListQuery) -> Listing:
        terms = self.referents.resolved(grammar.resource, query.terms)
        return Listing(self.connection, self.tables, grammar, replace(query, terms=terms))
