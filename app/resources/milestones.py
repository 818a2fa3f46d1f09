"""Milestones: the steps on the way to a promise, each with a date. Whether one was met follows from the updates."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.field_types import Line, PartialDate
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite, State
from app.core.resource import Change, Resource
from app.core.storage.column_types import indexed
from app.core.translations import TitleTranslations, translated
from app.core.vocabulary import Vocabulary, after
from app.errors import Flaw


@after("OCDS, milestoneStatus", "https://standard.open-contracting.org/latest/en/schema/codelists/#milestone-status")
class MilestoneStatus(Vocabulary):
    """Whether a milestone was met."""

    scheduled = "scheduled", "It lies ahead, or nothing is known of it yet."
    met = "met", "It was met."
    partially_met = "partially_met", "It was met in part."
    not_met = "not_met", "It was not met."


class MilestoneBase(SQLModel):
    """What is said of a milestone."""

    title: Line = Field(description="The step in a line.", schema_extra={"examples": ["First round of talks"]})
    due_on: PartialDate | None = Field(
        default=None,
        description="The day by which it was to be met, or the month or year by whose end.",
        schema_extra={"examples": ["2027-06-30"]},
    )
    translations: TitleTranslations = translated(TitleTranslations)


class Milestone(MilestoneBase, Record, table=True):
    """The table of milestones."""

    __table_args__ = indexed("title", "due_on", "met_on", ("state", "status"))
    plural: ClassVar[str] = "milestones"
    singular: ClassVar[str] = "milestone"

    met_on: date | None = None
    status: MilestoneStatus = Field(sa_column_kwargs={"server_default": MilestoneStatus.scheduled.value})
    commitment_id: UUID = Field(
        foreign_key="commitment.id",
        index=True,
        description="The promise it is a step of.",
        schema_extra={"examples": ["trade-target-50bn-2030"]},
    )


class MilestoneCreate(MilestoneBase, RecordWrite):
    """A milestone as a client writes it. Whether it was met follows from the updates."""


class MilestoneRead(MilestoneBase, RecordRead):
    """A milestone as it is read."""

    met_on: date | None = Field(
        default=None,
        description="When it was met, or the last day of the month or year in which it was; follows from the updates.",
    )
    status: MilestoneStatus = Field(description="Whether it was met; follows from the updates.")


def _immutable_once_reported(change: Change) -> Iterable[Flaw]:
    """The log of one promise does not tell of a step of another."""
    if change.before is None or change.before["commitment_id"] == change.columns["commitment_id"]:
        return
    rows = change.writer.catalogue.by_name["updates"].rows
    reports = sa.select(rows.c.id).where(rows.c.milestone_id == change.id, rows.c.state != State.withdrawn.value)
    if change.writer.connection.execute(reports.limit(1)).first() is not None:
        yield {"pointer": "/commitment", "detail": "Updates of the promise it is a step of tell of it."}


milestones = Resource(
    table=Milestone,
    create=MilestoneCreate,
    read=MilestoneRead,
    citable=True,
    listing=Listing(
        filters=("due_on", "met_on", "status"),
        related={"partnership": "commitment.partnership"},
        sort=("due_on", "met_on", "status"),
        order=("due_on", "title"),
        facets=("status", "commitment"),
    ),
    searchable=("title",),
    guards=(_immutable_once_reported,),
    examples={
        "key": "cepa-formal-talks-february-2022",
        "revision": 2,
        "title__contains": "talks",
        "due_on__lt": "2027-01-01",
        "met_on__gte": "2016-01-01",
        "commitment": "cepa-upgrade-2014",
        "source": "mint-exim-2017",
        "create": {
            "commitment": "trade-target-50bn-2030",
            "title": "Example: trade reaches 40 billion dollars in 2028",
            "due_on": "2028-12-31",
        },
        "patch": {"due_on": "2022-02-28"},
    },
)
