"""Writing: every change of every record goes through here, checked, searchable, and kept in history with one commit.

A body has been validated by its model before it comes here. What is left to check needs the register: that the
records it refers to exist, that its slug is free, that the client may do this, and that nobody else was faster.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
import uuid_utils.compat
from pydantic import ValidationError
from slugify import slugify

from app.core import history, ripples
from app.core.answer import dump
from app.core.body import flaws_of
from app.core.circles import circles
from app.core.columns import plain
from app.core.history import History
from app.core.model import Draft, State
from app.core.read import Reader, as_id, named, reference_keys
from app.core.relations import AnyOne, Many, One, table_of
from app.core.resource import Catalogue, Change, Resource
from app.core.search import documents
from app.core.text import SLUG_LENGTH, fold
from app.core.visibility import Viewer, may_edit, may_publish
from app.errors import Conflict, Flaw, Forbidden, Gone, Invalid, StaleRevision

ANY_REVISION = frozenset("*")
_INLINE_ONLY_NEW = "It can be given only when the record is created; afterwards use its own resource."


@dataclass
class _Links:
    """What a body refers to, with every key turned into an id."""

    columns: dict[str, Any] = field(default_factory=dict)
    many: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def as_written(resource: Resource, record: Mapping[str, Any]) -> dict[str, Any]:
    """A record that was read, as the body that a client would write to get it. Unset fields are left out."""
    body: dict[str, Any] = {}
    for name in resource.create.model_fields:
        if name in resource.by_field:
            relation = resource.by_field[name]
            if isinstance(relation, Many) and not relation.writable:
                continue
            value = reference_keys(record, relation)
        elif name in record:
            value = _set(record[name])
        else:
            continue
        if value is not None and value not in ([], {}):
            body[name] = value
    return body


def _set(value: Any) -> Any:
    """A value without the unset fields of an object."""
    return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value


def merge(target: Any, patch: Any) -> Any:
    """Apply a JSON Merge Patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


