"""Partnerships: the countries that promise each other something, and what they call it."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import AfterValidator
from pydantic import Field as Limits
from sqlmodel import Field, SQLModel

from app.core.columns import Document
from app.core.model import Draft, Record, Stamped
from app.core.resource import Listing, Resource
from app.core.text import Country, Line, Prose, Summary
from app.resources.citations import CitableDraft, CitableRead, evidence, inline_citations


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
        sa_type=Document, description="The countries, two or more, as ISO 3166-1 alpha-2 codes.",
        schema_extra={"examples": [["IN", "KR"]]},
    )  # fmt: skip
    label: Line | None = Field(
        default=None, description="The title the parties give it, such as Special Strategic Partnership.",
        schema_extra={"examples": ["Special Strategic Partnership"]},
    )  # fmt: skip
    established_on: date | None = Field(default=None, description="When it was established.")


class Partnership(PartnershipBase, Record, table=True):
    """The table of partnerships."""

    __tablename__ = "partnership"
    plural: ClassVar[str] = "partnerships"
    singular: ClassVar[str] = "partnership"
    named_by: ClassVar[str] = "name"


class PartnershipCreate(CitableDraft, PartnershipBase, Draft):
    """A partnership as a client writes it."""


class PartnershipRead(CitableRead, PartnershipBase, Stamped):
    """A partnership as it is read."""


partnerships = Resource(
    table=Partnership,
    create=PartnershipCreate,
    read=PartnershipRead,
    listing=Listing(
        filters=("label", "established_on"),
        members={"party": "parties"},
        sort=("established_on",),
        order=("name",),
        facets=("party",),
    ),
    relations=(evidence("partnership"),),
    inline=(inline_citations("partnership"),),
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
