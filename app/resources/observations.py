"""Observations: the values an indicator had, each with its period and the source that gives it.

Values that sources dispute stand side by side, told apart by their rank.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import FiniteFloat
from sqlmodel import Field, SQLModel

from app.core.columns import indexed
from app.core.model import Draft, Record, Ref, Stamped
from app.core.relations import One
from app.core.resource import Catalogue, Change, Listing, Resource
from app.core.text import Country, Key
from app.core.vocabulary import Vocabulary, after
from app.errors import Flaw
from app.resources.citations import CitableDraft, CitableRead, evidence, inline_citations
from app.resources.indicators import Indicator
from app.resources.parties import party_flaws
from app.resources.sources import Source


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
        default=None, description="The country whose value it is; unset where it is the partnership's.",
        schema_extra={"examples": ["IN"]},
    )  # fmt: skip
    period_start: date = Field(description="First day of the period.", schema_extra={"examples": ["2024-01-01"]})
    period_end: date = Field(description="Last day of the period.", schema_extra={"examples": ["2024-12-31"]})
    value: FiniteFloat = Field(description="The value, in the indicator's unit.", schema_extra={"examples": [25.7]})
    status: ObservationStatus = Field(default=ObservationStatus.actual, description="How final the value is.")
    rank: Rank = Field(default=Rank.normal, description="Which of several values to take.")


class Observation(ObservationBase, Record, table=True):
    """The table of observations."""

    __tablename__ = "observation"
    __table_args__ = indexed("party", "period_start", "period_end", "value", "status", "rank")
    plural: ClassVar[str] = "observations"
    singular: ClassVar[str] = "observation"
    named_by: ClassVar[str] = "slug"

    indicator_id: UUID = Field(foreign_key="indicator.id", index=True)
    source_id: UUID = Field(foreign_key="source.id", index=True)


class ObservationCreate(CitableDraft, ObservationBase, Draft):
    """An observation as a client writes it."""

    indicator: Key = Field(
        description="What was measured, by slug or id.", schema_extra={"examples": ["trade-total-kr-cy"]}
    )
    source: Key = Field(
        description="The source that gives the value, by slug or id.", schema_extra={"examples": ["menafn-50"]}
    )


class ObservationRead(CitableRead, ObservationBase, Stamped):
    """An observation as it is read."""

    indicator: Ref = Field(description="What was measured.")
    source: Ref = Field(description="The source that gives the value.")


def _described(body: Mapping[str, Any]) -> str:
    return " ".join(str(each) for each in (body["indicator"][:80], body["party"], body["period_end"]) if each)


def _in_order(catalogue: Catalogue, body: Any) -> Iterable[Flaw]:
    if body.period_end < body.period_start:
        yield {"pointer": "/period_end", "detail": "The period ends before it starts."}


def _party_of_the_partnership(change: Change) -> Iterable[Flaw]:
    indicator = change.writer.catalogue.by_name["indicators"].rows
    chosen = sa.select(indicator.c.partnership_id).where(indicator.c.id == change.columns["indicator_id"])
    return party_flaws(change, chosen)


observations = Resource(
    table=Observation,
    create=ObservationCreate,
    read=ObservationRead,
    listing=Listing(
        filters=("party", "period_start", "period_end", "value", "status", "rank"),
        related={"indicator": "indicator", "partnership": "indicator.partnership", "source": "source"},
        sort=("period_start", "period_end", "value", "status", "rank"),
        order=("-period_end", "slug"),
        facets=("party", "status", "rank", "indicator", "source"),
    ),
    relations=(One("indicator", Indicator), One("source", Source), evidence("observation")),
    inline=(inline_citations("observation"),),
    describe=_described,
    checks=(_in_order,),
    guards=(_party_of_the_partnership,),
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
