"""Updates: the log of what happened to a promise. It is only added to; a correction is a new update.

How far a promise has come is the projection of its published updates (see ``app.resources.progress``).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Limits
from sqlmodel import Field, SQLModel

from app.core.field_types import Country, FullDate, PartialDate, Prose, first_day
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite
from app.core.resource import Catalogue, Change, Resource
from app.core.storage.column_types import Document, indexed
from app.core.translations import NarrativeTranslations, translated
from app.errors import Flaw
from app.resources.completion import Completion, Lifecycle
from app.resources.milestones import MilestoneStatus, milestones
from app.resources.progress import carry_on, only_added_to


class Sets(BaseModel):
    """What an update says of how far the promise has come; what it leaves unset stays as it was."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)

    completion: Completion | None = Limits(default=None, description="How much of the promise has been fulfilled.")
    lifecycle: Lifecycle | None = Limits(default=None, description="Where the work on the promise stands.")
    milestone_status: MilestoneStatus | None = Limits(
        default=None, description="Whether the update's milestone was met; needs `milestone`."
    )


class UpdateBase(SQLModel):
    """What is said of an update."""

    occurred_on: PartialDate = Field(
        description="When what it tells of happened, or the state it describes was so, as far as known.",
        schema_extra={"examples": ["2026-04-20"]},
    )
    party: Country | None = Field(
        default=None,
        description="The country whose doing it is; unset where it is common.",
        schema_extra={"examples": ["IN"]},
    )
    narrative: Prose = Field(
        description="What happened, in the register's words.",
        schema_extra={"examples": ["The ministers agreed to hold a further round of talks."]},
    )
    sets: Sets = Field(
        default_factory=Sets,
        sa_type=Document,
        description="What it changes in how far the promise has come.",
        schema_extra={"examples": [{"lifecycle": "implementation"}]},
    )
    score: int | None = Field(
        default=None,
        ge=-1,
        le=1,
        description="How far a party has complied, on the G7 compliance scale: -1 not at all, 0 in part, 1 fully.",
    )
    translations: NarrativeTranslations = translated(NarrativeTranslations)


class Update(UpdateBase, Record, table=True):
    """The table of updates."""

    __tablename__ = "commitment_update"
    # What a promise's log is asked for most: its last published event, and what is cited for each.
    __table_args__ = indexed(
        ("commitment_id", "state", "occurred_on", "id"), ("occurred_on", "recorded_on"), ("state", "party"), "score"
    )
    plural: ClassVar[str] = "updates"
    singular: ClassVar[str] = "update"
    named_by: ClassVar[str] = "slug"

    recorded_on: date = Field(index=True)
    commitment_id: UUID = Field(
        foreign_key="commitment.id",
        description="The promise it is about.",
        schema_extra={"examples": ["trade-target-50bn-2030"]},
    )
    milestone_id: UUID | None = Field(
        default=None, foreign_key="milestone.id", index=True, description="The step of the promise it is about."
    )
    reported_by_id: UUID | None = Field(
        default=None,
        foreign_key="stakeholder.id",
        index=True,
        description="The stakeholder who says so (unset: the register's editors).",
    )


class UpdateCreate(UpdateBase, RecordWrite):
    """An update as a client writes it."""

    recorded_on: FullDate | None = Field(
        default=None, description="The day it came into the register: today where it is left out; never later."
    )


class UpdateRead(UpdateBase, RecordRead):
    """An update as it is read."""

    recorded_on: date = Field(description="The day it came into the register.")


def _described(body: Mapping[str, Any]) -> str:
    return f"{body['commitment'][:90]} {body['occurred_on']}"


def _milestone_named(catalogue: Catalogue, body: Any) -> Iterable[Flaw]:
    if body.sets.milestone_status is not None and body.milestone is None:
        yield {"pointer": "/sets/milestone_status", "detail": "It needs `milestone`, to say which one."}


def _dates(change: Change) -> Iterable[Flaw]:
    occurred, recorded, today = change.columns["occurred_on"], change.columns["recorded_on"], change.writer.today
    if recorded is not None and recorded > today:
        yield {"pointer": "/recorded_on", "detail": "It lies in the future."}
    if first_day(occurred) > (recorded or today):
        yield {"pointer": "/occurred_on", "detail": "It lies after the day it was recorded on."}


def _milestone_of_the_promise(change: Change) -> Iterable[Flaw]:
    id_ = change.columns["milestone_id"]
    if id_ is None:
        return
    if change.writer.row(milestones, id_)["commitment_id"] != change.columns["commitment_id"]:
        yield {"pointer": "/milestone", "detail": "It is a milestone of another commitment."}


updates = Resource(
    table=Update,
    create=UpdateCreate,
    read=UpdateRead,
    citable=True,
    listing=Listing(
        filters=("occurred_on", "recorded_on", "party", "score"),
        related={"partnership": "commitment.partnership"},
        sort=("occurred_on", "recorded_on", "score"),
        order=("-occurred_on", "-recorded_on"),
        facets=("party", "score", "commitment", "reported_by"),
    ),
    # Left out, `reported_by` says that the editors judge: hidden, it would say so of what somebody else reports.
    binds=("milestone", "reported_by"),
    searchable=("narrative",),
    describe=_described,
    checks=(_milestone_named,),
    guards=(only_added_to, _dates, _milestone_of_the_promise),
    effects=(carry_on,),
    defaults={"recorded_on": lambda today: today},
    examples={
        "key": "trade-target-50bn-2030-2026-04",
        "occurred_on__gte": "2026-01-01",
        "recorded_on__gte": "2026-01-01",
        "party": "KR",
        "reported_by": "mofa-korea",
        "create": {
            "commitment": "trade-target-50bn-2030",
            "occurred_on": "2026-04-20",
            "narrative": "Example: the leaders restated the goal.",
            "sets": {"lifecycle": "implementation"},
            "citations": [{"source": "aaj-2026", "locator": "opening paragraphs"}],
        },
        "patch": {"state": "published"},
    },
)
