"""Writing: every change of every record goes through here, checked, searchable, and kept in history with one commit.

A change is planned (what the record's rows are to be), then checked against what the register holds, then applied,
with what follows from it. Nobody else writes until the transaction ends.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.clock import now
from app.core.model import RecordWrite, State
from app.core.reading.reader import Reader
from app.core.reading.slug_or_id import as_id
from app.core.reading.spoiled import damaged, readable_rows
from app.core.relations import AnyOne
from app.core.resource import Catalogue, Change, Resource, Step
from app.core.storage.history import History
from app.core.visibility import Role, Viewer, may_edit, may_publish
from app.core.writing import inline, refreshes
from app.core.writing.bodies import as_written, validate_record, with_references
from app.core.writing.checks import check, demand_no_dependents, demand_no_withdrawn_parent
from app.core.writing.dependents import dependent_on
from app.core.writing.merge_patch import merge
from app.core.writing.plan import Planner
from app.core.writing.references import References
from app.core.writing.slugs import Slugs
from app.core.writing.stamps import NONE, Stamps
from app.core.writing.store import Store, weight
from app.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Problem, StaleRevision

ANY_REVISION = frozenset("*")
_MAX_CACHED_ROWS = 10_000
"""Rows that are kept in memory, so as not to be asked for again, by :func:`weight`: an import may be of 64 MiB."""


class Writer:
    """Carries out the changes of one transaction on behalf of a viewer."""

    def __init__(
        self,
        connection: sa.Connection,
        catalogue: Catalogue,
        viewer: Viewer,
        clock: Callable[[], datetime] = now,
        today: date | None = None,
    ) -> None:
        """Write within the transaction of this connection. Changes are dated by the clock; ``today`` is the day that
        dates are compared with, where it is not the clock's."""
        self.catalogue = catalogue
        self.viewer = viewer
        self.history = History(connection, viewer.actor or "system", clock)
        self.today = today or self.history.at.date()
        self._connection = connection
        self._store = Store(connection, self.history)
        self.references = References(lambda: self.connection, catalogue, viewer)
        self.slugs = Slugs(lambda: self.connection, secretive=not may_publish(viewer))
        self.plan = Planner(self, self.history, self.references, self.slugs)
        self._rows: dict[UUID, Mapping[str, Any]] = {}
        self._rows_weigh = 0
        self._at_the_end: dict[Step, dict[UUID, None]] = {}
        self._changed: set[UUID] = set()
        self._refreshed: dict[UUID, Resource] = {}
        self._changed_before: set[UUID] = set()
        self.before_change: Callable[[Change], None] = lambda change: None
        """Is shown each change of a record's content before it is made, and can refuse it by raising a problem."""

    @property
    def connection(self) -> sa.Connection:
        """The connection, with every change made so far in the database."""
        self._store.flush()
        return self._connection

    @property
    def reader(self) -> Reader:
        """A reader of the register as it is after the changes made so far."""
        return Reader(self.connection, self.catalogue, self.viewer, self.today)

    @cached_property
    def _all_seeing(self) -> Reader:
        """Reads a record whole, whatever of it the viewer cannot see."""
        return Reader(self._connection, self.catalogue, Viewer(Role.admin, self.viewer.actor), self.today)

    def row(self, resource: Resource, id_: UUID) -> Mapping[str, Any]:
        """The row of a record, as it is after the changes made so far."""
        if id_ not in self._rows:
            rows = resource.rows
            (found,) = readable_rows(self.connection, sa.select(rows).where(rows.c.id == id_), {}, resource.name)
            if found is None:
                raise damaged(resource, str(id_))
            row = dict(zip(rows.c.keys(), found, strict=True))
            self._remember(id_, row, weight(row))
        return self._rows[id_]

    def _remember(self, id_: UUID, row: Mapping[str, Any], weighs: int) -> None:
        if self._rows_weigh >= _MAX_CACHED_ROWS:
            self._rows.clear()
            self._rows_weigh = 0
        self._rows[id_] = row
        self._rows_weigh += weighs

    def is_published(self, rows: sa.Table, id_: UUID) -> bool:
        """Whether a record is published after the changes made so far."""
        return self.references.is_published(rows, id_)

    def columns_of(self, resource: Resource, body: RecordWrite) -> Mapping[str, Any]:
        """What a body makes of a record's columns; raises Invalid."""
        return self.plan.columns_of(resource, body)

    def at_the_end(self, step: Step, id_: UUID) -> None:
        """Do or check something once for all the records named, when all changes are made: more may still come."""
        self._at_the_end.setdefault(step, {})[id_] = None

    def refresh(self, resource: Resource, id_: UUID) -> None:
        """Note that a record reads differently after the changes, though it is not changed itself."""
        self._refreshed[id_] = resource

    def close(self, refuse: Callable[[UUID, Problem], None] | None = None) -> None:
        """Finish the changes; the commit follows. ``refuse`` is told of each record that a last step refuses; without
        it, the first such problem is raised."""
        while self._at_the_end:
            steps, self._at_the_end = self._at_the_end, {}
            for step, ids in steps.items():
                try:
                    step(self, list(ids))
                except Problem:
                    if refuse is None:
                        raise
                    self._refuse_each(step, ids, refuse)
        # What was changed itself has its own number already.
        others = {id_: resource for id_, resource in self._refreshed.items() if id_ not in self._changed}
        self.history.refresh(refreshes.published(self.connection, others))
        self.history.close()

    def _refuse_each(self, step: Step, ids: Iterable[UUID], refuse: Callable[[UUID, Problem], None]) -> None:
        for id_ in ids:
            try:
                step(self, [id_])
            except Problem as problem:
                refuse(id_, problem)

    # -- changes -----------------------------------------------------------------------------------------------

    def create(
        self,
        resource: Resource,
        body: RecordWrite,
        slug: str | None = None,
        *,
        given_inside: bool = False,
        stamps: Stamps = NONE,
    ) -> UUID:
        """Make a record. Gives its id."""
        change = self.plan.of_new(resource, body, slug, given_inside=given_inside, stamps=stamps)
        check(change)
        self._remember(change.id, change.columns, self._store.insert(change))
        if stamps.moments:
            self._changed_before.add(change.id)
        self.references.note(resource.rows, change.columns)
        self._changed.add(change.id)
        inline.create_given(change)
        self._apply_consequences(change)
        return change.id

    def replace(
        self,
        resource: Resource,
        id_: UUID,
        body: RecordWrite,
        expected: frozenset[str],
        note: str | None = None,
        stamps: Stamps = NONE,
    ) -> bool:
        """Give a record the values of a body. Says whether anything changed."""
        before = self._current(resource, id_, expected)
        change = self.plan.of(resource, before, body, None, note, stamps)
        if change.columns["revision"] != before["revision"]:
            self._changed_before.add(id_)
        changed = self._apply(change)
        given = inline.reconcile(self, resource, self.row(resource, id_), body)
        return changed or given

    def patch(
        self, resource: Resource, id_: UUID, patch: Any, expected: frozenset[str], note: str | None = None
    ) -> bool:
        """Apply a merge patch to a record. Says whether anything changed."""
        before = self._current(resource, id_, expected)
        if not isinstance(patch, dict):
            raise Invalid(errors=[{"pointer": "", "detail": "A merge patch of a record is a JSON object."}])
        self._store.flush()
        written = as_written(resource, self._all_seeing.one(resource, id_))
        merged = merge(written, patch)
        merged.setdefault("state", before["state"])
        merged.setdefault("slug", before["slug"])
        try:
            body = validate_record(resource, merged)
        except Invalid as problem:
            changed_fields = {
                name: merged[name] for name in patch if name in merged and merged[name] != written.get(name)
            }
            raise with_references(problem, resource, changed_fields, self.references) from None
        changed = self._apply(self.plan.of(resource, before, body, frozenset(patch), note))
        given = inline.reconcile(self, resource, self.row(resource, id_), body)
        return changed or given

    def publish(self, resource: Resource, id_: UUID, expected: frozenset[str], note: str | None = None) -> bool:
        """Let everybody see a record as it is stored. Says whether that changed anything."""
        if not may_publish(self.viewer):
            raise Forbidden("Publishing requires the editor role.")
        return self.patch(resource, id_, {"state": State.published.value}, expected, note)

    def withdraw(self, resource: Resource, id_: UUID, expected: frozenset[str], note: str | None = None) -> None:
        """Take a record back, with the citations that were made of it."""
        before = self._current(resource, id_, expected)
        for other, relation in self.catalogue.dependents(resource):
            if isinstance(relation, AnyOne):
                depending = dependent_on(other, relation, resource, id_, other.rows.c.id, other.rows.c.revision)
                for depends, revision in self.connection.execute(depending).all():
                    self.withdraw(other, depends, frozenset([str(revision)]))
        demand_no_dependents(self, resource, id_, State.draft, State.published)
        self._apply_state(resource, before, State.withdrawn, note)

    def restore(
        self, resource: Resource, slug_or_id: str, expected: frozenset[str] = ANY_REVISION, note: str | None = None
    ) -> UUID:
        """Bring a withdrawn record back as a draft, with the citations that were given inside it. Gives its id."""
        if not may_publish(self.viewer):
            raise Forbidden("Restoring a record requires the editor role.")
        rows, id_ = resource.rows, as_id(slug_or_id)
        named = rows.c.id == id_ if id_ else rows.c.slug == slug_or_id
        found: UUID | None = self.connection.execute(sa.select(rows.c.id).where(named)).scalar()
        if found is None:
            raise NotFound()
        before = self.row(resource, found)
        if before["state"] != State.withdrawn.value:
            raise Conflict(f"This {resource.singular} is not withdrawn.")
        if not expected & {"*", str(before["revision"])}:
            raise StaleRevision()
        demand_no_withdrawn_parent(self, resource, before)
        self._apply_state(resource, before, State.draft, note)
        return found

    def set_state(self, resource: Resource, id_: UUID, state: State) -> None:
        """Change who sees a record, as follows from a change of another one."""
        before = self.row(resource, id_)
        if state is State.published:
            self.patch(resource, id_, {"state": state.value}, ANY_REVISION)
        elif before["state"] != state.value:
            self._apply_state(resource, before, state, None)

    def project(self, resource: Resource, id_: UUID, values: Mapping[str, Any], note: str | None = None) -> bool:
        """Give columns that no client writes the values that follow from elsewhere. Says whether any changed."""
        before = self.row(resource, id_)
        change = Change(self, resource, id_, None, {**before, **values}, before, note=note)
        if change.changed and id_ in self._changed_before:
            # Its revision was carried along, and this is a part of it.
            self._store.amend(change)
            self._rows.pop(id_, None)
        elif change.changed:
            self._write(change)
        return bool(change.changed)

    # -- checking and applying ----------------------------------------------------------------------------------

    def _current(self, resource: Resource, id_: UUID, expected: frozenset[str]) -> Mapping[str, Any]:
        before = self.row(resource, id_)
        if before["state"] == State.withdrawn.value:
            raise Gone()
        if not may_edit(self.viewer, before["state"], before["created_by"]):
            raise Forbidden("This key may edit only drafts of its own.")
        if not expected & {"*", str(before["revision"])}:
            raise StaleRevision()
        return before

    def _apply(self, change: Change) -> bool:
        """Check a planned change and carry it out. Says whether anything changed."""
        check(change)
        if not change.changed and not change.links:
            return False
        self.before_change(change)
        self._write(change)
        inline.follow(change)
        self._apply_consequences(change)
        return True

    def _apply_state(self, resource: Resource, before: Mapping[str, Any], state: State, note: str | None) -> None:
        """Change who sees a record, and nothing of what it says."""
        change = Change(self, resource, before["id"], None, {**before, "state": state.value}, before, note=note)
        self._write(change)
        inline.follow(change)
        self._apply_consequences(change)

    def _write(self, change: Change) -> None:
        self._store.update(change)
        self._rows.pop(change.id, None)
        self._changed.add(change.id)
        self.references.forget()

    def _apply_consequences(self, change: Change) -> None:
        """Do what follows from a change, and note which other records read differently."""
        for resource, id_ in refreshes.affected(
            self._connection_for(change), self.catalogue, change.resource, change.before, change.columns
        ):
            self._refreshed[id_] = resource
        for effect in change.resource.effects:
            effect(change)

    def _connection_for(self, change: Change) -> sa.Connection:
        """The connection to look with. Nothing refers to a new record yet, so what waits to be stored can wait on."""
        return self._connection if change.before is None else self.connection
