"""Meetings: the occasions on which a dialogue met, or was to meet, and on which promises were made."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.field_types import Line, PartialDate, Summary, first_day, month_in_words
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite
from app.core.resource import Change, Resource, Writing
from app.core.storage.column_types import indexed
from app.core.translations import SummaryTranslations, translated
from app.core.vocabulary import Vocabulary
from app.errors import Flaw
from app.resources.dialogues import dialogues


class MeetingStatus(Vocabulary):
    """Whether a meeting took place."""

    planned = "planned", "Announced; whether it took place is not known, or lies ahead."
    held = "held", "It took place."
    postponed = "postponed", "Put off to another date."
    cancelled = "cancelled", "Called off."


class MeetingBase(SQLModel):
    """What is said of a meeting."""

    ordinal: int | None = Field(
        default=None, ge=1, le=10_000, description="Which one of its series it was: 9 for the ninth."
    )
    held_on: PartialDate | None = Field(
        default=None,
        description=(
            "When it was held or planned for, as far as known: the first day where it took several; unset where it is "
            "unknown."
        ),
        schema_extra={"examples": ["2018-07-10"]},
    )
    place: Line | None = Field(default=None, description="Where it was held.", schema_extra={"examples": ["New Delhi"]})
    status: MeetingStatus = Field(
        default=MeetingStatus.planned, description="Whether it took place.", schema_extra={"examples": ["held"]}
    )
    summary: Summary | None = Field(default=None, description="What came of it, in a sentence or two.")
    translations: SummaryTranslations = translated(SummaryTranslations)


class Meeting(MeetingBase, Record, table=True):
    """The table of meetings."""

    __table_args__ = indexed("title", "held_on", "ordinal", ("state", "place"), ("state", "status"))
    plural: ClassVar[str] = "meetings"
    singular: ClassVar[str] = "meeting"

    title: str
    dialogue_id: UUID = Field(
        foreign_key="dialogue.id",
        index=True,
        description="The dialogue it belongs to.",
        schema_extra={"examples": ["leaders-summit"]},
    )


class MeetingCreate(MeetingBase, RecordWrite):
    """A meeting as a client writes it."""

    title: Line | None = Field(
        default=None,
        description="The meeting in a line; left out: the dialogue, the place and the month.",
    )


class MeetingRead(MeetingBase, RecordRead):
    """A meeting as it is read."""

    title: Line = Field(description="The meeting in a line.")


def _title_of(writer: Writing, columns: Mapping[str, Any]) -> str:
    """The dialogue, the place, and the month or the year: "Leaders' summit, New Delhi, July 2018"."""
    dialogue = writer.row(dialogues, columns["dialogue_id"])
    ordinal = f"no. {columns['ordinal']}" if columns["ordinal"] else None
    held_on = month_in_words(columns["held_on"]) if columns["held_on"] else None
    parts = [dialogue["name"], ordinal, columns["place"], held_on]
    return ", ".join(part for part in parts if part)[:500]


def _not_held_tomorrow(change: Change) -> Iterable[Flaw]:
    held_on = change.columns["held_on"]
    if change.columns["status"] == MeetingStatus.held.value and held_on and first_day(held_on) > change.writer.today:
        yield {"pointer": "/held_on", "detail": "It lies in the future, and the meeting cannot have been held."}


meetings = Resource(
    table=Meeting,
    create=MeetingCreate,
    read=MeetingRead,
    citable=True,
    listing=Listing(
        filters=("status", "held_on", "ordinal", "place"),
        related={"partnership": "dialogue.partnership"},
        sort=("held_on", "ordinal", "status", "place"),
        order=("-held_on", "title"),
        facets=("status", "dialogue", "place"),
    ),
    searchable=("title", "summary", "place"),
    make_title=_title_of,
    guards=(_not_held_tomorrow,),
    examples={
        "key": "summit-2018-07",
        "title__contains": "summit",
        "held_on__gte": "2024-01-01",
        "ordinal": 9,
        "place": "Seoul",
        "create": {
            "dialogue": "leaders-summit",
            "title": "Example: the summit of 2027",
            "held_on": "2027-06-15",
            "place": "Seoul",
            "status": "planned",
        },
        "patch": {"place": "New Delhi"},
    },
)
