"""Indicators: what a target is measured by. Each reporter and each kind of year has an indicator of its own."""

from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.field_types import Line, Prose
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite
from app.core.resource import Resource
from app.core.translations import DescriptionTranslations, translated
from app.core.vocabulary import Vocabulary, after


@after("IATI IndicatorMeasure", "https://iatistandard.org/en/iati-standard/203/codelists/indicatormeasure/")
class Measure(Vocabulary):
    """What kind of value an indicator has."""

    unit = "unit", "A quantity in the unit given."
    percentage = "percentage", "A share of a hundred."
    nominal = "nominal", "One of several names."
    ordinal = "ordinal", "A place in an order."
    qualitative = "qualitative", "A description."


class Direction(Vocabulary):
    """Which way an indicator should go."""

    up_is_good = "up_is_good", "More is better."
    down_is_good = "down_is_good", "Less is better."
    neutral = "neutral", "Neither is better by itself."


class IndicatorBase(SQLModel):
    """What is said of an indicator."""

    name: Line = Field(
        description="What is measured.", schema_extra={"examples": ["Two-way goods trade, calendar year"]}
    )
    description: Prose | None = Field(default=None, description="What counts towards it, and what does not.")
    unit: Line | None = Field(
        default=None, description="The unit of its values.", schema_extra={"examples": ["USD billion"]}
    )
    measure: Measure = Field(default=Measure.unit, description="What kind of value it has.")
    direction: Direction = Field(default=Direction.neutral, description="Which way it should go.")
    frequency: Line | None = Field(
        default=None, description="How often it is reported.", schema_extra={"examples": ["annual"]}
    )
    reporter: Line | None = Field(
        default=None,
        description="Who reports it.",
        schema_extra={"examples": ["Korea International Trade Association"]},
    )
    translations: DescriptionTranslations = translated(DescriptionTranslations)


class Indicator(IndicatorBase, Record, table=True):
    """The table of indicators."""

    plural: ClassVar[str] = "indicators"
    singular: ClassVar[str] = "indicator"
    named_by: ClassVar[str] = "name"

    partnership_id: UUID = Field(
        foreign_key="partnership.id",
        index=True,
        description="The partnership it is about.",
        schema_extra={"examples": ["india-south-korea"]},
    )


class IndicatorCreate(IndicatorBase, RecordWrite):
    """An indicator as a client writes it."""


class IndicatorRead(IndicatorBase, RecordRead):
    """An indicator as it is read."""


indicators = Resource(
    table=Indicator,
    create=IndicatorCreate,
    read=IndicatorRead,
    citable=True,
    listing=Listing(
        filters=("unit", "measure", "direction", "frequency", "reporter"),
        sort=("measure", "direction", "frequency", "reporter"),
        order=("name",),
        facets=("unit", "measure", "direction", "frequency", "reporter"),
    ),
    searchable=("name", "description", "reporter", "unit"),
    examples={
        "key": "trade-total-kr-cy",
        "name__contains": "trade",
        "unit": "USD billion",
        "frequency": "annual",
        "reporter__contains": "korea",
        "create": {
            "partnership": "india-south-korea",
            "name": "Example: students from Korea in India",
            "unit": "persons",
            "measure": "unit",
            "direction": "up_is_good",
            "frequency": "annual",
        },
        "patch": {"direction": "up_is_good"},
    },
)
