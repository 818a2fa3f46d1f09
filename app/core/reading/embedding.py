"""Records with what they refer to: one statement for each relation of a page, none for each record.

Rows become dictionaries, not models. Every statement is built once for its shape; the ids of a page are one parameter.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.reading.plans import Row
from app.core.reading.spoiled import only_readable, readable_rows
from app.core.reading.tables import Tables
from app.core.relations import AnyOne, Many, One, Relation
from app.core.resource import Resource
from app.core.storage.history import as_published
from app.core.storage.id_lists import among
from app.core.visibility import Role

Shown = dict[str, Any]

NOT_PUBLIC = "(not public)"
"""The title of what is named by its id alone."""

References = dict[int, Shown]
"""By the number that an id is: of ids themselves Python finds the hash by a function of its own, thousands a page."""


@dataclass
class Referred:
    """The ids of the records that some records refer to, by resource."""

    ids: dict[str, set[UUID]] = field(default_factory=dict)

    def add(self, name: str, ids: Iterable[UUID]) -> None:
        """Add some records of a resource."""
        self.ids.setdefault(name, set()).update(ids)


class Shape:
    """Which columns and relations a read needs: what is shown, and what is included."""

    def __init__(self, resource: Resource, fields: Sequence[str] | None = None, include: Sequence[str] = ()) -> None:
        """Show some fields of a resource, all where None; find what the resources to include are named by."""
        self.resource = resource
        self.key = (resource, fields, tuple(include))
        self.wanted = frozenset(fields if fields is not None else resource.fields)
        self.relations = [
            relation
            for relation in resource.relations
            if relation.field in self.wanted or (include and _leads_to(relation, include))
        ]
        shown = [name for name in resource.fields if name in self.wanted]
        columns = dict.fromkeys(["id", *(name for name in shown if name not in resource.by_field)])
        for relation in self.relations:
            if isinstance(relation, AnyOne):
                columns |= {relation.type_column: None, relation.column: None}
            elif isinstance(relation, One):
                columns[relation.column] = None
        self.columns = tuple(columns)
        self.place = {name: place for place, name in enumerate(self.columns)}
        self.shown = [(name, self.place.get(name)) for name in shown]

    def select(self, tables: Tables, rows: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        """The columns to select from the rows."""
        return [tables.value(self.resource, rows, name) for name in self.columns]

    def record(self, row: Row) -> Shown:
        """A row as a record, its relations still unset."""
        return {name: None if place is None else row[place] for name, place in self.shown}


def _leads_to(relation: Relation, include: Sequence[str]) -> bool:
    return isinstance(relation, AnyOne) or relation.target.plural in include


class Embedding:
    """Reads records by their ids, and fills in what records refer to."""

    def __init__(self, connection: sa.Connection, tables: Tables) -> None:
        """Read within the transaction of this connection, through a viewer's tables."""
        self._connection = connection
        self._tables = tables

    def records(
        self,
        shape: Shape,
        ids: Collection[UUID],
        referred: Referred | None = None,
        *,
        whatever_visible: bool = False,
        order: Sequence[UUID] | None = None,
    ) -> list[Shown]:
        """Those of some records that the viewer sees, by slug or in a given order.

        Returns all of them where the caller has already checked which are visible.
        """

        def build() -> sa.Select[Any]:
            rows, visible = self._tables.visible(shape.resource.table)
            found = sa.select(*shape.select(self._tables, rows)).where(among(rows.c.id, self._tables.dialect))
            return (found if whatever_visible else found.where(visible)).order_by(rows.c.slug)

        statement = self._tables.built_once(("records", *shape.key, whatever_visible), build)
        rows = readable_rows(self._connection, statement, {"ids": list(ids)}, shape.resource.name)
        found = [row for row in rows if row is not None]
        if order is not None:
            place = {id_: number for number, id_ in enumerate(order)}
            found.sort(key=lambda row: place[row[0]])
        return self.assembled(shape, found, referred)

    def assembled(self, shape: Shape, rows: Sequence[Row], referred: Referred | None = None) -> list[Shown]:
        """Rows as records, with their references filled in."""
        records = [shape.record(row) for row in rows]
        if not rows:
            return records
        for relation in shape.relations:
            filled = self._filled(shape, relation, rows, referred)
            if relation.field in shape.wanted:
                for record, value in zip(records, filled, strict=True):
                    record[relation.field] = value
        return records

    def included(self, names: Sequence[str], referred: Referred) -> dict[str, list[Shown]]:
        """The records referred to, in full, of the resources named."""
        by_name = self._tables.catalogue.by_name
        return {
            name: self.records(Shape(by_name[name]), ids) if (ids := referred.ids.get(name)) else [] for name in names
        }

    # -- relations ---------------------------------------------------------------------------------------------

    def _rows(self, statement: sa.Select[Any] | sa.CompoundSelect[Any], **bound: Any) -> list[Row]:
        values = {name: list(value) for name, value in bound.items()}
        return only_readable(self._connection, statement, values, "what records refer to")

    def _filled(self, shape: Shape, relation: Relation, rows: Sequence[Row], referred: Referred | None) -> list[Any]:
        if isinstance(relation, Many):
            return self._filled_many(shape, relation, rows, referred)
        if isinstance(relation, AnyOne):
            return self._filled_any(shape, relation, rows, referred)
        place = shape.place[relation.column]
        ids = [row[place] for row in rows]
        wanted = {id_.int: id_ for id_ in ids if id_ is not None}
        target = self._tables.catalogue.of(relation.target)
        references = self._references(target, wanted.values())
        if shape.resource.binding(relation) and len(references) < len(wanted):
            missing = [id_ for number, id_ in wanted.items() if number not in references]
            references |= self._not_visible(target, missing)
        if referred is not None:
            referred.add(relation.target.plural, (reference["id"] for reference in references.values()))
        return [None if id_ is None else references.get(id_.int) for id_ in ids]

    def _references(self, target: Resource, ids: Collection[UUID]) -> References:
        """References to the records of a resource."""
        if not ids:
            return {}

        def build() -> sa.Select[Any]:
            rows, visible = self._tables.visible(target.table)
            found = sa.select(rows.c.id, rows.c.slug, self._tables.title(target, rows))
            return found.where(among(rows.c.id, self._tables.dialect), visible)

        statement = self._tables.built_once(("references", target), build)
        return {row[0].int: _reference(*row) for row in self._rows(statement, ids=ids)}

    def _not_visible(self, target: Resource, ids: Collection[UUID]) -> References:
        """References to what records depend on, though the viewer does not see it.

        The author of a draft sees what it belongs to as the public last saw it, where that has gone back to being a
        draft of others; an editor sees so what was withdrawn. All else is named by its id: what was never public, and
        for everybody but editors what was withdrawn since a record of the past referred to it.
        """
        if not ids:
            return {}
        named = {id_.int: _reference(id_, str(id_), NOT_PUBLIC) for id_ in ids}
        viewer = self._tables.viewer
        if not viewer.public:
            chosen = as_published(target, ids, withdrawn=viewer.role >= Role.editor)
            versions = only_readable(self._connection, chosen, {}, target.name)
            named |= {row[0].int: _reference(*row) for row in versions}
        return named

    def _filled_any(self, shape: Shape, relation: AnyOne, rows: Sequence[Row], referred: Referred | None) -> list[Any]:
        kind, place = shape.place[relation.type_column], shape.place[relation.column]
        by_type: dict[str, dict[int, UUID]] = {}
        for row in rows:
            by_type.setdefault(row[kind], {})[row[place].int] = row[place]
        singulars = tuple(sorted(by_type))
        statement = self._tables.built_once(("any of", singulars), self._any_of(singulars))
        bound = {f"ids_{singular}": by_type[singular].values() for singular in singulars}
        found: dict[str, References] = {singular: {} for singular in singulars}
        for singular, id_, slug, title in self._rows(statement, **bound):
            found[singular][id_.int] = {"type": singular, **_reference(id_, slug, title)}
        for singular, ids in by_type.items():
            target, references = self._tables.catalogue.by_singular[singular], found[singular]
            missing = [id_ for number, id_ in ids.items() if number not in references]
            for number, shown in self._not_visible(target, missing).items():
                references[number] = {"type": singular, **shown}
            if referred is not None:
                referred.add(target.name, (reference["id"] for reference in references.values()))
        return [found[row[kind]].get(row[place].int) for row in rows]

    def _any_of(self, singulars: Sequence[str]) -> Callable[[], sa.CompoundSelect[Any]]:
        def build() -> sa.CompoundSelect[Any]:
            parts = []
            for singular in singulars:
                target = self._tables.catalogue.by_singular[singular]
                rows, visible = self._tables.visible(target.table)
                title = self._tables.title(target, rows).label("title")
                part = sa.select(sa.literal(singular).label("type"), rows.c.id, rows.c.slug, title)
                parts.append(part.where(among(rows.c.id, self._tables.dialect, f"ids_{singular}"), visible))
            return sa.union_all(*parts)

        return build

    def _filled_many(self, shape: Shape, relation: Many, rows: Sequence[Row], referred: Referred | None) -> list[Any]:
        place = shape.place["id"]
        owners = [row[place] for row in rows]
        statement = self._tables.built_once(("links", shape.resource, relation.field), self._links(relation))
        by_owner: dict[int, dict[Any, Any]] = {owner.int: {} for owner in owners}
        found = self._rows(statement, ids=owners)
        for owner, id_, slug, title, *rest in found:
            shown = _reference(id_, slug, title)
            if relation.item:
                shown = {relation.item: shown, **dict(zip(relation.extras, rest, strict=True))}
            by_owner[owner.int].setdefault((id_.int, *rest) if rest else id_.int, shown)
        if referred is not None:
            referred.add(relation.target.plural, (row[1] for row in found))
        return [list(by_owner[owner.int].values()) for owner in owners]

    def _links(self, relation: Many) -> Callable[[], sa.Select[Any]]:
        def build() -> sa.Select[Any]:
            linked = self._tables.links_of(relation)
            links, target = linked.links, linked.target
            title = self._tables.title(self._tables.catalogue.of(relation.target), target)
            extras = [links.c[name] for name in relation.extras]
            order = links.c.position if "position" in links.c else links.c.id
            owner = links.c[relation.owner]
            chosen = sa.select(owner, target.c.id, target.c.slug, title, *extras).select_from(linked.join)
            return chosen.where(among(owner, self._tables.dialect), *linked.conditions).order_by(order)

        return build


def _reference(id_: UUID, slug: str, title: str) -> Shown:
    return {"id": id_, "slug": slug, "title": title}
