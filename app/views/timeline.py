"""The timeline: meetings, promises made, due and restated, milestones and updates in one dated list."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.core.model import Ref
from app.core.read import Reader
from app.core.vocabulary import Vocabulary
from app.pictures import timeline as picture
from app.resources.commitments import commitments
from app.resources.dialogues import DialogueLevel, dialogues
from app.resources.meetings import meetings
from app.resources.milestones import milestones
from app.resources.updates import updates
from app.views.route import View


class EventKind(Vocabulary):
    """What happened, or was to happen, on a day."""

    meeting = "meeting", "A meeting, held or planned."
    promise_made = "promise_made", "A promise was made."
    promise_restated = "promise_restated", "A promise was made that restates an earlier one."
    update = "update", "Something happened to a promise, or was said of it."
    milestone_met = "milestone_met", "A step towards a promise was met."
    milestone_due = "milestone_due", "A step towards a promise was due."
    promise_due = "promise_due", "The last day of a promise."


class EventRecord(Ref):
    """The record that an event is about."""

    type: str = Field(description="Its resource, in the singular.")


class Event(BaseModel):
    """Something on a day."""

    date: date
    kind: EventKind = Field(description="What happened, or was to happen.")
    record: EventRecord = Field(description="The record that it is about.")
    status: str | None = Field(description="How that stands: a meeting's status, a promise's completion, and so on.")
    level: DialogueLevel | None = Field(description="Who met, for meetings.")
    restates: Ref | None = Field(description="The earlier promise that it restates, for promises made.")
    commitment: Ref | None = Field(description="The promise it belongs to, for milestones and updates.")
    text: str | None = Field(description="A meeting's summary, or an update's narrative.")


class Timeline(BaseModel):
    """Everything of a partnership that has a day."""

    partnership: Ref = Field(description="The partnership.")
    as_of: date = Field(description="The day it is reckoned for, in UTC.")
    data: list[Event] = Field(description="Events in the order of their days.")


def build(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """Gather the events: one query for meetings, one for promises, one for milestones, one for updates."""
    id_ = partnership["id"]
    events = [*_meetings(reader, id_), *_promises(reader, id_), *_milestones(reader, id_), *_updates(reader, id_)]
    order = {kind.value: place for place, kind in enumerate(EventKind)}
    events.sort(key=lambda event: (event["date"], order[event["kind"]], event["record"]["slug"]))
    return {
        "partnership": {"id": id_, "slug": partnership["slug"], "title": partnership["name"]},
        "as_of": reader.today,
        "data": events,
    }


def _event(
    day: date, kind: EventKind, record: dict[str, Any], status: str | None, commitment: dict[str, Any] | None = None,
    text: str | None = None, level: str | None = None, restates: dict[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "date": day, "kind": kind.value, "record": record, "status": status, "level": level, "restates": restates,
        "commitment": commitment, "text": text,
    }  # fmt: skip


def _record(type_: str, id_: UUID, slug: str, title: str) -> dict[str, Any]:
    return {"type": type_, "id": id_, "slug": slug, "title": title}


def _meetings(reader: Reader, partnership: UUID) -> list[dict[str, Any]]:
    row, seen = reader.seen(meetings.table)
    dialogue, dialogue_seen = reader.other(dialogues.table)
    chosen = sa.select(
        row.c.held_on, row.c.id, row.c.slug, row.c.title, row.c.status, row.c.summary, dialogue.c.level
    ).join_from(row, dialogue, row.c.dialogue_id == dialogue.c.id)
    inside = sa.and_(seen, dialogue_seen, row.c.held_on.is_not(None), dialogue.c.partnership_id == partnership)
    return [
        _event(day, EventKind.meeting, _record("meeting", id_, slug, title), status, None, text, level)
        for day, id_, slug, title, status, text, level in reader.connection.execute(chosen.where(inside))
    ]


def _promises(reader: Reader, partnership: UUID) -> list[dict[str, Any]]:
    row, seen = reader.seen(commitments.table)
    earlier, earlier_seen = reader.other(commitments.table)
    chosen = sa.select(
        row.c.id, row.c.slug, row.c.title, row.c.completion, row.c.made_on, row.c.due_on,
        earlier.c.id, earlier.c.slug, earlier.c.title,
    ).select_from(row.outerjoin(earlier, sa.and_(earlier.c.id == row.c.supersedes_id, earlier_seen)))  # fmt: skip
    events = []
    for id_, slug, title, completion, made_on, due_on, *before in reader.connection.execute(
        chosen.where(seen, row.c.partnership_id == partnership)
    ):
        record = _record("commitment", id_, slug, title)
        if made_on is not None:
            restates = {"id": before[0], "slug": before[1], "title": before[2]} if before[0] else None
            kind = EventKind.promise_restated if restates else EventKind.promise_made
            events.append(_event(made_on, kind, record, completion, restates=restates))
        if due_on is not None:
            events.append(_event(due_on, EventKind.promise_due, record, completion))
    return events


def _of_promises(reader: Reader, partnership: UUID) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
    promise, seen = reader.other(commitments.table)
    return promise, sa.and_(seen, promise.c.partnership_id == partnership)


def _milestones(reader: Reader, partnership: UUID) -> list[dict[str, Any]]:
    row, seen = reader.seen(milestones.table)
    promise, inside = _of_promises(reader, partnership)
    chosen = sa.select(
        row.c.id, row.c.slug, row.c.title, row.c.status, row.c.due_on, row.c.met_on,
        promise.c.id, promise.c.slug, promise.c.title,
    ).join_from(row, promise, row.c.commitment_id == promise.c.id)  # fmt: skip
    events = []
    for id_, slug, title, status, due_on, met_on, *owner in reader.connection.execute(chosen.where(seen, inside)):
        record = _record("milestone", id_, slug, title)
        commitment = {"id": owner[0], "slug": owner[1], "title": owner[2]}
        if met_on is not None:
            events.append(_event(met_on, EventKind.milestone_met, record, status, commitment))
        if due_on is not None:
            events.append(_event(due_on, EventKind.milestone_due, record, status, commitment))
    return events


def _updates(reader: Reader, partnership: UUID) -> list[dict[str, Any]]:
    row, seen = reader.seen(updates.table)
    promise, inside = _of_promises(reader, partnership)
    chosen = sa.select(
        row.c.occurred_on, row.c.id, row.c.slug, row.c.sets, row.c.narrative,
        promise.c.id, promise.c.slug, promise.c.title,
    ).join_from(row, promise, row.c.commitment_id == promise.c.id)  # fmt: skip
    events = []
    for day, id_, slug, sets, narrative, *owner in reader.connection.execute(chosen.where(seen, inside)):
        commitment = {"id": owner[0], "slug": owner[1], "title": owner[2]}
        status = sets.get("completion") or sets.get("lifecycle") or sets.get("milestone_status")
        record = _record("update", id_, slug, slug)
        events.append(_event(day, EventKind.update, record, status, commitment, narrative))
    return events


VIEW = View(
    name="timeline",
    summary="What happened, and was to happen, when",
    description="Meetings, promises made, due and restated, milestones and updates, in one list by date.",
    model=Timeline,
    build=build,
    draw=picture.draw,
)
