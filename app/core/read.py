"""Reading: one query for a page, one for each relation, none for each record. Rows become dictionaries, not models.

Every table is reached through :meth:`Reader.rows` and every record through :func:`app.core.visibility.visible`, so
the past and what a client may see are decided in one place for lists, counts, facets, references and inclusions.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import history
from app.core.model import Record, State
from app.core.page import Cursors
from app.core.query import LIMIT, Ask, Grammar, Term, is_partial_date, unwrap
from app.core.relations import AnyOne, Many, One, Relation, table_of
from app.core.resource import Catalogue, Resource, Through
from app.core.search import documents, matching, relevance
from app.core.text import SLUG_LENGTH, SLUG_PATTERN, UUID_PATTERN
from app.core.visibility import Role, Viewer, visible
from app.core.vocabulary import Vocabulary
from app.errors import Gone, NotFound

_KEY = re.compile(SLUG_PATTERN.strip("^$"))
_AFTER_ANY = "~"
"""Sorts after every continuation of a partial date: "2024-05" comes before "2024~"."""


@dataclass(frozen=True, slots=True)
class Located:
    """A record that was found."""

    id: UUID
    slug: str
    revision: int
    updated_at: datetime


class Moved(Exception):
    """A record is asked for by a slug it no longer has."""

    def __init__(self, former: str, slug: str) -> None:
        """Name the slug that it had, and the one that it has now."""
        super().__init__(slug)
        self.former = former
        self.slug = slug


@dataclass
class Page:
    """A part of a list."""

    records: list[dict[str, Any]]
    after: list[Any] | None
    """The sort values to go on after; None at the end of the list."""
    total: int | None = None
    facets: dict[str, dict[str, int]] | None = None
    included: dict[str, list[dict[str, Any]]] | None = None


@dataclass
class _Key:
    """A sort key: an expression, its direction, and whether it can be unset."""

    expression: sa.ColumnElement[Any]
    descending: bool
    nullable: bool


@dataclass
class _Gathered:
    """The ids of the records referred to on a page, by resource."""

    ids: dict[str, set[UUID]] = field(default_factory=dict)

    def add(self, name: str, ids: Iterable[UUID]) -> None:
        self.ids.setdefault(name, set()).update(ids)


def as_id(key: str) -> UUID | None:
    """A key as an id, or None where it is a slug."""
    # The class alone takes hyphens anywhere, and so would take some slugs for ids.
    return UUID(key) if re.fullmatch(UUID_PATTERN, key) else None


def is_key(text: str) -> bool:
    """Whether a text can be a slug or an id at all."""
    return len(text) <= SLUG_LENGTH and _KEY.fullmatch(text) is not None


def split_keys(keys: Iterable[str]) -> tuple[list[UUID], list[str]]:
    """Keys sorted into ids and slugs."""
    ids: list[UUID] = []
    slugs: list[str] = []
    for key in keys:
        found = as_id(key)
        if found is None:
            slugs.append(key)
        else:
            ids.append(found)
    return ids, slugs


def named(rows: sa.FromClause, keys: Iterable[str]) -> sa.ColumnElement[bool]:
    """The condition under which a record is one of those named by slug or id."""
    ids, slugs = split_keys(keys)
    either = []
    if ids:
        either.append(rows.c.id.in_(ids))
    if slugs:
        either.append(rows.c.slug.in_(slugs))
    return sa.or_(*either) if either else sa.false()


_ALIASES: dict[tuple[sa.Table, int], sa.FromClause] = {}


class Reader:
    """Reads the register on behalf of a viewer, as it is or as it stood after change ``at``."""

    def __init__(
        self,
        connection: sa.Connection,
        catalogue: Catalogue,
        viewer: Viewer,
        today: date | None = None,
        at: int | None = None,
    ) -> None:
        """Read within the transaction of this connection. Computed fields are as of ``today``, in UTC."""
        self.connection = connection
        self.catalogue = catalogue
        self.viewer = viewer
        self.today = today or datetime.now(UTC).date()
        self.at = at
        self._dialect = connection.dialect.name
        self._tables: dict[sa.Table, sa.FromClause] = {}
        self._handed_out: dict[sa.Table, int] = {}

    # -- tables ------------------------------------------------------------------------------------------------

    def rows(self, table: sa.Table) -> sa.FromClause:
        """A table, as it is or as it stood."""
        if self.at is None:
            return table
        if table not in self._tables:
            self._tables[table] = history.as_of(table, self.at)
        return self._tables[table]

    def seen(self, table: type[Record]) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """A table of records, and the condition under which the viewer sees a row of it."""
        rows = self.rows(table_of(table))
        return rows, visible(rows, self.viewer)

    def other(self, table: type[Record]) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """The same under a name of its own, for a query that may hold the table already."""
        rows = self.named_apart(table_of(table))
        return rows, visible(rows, self.viewer)

    def named_apart(self, table: sa.Table) -> sa.FromClause:
        """A table under a name that no other part of this reader's queries has.

        Making an alias costs more than running a small query, so they are made once and handed out in turn: the same
        request gives the same names, and so finds its statements compiled.
        """
        if self.at is not None:
            return self.rows(table).alias()
        taken = self._handed_out.get(table, 0)
        self._handed_out[table] = taken + 1
        made = _ALIASES.get((table, taken))
        # Another thread may be as far: all must get the same one.
        return made if made is not None else _ALIASES.setdefault((table, taken), table.alias(f"{table.name}_{taken}"))

    def value(self, resource: Resource, rows: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
        """A field of a row, stored or computed."""
        if name in rows.c:
            return rows.c[name]
        return resource.computed[name](RowFacts(self, rows))

    # -- one record --------------------------------------------------------------------------------------------

    def locate(self, resource: Resource, key: str) -> Located:
        """A record the viewer may see, by slug or id; raises NotFound, Gone or Moved."""
        if not is_key(key):
            raise NotFound()
        rows = self.rows(resource.rows)
        seen = visible(rows, self.viewer).label("seen")
        chosen = sa.select(rows.c.id, rows.c.slug, rows.c.revision, rows.c.updated_at, rows.c.state, seen)
        found = self.connection.execute(chosen.where(named(rows, [key]))).first()
        if found is not None:
            if found.seen:
                return Located(found.id, found.slug, found.revision, found.updated_at)
            if found.state == State.withdrawn.value and (
                self.viewer.role >= Role.editor or history.was_published(self.connection, resource.table, found.id)
            ):
                raise Gone()
            raise NotFound()
        self._moved(resource, key)
        raise NotFound()

    def _moved(self, resource: Resource, key: str) -> None:
        """What became of the record that once had this slug, as far as the viewer may know that it had."""
        past = history.twin(resource.rows)
        known: sa.ColumnElement[bool] = past.c.state == State.published.value
        if self.viewer.role >= Role.editor:
            known = sa.true()
        elif not self.viewer.public:
            known = sa.or_(known, past.c.created_by == self.viewer.key)
        had = sa.select(past.c.id).where(past.c.slug == key, known)
        rows = self.rows(resource.rows)
        seen = visible(rows, self.viewer).label("seen")
        now = self.connection.execute(sa.select(rows.c.slug, rows.c.state, seen).where(rows.c.id.in_(had))).first()
        if now is not None and now.seen and now.slug != key:
            raise Moved(key, now.slug)
        if now is not None and now.state == State.withdrawn.value:
            raise Gone()

    def one(self, resource: Resource, record: UUID, ask: Ask | None = None) -> dict[str, Any]:
        """A record that was located, with what is to be included under ``included``."""
        ask = ask or Ask()
        gathered = _Gathered()
        (shown,) = self._records(resource, [record], ask.fields, ask.include, gathered, every=True)
        if ask.include:
            shown["included"] = self._included(ask.include, gathered)
        return shown

    def several(self, resource: Resource, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
        """Those of some records that the viewer sees, by id."""
        return {record["id"]: record for record in self._records(resource, ids)}

    def _records(
        self,
        resource: Resource,
        ids: Collection[UUID],
        fields: Sequence[str] | None = None,
        include: Sequence[str] = (),
        gathered: _Gathered | None = None,
        *,
        every: bool = False,
    ) -> list[dict[str, Any]]:
        rows, condition = self.seen(resource.table)
        shape = _Shape(resource, self.catalogue, fields, include)
        columns = (self.value(resource, rows, name) for name in shape.columns)
        wanted = sa.select(*columns).where(rows.c.id.in_(list(ids)))
        if not every:
            wanted = wanted.where(condition)
        found = self.connection.execute(wanted.order_by(rows.c.slug)).all()
        return self._assemble(shape, [tuple(row) for row in found], gathered)

    # -- lists -------------------------------------------------------------------------------------------------

    def page(self, grammar: Grammar, ask: Ask, cursors: Cursors, limit: int | None = None) -> Page:
        """A page of the list that a request asks for."""
        resource = grammar.resource
        size = limit or ask.limit or LIMIT
        rows, conditions = self._matching(resource, ask)
        shape = _Shape(resource, self.catalogue, ask.fields, ask.include)
        keys = self._keys(grammar, ask, rows)
        columns = (self.value(resource, rows, name) for name in shape.columns)
        wanted = sa.select(*columns, *(key.expression for key in keys))
        if ask.q is not None:
            wanted = wanted.select_from(rows.join(documents, documents.c.record_id == rows.c.id))
        wanted = wanted.where(*conditions)
        if ask.cursor is not None:
            wanted = wanted.where(self._after(keys, cursors.read(resource.name, ask)))
        wanted = wanted.order_by(*(self._order(key) for key in keys)).limit(size + 1)
        found = [tuple(row) for row in self.connection.execute(wanted)]
        more, found = len(found) > size, found[:size]
        gathered = _Gathered()
        return Page(
            records=self._assemble(shape, found, gathered),
            after=list(found[-1][len(shape.columns) :]) if more else None,
            total=self._count(rows, conditions) if ask.count else None,
            facets={name: self._facet(grammar, name, rows, conditions) for name in ask.facets} if ask.facets else None,
            included=self._included(ask.include, gathered) if ask.include else None,
        )

    def _matching(self, resource: Resource, ask: Ask) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
        rows, condition = self.seen(resource.table)
        conditions = [condition, *(self._condition(resource, rows, term) for term in ask.terms)]
        if ask.q is not None:
            hits = sa.select(documents.c.record_id).where(
                documents.c.resource == resource.name, matching(self._dialect, ask.q)
            )
            conditions.append(rows.c.id.in_(hits))
        return rows, conditions

    def _count(self, rows: sa.FromClause, conditions: Sequence[sa.ColumnElement[bool]]) -> int:
        count = sa.select(sa.func.count()).select_from(rows).where(*conditions)
        return int(self.connection.execute(count).scalar_one())

    def _keys(self, grammar: Grammar, ask: Ask, rows: sa.FromClause) -> list[_Key]:
        keys: list[_Key] = []
        if ask.q is not None and not ask.sort:
            keys.append(_Key(relevance(self._dialect, ask.q), True, False))
        for name, descending in ask.sort or grammar.order:
            column = self.value(grammar.resource, rows, name)
            nullable = grammar.resource.nullable(name)
            keys.append(_Key(_sortable(grammar.resource, name, column), descending, nullable))
        keys.append(_Key(rows.c.id, False, False))
        return keys

    def _order(self, key: _Key) -> sa.ColumnElement[Any]:
        """An ordering in which unset values come last, said only where the database would not do so by itself."""
        ordered: sa.ColumnElement[Any] = key.expression.desc() if key.descending else key.expression.asc()
        by_itself = key.descending if self._dialect == "sqlite" else not key.descending
        return ordered if not key.nullable or by_itself else ordered.nulls_last()

    def _after(self, keys: Sequence[_Key], values: Sequence[Any]) -> sa.ColumnElement[bool]:
        """The condition under which a row comes after the one with these values."""
        either: list[sa.ColumnElement[bool]] = []
        same: list[sa.ColumnElement[bool]] = []
        for key, value in zip(keys, values, strict=True):
            if value is not None:
                beyond = key.expression < value if key.descending else key.expression > value
                if key.nullable:
                    beyond = sa.or_(beyond, key.expression.is_(None))
                either.append(sa.and_(*same, beyond))
                same.append(key.expression == value)
            else:
                same.append(key.expression.is_(None))
        return sa.or_(*either)

    # -- filters -----------------------------------------------------------------------------------------------

    def _condition(self, resource: Resource, rows: sa.FromClause, term: Term) -> sa.ColumnElement[bool]:
        name = term.filter.target
        if term.filter.how == "field":
            column = self.value(resource, rows, name)
            return _compare(column, resource.nullable(name), _is_partial(resource, name), term)
        if term.filter.how == "members":
            return self._member(rows.c[name], term)
        if term.filter.how == "through":
            return self._through(resource, rows, resource.listing.through[name], term)
        return self._path(resource, rows, name, term)

    def _path(self, resource: Resource, rows: sa.FromClause, path: str, term: Term) -> sa.ColumnElement[bool]:
        """A relation, or the relation of a record that is referred to."""
        first, _, rest = path.partition(".")
        relation = resource.by_field[first]
        if not rest:
            return self._related(resource, rows, relation, term)
        assert isinstance(relation, One)
        column: sa.ColumnElement[Any] = rows.c[relation.column]
        target, condition = self.other(relation.target)
        if term.filter.operator == "ne":
            # None of these: neither is what leads nowhere.
            term = replace(term, filter=replace(term.filter, operator=""))
            beyond = self._path(self.catalogue.of(relation.target), target, rest, term)
            return sa.or_(column.not_in(sa.select(target.c.id).where(condition, beyond)), column.is_(None))
        beyond = self._path(self.catalogue.of(relation.target), target, rest, term)
        return sa.and_(column.in_(sa.select(target.c.id).where(condition, beyond)))

    def _through(self, resource: Resource, rows: sa.FromClause, through: Through, term: Term) -> sa.ColumnElement[bool]:
        """A field of the records on the other side of a relation."""
        relation = resource.by_field[through.relation]
        assert isinstance(relation, Many)
        link, target, join, conditions = self._linked(relation, through.where)
        values = [getattr(value, "value", value) for value in term.values]
        owners = sa.select(link.c[relation.owner]).select_from(join).where(*conditions)
        found = rows.c.id.in_(owners.where(target.c[through.field].in_(values)))
        return sa.not_(found) if term.filter.operator == "ne" else sa.and_(found)

    def _member(self, column: sa.ColumnElement[Any], term: Term) -> sa.ColumnElement[bool]:
        items = self._items(column)
        found = sa.exists().where(items.c.value.in_([getattr(value, "value", value) for value in term.values]))
        return ~found if term.filter.operator == "ne" else found

    def _items(self, column: sa.ColumnElement[Any]) -> sa.TableValuedAlias:
        """The members of a list-valued column, as rows with a ``value``."""
        if self._dialect == "sqlite":
            return sa.func.json_each(column).table_valued("value")
        return sa.func.json_array_elements_text(column).table_valued("value")

    def _related(
        self, resource: Resource, rows: sa.FromClause, relation: Relation, term: Term
    ) -> sa.ColumnElement[bool]:
        operator = term.filter.operator
        keys = () if operator == "isnull" else tuple(str(value) for value in term.values)
        if isinstance(relation, One):
            column: sa.ColumnElement[Any] = rows.c[relation.column]
            target, condition = self.other(relation.target)
            if operator == "isnull":
                return _null(~column.in_(sa.select(target.c.id).where(condition)) | column.is_(None), term)
            asked = sa.select(target.c.id).where(condition, named(target, keys))
            if operator == "" and len(keys) == 1:
                # One key names one record at most, which tells the database that an index on the column is worth it.
                return column == asked.scalar_subquery()
            found: sa.ColumnElement[bool] = column.in_(asked)
            return sa.or_(~found, column.is_(None)) if operator == "ne" else found
        if isinstance(relation, AnyOne):
            either: list[sa.ColumnElement[bool]] = []
            for each in self._citable():
                target, condition = self.other(each.table)
                ids = sa.select(target.c.id).where(condition, named(target, keys))
                either.append(sa.and_(rows.c[relation.type_column] == each.singular, rows.c[relation.column].in_(ids)))
            found = sa.or_(*either)
            return sa.not_(found) if operator == "ne" else found
        through, target, join, conditions = self._linked(relation)
        owners = sa.select(through.c[relation.owner]).select_from(join).where(*conditions)
        if operator == "isnull":
            return _null(~rows.c.id.in_(owners), term)
        found = rows.c.id.in_(owners.where(named(target, keys)))
        return ~found if operator == "ne" else found

    def _citable(self) -> list[Resource]:
        return [each for each in self.catalogue if "sources" in each.by_field]

    def _linked(
        self, relation: Many, where: Mapping[str, str] | None = None
    ) -> tuple[sa.FromClause, sa.FromClause, sa.FromClause, list[sa.ColumnElement[bool]]]:
        """The linking rows of a relation joined to their targets, and what limits both to what is seen."""
        through = self.named_apart(relation.links)
        target, condition = self.other(relation.target)
        limits = {**relation.where, **(where or {})}
        conditions = [condition, *(through.c[name] == value for name, value in limits.items())]
        if "state" in through.c:
            conditions.append(visible(through, self.viewer))
        return through, target, through.join(target, through.c[relation.via] == target.c.id), conditions

    def linked(
        self, resource: Resource, field_: str, where: Mapping[str, str] | None = None
    ) -> tuple[sa.FromClause, sa.ColumnElement[Any], sa.FromClause, list[sa.ColumnElement[bool]]]:
        """A relation to several: its linking rows joined to its targets, the owner's id, the targets, the limits."""
        relation = resource.by_field[field_]
        assert isinstance(relation, Many)
        through, target, join, conditions = self._linked(relation, where)
        return join, through.c[relation.owner], target, conditions

    # -- facets ------------------------------------------------------------------------------------------------

    def _facet(
        self, grammar: Grammar, name: str, rows: sa.FromClause, conditions: Sequence[sa.ColumnElement[bool]]
    ) -> dict[str, int]:
        resource = grammar.resource
        filter_ = grammar.filters[name]
        counted: sa.ColumnElement[int] = sa.func.count(sa.distinct(rows.c.id))
        value: sa.ColumnElement[Any]
        source: sa.FromClause
        extra: list[sa.ColumnElement[bool]] = []
        if filter_.how == "field":
            value, source = self.value(resource, rows, filter_.target), rows
            extra = [value.is_not(None)]
        elif filter_.how == "through":
            through_ = resource.listing.through[filter_.target]
            relation = resource.by_field[through_.relation]
            assert isinstance(relation, Many)
            through, target, join, extra = self._linked(relation, through_.where)
            value, source = target.c[through_.field], rows.join(join, rows.c.id == through.c[relation.owner])
            extra = [*extra, value.is_not(None)]
        elif filter_.how == "members":
            items = self._items(rows.c[filter_.target])
            value, source = items.c.value, rows.join(items, sa.true())
        else:
            relation = resource.by_field[filter_.target]
            if isinstance(relation, Many):
                through, target, join, extra = self._linked(relation)
                value, source = target.c.slug, rows.join(join, rows.c.id == through.c[relation.owner])
            else:
                assert isinstance(relation, One)
                target, condition = self.other(relation.target)
                value, source = target.c.slug, rows.join(target, rows.c[relation.column] == target.c.id)
                extra = [condition]
        counts = sa.select(value, counted).select_from(source).where(*conditions, *extra).group_by(value)
        found = [(_facet_value(row[0]), int(row[1])) for row in self.connection.execute(counts)]
        return dict(sorted(found, key=lambda each: (-each[1], each[0])))

    # -- relations ---------------------------------------------------------------------------------------------

    def _assemble(
        self, shape: "_Shape", found: Sequence[tuple[Any, ...]], gathered: _Gathered | None
    ) -> list[dict[str, Any]]:
        names = shape.shown
        places = [shape.place.get(name) for name in names]
        records = [
            {name: None if place is None else row[place] for name, place in zip(names, places, strict=True)}
            for row in found
        ]
        if not found:
            return records
        for relation in shape.relations:
            shown = relation.field in shape.wanted
            filled = self._fill(shape, relation, found, gathered)
            if shown:
                for record, value in zip(records, filled, strict=True):
                    record[relation.field] = value
        return records

    def _fill(
        self,
        shape: "_Shape",
        relation: Relation,
        found: Sequence[tuple[Any, ...]],
        gathered: _Gathered | None,
    ) -> list[Any]:
        if isinstance(relation, Many):
            return self._fill_many(shape, relation, found, gathered)
        if isinstance(relation, AnyOne):
            return self._fill_any(shape, relation, found, gathered)
        place = shape.place[relation.column]
        ids = {row[place] for row in found if row[place] is not None}
        references = self._references(self.catalogue.of(relation.target), ids)
        if gathered is not None:
            gathered.add(relation.target.plural, references)
        return [references.get(row[place]) for row in found]

    def _references(self, target: Resource, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
        if not ids:
            return {}
        rows, condition = self.seen(target.table)
        wanted = sa.select(rows.c.id, rows.c.slug, rows.c[target.label]).where(rows.c.id.in_(list(ids)), condition)
        return {row[0]: {"id": row[0], "slug": row[1], "title": row[2]} for row in self.connection.execute(wanted)}

    def _fill_any(
        self, shape: "_Shape", relation: AnyOne, found: Sequence[tuple[Any, ...]], gathered: _Gathered | None
    ) -> list[Any]:
        kind, place = shape.place[relation.type_column], shape.place[relation.column]
        by_type: dict[str, set[UUID]] = {}
        for row in found:
            by_type.setdefault(row[kind], set()).add(row[place])
        parts = []
        for singular, ids in sorted(by_type.items()):
            target = self.catalogue.by_singular[singular]
            rows, condition = self.seen(target.table)
            label = rows.c[target.label].label("title")
            part = sa.select(sa.literal(singular).label("type"), rows.c.id, rows.c.slug, label)
            parts.append(part.where(rows.c.id.in_(list(ids)), condition))
        references = {
            (row[0], row[1]): {"type": row[0], "id": row[1], "slug": row[2], "title": row[3]}
            for row in self.connection.execute(sa.union_all(*parts))
        }
        if gathered is not None:
            for singular, id_ in references:
                gathered.add(self.catalogue.by_singular[singular].name, [id_])
        return [references.get((row[kind], row[place])) for row in found]

    def _fill_many(
        self, shape: "_Shape", relation: Many, found: Sequence[tuple[Any, ...]], gathered: _Gathered | None
    ) -> list[Any]:
        place = shape.place["id"]
        owners = [row[place] for row in found]
        through, target, join, conditions = self._linked(relation)
        title = target.c[self.catalogue.of(relation.target).label]
        extras = [through.c[name] for name in relation.extras]
        order = through.c.position if "position" in through.c else through.c.id
        wanted = (
            sa.select(through.c[relation.owner], target.c.id, target.c.slug, title, *extras)
            .select_from(join)
            .where(through.c[relation.owner].in_(owners), *conditions)
            .order_by(order)
        )
        by_owner: dict[UUID, dict[Any, Any]] = {owner: {} for owner in owners}
        for owner, id_, slug, label, *rest in self.connection.execute(wanted):
            reference = {"id": id_, "slug": slug, "title": label}
            shown = (
                {relation.item: reference, **dict(zip(relation.extras, rest, strict=True))}
                if relation.item
                else reference
            )
            by_owner[owner].setdefault((id_, *rest), shown)
            if gathered is not None:
                gathered.add(relation.target.plural, [id_])
        return [list(by_owner[owner].values()) for owner in owners]

    def _included(self, include: Sequence[str], gathered: _Gathered) -> dict[str, list[dict[str, Any]]]:
        return {
            name: self._records(self.catalogue.by_name[name], ids) if (ids := gathered.ids.get(name)) else []
            for name in include
        }


class RowFacts:
    """What a computed field can look at, for one row of a query."""

    def __init__(self, reader: Reader, row: sa.FromClause) -> None:
        """Look from a row, through a reader's eyes."""
        self._reader = reader
        self.row = row
        self.today = reader.today

    def records(self, name: str) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """The rows of a resource, and the condition under which one is seen."""
        return self._reader.other(self._reader.catalogue.by_name[name].table)

    def rows(self, table: sa.Table) -> sa.FromClause:
        """A linking table."""
        return self._reader.named_apart(table)


class _Shape:
    """Which columns and relations a read needs: what is shown, and what is included."""

    def __init__(
        self, resource: Resource, catalogue: Catalogue, fields: Sequence[str] | None, include: Sequence[str]
    ) -> None:
        self.wanted = frozenset(fields) if fields is not None else frozenset(resource.fields)
        self.shown = [name for name in resource.fields if name in self.wanted]
        self.relations = [
            relation
            for relation in resource.relations
            if relation.field in self.wanted or (include and _leads_to(relation, include))
        ]
        names = dict.fromkeys(["id", *(name for name in self.shown if name not in resource.by_field)])
        for relation in self.relations:
            if isinstance(relation, AnyOne):
                names |= {relation.type_column: None, relation.column: None}
            elif isinstance(relation, One):
                names[relation.column] = None
        self.columns = list(names)
        self.place = {name: place for place, name in enumerate(self.columns)}


def _leads_to(relation: Relation, include: Sequence[str]) -> bool:
    return isinstance(relation, AnyOne) or relation.target.plural in include


def _null(condition: sa.ColumnElement[bool], term: Term) -> sa.ColumnElement[bool]:
    return condition if term.values[0] else ~condition


def _facet_value(value: Any) -> str:
    """A value as it is written in a query."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_partial(resource: Resource, name: str) -> bool:
    info = resource.read.model_fields.get(name)
    return info is not None and is_partial_date(info)


def _lower(text: str) -> str:
    """Lower case for ASCII letters alone, as both databases do it."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _sortable(resource: Resource, name: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """What a field sorts by: a term of a vocabulary by its place in it, anything else by itself."""
    bare = unwrap(resource.read.model_fields[name].annotation)[1]
    if isinstance(bare, type) and issubclass(bare, Vocabulary) and name != "state":
        return sa.case({term.value: place for place, term in enumerate(bare)}, value=column)
    return column


def _compare(column: sa.ColumnElement[Any], nullable: bool, partial: bool, term: Term) -> sa.ColumnElement[bool]:
    values = [getattr(value, "value", value) for value in term.values]
    value = values[0]
    match term.filter.operator:
        case "":
            return column.in_(values)
        case "ne":
            different = column.not_in(values)
            return sa.or_(different, column.is_(None)) if nullable else different
        case "lt":
            return sa.and_(column < value)
        case "lte":
            return sa.and_(column < value + _AFTER_ANY if partial else column <= value)
        case "gt":
            return sa.and_(column > value + _AFTER_ANY if partial else column > value)
        case "gte":
            return sa.and_(column >= value)
        case "contains":
            return sa.func.lower(column).like(f"%{escaped(_lower(value))}%", escape="\\")
        case _:
            return _null(column.is_(None), term)


def escaped(text: str) -> str:
    """Text in which the wildcards of LIKE stand for themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def reference_keys(record: Mapping[str, Any], relation: Relation) -> Any:
    """A relation of a record that was read, as a client would write it."""
    value = record[relation.field]
    if isinstance(relation, One):
        return value["slug"] if value else None
    if isinstance(relation, AnyOne):
        return {"type": value["type"], "slug": value["slug"]} if value else None
    if relation.item is None:
        return [each["slug"] for each in value]
    return [{**each, relation.item: each[relation.item]["slug"]} for each in value]
