"""Meetings: the occasions on which a dialogue met, or was to meet, and on which promises were made."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.columns import indexed
from app.core.model import Draft, Record, Ref, Stamped
from app.core.relations import One
from app.core.resource import Change, Listing, Resource
from app.core.text import Key, Line, Summary
from app.core.vocabulary import Vocabulary
from app.errors import Flaw
from app.resources.citations import CitableDraft, CitableRead, evidence, inline_citations
from app.resources.dialogues import Dialogue


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
    held_on: date | None = Field(
        default=None,
        description="The day it was held or planned for, the first where it took several; unset where it is unknown.",
        schema_extra={"examples": ["2018-07-10"]},
    )
    place: Line | None = Field(default=None, description="Where it was held.", schema_extra={"examples": ["New Delhi"]})
    status: MeetingStatus = Field(
        default=MeetingStatus.planned, description="Whether it took place.", schema_extra={"examples": ["held"]}
    )
    summary: Summary | None = Field(default=None, description="What came of it, in a sentence or two.")


class Meeting(MeetingBase, Record, table=True):
    """The table of meetings."""

    __tablename__ = "meeting"
    __table_args__ = indexed("title", "held_on", "ordinal", "place", "status")
    plural: ClassVar[str] = "meetings"
    singular: ClassVar[str] = "meeting"

    title: str
    dialogue_id: UUID = Field(foreign_key="dialogue.id", index=True)


class MeetingCreate(CitableDraft, MeetingBase, Draft):
    """A meeting as a client writes it."""

    title: Line | None = Field(
        default=None, description="The meeting in a line; left out, it is made from the dialogue and the date."
    )
    dialogue: Key = Field(
        description="The dialogue it belongs to, by slug or id.", schema_extra={"examples": ["leaders-summit"]}
    )


class MeetingRead(CitableRead, MeetingBase, Stamped):
    """A meeting as it is read."""

    title: Line = Field(description="The meeting in a line.")
    dialogue: Ref = Field(description="The dialogue it belongs to.")


def _described(body: Mapping[str, Any]) -> str:
    dialogue = str(body["dialogue"]).replace("-", " ").capitalize()
    told = [dialogue, *([f"no. {body['ordinal']}"] if body["ordinal"] else []), body["held_on"]]
    return ", ".join(str(each) for each in told if each)[:200]


def _not_held_tomorrow(change: Change) -> Iterable[Flaw]:
    held_on = change.columns["held_on"]
    if change.columns["status"] == MeetingStatus.held.value and held_on and held_on > change.writer.today:
        yield {"pointer": "/held_on", "detail": "It lies in the future, and the meeting cannot have been held."}


meetings = Resource(
    table=Meeting,
    create=MeetingCreate,
    read=MeetingRead,
    listing=Listing(
        filters=("status", "held_on", "ordinal", "place"),
        related={"dialogue": "dialogue", "partnership": "dialogue.partnership", "source": "sources"},
        sort=("held_on", "ordinal", "status", "place"),
        order=("-held_on", "title"),
        facets=("status", "dialogue", "place"),
    ),
    relations=(One("dialogue", Dialogue), evidence("meeting")),
    inline=(inline_citations("meeting"),),
    searchable=("title", "summary", "place"),
    describe=_described,
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
