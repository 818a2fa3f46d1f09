"""The events of a partnership: found in the order of their dates, and described from the records they are about."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.reading.reader import Reader
from app.core.reading.spoiled import readable_rows
from app.core.resource import Resource
from app.core.storage.column_types import PartialDay
from app.core.storage.id_lists import among_texts
from app.core.storage.lookups import there_is
from app.core.vocabulary import Vocabulary
from app.resources.commitments import commitments
from app.resources.dialogues import dialogues
from app.resources.meetings import meetings
from app.resources.milestones import milestones
from app.resources.updates import updates
from app.views.partnership import PARTNERSHIP, inside


class EventKind(Vocabulary):
    """What happened, or was to happen, on a day."""

    meeting = "meeting", "A meeting, held or planned."
    promise_made = "promise_made", "A promise was made."
    promise_restated = "promise_restated", "A promise was made that restates an earlier one."
    update = "update", "Something happened to a promise, or was said of it."
    milestone_met = "milestone_met", "A step towards a promise was met."
    milestone_due = "milestone_due", "A step towards a promise was due."
    promise_due = "promise_due", "The last day of a promise."


_SOURCES: tuple[tuple[EventKind, Resource, str], ...] = (
    (EventKind.meeting, meetings, "held_on"),
    (EventKind.promise_made, commitments, "made_on"),
    (EventKind.promise_restated, commitments, "made_on"),
    (EventKind.update, updates, "occurred_on"),
    (EventKind.milestone_met, milestones, "met_on"),
    (EventKind.milestone_due, milestones, "due_on"),
    (EventKind.promise_due, commitments, "due_on"),
)
"""Where events come from: the kind, the resource, and the field that has their date. Events of one date come in this
order, and then by slug."""


_POSITION = ("date", "place", "slug")

_NO_LIMIT = 2**62
"""More than there can be: the databases say "no limit" each in its own way."""

_MAX_IDS = 10_000
"""A query takes 32,766 parameters on SQLite."""


@dataclass(frozen=True, slots=True)
class Found:
    """An event that was found: its date, its place among the kinds, and the record it is about."""

    date: str
    place: int
    slug: str
    id: UUID

    @property
    def kind(self) -> EventKind:
        """What happened."""
        return _SOURCES[self.place][0]

    @property
    def position(self) -> list[Any]:
        """Where it stands in the timeline."""
        return [self.date, self.place, self.slug]


def events_of(
    reader: Reader,
    partnership: UUID,
    limit: int | None,
    after: Sequence[Any] | None,
    *,
    backwards: bool = False,
    promises: Sequence[str] | None = None,
) -> list[Found]:
    """The events of a partnership in order: from the beginning, or after a position.

    ``backwards`` begins at the end, or goes back from a position. ``promises`` are the slugs of those promises of the
    partnership whose events are wanted beside its meetings; all of them where it says none.
    """
    shape = _Shape(beginning=after is None, backwards=backwards, chosen=promises is not None)
    statement = reader.tables.built_once(("events", shape), lambda: _statement(reader, shape))
    most = limit or _NO_LIMIT
    bound: dict[str, Any] = {"partnership": partnership}
    if after is not None:
        bound |= zip(_POSITION, after, strict=True)
    if promises is not None:
        bound["promises"] = list(promises)
    while True:
        rows = readable_rows(reader.connection, statement, {**bound, "limit": most}, "the timeline")
        found = [Found(*row) for row in rows if row is not None]
        if limit is None or len(rows) < most or len(found) >= limit:
            return found[:limit]
        most = limit + len(rows) - len(found)  # in place of those that cannot be read


_TOGETHER = 50
"""How many events are read together by who may not want many."""


def events_after(reader: Reader, partnership: UUID, day: datetime.date, *, backwards: bool) -> Iterator[dict[str, Any]]:
    """The events after a day as they are shown; ``backwards``: those until it, the last first."""
    position: list[Any] | None = [str(day), len(_SOURCES), ""]
    while position is not None:
        found = events_of(reader, partnership, _TOGETHER, position, backwards=backwards)
        yield from details_of(reader, found)
        position = found[-1].position if len(found) == _TOGETHER else None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the query for events depends on."""

    beginning: bool
    backwards: bool
    chosen: bool


