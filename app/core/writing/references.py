"""References: the slugs and ids of a body turned into the ids of records that the client can see."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.model import RecordWrite, State
from app.core.reading.plans import Row
from app.core.reading.slug_or_id import as_id, is_slug_or_id, split_slugs_and_ids
from app.core.reading.spoiled import only_readable
from app.core.reading.statements import built_once, rows_of
from app.core.relations import AnyOne, Many, One, Relation, table_of
from app.core.resource import Catalogue, Resource
from app.core.storage.column_types import plain
from app.core.storage.id_lists import among, among_texts
from app.core.visibility import Role, Viewer, visible
from app.errors import Flaw

MAX_REFERENCES = 100
"""So many references of a record that is not valid anyway are looked up."""


@dataclass
class Resolved:
    """What a body refers to: columns of the record itself, rows of linking tables by field, and what leads nowhere."""

    columns: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)


class References:
    """Looks up what bodies refer to, each record once in a transaction: a bundle names the same ones over and over."""

    def __init__(self, connection: Callable[[], sa.Connection], catalogue: Catalogue, viewer: Viewer) -> None:
        """Look things up as a viewer sees them."""
        self._connection = connection
        self._catalogue = catalogue
        self._viewer = viewer
        self._found: dict[sa.Table, dict[str, UUID]] = {}
        self._published: set[UUID] = set()

    def forget(self) -> None:
        """Look everything up again: a record has changed."""
        self._found.clear()
        self._published.clear()

    def note(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Take note of a record that was just made, so that it need not be looked up."""
        found = self._found.setdefault(table, {})
        found[row["slug"]] = found[str(row["id"])] = row["id"]
        if row["state"] == State.published.value:
            self._published.add(row["id"])

    def resolve(
        self, resource: Resource, body: RecordWrite, before: Mapping[str, Any] | None, only: frozenset[str] | None
    ) -> Resolved:
        """The ids behind the references of a body, of all or of those named in ``only``.

        What a record refers to already may stay, whether the client can see it or not.
        """
        resolved = Resolved()
        for relation in resource.writable_relations:
            if only is not None and relation.field not in only:
                continue
            value = getattr(body, relation.field)
            if isinstance(relation, Many):
                self._resolve_many(relation, value, resolved)
            elif isinstance(relation, AnyOne):
                self._resolve_any(relation, value, before, resolved)
            else:
                present = before[relation.column] if before else None
                target = self._catalogue.of(relation.target)
                self._resolve_one(relation, target, value, present, resolved)
        return resolved

    def flaws_of(self, resource: Resource, given: Mapping[str, Any], wrong: Collection[str]) -> list[Flaw]:
        """What leads nowhere in a record as it was sent, which is not valid otherwise.

        A client is told of it together with what else is wrong. Left out is what ``wrong`` points at already.
        """
        named = [each for relation in resource.writable_relations for each in _named(self._catalogue, relation, given)]
        return [
            _unknown(target, pointer)
            for pointer, target, slug_or_id in named[:MAX_REFERENCES]
            if pointer not in wrong and is_slug_or_id(slug_or_id) and slug_or_id not in self._ids(target, [slug_or_id])
        ]

    def is_published(self, target: sa.Table, id_: UUID) -> bool:
        """Whether everybody sees a record."""
        if id_ not in self._published:
            connection = self._connection()
            shape = ("state", target, connection.dialect.name)
            statement = built_once(shape, lambda: sa.select(target.c.state).where(target.c.id == sa.bindparam("id")))
            if rows_of(connection, statement, {"id": id_}) != [(State.published.value,)]:
                return False
            self._published.add(id_)
        return True

    def _resolve_one(
        self, relation: One, target: Resource, slug_or_id: str | None, present: UUID | None, resolved: Resolved
    ) -> None:
        resolved.columns[relation.column] = None
        if slug_or_id is None:
            return
        found = self._ids(target, [slug_or_id]).get(slug_or_id) or self._present(target, slug_or_id, present)
        resolved.columns[relation.column] = found
        if found is None:
            resolved.flaws.append(_unknown(target, f"/{relation.field}"))

    def _resolve_any(self, relation: AnyOne, value: Any, before: Mapping[str, Any] | None, resolved: Resolved) -> None:
        target = self._catalogue.by_singular[plain(value.type)]
        present = before[relation.column] if before and before[relation.type_column] == target.singular else None
        found = self._ids(target, [value.slug]).get(value.slug) or self._present(target, value.slug, present)
        resolved.columns |= {relation.type_column: target.singular, relation.column: found}
        if found is None:
            resolved.flaws.append(_unknown(target, f"/{relation.field}/slug"))

    def _resolve_many(self, relation: Many, value: Sequence[Any], resolved: Resolved) -> None:
        target = self._catalogue.of(relation.target)
        slugs_or_ids = [getattr(item, relation.item) if relation.item else item for item in value]
        found = self._ids(target, slugs_or_ids)
        rows: list[dict[str, Any]] = []
        for place, (item, slug_or_id) in enumerate(zip(value, slugs_or_ids, strict=True)):
            pointer = f"/{relation.field}/{place}"
            if slug_or_id not in found:
                resolved.flaws.append(_unknown(target, f"{pointer}/{relation.item}" if relation.item else pointer))
                continue
            row = {relation.via: found[slug_or_id], **{name: plain(getattr(item, name)) for name in relation.extras}}
            if row in rows:
                resolved.flaws.append({"pointer": pointer, "detail": "It is given twice."})
            rows.append(row)
        resolved.links[relation.field] = rows

    def _ids(self, target: Resource, slugs_or_ids: Sequence[str]) -> dict[str, UUID]:
        table = table_of(target.table)
        found = self._found.setdefault(table, {})
        missing = [slug_or_id for slug_or_id in slugs_or_ids if slug_or_id not in found]
        if missing:
            for id_, slug in self._visible(target, missing):
                found[slug] = found[str(id_)] = id_
        return {slug_or_id: found[slug_or_id] for slug_or_id in slugs_or_ids if slug_or_id in found}

    def _visible(self, target: Resource, slugs_or_ids: Sequence[str]) -> Sequence[Row]:
        """The id and the slug of each record of these names that the viewer sees."""
        connection, rows = self._connection(), target.rows
        dialect = connection.dialect.name
        ids, slugs = split_slugs_and_ids(slugs_or_ids)

        def build() -> sa.Select[Any]:
            named = [among(rows.c.id, dialect)] if ids else []
            named += [among_texts(rows.c.slug, dialect, "slugs")] if slugs else []
            return sa.select(rows.c.id, rows.c.slug).where(sa.or_(*named), visible(rows, self._viewer))

        own = self._viewer.actor if self._viewer.role is Role.contributor else ""
        shape = ("named", target, dialect, self._viewer.role, own, bool(ids), bool(slugs))
        bound = {name: names for name, names in (("ids", ids), ("slugs", slugs)) if names}
        return only_readable(connection, built_once(shape, build), bound, target.name)

    def _present(self, target: Resource, slug_or_id: str, present: UUID | None) -> UUID | None:
        """What the record refers to already, where it is what is named."""
        if present is None or as_id(slug_or_id) == present:
            return present
        chosen = sa.select(target.rows.c.slug).where(target.rows.c.id == present)
        return present if self._connection().execute(chosen).scalar() == slug_or_id else None


def _named(catalogue: Catalogue, relation: Relation, given: Mapping[str, Any]) -> Iterator[tuple[str, Resource, str]]:
    """The records that a field as it was sent names: where in the body, of what kind, and by what slug or id."""
    pointer = f"/{relation.field}"
    value: Any = given.get(relation.field)
    if isinstance(relation, AnyOne):
        target = catalogue.by_singular.get(str(value.get("type"))) if isinstance(value, dict) else None
        if target is not None and isinstance(value.get("slug"), str):
            yield f"{pointer}/slug", target, value["slug"]
    elif isinstance(relation, Many):
        for place, item in enumerate(value if isinstance(value, list) else ()):
            slug_or_id = item.get(relation.item) if relation.item and isinstance(item, dict) else item
            if isinstance(slug_or_id, str):
                at = f"{pointer}/{place}/{relation.item}" if relation.item else f"{pointer}/{place}"
                yield at, catalogue.of(relation.target), slug_or_id
    elif isinstance(value, str):
        yield pointer, catalogue.of(relation.target), value


def _unknown(target: Resource, pointer: str) -> Flaw:
    return {"pointer": pointer, "detail": f"There is no {target.singular} with this slug or id."}