class Writer:
    """Carries out the changes of one transaction on behalf of a viewer."""

    def __init__(
        self,
        connection: sa.Connection,
        catalogue: Catalogue,
        viewer: Viewer,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Write within the transaction of this connection. Nobody else writes until it ends."""
        self.connection = connection
        self.catalogue = catalogue
        self.viewer = viewer
        self.history = History(connection, viewer.key or "system", clock)
        self.today = self.history.at.date()
        self.reader = Reader(connection, catalogue, viewer, self.today)
        self._at_the_end: dict[Hashable, Callable[[], None]] = {}
        # What was looked up in this transaction, until a record is changed: a bundle names the same ones over and over.
        self._found: dict[sa.Table, dict[str, UUID]] = {}
        self._published: set[UUID] = set()
        self._changed: set[UUID] = set()
        self._reached: dict[UUID, Resource] = {}

    def at_the_end(self, name: Hashable, step: Callable[[], None]) -> None:
        """Do or check something once, when all changes of the transaction are made: more may still come."""
        self._at_the_end[name] = step

    def reach(self, resource: Resource, id_: UUID) -> None:
        """Note that a record reads differently after the changes, though it is not changed itself."""
        self._reached[id_] = resource

    def close(self) -> None:
        """Finish the changes; the commit follows."""
        for step in self._at_the_end.values():
            step()
        # What was changed itself has its own number already.
        untold = {id_: resource for id_, resource in self._reached.items() if id_ not in self._changed}
        self.history.ripple(ripples.published(self.connection, untold))
        self.history.close()

    # -- changes -----------------------------------------------------------------------------------------------

    def create(self, resource: Resource, body: Draft, slug: str | None = None) -> UUID:
        """Make a record. Gives its id."""
        state = self._entitled(body.state.value)
        links = self._resolve(resource, body)
        self._referable(resource, links.columns, state)
        id_ = UUID(str(uuid_utils.compat.uuid7()))
        values = {
            "id": id_, "slug": self._free_slug(resource, slug or body.slug, body, id_), "state": state, "revision": 1,
            "created_at": self.history.at, "updated_at": self.history.at, "created_by": self.viewer.key,
            **self._columns(resource, body), **links.columns,
        }  # fmt: skip
        change = self._guarded(Change(self, resource, id_, body, values, None))
        self.connection.execute(sa.insert(resource.rows), values)
        self._link(resource, id_, links.many)
        self._index(resource, id_, values, new=True)
        self._keep(resource, id_, 1, None, state)
        for inline in resource.inline:
            for place, item in enumerate(getattr(body, inline.field)):
                try:
                    self.create(inline.resource, inline.complete(values["slug"], item, state))
                except Invalid as problem:
                    raise _moved_under(problem, f"/{inline.field}/{place}") from None
        self._carry_on(change)
        return id_

    def replace(
        self,
        resource: Resource,
        id_: UUID,
        body: Draft,
        expected: frozenset[str],
        only: frozenset[str] | None = None,
        note: str | None = None,
    ) -> bool:
        """Give a record the values of a body, or those named in ``only``. Says whether anything changed."""
        before = self._current(resource, id_, expected)
        for inline in resource.inline:
            if getattr(body, inline.field):
                raise Invalid(errors=[{"pointer": f"/{inline.field}", "detail": _INLINE_ONLY_NEW}])
        state = before["state"]
        if "state" in body.model_fields_set:
            state = self._entitled(body.state.value, before["state"])
        links = self._resolve(resource, body, only)
        self._referable(resource, {**before, **links.columns}, state)
        values = {**self._columns(resource, body), **links.columns, "state": state}
        if body.slug and body.slug != before["slug"]:
            values["slug"] = self._free_slug(resource, body.slug, body, id_)
        if only is not None:
            kept = {
                *only,
                *(f"{name}_id" for name in only),
                *(f"{name}_type" for name in only),
                "state",
                "slug",
            }
            values = {name: value for name, value in values.items() if name in kept}
        change = self._guarded(Change(self, resource, id_, body, {**before, **values}, before))
        changed = {name: value for name, value in values.items() if before[name] != value}
        relinked = {name for name, rows in links.many.items() if rows != self._linked(resource, id_, name)}
        if not changed and not relinked:
            return False
        if state == State.draft.value and before["state"] == State.published.value:
            self._nothing_rests_on(resource, id_, State.published)
        self._update(resource, id_, before["revision"], changed)
        self._link(resource, id_, {name: links.many[name] for name in relinked}, again=True)
        self._index(resource, id_, {**before, **changed})
        self._keep(resource, id_, before["revision"] + 1, before["state"], state, note)
        if state == State.published.value and before["state"] == State.draft.value:
            self._publish_inline(resource, id_, before["created_at"])
        self._carry_on(change)
        return True

    def _publish_inline(self, resource: Resource, id_: UUID, created_at: datetime) -> None:
        """A record is published together with the drafts that were given inside it, where what they need is public."""
        for inline in resource.inline:
            rows = inline.resource.rows
            for relation in inline.resource.relations:
                if isinstance(relation, AnyOne):
                    resting = self._resting(inline.resource, relation, resource, id_, rows)
                    drafted = resting.where(rows.c.state == State.draft.value, rows.c.created_at == created_at)
                    for draft in self.connection.execute(drafted.order_by(rows.c.id)).mappings().all():
                        needed = [each for each in inline.resource.relations if isinstance(each, One)]
                        if all(self._is_published(table_of(each.target), draft[each.column]) for each in needed):
                            self.set_state(inline.resource, draft["id"], State.published, ANY_REVISION)

    def set_state(
        self, resource: Resource, id_: UUID, state: State, expected: frozenset[str], note: str | None = None
    ) -> bool:
        """Change who sees a record, and nothing else. Says whether that changed anything."""
        if not may_publish(self.viewer):
            raise Forbidden("Publishing needs the role editor.")
        before = self._current(resource, id_, expected)
        written = as_written(resource, self.reader.one(resource, id_))
        body = resource.create.model_validate_json(dump({**written, "state": state.value}), strict=True)
        return self.replace(resource, id_, body, frozenset([str(before["revision"])]), frozenset(), note)

    def project(self, resource: Resource, id_: UUID, values: Mapping[str, Any]) -> bool:
        """Give columns that no client writes the values that follow from other records. Says whether any changed."""
        row = self.connection.execute(sa.select(resource.rows).where(resource.rows.c.id == id_)).mappings().one()
        changed = {name: value for name, value in values.items() if row[name] != value}
        if changed:
            self._update(resource, id_, row["revision"], changed)
            self._keep(resource, id_, row["revision"] + 1, row["state"], row["state"])
        return bool(changed)

    def patch(self, resource: Resource, id_: UUID, patch: Any, expected: frozenset[str]) -> bool:
        """Apply a merge patch to a record. Says whether anything changed."""
        self._current(resource, id_, expected)
        written = orjson.loads(dump(as_written(resource, self.reader.one(resource, id_))))
        if not isinstance(patch, dict):
            raise Invalid(errors=[{"pointer": "", "detail": "A merge patch of a record is a JSON object."}])
        merged = merge(written, patch)
        merged.setdefault("state", written["state"])
        merged.setdefault("slug", written["slug"])
        try:
            body = resource.create.model_validate_json(orjson.dumps(merged), strict=True)
        except ValidationError as error:
            raise Invalid(errors=flaws_of(error)) from None
        return self.replace(resource, id_, body, expected, only=frozenset(patch))

    def withdraw(self, resource: Resource, id_: UUID, expected: frozenset[str], note: str | None = None) -> None:
        """Take a record back, with the citations that were made of it."""
        before = self._current(resource, id_, expected)
        self._withdraw_evidence(resource, id_)
        self._nothing_rests_on(resource, id_, State.draft, State.published)
        self._update(resource, id_, before["revision"], {"state": State.withdrawn.value})
        self.connection.execute(sa.delete(documents).where(documents.c.record_id == id_))
        self._keep(resource, id_, before["revision"] + 1, before["state"], State.withdrawn.value, note)
        self._carry_on(Change(self, resource, id_, None, {**before, "state": State.withdrawn.value}, before))

    def _keep(
        self, resource: Resource, id_: UUID, revision: int, before: str | None, after: str, note: str | None = None
    ) -> None:
        self.history.record(resource, id_, revision, before, after, note)
        self._changed.add(id_)

    def _guarded(self, change: Change) -> Change:
        flaws = [flaw for guard in (circles, *change.resource.guards) for flaw in guard(change)]
        if flaws:
            raise Invalid(errors=flaws)
        return change

    def _carry_on(self, change: Change) -> None:
        for resource, id_ in ripples.reached(
            self.connection, self.catalogue, change.resource, change.before, change.columns
        ):
            self._reached[id_] = resource
        for effect in change.resource.effects:
            effect(change)

    # -- checks ------------------------------------------------------------------------------------------------

    def _current(self, resource: Resource, id_: UUID, expected: frozenset[str]) -> dict[str, Any]:
        row = self.connection.execute(sa.select(resource.rows).where(resource.rows.c.id == id_)).mappings().one()
        before = dict(row)
        if before["state"] == State.withdrawn.value:
            raise Gone()
        if not may_edit(self.viewer, before["state"], before["created_by"]):
            raise Forbidden("This key may edit only drafts of its own.")
        if not expected & {"*", str(before["revision"])}:
            raise StaleRevision()
        return before

    def _entitled(self, state: str, before: str | None = None) -> str:
        if state != before and not may_publish(self.viewer) and state != State.draft.value:
            detail = "This key may write drafts; publishing needs the role editor."
            raise Invalid(errors=[{"pointer": "/state", "detail": detail}])
        return state

    def _referable(self, resource: Resource, columns: Mapping[str, Any], state: str) -> None:
        """What is published may not need what is not: readers would meet a reference that leads nowhere."""
        if state != State.published.value:
            return
        flaws: list[Flaw] = []
        for relation in resource.relations:
            if isinstance(relation, Many) or not resource.required(relation):
                continue
            if isinstance(relation, AnyOne):
                target = self.catalogue.by_singular[columns[relation.type_column]].rows
            else:
                target = table_of(relation.target)
            if not self._is_published(target, columns[relation.column]):
                flaws.append({"pointer": f"/{relation.field}", "detail": "It is not published; publish it first."})
        if flaws:
            raise Invalid(errors=flaws)

    def _is_published(self, target: sa.Table, id_: UUID) -> bool:
        if id_ not in self._published:
            chosen = sa.select(target.c.state).where(target.c.id == id_)
            if self.connection.execute(chosen).scalar() != State.published.value:
                return False
            self._published.add(id_)
        return True

    def _nothing_rests_on(self, resource: Resource, id_: UUID, *states: State) -> None:
        for other, relation in self.catalogue.dependents(resource):
            count = self._resting(other, relation, resource, id_, sa.func.count())
            number = self.connection.execute(count.where(other.rows.c.state.in_(states))).scalar_one()
            if number and not may_publish(self.viewer):
                # What rests on it may be a draft of somebody else's, of which nothing may be told.
                raise Conflict(f"Other records rest on this {resource.singular}; an editor can withdraw them first.")
            if number:
                resting = f"{number} {other.name} rest" if number > 1 else f"1 {other.singular} rests"
                raise Conflict(f"{resting} on this {resource.singular} and cannot be without it; withdraw that first.")

    def _withdraw_evidence(self, resource: Resource, id_: UUID) -> None:
        for other, relation in self.catalogue.dependents(resource):
            if isinstance(relation, AnyOne):
                resting = self._resting(other, relation, resource, id_, other.rows.c.id, other.rows.c.revision)
                for citation, revision in self.connection.execute(resting).all():
                    self.withdraw(other, citation, frozenset([str(revision)]))

    def _resting(
        self, other: Resource, relation: One | AnyOne, resource: Resource, id_: UUID, *what: Any
    ) -> sa.Select[Any]:
        rows = other.rows
        chosen = sa.select(*what).where(rows.c[relation.column] == id_, rows.c.state != State.withdrawn.value)
        if isinstance(relation, AnyOne):
            chosen = chosen.where(rows.c[relation.type_column] == resource.singular)
        return chosen

    # -- slugs -------------------------------------------------------------------------------------------------

    def _free_slug(self, resource: Resource, asked: str | None, body: Draft, id_: UUID) -> str:
        if asked is not None:
            if self._taken(resource, asked, id_):
                detail = f"The slug is, or once was, that of another {resource.singular}."
                raise Conflict(detail, errors=[{"pointer": "/slug", "detail": detail}])
            return asked
        told = resource.describe(body.model_dump(mode="json")) if resource.describe else getattr(body, resource.label)
        stem = slugify(told, max_length=SLUG_LENGTH - 8, word_boundary=True) or f"{resource.singular}-{id_.hex[-8:]}"
        if as_id(stem):
            stem = f"{resource.singular}-{stem}"
        number = 1
        slug = stem
        while self._taken(resource, slug, id_):
            number += 1
            slug = f"{stem}-{number}"
        return slug

    def _taken(self, resource: Resource, slug: str, id_: UUID) -> bool:
        """A slug stays with the record that ever had it, so that old links never lead to something else."""
        past = history.twin(resource.rows)
        had = sa.select(past.c.id).where(past.c.slug == slug, past.c.id != id_).limit(1)
        return self.connection.execute(had).first() is not None

    # -- rows --------------------------------------------------------------------------------------------------

    def _columns(self, resource: Resource, body: Draft) -> dict[str, Any]:
        names = (name for name in type(body).model_fields if name in resource.rows.c and name not in ("slug", "state"))
        columns = {name: plain(getattr(body, name)) for name in names}
        if resource.describe and resource.label in columns and columns[resource.label] is None:
            columns[resource.label] = resource.describe(body.model_dump(mode="json"))
        for name, default in resource.defaults.items():
            if columns[name] is None:
                columns[name] = default(self.today)
        return columns

    def _resolve(self, resource: Resource, body: Draft, only: frozenset[str] | None = None) -> _Links:
        """Turn the keys of a body into ids; raises Invalid that points at each that leads nowhere."""
        links = _Links()
        flaws: list[Flaw] = [flaw for check in resource.checks for flaw in check(self.catalogue, body)]
        for relation in resource.writable_relations:
            if only is not None and relation.field not in only:
                continue
            value = getattr(body, relation.field)
            if isinstance(relation, Many):
                links.many[relation.field] = self._resolve_many(relation, value, flaws)
            elif isinstance(relation, AnyOne):
                self._resolve_any(relation, value, links, flaws)
            else:
                found = self._ids(relation, [value] if value is not None else [])
                links.columns[relation.column] = found.get(value)
                if value is not None and value not in found:
                    flaws.append(self._unknown(relation, f"/{relation.field}"))
        if flaws:
            raise Invalid(errors=flaws)
        return links

    def _resolve_many(self, relation: Many, value: Sequence[Any], flaws: list[Flaw]) -> list[dict[str, Any]]:
        keys = [getattr(item, relation.item) if relation.item else item for item in value]
        found = self._ids(relation, keys)
        rows: list[dict[str, Any]] = []
        for place, (item, key) in enumerate(zip(value, keys, strict=True)):
            pointer = f"/{relation.field}/{place}" + (f"/{relation.item}" if relation.item else "")
            if key not in found:
                flaws.append(self._unknown(relation, pointer))
                continue
            row = {relation.via: found[key], **{name: plain(getattr(item, name)) for name in relation.extras}}
            if row in rows:
                flaws.append({"pointer": f"/{relation.field}/{place}", "detail": "It is given twice."})
            rows.append(row)
        return rows

    def _resolve_any(self, relation: AnyOne, value: Any, links: _Links, flaws: list[Flaw]) -> None:
        target = self.catalogue.by_singular[plain(value.type)]
        rows, condition = self.reader.seen(target.table)
        id_ = as_id(value.slug)
        chosen = rows.c.id == id_ if id_ else rows.c.slug == value.slug
        found = self.connection.execute(sa.select(rows.c.id).where(chosen, condition)).scalar()
        links.columns |= {relation.type_column: target.singular, relation.column: found}
        if found is None:
            pointer = f"/{relation.field}/slug"
            flaws.append({"pointer": pointer, "detail": f"There is no {target.singular} with this slug or id."})

    def _ids(self, relation: One | Many, keys: Sequence[str]) -> dict[str, UUID]:
        found = self._found.setdefault(table_of(relation.target), {})
        asked = [key for key in keys if key not in found]
        if asked:
            rows, condition = self.reader.seen(relation.target)
            chosen = sa.select(rows.c.id, rows.c.slug).where(named(rows, asked), condition)
            for id_, slug in self.connection.execute(chosen):
                found[slug] = found[str(id_)] = id_
        return {key: found[key] for key in keys if key in found}

    def _unknown(self, relation: One | Many, pointer: str) -> Flaw:
        singular = self.catalogue.of(relation.target).singular
        return {"pointer": pointer, "detail": f"There is no {singular} with this slug or id."}

    def _link(
        self, resource: Resource, id_: UUID, many: Mapping[str, list[dict[str, Any]]], *, again: bool = False
    ) -> None:
        for relation in resource.linking:
            if relation.field not in many:
                continue
            table = relation.links
            if again:
                self.connection.execute(sa.delete(table).where(table.c[relation.owner] == id_))
            rows = [{relation.owner: id_, "position": place, **row} for place, row in enumerate(many[relation.field])]
            if rows:
                self.connection.execute(sa.insert(table), rows)

    def _linked(self, resource: Resource, id_: UUID, name: str) -> list[dict[str, Any]]:
        relation = resource.by_field[name]
        assert isinstance(relation, Many)
        table = relation.links
        names = (relation.via, *relation.extras)
        chosen = sa.select(*(table.c[each] for each in names)).where(table.c[relation.owner] == id_)
        rows = self.connection.execute(chosen.order_by(table.c.position))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _update(self, resource: Resource, id_: UUID, revision: int, changed: Mapping[str, Any]) -> None:
        """Compare and set: the row changes only if it is still at the revision that was checked."""
        rows = resource.rows
        self._found.clear()
        self._published.clear()
        done = self.connection.execute(
            sa.update(rows)
            .where(rows.c.id == id_, rows.c.revision == revision)
            .values({**changed, "revision": revision + 1, "updated_at": self.history.at})
        )
        if done.rowcount != 1:
            raise StaleRevision()

    def _index(self, resource: Resource, id_: UUID, values: Mapping[str, Any], *, new: bool = False) -> None:
        if not resource.searchable:
            return
        texts = {name: fold(_as_text(values[name])) for name in resource.searchable}
        body = " ".join(text for name, text in texts.items() if name not in (resource.label, "summary"))
        entry = {"label": texts.get(resource.label, ""), "summary": texts.get("summary", ""), "body": body}
        if new:
            row = {**entry, "record_id": id_, "resource": resource.name}
            self.connection.execute(sa.insert(documents), row)
        else:
            self.connection.execute(sa.update(documents).where(documents.c.record_id == id_), entry)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(_as_text(each) for each in value)
    if isinstance(value, dict):
        return " ".join(_as_text(each) for each in value.values())
    return str(value)


def _moved_under(problem: Invalid, prefix: str) -> Invalid:
    """A problem of an inline record, pointing into the body it came in."""
    return Invalid(
        errors=[{"pointer": f"{prefix}{flaw.get('pointer', '')}", "detail": flaw["detail"]} for flaw in problem.errors]
    )
