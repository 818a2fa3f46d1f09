"""The timeline: meetings, promises made, due and restated, milestones and updates in one dated list."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.field_types import PartialDate
from app.core.model import Ref, TypedRef
from app.core.reading.reader import Reader
from app.pictures import timeline as picture
from app.pictures.timeline.promises import newest
from app.resources.dialogues import DialogueLevel
from app.views import calendar
from app.views.counted_promises import counted_promises
from app.views.events import EventKind, details_of, events_after, events_of
from app.views.partnership import PartnershipView, head
from app.views.routes import View


class Event(BaseModel):
    """Something at a time."""

    date: PartialDate = Field(description="When, as far as it is known: YYYY, YYYY-MM or YYYY-MM-DD.")
    kind: EventKind = Field(description="What happened, or was to happen.")
    record: TypedRef = Field(description="The record that it is about.")
    status: str | None = Field(description="How that stands: a meeting's status, a promise's completion, and so on.")
    level: DialogueLevel | None = Field(description="Who met, for meetings.")
    restates: Ref | None = Field(description="The earlier promise that it restates, for promises made.")
    commitment: Ref | None = Field(description="The promise it belongs to, for milestones and updates.")
    text: str | None = Field(description="A meeting's summary, or an update's narrative.")


class Timeline(PartnershipView):
    """Everything of a partnership that has a date."""

    data: list[Event] = Field(
        description="Events in the order of their dates; a month or a year comes before the days in it."
    )
    next: str | None = Field(description="The path of the events that follow; null at the end.")
    next_cursor: str | None = Field(description="The cursor in `next`; null at the end.")


def build(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """The whole timeline."""
    return page(reader, partnership, None, None)[0]


def page(
    reader: Reader, partnership: Mapping[str, Any], limit: int | None, after: Sequence[Any] | None
) -> tuple[dict[str, Any], list[Any] | None]:
    """Some events, from the beginning or after those shown before, and where to go on; None at the end.

    One query finds the events, and one for each of the four resources gets what is shown of them.
    """
    id_: UUID = partnership["id"]
    found = events_of(reader, id_, None if limit is None else limit + 1, after)
    shown = found if limit is None else found[:limit]
    view = {
        **head(reader, partnership),
        "data": details_of(reader, shown),
        "next": None,
        "next_cursor": None,
    }
    return view, shown[-1].position if len(shown) < len(found) else None


def drawn(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """What its picture shows: the meetings, the events of the newest promises, and the other promises as counted."""
    id_: UUID = partnership["id"]
    counted = counted_promises(reader, id_)
    shown = [each.slug for each in newest(counted)[0]]
    found = events_of(reader, id_, None, None, promises=shown)
    return {**head(reader, partnership), "counted": counted, "data": details_of(reader, found)}


def latest(reader: Reader, partnership: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The events until today, the latest first, read as far as they are asked for."""
    return events_after(reader, partnership["id"], reader.today, backwards=True)


def to_come(reader: Reader, partnership: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The events after today, the next first, read as far as they are asked for."""
    return events_after(reader, partnership["id"], reader.today, backwards=False)


VIEW = View(
    name="timeline",
    summary="What happened, and was to happen, when",
    description="Meetings, promises made, due and restated, milestones and updates, in one list by date.",
    model=Timeline,
    build=build,
    page=page,
    draw=picture.draw,
    drawn=drawn,
    calendar=calendar.build,
)