def _statement(reader: Reader, shape: _Shape) -> sa.Select[Any]:
    """The query for events. It is bound to the partnership, the limit, the position to go on after, and promises."""
    every = sa.union_all(*(_part(reader, place, shape) for place in range(len(_SOURCES)))).subquery()
    position = [every.c[name] for name in _POSITION]
    date = sa.type_coerce(every.c.date, PartialDay()).label("date")
    chosen = sa.select(date, *position[1:], every.c.id).limit(sa.bindparam("limit", type_=sa.BigInteger))
    chosen = chosen.order_by(*(each.desc() if shape.backwards else each for each in position))
    if shape.beginning:
        return chosen
    here, there = sa.tuple_(*position), sa.tuple_(*(sa.bindparam(each.name, type_=each.type) for each in position))
    return chosen.where(here < there if shape.backwards else here > there)


def _within(reader: Reader, resource: Resource, row: sa.FromClause, shape: _Shape) -> sa.ColumnElement[bool]:
    """The condition under which an event belongs to the partnership, or to the promises that are wanted of it."""
    if shape.chosen and resource is not meetings:
        promise = reader.tables.rows(commitments.rows).alias()
        wanted = among_texts(promise.c.slug, reader.tables.dialect, "promises")
        owner = row.c.id if resource is commitments else row.c.commitment_id
        return owner.in_(sa.select(promise.c.id).where(wanted))
    return inside(reader, resource, row, PARTNERSHIP)


def _part(reader: Reader, place: int, shape: _Shape) -> sa.Select[Any]:
    """The events of one kind."""
    kind, resource, field = _SOURCES[place]
    row, visible = reader.tables.visible_alias(resource.table)
    within = _within(reader, resource, row, shape)
    # One column of the union is a date, and the others are text: a day reads the same as text on both databases.
    date = sa.cast(row.c[field], sa.String).label("date")
    part = sa.select(date, sa.literal(place, sa.Integer).label("place"), row.c.slug, row.c.id)
    part = part.where(visible, within, row.c[field].is_not(None))
    if field != "made_on":
        return part
    earlier, earlier_visible = reader.tables.visible_alias(commitments.table)
    restates = there_is(earlier.c.id == row.c.supersedes_id, earlier_visible, within=earlier)
    return part.where(restates if kind is EventKind.promise_restated else sa.not_(restates))


def details_of(reader: Reader, found: Sequence[Found]) -> list[dict[str, Any]]:
    """Events as they are shown, from one query for each resource that they are about."""
    about: dict[str, dict[UUID, dict[str, Any]]] = {}
    for name, read in _DETAILS.items():
        ids = list({each.id for each in found if _SOURCES[each.place][1].name == name})
        about[name] = {}
        for start in range(0, len(ids), _MAX_IDS):
            about[name] |= read(reader, ids[start : start + _MAX_IDS])
    described = ((each, about[_SOURCES[each.place][1].name].get(each.id)) for each in found)
    return [_event(each, details) for each, details in described if details is not None]


def _event(found: Found, details: Mapping[str, Any]) -> dict[str, Any]:
    event = {"date": found.date, "kind": found.kind.value, **details}
    if found.kind is EventKind.promise_due:
        event["restates"] = None
    return event


def _record(type_: str, id_: UUID, slug: str, title: str) -> dict[str, Any]:
    return {"type": type_, "id": id_, "slug": slug, "title": title}


def _reference(id_: UUID | None, slug: str, title: str) -> dict[str, Any] | None:
    return {"id": id_, "slug": slug, "title": title} if id_ else None


