"""Planning: what the rows of a record are to be after a change, worked out before anything is checked or stored."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import uuid_utils.compat

from app.core.model import RecordWrite, State
from app.core.relations import Many, table_of
from app.core.resource import Change, Resource, Writing
from app.core.storage.column_types import plain
from app.core.storage.history import History
from app.core.visibility import may_publish
from app.core.writing.references import References, Resolved
from app.core.writing.slugs import Slugs
from app.core.writing.stamps import NONE, Stamps
from app.errors import Flaw, Invalid


class Planner:
    """Plans the changes of one transaction."""

    def __init__(self, writer: Writing, history: History, references: References, slugs: Slugs) -> None:
        """Plan on behalf of a writer, with what looks up its moment, its references and its slugs."""
        self._writer = writer
        self._history = history
        self._references = references
        self._slugs = slugs

    def of_new(
        self,
        resource: Resource,
        body: RecordWrite,
        slug: str | None,
        *,
        given_inside: bool,
        stamps: Stamps = NONE,
    ) -> Change:
        """What a body makes of a new record."""
        id_ = stamps.id or UUID(str(uuid_utils.compat.uuid7()))
        state, flaws = body.state.value, self._state_flaws(body.state.value)
        row = {**_unwritten(resource), **self._common(id_, state), **self._own_columns(resource, body, None)}
        if resource.given_inside is not None:
            row[resource.given_inside] = given_inside
        row |= stamps.of_new()
        with self._slug_as_well(resource, slug or body.slug, id_):
            resolved = self._resolve(resource, body, None, None, flaws)
        row |= resolved.columns
        self._fill_title(resource, row, None)
        given = slug or body.slug
        taken = self._slugs.given(resource, given, id_) if given else []
        row["slug"] = given or self._derived_slug(resource, body, row)
        seq = stamps.seq if stamps.moments and self._history.untouched else None
        return Change(self._writer, resource, id_, body, row, None, resolved.links, seq=seq, taken=taken)

    def of(
        self,
        resource: Resource,
        before: Mapping[str, Any],
        body: RecordWrite,
        only: frozenset[str] | None,
        note: str | None,
        stamps: Stamps = NONE,
    ) -> Change:
        """What a body makes of a record, of all its fields or of those named in ``only``.

        Where the stamps are of a later revision than the record's, it is brought to that.
        """
        state, flaws = before["state"], []
        if "state" in body.model_fields_set:
            state, flaws = body.state.value, self._state_flaws(body.state.value, state)
        row = {**before, "state": state, **self._own_columns(resource, body, only)}
        for name, columns in resource.resets.items():
            if row[name] != before[name]:
                row |= {each: _unwritten(resource)[each] for each in columns}
        if stamps.moments and stamps.revision is not None and stamps.revision > before["revision"]:
            row |= stamps.of_newer()
        with self._slug_as_well(resource, body.slug, before["id"]):
            resolved = self._resolve(resource, body, before, only, flaws)
        row |= resolved.columns
        self._fill_title(resource, row, before)
        taken: Sequence[Flaw] = ()
        if body.slug and body.slug != before["slug"]:
            row["slug"] = body.slug
            taken = self._slugs.given(resource, body.slug, before["id"])
        links = {name: rows for name, rows in resolved.links.items() if rows != self.linked(resource, before, name)}
        return Change(self._writer, resource, before["id"], body, row, before, links, note, taken=taken)

    def columns_of(self, resource: Resource, body: RecordWrite) -> Mapping[str, Any]:
        """What a body says, as columns: what is its own and what it refers to."""
        return {**self._own_columns(resource, body, None), **self._resolve(resource, body, None, None).columns}

    def _common(self, id_: UUID, state: str) -> dict[str, Any]:
        at = self._history.at
        return {
            "id": id_,
            "state": state,
            "revision": 1,
            "created_at": at,
            "updated_at": at,
            "created_by": self._writer.viewer.actor,
        }

    def _own_columns(self, resource: Resource, body: RecordWrite, only: frozenset[str] | None) -> dict[str, Any]:
        names = _own_names(resource, type(body))
        columns = {name: plain(getattr(body, name)) for name in names if only is None or name in only}
        for name, default in resource.defaults.items():
            if name in columns and columns[name] is None:
                columns[name] = default(self._writer.today)
        return columns

    def _resolve(
        self,
        resource: Resource,
        body: RecordWrite,
        before: Mapping[str, Any] | None,
        only: frozenset[str] | None,
        known: Sequence[Flaw] = (),
    ) -> Resolved:
        """The references of a body; raises Invalid that points at each that leads nowhere, and at the flaws known."""
        checked = [flaw for check in resource.checks for flaw in check(self._writer.catalogue, body)]
        resolved = self._references.resolve(resource, body, before, only)
        if flaws := [*known, *checked, *resolved.flaws]:
            raise Invalid(errors=flaws)
        return resolved

    @contextmanager
    def _slug_as_well(self, resource: Resource, slug: str | None, id_: UUID) -> Iterator[None]:
        """Name a slug that is taken among the other flaws of a body. Alone it is a conflict."""
        try:
            yield
        except Invalid as problem:
            if slug is not None and (taken := self._slugs.flaws_of(resource, slug, id_)):
                raise Invalid(errors=[*problem.errors, *taken]) from None
            raise

    def _fill_title(self, resource: Resource, row: dict[str, Any], before: Mapping[str, Any] | None) -> None:
        """Give a record that has no title of its own the one that follows from it; a given one stays."""
        if resource.make_title is None:
            return
        if before is not None and row[resource.label] == before[resource.label]:
            if row[resource.label] != resource.make_title(self._writer, before):
                return
            row[resource.label] = None
        if row[resource.label] is None:
            row[resource.label] = resource.make_title(self._writer, row)

    def _derived_slug(self, resource: Resource, body: RecordWrite, row: Mapping[str, Any]) -> str:
        if resource.describe is not None:
            return self._slugs.derived(resource, resource.describe(body.model_dump(mode="json")), row["id"])
        return self._slugs.derived(resource, row[resource.label], row["id"])

    def linked(self, resource: Resource, row: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        """The rows that link a record to others by a relation, as they are now."""
        relation = resource.by_field[name]
        assert isinstance(relation, Many)
        table = relation.links
        names = (relation.via, *relation.extras)
        chosen = sa.select(*(table.c[each] for each in names)).where(table.c[relation.owner] == row["id"])
        found = self._writer.connection.execute(chosen.order_by(table.c.position))
        return [dict(zip(names, each, strict=True)) for each in found]

    def _state_flaws(self, state: str, before: str | None = None) -> list[Flaw]:
        """That the viewer may not give a record this state, where that is so."""
        if state == before or state == State.draft.value or may_publish(self._writer.viewer):
            return []
        return [{"pointer": "/state", "detail": "This key may write drafts; publishing requires the editor role."}]


@cache
def _own_names(resource: Resource, model: type[RecordWrite]) -> tuple[str, ...]:
    """The fields of a body that are columns, beside those that every record has."""
    return tuple(name for name in model.model_fields if name in resource.rows.c and name not in ("slug", "state"))


@cache
def _unwritten(resource: Resource) -> Mapping[str, Any]:
    """The columns of a new record that no body says."""
    found: dict[str, Any] = {}
    for column in table_of(resource.table).c:
        default = column.server_default
        found[column.name] = str(default.arg) if isinstance(default, sa.DefaultClause) else None
    return found
