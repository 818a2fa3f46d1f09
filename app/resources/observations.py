"""Observations: the values an indicator had, each with its period and the source that gives it.

Values that sources dispute stand side by side, told apart by their rank.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from pydantic import FiniteFloat
from sqlmodel import Field, SQLModel

from app.core.field_types import Country, FullDate
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite
from app.core.resource import Catalogue, Resource
from app.core.storage.column_types import indexed
from app.core.vocabulary import Vocabulary, after
from app.errors import Flaw


@after("SDMX, observation status", "https://sdmx.org/?page_id=3215")
class ObservationStatus(Vocabulary):
    """How final a value is."""

    actual = "actual", "Reported as final."
    provisional = "provisional", "Reported, and likely to be revised."
    estimated = "estimated", "Worked out rather than counted."
    forecast = "forecast", "Expected, for a period that was not over."


@after("Wikidata, ranking of statements", "https://www.wikidata.org/wiki/Help:Ranking")
class Rank(Vocabulary):
    """Which of several values for the same thing to take, where one must be taken."""

    deprecated = "deprecated", "Known to be wrong, or revised since; kept because it was published."
    normal = "normal", "One of the values there are."
    preferred = "preferred", "The value to take where one must be taken."


class ObservationBase(SQLModel):
    """What is said of an observation."""

    party: Country | None = Field(
        default=None,
        description="The country whose value it is; unset where it is the partnership's.",
        schema_extra={"examples": ["IN"]},
    )
    period_start: FullDate = Field(description="First day of the period.", schema_extra={"examples": ["2024-01-01"]})
    period_end: FullDate = Field(description="Last day of the period.", schema_extra={"examples": ["2024-12-31"]})
    value: FiniteFloat = Field(description="The value, in the indicator's unit.", schema_extra={"examples": [25.7]})
    status: ObservationStatus = Field(default=ObservationStatus.actual, description="How final the value is.")
    rank: Rank = Field(default=Rank.normal, description="Which of several values to take.")


class Observation(ObservationBase, Record, table=True):
    """The table of observations."""

    __table_args__ = indexed(
        ("state", "party"), "period_start", "period_end", "value", ("state", "status"), ("state", "rank")
    )
    plural: ClassVar[str] = "observations"
    singular: ClassVar[str] = "observation"
    named_by: ClassVar[str] = "slug"

    indicator_id: UUID = Field(
        foreign_key="indicator.id",
        index=True,
        description="What was measured.",
        schema_extra={"examples": ["trade-total-kr-cy"]},
    )
    source_id: UUID = Field(
        foreign_key="source.id",
        index=True,
        description="The source that gives the value.",
        schema_extra={"examples": ["menafn-50"]},
    )


class ObservationCreate(ObservationBase, RecordWrite):
    """An observation as a client writes it."""


class ObservationRead(ObservationBase, RecordRead):
    """An observation as it is read."""


def _described(body: Mapping[str, Any]) -> str:
    return " ".join(str(each) for each in (body["indicator"][:80], body["party"], body["period_end"]) if each)


def _in_order(catalogue: Catalogue, body: Any) -> Iterable[Flaw]:
    if body.period_end < body.period_start:
        yield {"pointer": "/period_end", "detail": "The period ends before it starts."}


observations = Resource(
    table=Observation,
    create=ObservationCreate,
    read=ObservationRead,
    citable=True,
    listing=Listing(
        filters=("party", "period_start", "period_end", "value", "status", "rank"),
        related={"partnership": "indicator.partnership"},
        sort=("period_start", "period_end", "value", "status", "rank"),
        order=("-period_end", "slug"),
        facets=("party", "status", "rank", "indicator", "source"),
    ),
    describe=_described,
    checks=(_in_order,),
    examples={
        "key": "trade-total-kr-cy-2025",
        "party": "IN",
        "period_start__gte": "2018-01-01",
        "period_end__lte": "2025-12-31",
        "value__gte": 20,
        "create": {
            "indicator": "trade-total-kr-cy",
            "period_start": "2025-01-01",
            "period_end": "2025-12-31",
            "value": 25.7,
            "status": "actual",
            "source": "aaj-2026",
        },
        "patch": {"rank": "preferred"},
    },
)
