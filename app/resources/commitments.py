"""Commitments: what was promised, by whom, by when, and how far it has come.

How far it has come (``completion``, ``lifecycle``) is never written here: it follows from the updates.
"""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import FiniteFloat
from sqlmodel import Field, SQLModel

from app.core.declarations import Linked
from app.core.field_types import Line, PartialDate, Prose, first_day, last_day
from app.core.listing import Listing, Through
from app.core.model import Link, Record, RecordRead, RecordWrite
from app.core.relations import Many
from app.core.resource import Catalogue, Resource
from app.core.storage.column_types import indexed
from app.core.translations import StatementTranslations, translated
from app.core.vocabulary import Vocabulary
from app.errors import Flaw
from app.resources.completion import Completion, Lifecycle
from app.resources.computed_fields import COMPUTED
from app.resources.participants import ParticipantKey, ParticipantRead, ParticipantRole
from app.resources.stakeholders import Stakeholder


class CommitmentKind(Vocabulary):
    """What kind of promise it is."""

    deliverable = "deliverable", "A thing to be done or made."
    agreement = "agreement", "A text to be signed, or one that was."
    target = "target", "A figure to be reached."
    institution = "institution", "A body or a dialogue to be set up, or to meet."
    negotiation = "negotiation", "Talks to be held or concluded."


class Potential(Vocabulary):
    """How much would change if the promise were kept (after the OGP's potential for results)."""

    unclear = "unclear", "It cannot be told from what was promised."
    modest = "modest", "A step, within what is done already."
    substantial = "substantial", "It would change how things are done."


class CommitmentBase(SQLModel):
    """What is said of a commitment."""

    title: Line = Field(
        description="The promise in a line.",
        schema_extra={"examples": ["Lift two-way trade to 50 billion dollars by 2030"]},
    )
    statement: Prose | None = Field(default=None, description="What was promised, in the register's words.")
    kind: CommitmentKind = Field(description="What kind of promise it is.", schema_extra={"examples": ["target"]})
    made_on: PartialDate | None = Field(
        default=None, description="When it was promised, as far as known.", schema_extra={"examples": ["2018-07-10"]}
    )
    due_on: PartialDate | None = Field(
        default=None,
        description=(
            "When it was promised for: the last day, or the month or year at whose end it is due; unset where no date "
            "was given."
        ),
        schema_extra={"examples": ["2030-12-31"]},
    )
    verifiable: bool | None = Field(
        default=None, description="Whether somebody outside could tell that it has been kept; unset where not judged."
    )
    potential: Potential | None = Field(default=None, description="How much would change if it were kept.")
    baseline_value: FiniteFloat | None = Field(
        default=None, description="Where the indicator stood when it was promised."
    )
    target_value: FiniteFloat | None = Field(
        default=None,
        description="Where the indicator is to stand.",
        schema_extra={"examples": [50]},
    )
    translations: StatementTranslations = translated(StatementTranslations)


class Commitment(CommitmentBase, Record, table=True):
    """The table of commitments."""

    __table_args__ = (
        *indexed(
            "title",
            ("state", "kind"),
            "made_on",
            "due_on",
            ("state", "lifecycle"),
            ("state", "verifiable"),
            ("state", "potential"),
            "baseline_value",
            "target_value",
        ),
        # Counts by any two of these are read off it, and what begins with completion needs no other.
        sa.Index("ix_commitment_counted_by", "state", "completion", "kind", "lifecycle", "verifiable", "potential"),
    )
    plural: ClassVar[str] = "commitments"
    singular: ClassVar[str] = "commitment"

    lifecycle: Lifecycle = Field(sa_column_kwargs={"server_default": Lifecycle.pipeline.value})
    completion: Completion = Field(sa_column_kwargs={"server_default": Completion.not_assessed.value})
    partnership_id: UUID = Field(
        foreign_key="partnership.id",
        index=True,
        description="The partnership it was made in.",
        schema_extra={"examples": ["india-south-korea"]},
    )
    meeting_id: UUID | None = Field(
        default=None, foreign_key="meeting.id", index=True, description="The meeting it was made at."
    )
    indicator_id: UUID | None = Field(
        default=None, foreign_key="indicator.id", index=True, description="What it is measured by."
    )
    supersedes_id: UUID | None = Field(
        default=None, foreign_key="commitment.id", index=True, description="The earlier promise that it restates."
    )


class CommitmentTheme(Link, table=True):
    """The themes of each commitment."""

    __tablename__ = "commitment_theme"
    __table_args__ = indexed(("theme_id", "commitment_id"))

    commitment_id: UUID = Field(foreign_key="commitment.id", primary_key=True)
    theme_id: UUID = Field(foreign_key="theme.id", primary_key=True)


class CommitmentRecommendation(Link, table=True):
    """The recommendations that each commitment answers."""

    __tablename__ = "commitment_recommendation"
    __table_args__ = indexed(("recommendation_id", "commitment_id"))

    commitment_id: UUID = Field(foreign_key="commitment.id", primary_key=True)
    recommendation_id: UUID = Field(foreign_key="recommendation.id", primary_key=True)


