"""Commitments: what was promised, by whom, by when, and how far it has come.

How far it has come (``completion``, ``lifecycle``) is never written here: it follows from the updates.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import FiniteFloat
from sqlmodel import Field, SQLModel

from app.core.columns import indexed
from app.core.model import Draft, Link, Record, Ref, Stamped
from app.core.relations import Many, One
from app.core.resource import Catalogue, Change, Listing, Resource, Through
from app.core.text import Key, Line, Prose
from app.core.vocabulary import Vocabulary, after
from app.errors import Flaw
from app.resources.citations import CitableDraft, CitableRead, evidence, inline_citations
from app.resources.facts import concreteness, days_since_update, overdue, slippage_days
from app.resources.indicators import Indicator
from app.resources.meetings import Meeting
from app.resources.participants import ParticipantKey, ParticipantRead, ParticipantRole
from app.resources.partnerships import Partnership
from app.resources.recommendations import Recommendation
from app.resources.settled import stays
from app.resources.stakeholders import Stakeholder
from app.resources.themes import Theme


class CommitmentKind(Vocabulary):
    """What kind of promise it is."""

    deliverable = "deliverable", "A thing to be done or made."
    agreement = "agreement", "A text to be signed, or one that was."
    target = "target", "A figure to be reached."
    institution = "institution", "A body or a dialogue to be set up, or to meet."
    negotiation = "negotiation", "Talks to be held or concluded."


@after("IATI ActivityStatus", "https://iatistandard.org/en/iati-standard/203/codelists/activitystatus/")
class Lifecycle(Vocabulary):
    """Where the work on a promise stands."""

    pipeline = "pipeline", "Being thought about or planned."
    implementation = "implementation", "Being carried out."
    finalisation = "finalisation", "Carried out, with something left to settle."
    closed = "closed", "Ended: carried out, or no longer pursued."
    suspended = "suspended", "Interrupted for the time being."
    cancelled = "cancelled", "Called off."


@after("OGP, commitment completion", "https://www.opengovpartnership.org/irm-guidance-overview/")
class Completion(Vocabulary):
    """How much of a promise has been fulfilled. Not assessed, no evidence, not started: three different things."""

    not_assessed = "not_assessed", "Nobody has looked yet."
    no_evidence_available = "no_evidence_available", "Somebody looked, and found nothing that tells."
    not_started = "not_started", "There is evidence that nothing has been done."
    limited = "limited", "Something has been done, less than half."
    substantial = "substantial", "Most of it has been done."
    complete = "complete", "All of it has been done."


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
    made_on: date | None = Field(
        default=None, description="When it was promised.", schema_extra={"examples": ["2018-07-10"]}
    )
    due_on: date | None = Field(
        default=None, description="Last day of the period it was promised for; unset where no date was given.",
        schema_extra={"examples": ["2030-12-31"]},
    )  # fmt: skip
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


class Commitment(CommitmentBase, Record, table=True):
    """The table of commitments."""

    __tablename__ = "commitment"
    __table_args__ = indexed(
        "title", "kind", "made_on", "due_on", "lifecycle", "completion", "verifiable", "potential", "baseline_value",
        "target_value",
    )  # fmt: skip
    plural: ClassVar[str] = "commitments"
    singular: ClassVar[str] = "commitment"

    lifecycle: Lifecycle = Field(sa_column_kwargs={"server_default": Lifecycle.pipeline.value})
    completion: Completion = Field(sa_column_kwargs={"server_default": Completion.not_assessed.value})
    partnership_id: UUID = Field(foreign_key="partnership.id", index=True)
    made_at_id: UUID | None = Field(default=None, foreign_key="meeting.id", index=True)
    indicator_id: UUID | None = Field(default=None, foreign_key="indicator.id", index=True)
    supersedes_id: UUID | None = Field(default=None, foreign_key="commitment.id", index=True)


class CommitmentTheme(Link, table=True):
    """The themes of each commitment."""

    __tablename__ = "commitment_theme"

    commitment_id: UUID = Field(foreign_key="commitment.id", primary_key=True)
    theme_id: UUID = Field(foreign_key="theme.id", primary_key=True, index=True)


class CommitmentRecommendation(Link, table=True):
    """The recommendations that each commitment answers."""

    __tablename__ = "commitment_recommendation"

    commitment_id: UUID = Field(foreign_key="commitment.id", primary_key=True)
    recommendation_id: UUID = Field(foreign_key="recommendation.id", primary_key=True, index=True)


class CommitmentParticipant(Link, table=True):
    """The stakeholders of each commitment, and their roles."""

    __tablename__ = "commitment_participant"

    commitment_id: UUID = Field(foreign_key="commitment.id", primary_key=True)
    stakeholder_id: UUID = Field(foreign_key="stakeholder.id", primary_key=True, index=True)
    role: ParticipantRole = Field(primary_key=True)


class CommitmentCreate(CitableDraft, CommitmentBase, Draft):
    """A commitment as a client writes it. How far it has come follows from its updates."""

    partnership: Key = Field(
        description="The partnership it was made in, by slug or id.", schema_extra={"examples": ["india-south-korea"]}
    )
    themes: list[Key] = Field(
        default_factory=list,
        max_length=50,
        description="Its themes, by slug or id.",
        schema_extra={"examples": [["trade"]]},
    )
    recommendations: list[Key] = Field(
        default_factory=list, max_length=50, description="The recommendations it answers, by slug or id."
    )
    participants: list[ParticipantKey] = Field(
        default_factory=list, max_length=200, description="Who has which part in it."
    )
    made_at: Key | None = Field(default=None, description="The meeting it was made at, by slug or id.")
    indicator: Key | None = Field(default=None, description="What it is measured by, by slug or id.")
    supersedes: Key | None = Field(
        default=None, description="The earlier promise that this one restates, by slug or id."
    )


class CommitmentRead(CitableRead, CommitmentBase, Stamped):
    """A commitment as it is read."""

    lifecycle: Lifecycle = Field(description="Where the work on it stands; follows from the updates.")
    completion: Completion = Field(description="How much of it has been fulfilled; follows from the updates.")
    partnership: Ref = Field(description="The partnership it was made in.")
    themes: list[Ref] = Field(description="Its themes.")
    recommendations: list[Ref] = Field(description="The recommendations it answers.")
    participants: list[ParticipantRead] = Field(description="Who has which part in it.")
    reporters: list[Ref] = Field(description="Who has reported on it: the stakeholders that its updates name.")
    made_at: Ref | None = Field(default=None, description="The meeting it was made at.")
    indicator: Ref | None = Field(default=None, description="What it is measured by.")
    supersedes: Ref | None = Field(default=None, description="The earlier promise that this one restates.")
    overdue: bool = Field(description="Computed: its last day is past, and it is neither complete nor cancelled.")
    days_since_update: int | None = Field(
        default=None,
        description="Computed: days since the last thing that its updates tell of; unset where there is none.",
    )
    concreteness: int = Field(
        ge=0, le=4,
        description=(
            "Computed: how many it has of an accountable stakeholder, a deadline, a measure (indicator or target), "
            "and evidence."
        ),
    )  # fmt: skip
    slippage_days: int | None = Field(
        default=None,
        description=(
            "Computed: days from the deadline of the first promise that it restates to its own; unset where it "
            "restates none, or either has no deadline."
        ),
    )


def _in_order(catalogue: Catalogue, body: Any) -> Iterable[Flaw]:
    if body.made_on and body.due_on and body.due_on < body.made_on:
        yield {"pointer": "/due_on", "detail": "It lies before the promise was made."}


def _of_one_partnership(change: Change) -> Iterable[Flaw]:
    """What a promise is tied to must belong to the partnership that the promise does."""
    writer, columns = change.writer, change.columns
    by_name = writer.catalogue.by_name
    meeting, dialogue = by_name["meetings"].rows, by_name["dialogues"].rows
    indicator, commitment = by_name["indicators"].rows, change.resource.rows
    asked = {
        "made_at": sa.select(dialogue.c.partnership_id).join(meeting, meeting.c.dialogue_id == dialogue.c.id)
        .where(meeting.c.id == columns["made_at_id"]),
        "indicator": sa.select(indicator.c.partnership_id).where(indicator.c.id == columns["indicator_id"]),
        "supersedes": sa.select(commitment.c.partnership_id).where(commitment.c.id == columns["supersedes_id"]),
    }  # fmt: skip
    for name, chosen in asked.items():
        if columns[f"{name}_id"] is None:
            continue
        if writer.connection.execute(chosen).scalar() != columns["partnership_id"]:
            yield {"pointer": f"/{name}", "detail": "It belongs to another partnership."}


commitments = Resource(
    table=Commitment,
    create=CommitmentCreate,
    read=CommitmentRead,
    listing=Listing(
        filters=("kind", "made_on", "due_on", "lifecycle", "completion", "verifiable", "potential", "baseline_value",
                 "target_value", "overdue", "days_since_update", "concreteness", "slippage_days"),
        related={
            "partnership": "partnership", "theme": "themes", "recommendation": "recommendations",
            "stakeholder": "participants", "made_at": "made_at", "dialogue": "made_at.dialogue",
            "reporter": "reporters", "indicator": "indicator", "supersedes": "supersedes", "source": "sources",
        },
        through={
            "party": Through("participants", "country", {"role": ParticipantRole.accountable.value}),
            "source_independence": Through("sources", "independence"),
        },
        sort=("made_on", "due_on", "kind", "lifecycle", "completion", "potential", "target_value", "days_since_update",
              "concreteness", "slippage_days"),
        order=("-made_on", "title"),
        facets=("kind", "lifecycle", "completion", "verifiable", "potential", "overdue", "concreteness", "theme",
                "party", "made_at", "partnership", "stakeholder", "recommendation", "source_independence"),
    ),
    relations=(
        One("partnership", Partnership),
        Many("themes", Theme, CommitmentTheme, owner="commitment_id", via="theme_id"),
        Many(
            "recommendations", Recommendation, CommitmentRecommendation,
            owner="commitment_id", via="recommendation_id",
        ),
        Many(
            "participants", Stakeholder, CommitmentParticipant,
            owner="commitment_id", via="stakeholder_id", item="stakeholder", extras=("role",),
        ),
        Many(
            "reporters", Stakeholder, "commitment_update",
            owner="commitment_id", via="reported_by_id", writable=False,
        ),
        One("made_at", Meeting),
        One("indicator", Indicator),
        One("supersedes", Commitment),
        evidence("commitment"),
    ),
    inline=(inline_citations("commitment"),),
    searchable=("title", "statement"),
    checks=(_in_order,),
    guards=(stays("partnership"), _of_one_partnership),
    computed={
        "overdue": overdue,
        "days_since_update": days_since_update,
        "concreteness": concreteness,
        "slippage_days": slippage_days,
    },
    examples={
        "key": "trade-target-50bn-2030",
        "title__contains": "cepa",
        "made_on__gte": "2018-01-01",
        "due_on__lt": "2027-01-01",
        "baseline_value__gt": 0,
        "target_value__gte": 30,
        "days_since_update__gte": 30,
        "concreteness": 4,
        "slippage_days__gt": 0,
        "made_at": "summit-2018-07",
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
)  # fmt: skip
