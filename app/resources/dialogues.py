"""Dialogues: the standing series of meetings that a partnership has promised itself."""

from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.field_types import Line, PartialDate
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite
from app.core.resource import Resource
from app.core.translations import NameTranslations, translated
from app.core.vocabulary import Vocabulary


class DialogueLevel(Vocabulary):
    """Who meets."""

    summit = "summit", "Heads of state or government."
    ministerial = "ministerial", "Ministers."
    vice_ministerial = "vice_ministerial", "Deputy ministers or secretaries."
    official = "official", "Officials below them."
    track1_5 = "track1_5", "Officials together with experts who speak for themselves."
    track2 = "track2", "Experts alone."


class DialogueBase(SQLModel):
    """What is said of a dialogue."""

    name: Line = Field(
        description="What the dialogue is called.", schema_extra={"examples": ["Joint Commission Meeting"]}
    )
    level: DialogueLevel = Field(description="Who meets.", schema_extra={"examples": ["ministerial"]})
    expected_interval_months: int | None = Field(
        default=None,
        ge=1,
        le=600,
        description="How often it was promised to meet, in months between meetings.",
        schema_extra={"examples": [12]},
    )
    started_on: PartialDate | None = Field(
        default=None, description="When it first met, or was set up, as far as known."
    )
    translations: NameTranslations = translated(NameTranslations)


class Dialogue(DialogueBase, Record, table=True):
    """The table of dialogues."""

    plural: ClassVar[str] = "dialogues"
    singular: ClassVar[str] = "dialogue"
    named_by: ClassVar[str] = "name"

    partnership_id: UUID = Field(
        foreign_key="partnership.id",
        index=True,
        description="The partnership it belongs to.",
        schema_extra={"examples": ["india-south-korea"]},
    )


class DialogueCreate(DialogueBase, RecordWrite):
    """A dialogue as a client writes it."""


class DialogueRead(DialogueBase, RecordRead):
    """A dialogue as it is read."""


dialogues = Resource(
    table=Dialogue,
    create=DialogueCreate,
    read=DialogueRead,
    citable=True,
    listing=Listing(
        filters=("level", "expected_interval_months", "started_on"),
        sort=("level", "expected_interval_months", "started_on"),
        order=("level", "name"),
        facets=("level", "partnership"),
    ),
    searchable=("name",),
    examples={
        "key": "leaders-summit",
        "name__contains": "minister",
        "expected_interval_months": 12,
        "started_on": "2015-05-19",
        "source": "mint-exim-2017",
        "create": {
            "partnership": "india-south-korea",
            "name": "Example: review of promises",
            "level": "official",
            "expected_interval_months": 6,
        },
        "patch": {"expected_interval_months": 12},
    },
)