class CommitmentParticipant(Link, table=True):
    """The stakeholders of each commitment, and their roles."""

    __tablename__ = "commitment_participant"
    __table_args__ = indexed(("stakeholder_id", "commitment_id"))

    commitment_id: UUID = Field(foreign_key="commitment.id", primary_key=True)
    stakeholder_id: UUID = Field(foreign_key="stakeholder.id", primary_key=True)
    role: ParticipantRole = Field(primary_key=True)


class CommitmentCreate(CommitmentBase, RecordWrite):
    """A commitment as a client writes it. How far it has come follows from its updates."""


class CommitmentRead(CommitmentBase, RecordRead):
    """A commitment as it is read."""

    lifecycle: Lifecycle = Field(description="Where the work on it stands; follows from the updates.")
    completion: Completion = Field(description="How much of it has been fulfilled; follows from the updates.")
    overdue: bool = Field(description="Computed: its last day is past, and it is neither complete nor cancelled.")
    days_overdue: int | None = Field(
        default=None, description="Computed: days from its last day until today; unset where it is not overdue."
    )
    days_since_update: int | None = Field(
        default=None,
        description="Computed: days since the last thing that its updates tell of; unset where there is none.",
    )
    concreteness: int = Field(
        ge=0,
        le=4,
        description=(
            "Computed: how many it has of an accountable stakeholder, a deadline, a measure (indicator or target), "
            "and evidence."
        ),
    )
    slippage_days: int | None = Field(
        default=None,
        description=(
            "Computed: days from the deadline of the first promise that it restates to its own; unset where it "
            "restates none, or either has no deadline."
        ),
    )
    independent_sources: int = Field(
        ge=0,
        description=(
            "Computed: how many publishers that are no party stand behind it. Counts the sources that citations of it "
            "and of its updates name as evidence, data source or confirmation; copies of one publisher's text count "
            "once."
        ),
    )


def _in_order(catalogue: Catalogue, body: Any) -> Iterable[Flaw]:
    if body.made_on and body.due_on and last_day(body.due_on) < first_day(body.made_on):
        yield {"pointer": "/due_on", "detail": "It lies before the promise was made."}


commitments = Resource(
    table=Commitment,
    create=CommitmentCreate,
    read=CommitmentRead,
    citable=True,
    listing=Listing(
        filters=(
            "kind",
            "made_on",
            "due_on",
            "lifecycle",
            "completion",
            "verifiable",
            "potential",
            "baseline_value",
            "target_value",
            *COMPUTED,
        ),
        related={"dialogue": "meeting.dialogue", "reporter": "reporters"},
        through={
            "party": Through("participants", "country", {"role": ParticipantRole.accountable.value}),
            "source_independence": Through("sources", "independence"),
        },
        sort=(
            "made_on",
            "due_on",
            "kind",
            "lifecycle",
            "completion",
            "potential",
            "target_value",
            "days_overdue",
            "days_since_update",
            "concreteness",
            "slippage_days",
            "independent_sources",
        ),
        order=("-made_on", "title"),
        facets=(
            "kind",
            "lifecycle",
            "completion",
            "verifiable",
            "potential",
            "overdue",
            "concreteness",
            "independent_sources",
            "theme",
            "party",
            "meeting",
            "partnership",
            "stakeholder",
            "recommendation",
            "source_independence",
        ),
    ),
    links=(
        Linked("themes", CommitmentTheme, "Its themes.", ["trade"]),
        Linked("recommendations", CommitmentRecommendation, "The recommendations it answers."),
        Linked(
            "participants",
            CommitmentParticipant,
            "Who has which part in it.",
            item_write=ParticipantKey,
            item_read=ParticipantRead,
        ),
    ),
    relations=(
        Many(
            "reporters",
            Stakeholder,
            "commitment_update",
            owner="commitment_id",
            via="reported_by_id",
            writable=False,
            description="Who has reported on it: the stakeholders that its updates name.",
        ),
    ),
    searchable=("title", "statement", "kind"),
    checks=(_in_order,),
    computed=COMPUTED,
    examples={
        "key": "trade-target-50bn-2030",
        "revision": 2,
        "title__contains": "cepa",
        "made_on__gte": "2018-01-01",
        "due_on__lt": "2027-01-01",
        "baseline_value__gt": 0,
        "target_value__gte": 30,
        "days_overdue__gte": 365,
        "days_since_update__gte": 30,
        "concreteness": 4,
        "slippage_days__gt": 0,
        "independent_sources__lt": 2,
        "meeting": "summit-2018-07",
        "supersedes": "trade-target-40bn-2015",
        "party": "KR",
        "reporter": "mofa-korea",
        "create": {
            "partnership": "india-south-korea",
            "title": "Example: publish the list of open promises",
            "statement": "A list of every open promise, with who answers for it and its last day.",
            "kind": "deliverable",
            "themes": ["delivery"],
            "recommendations": ["structured-progress-tracking"],
            "participants": [
                {"stakeholder": "mea-india", "role": "accountable"},
                {"stakeholder": "mofa-korea", "role": "accountable"},
            ],
            "made_on": "2026-04-20",
            "due_on": "2027-12-31",
            "verifiable": True,
            "potential": "substantial",
            "citations": [{"source": "ipsc-kashyap", "intent": "context"}],
        },
        "patch": {"potential": "substantial", "themes": ["trade", "trade-agreements"]},
    },
)
