"""Partnerships: the countries that promise each other something, and what they call it."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator
from pydantic import Field as Limits
from sqlmodel import Field, SQLModel

from app.core.field_types import Country, Line, PartialDate, Prose, Summary
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite
from app.core.resource import Resource
from app.core.storage.column_types import Document
from app.core.translations import PartnershipTranslations, translated


def _distinct(parties: list[str]) -> list[str]:
    if len(set(parties)) != len(parties):
        raise ValueError("each country can be named once")
    return parties


Parties = Annotated[list[Country], Limits(min_length=2, max_length=60), AfterValidator(_distinct)]


class PartnershipBase(SQLModel):
    """What is said of a partnership."""

    name: Line = Field(
        description="What the partnership is called.", schema_extra={"examples": ["India and South Korea"]}
    )
    summary: Summary | None = Field(default=None, description="The partnership in a sentence or two.")
    description: Prose | None = Field(default=None, description="How it came about and what it covers.")
    parties: Parties = Field(
        sa_type=Document,
        description="The countries, two or more, as ISO 3166-1 alpha-2 codes.",
        schema_extra={"examples": [["IN", "KR"]]},
    )
    label: Line | None = Field(
        default=None,
        description="The title the parties give it, such as Special Strategic Partnership.",
        schema_extra={"examples": ["Special Strategic Partnership"]},
    )
    established_on: PartialDate | None = Field(default=None, description="When it was established, as far as known.")
    translations: PartnershipTranslations = translated(PartnershipTranslations)


class Partnership(PartnershipBase, Record, table=True):
    """The table of partnerships."""

    plural: ClassVar[str] = "partnerships"
    singular: ClassVar[str] = "partnership"
    named_by: ClassVar[str] = "name"


class PartnershipCreate(PartnershipBase, RecordWrite):
    """A partnership as a client writes it."""


class PartnershipRead(PartnershipBase, RecordRead):
    """A partnership as it is read."""


partnerships = Resource(
    table=Partnership,
    create=PartnershipCreate,
    read=PartnershipRead,
    citable=True,
    listing=Listing(
        filters=("label", "established_on"),
        members={"party": "parties"},
        sort=("established_on",),
        order=("name",),
        facets=("party",),
    ),
    searchable=("name", "summary", "description", "label"),
    examples={
        "key": "india-south-korea",
        "name__contains": "india",
        "party": "KR",
        "label__contains": "strategic",
        "established_on": "2015-05-18",
        "create": {
            "name": "India and Japan",
            "summary": "Special Strategic and Global Partnership of 2014 between India and Japan.",
            "parties": ["IN", "JP"],
            "label": "Special Strategic and Global Partnership",
            "established_on": "2014-09-01",
        },
        "patch": {"label": "Special Strategic Partnership", "established_on": "2015-05-18"},
    },
)