def _details(
    record: dict[str, Any],
    status: str | None,
    *,
    level: str | None = None,
    restates: dict[str, Any] | None = None,
    commitment: dict[str, Any] | None = None,
    text: str | None = None,
) -> dict[str, Any]:
    return {
        "record": record,
        "status": status,
        "level": level,
        "restates": restates,
        "commitment": commitment,
        "text": text,
    }


Details = dict[UUID, dict[str, Any]]


def _meetings(reader: Reader, ids: Sequence[UUID]) -> Details:
    row, dialogue = reader.tables.rows(meetings.rows), reader.tables.rows(dialogues.rows)
    value = reader.tables.value
    title, summary_ = value(meetings, row, "title"), value(meetings, row, "summary")
    columns = (row.c.id, row.c.slug, title, row.c.status, summary_, dialogue.c.level)
    chosen = sa.select(*columns).join_from(row, dialogue, row.c.dialogue_id == dialogue.c.id)
    return {
        id_: _details(_record("meeting", id_, slug, title), status, text=summary, level=level)
        for id_, slug, title, status, summary, level in reader.rows(meetings.name, chosen.where(row.c.id.in_(ids)))
    }


def _promises(reader: Reader, ids: Sequence[UUID]) -> Details:
    row = reader.tables.rows(commitments.rows)
    earlier, visible = reader.tables.visible_alias(commitments.table)
    called = reader.tables.title
    columns = (
        *(row.c.id, row.c.slug, called(commitments, row), row.c.completion),
        *(earlier.c.id, earlier.c.slug, called(commitments, earlier)),
    )
    join = row.outerjoin(earlier, sa.and_(earlier.c.id == row.c.supersedes_id, visible))
    chosen = sa.select(*columns).select_from(join).where(row.c.id.in_(ids))
    return {
        id_: _details(_record("commitment", id_, slug, title), completion, restates=_reference(*before))
        for id_, slug, title, completion, *before in reader.rows(commitments.name, chosen)
    }


def _milestones(reader: Reader, ids: Sequence[UUID]) -> Details:
    row, promise = reader.tables.rows(milestones.rows), reader.tables.rows(commitments.rows)
    owner_title = reader.tables.title(commitments, promise)
    title_ = reader.tables.title(milestones, row)
    columns = (row.c.id, row.c.slug, title_, row.c.status, promise.c.id, promise.c.slug, owner_title)
    chosen = sa.select(*columns).join_from(row, promise, row.c.commitment_id == promise.c.id)
    return {
        id_: _details(_record("milestone", id_, slug, title), status, commitment=_reference(*owner))
        for id_, slug, title, status, *owner in reader.rows(milestones.name, chosen.where(row.c.id.in_(ids)))
    }


def _updates(reader: Reader, ids: Sequence[UUID]) -> Details:
    row, promise = reader.tables.rows(updates.rows), reader.tables.rows(commitments.rows)
    owner_title = reader.tables.title(commitments, promise)
    narrative = reader.tables.value(updates, row, "narrative")
    columns = (row.c.id, row.c.slug, row.c.sets, narrative, promise.c.id, promise.c.slug, owner_title)
    chosen = sa.select(*columns).join_from(row, promise, row.c.commitment_id == promise.c.id)
    return {
        id_: _details(
            _record("update", id_, slug, slug),
            sets.get("completion") or sets.get("lifecycle") or sets.get("milestone_status"),
            commitment=_reference(*owner),
            text=narrative,
        )
        for id_, slug, sets, narrative, *owner in reader.rows(updates.name, chosen.where(row.c.id.in_(ids)))
    }


_DETAILS: Mapping[str, Callable[[Reader, Sequence[UUID]], Details]] = {
    "meetings": _meetings,
    "commitments": _promises,
    "milestones": _milestones,
    "updates": _updates,
}
