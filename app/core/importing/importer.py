"""The importer: takes items to a plan, through the same validation and the same writer as any other change.

Records are found by their id where the file has it, else by their slug. What was withdrawn, renamed or edited in the
register since the file was made is not overwritten unasked: see ``docs/bundles.md``.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.importing.changes import field_changes
from app.core.importing.items import Head, Item, Place
from app.core.importing.plan import Entry, FieldChange, Outcome, Plan, Refusal, refusals
from app.core.importing.spool import Spool
from app.core.model import State
from app.core.relations import AnyOne, Many
from app.core.resource import Change, Resource
from app.core.storage.history import revisions
from app.core.writing.bodies import validate_record
from app.core.writing.stamps import NONE, Stamps, apart, read_stamps
from app.core.writing.writer import ANY_REVISION, Writer
from app.errors import Conflict, Flaw, Invalid, Problem, StaleRevision

Progress = Callable[[str, int, int], None]
"""Is told the resource, and how many of how many of its records are done."""

LookUp = Callable[[], None]
"""Is called before each record, and ends the import by raising."""

_FEW = 100


class Mode(StrEnum):
    """What an import may do to what the register has already."""

    create = "create"
    """Only add. What is there already must say the same."""
    upsert = "upsert"
    """Add, and change what is there."""
    mirror = "mirror"
    """Make the register equal to the file: what is there and not in the file is withdrawn."""


class Importer:
    """The import of one transaction."""

    def __init__(
        self, writer: Writer, mode: Mode, spool: Spool, plan: Plan, look_up: LookUp, *, by_field: bool
    ) -> None:
        """Import what is spooled with a writer, and note in a plan what becomes of it."""
        self._look_up = look_up
        self._writer = writer
        self._mode = mode
        self._spool = spool
        self._plan = plan
        self._by_field = by_field
        self._ids: dict[str, set[UUID]] = {}
        self._entries: dict[UUID, Entry] = {}
        self._refused: set[tuple[str, str]] = set()
        self._item: tuple[Item, Stamps] | None = None
        self._changes: list[FieldChange] = []
        self._taken_over = 0
        writer.before_change = self._before_change

    # -- going through --------------------------------------------------------------------------------------------

    def run(self, progress: Progress) -> None:
        """Plan and make the change of every item."""
        for resource in self._writer.catalogue:
            number = self._spool.number_of(resource)
            for done, item in enumerate(self._spool.in_order(resource), 1):
                self._look_up()
                self._collect_refused()
                self._take(item)
                progress(resource.name, done, number)
            self._collect_refused()
            self._item = None

    def _collect_refused(self) -> None:
        """Take over what the spool has refused: from the beginning, and circles when it meets them."""
        for entry in self._spool.refused[self._taken_over :]:
            self._note_refused(entry)
            self._taken_over += 1

    def _note_refused(self, entry: Entry) -> None:
        self._plan.entries.append(entry)
        if entry.slug is not None:
            self._refused.add((entry.resource, entry.slug))

    def _take(self, item: Item) -> None:
        slug = item.fields.get("slug")
        entry = Entry(item.resource.name, slug if isinstance(slug, str) else None, Outcome.unchanged, item.place)
        self._changes = entry.changes
        try:
            self._carry_out(item, entry)
        except Problem as problem:
            entry.outcome, entry.changes = Outcome.refused, []
            entry.errors = [self._explained(item, each) for each in refusals(problem, item.place)]
            self._note_refused(entry)
        else:
            if not self._by_field:
                entry.changes.clear()
            self._plan.entries.append(entry)

    def _explained(self, item: Item, refusal: Refusal) -> Refusal:
        """A reference to what the same file has, but is refused, leads nowhere for that reason."""
        field, _, rest = refusal.get("pointer", "")[1:].partition("/")
        relation = item.resource.by_field.get(field)
        if relation is None or not refusal["detail"].startswith("There is no "):
            return refusal
        value: Any = item.fields.get(field)
        if isinstance(relation, AnyOne):
            target, slug = self._writer.catalogue.by_singular[value["type"]], value["slug"]
        else:
            target = self._writer.catalogue.of(relation.target)
            if isinstance(relation, Many):
                value = value[int(rest.partition("/")[0])]
                value = value[relation.item] if relation.item else value
            slug = value
        if (target.name, slug) in self._refused:
            return {**refusal, "detail": f"The {target.singular} that it names is in the file, but is refused itself."}
        return refusal

    # -- one record -----------------------------------------------------------------------------------------------

    def _carry_out(self, item: Item, entry: Entry) -> None:
        resource, writer = item.resource, self._writer
        fields, given = apart(resource, item.fields)
        flaws: list[Flaw] = []
        try:
            stamps = read_stamps(resource, given, writer.history.at)
        except Invalid as problem:
            flaws, stamps = list(problem.errors), Stamps()
        id_ = self._found(resource, fields.get("slug"), stamps)
        if item.partial and stamps.id is None and id_ is None:
            # A revision by itself is of another register, or of a record that is no more: the new one begins anew.
            stamps = NONE
        if id_ is not None and item.partial:
            if flaws:
                raise Invalid(errors=flaws)
            # What it does not have stays as it is: it is validated with the rest of the record.
            restored = self._demand_present(resource, id_, fields.get("slug"), stamps)
            self._item = (item, stamps)
            changed = writer.patch(resource, id_, fields, ANY_REVISION)
        else:
            body = self._validated(resource, fields, flaws)
            self._item = (item, stamps)
            if id_ is None:
                self._demand_new_id(stamps)
                id_ = writer.create(resource, body, stamps=stamps)
                self._ids[resource.name].add(id_)
                entry.outcome = Outcome.created
                entry.slug = writer.row(resource, id_)["slug"]
                self._entries[id_] = entry
                return
            restored = self._demand_present(resource, id_, fields.get("slug"), stamps)
            # Another record's revisions say nothing of this one.
            own = stamps if stamps.id == id_ else NONE
            changed = writer.replace(resource, id_, body, ANY_REVISION, stamps=own)
        self._entries[id_] = entry
        if restored:
            entry.changes.insert(0, {"field": "state", "old": State.withdrawn.value, "new": State.draft.value})
        if changed or restored:
            entry.outcome = Outcome.changed
        if changed and not entry.changes:
            entry.changes.append({"field": "citations", "old": None, "new": fields.get("citations")})

    @staticmethod
    def _validated(resource: Resource, fields: dict[str, Any], flaws: list[Flaw]) -> Any:
        try:
            body = validate_record(resource, fields)
        except Invalid as problem:
            raise Invalid(problem.detail, errors=[*flaws, *problem.errors]) from None
        if flaws:
            raise Invalid(errors=flaws)
        return body

    def _found(self, resource: Resource, slug: Any, stamps: Stamps) -> UUID | None:
        """The record of the register that an item is, by its id or else by a slug that it has or had."""
        by_slug = self._writer.slugs.learn(resource)
        if resource.name not in self._ids:
            self._ids[resource.name] = set(by_slug.values())
            if self._spool.number_of(resource) > _FEW:
                # To ask for each slug of what is given inside has what was gathered stored, a record at a time.
                for inline in resource.inline:
                    self._writer.slugs.learn(inline.resource)
        if stamps.id in self._ids[resource.name]:
            return stamps.id
        return by_slug.get(slug) if isinstance(slug, str) else None

    def _demand_new_id(self, stamps: Stamps) -> None:
        """No two records have one id, of whatever resource they are."""
        if stamps.id is None or self._writer.history.untouched:
            return
        taken = sa.select(revisions.c.resource).where(revisions.c.record_id == stamps.id)
        if self._writer.connection.execute(taken).first() is not None:
            raise Conflict(errors=[{"pointer": "/id", "detail": "A record of another resource has this id."}])

    def _demand_present(self, resource: Resource, id_: UUID, slug: Any, stamps: Stamps) -> bool:
        """Refuse what must be decided by a person: what the file names was withdrawn, renamed, or is another record.

        A mirror brings back what was withdrawn. Says whether it did.
        """
        row = self._writer.row(resource, id_)
        mirror = self._mode is Mode.mirror
        if mirror and stamps.id not in (None, id_):
            raise Conflict("The register has another record of this name, with another id.")
        if row["state"] == State.withdrawn.value:
            if not mirror:
                raise Conflict(f"This {resource.singular} was withdrawn in the register; restore it there first.")
            self._writer.restore(resource, str(id_))
            return True
        if stamps.id != id_ and slug is not None and row["slug"] != slug:
            raise Conflict(f"This {resource.singular} was renamed in the register: it is now {row['slug']}.")
        return False

    def _before_change(self, change: Change) -> None:
        """Note what changes of the item's record; refuse what the mode does not allow."""
        if self._item is None or change.body is None:
            return
        item, stamps = self._item
        if change.resource is not item.resource or change.before is None:
            return
        if self._mode is Mode.create:
            raise Conflict("It exists already, and says something else; mode=upsert changes it.")
        revision: int = change.before["revision"]
        # A row of a table may say by its slug alone which record it was taken from.
        own = stamps.id == change.id or (item.partial and stamps.id is None)
        if self._mode is Mode.upsert and own and (stamps.revision or revision) < revision:
            raise StaleRevision(
                f"It has changed since: the register is at revision {revision}, the file has {stamps.revision}. "
                "Take a new export, or leave `revision` out to overwrite."
            )
        self._changes.extend(field_changes(self._writer, change))

    # -- the end --------------------------------------------------------------------------------------------------

    def withdraw_others(self, head: Head) -> None:
        """Withdraw what the register has and the file has not; drafts only where the file holds drafts."""
        self._item = None
        if head.partnerships or head.as_of:
            raise Conflict("A mirror needs a whole register of now; this file holds a part of one.")
        states = [State.published.value, *([State.draft.value] if head.drafts else [])]
        for resource in reversed(self._writer.catalogue.all):
            rows = resource.rows
            chosen = sa.select(rows.c.id, rows.c.slug).where(rows.c.state.in_(states)).order_by(rows.c.slug)
            for id_, slug in self._writer.connection.execute(chosen).all():
                self._look_up()
                if id_ not in self._entries and (resource.name, slug) not in self._refused:
                    self._withdraw(resource, id_, slug)

    def _withdraw(self, resource: Resource, id_: UUID, slug: str) -> None:
        entry = Entry(resource.name, slug, Outcome.withdrawn, Place())
        try:
            # A citation may have gone with what it was made for.
            if self._writer.row(resource, id_)["state"] != State.withdrawn.value:
                self._writer.withdraw(resource, id_, ANY_REVISION)
        except Problem as problem:
            entry.outcome, entry.errors = Outcome.refused, refusals(problem, entry.place)
        self._plan.entries.append(entry)

    def finish(self) -> None:
        """Do what follows from all changes together."""
        self._item = None

        def refuse(id_: UUID, problem: Problem) -> None:
            entry = self._entries.get(id_)
            if entry is None:
                entry = self._of_another(id_)
                self._plan.entries.append(entry)
            entry.outcome, entry.changes = Outcome.refused, []
            entry.errors += refusals(problem, entry.place)

        self._look_up()
        self._writer.close(refuse)
        order = {resource.name: place for place, resource in enumerate(self._writer.catalogue)}
        self._plan.entries.sort(key=lambda entry: order[entry.resource])

    def _of_another(self, id_: UUID) -> Entry:
        """The entry of a record that is not in the file."""
        found = sa.select(revisions.c.resource).where(revisions.c.record_id == id_).limit(1)
        resource = self._writer.catalogue.by_name[self._writer.connection.execute(found).scalar_one()]
        return Entry(resource.name, self._writer.row(resource, id_)["slug"], Outcome.refused, Place())
