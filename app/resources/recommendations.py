"""Recommendations: what somebody proposes should be done about the challenges, and by whom."""

from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.model import Draft, Link, Record, Ref, Stamped
from app.core.relations import Many, One
from app.core.resource import Listing, Resource
from app.core.text import Key, Line, Prose, Summary
from app.core.vocabulary import Vocabulary
from app.resources.challenges import Challenge
from app.resources.citations import CitableDraft, CitableRead, evidence, inline_citations
from app.resources.participants import ParticipantKey, ParticipantRead, ParticipantRole
from app.resources.partnerships import Partnership
from app.resources.settled import stays
from app.resources.stakeholders import Stakeholder
from app.resources.themes import Theme


class Priority(Vocabulary):
    """How much a recommendation matters beside the others."""

    low = "low", "Useful, and can wait."
    medium = "medium", "Should be done in its turn."
    high = "high", "Much else depends on it."


class Horizon(Vocabulary):
    """How soon a recommendation could be carried out."""

    short_term = "short_term", "Within about a year."
    medium_term = "medium_term", "Within about three years."
    long_term = "long_term", "In more than three years."


class RecommendationStatus(Vocabulary):
    """How those it is addressed to have answered."""

    proposed = "proposed", "Made, and not answered yet."
    accepted = "accepted", "Taken up as a whole."
    partially_accepted = "partially_accepted", "Taken up in part."
    rejected = "rejected", "Turned down."
    superseded = "superseded", "A later recommendation takes its place."


class RecommendationBase(SQLModel):
    """What is said of a recommendation."""

    title: Line = Field(
        description="The recommendation in a line.",
        schema_extra={"examples": ["Renegotiate the CEPA for digital trade"]},
    )
    summary: Summary | None = Field(default=None, description="The recommendation in a sentence or two.")
    description: Prose | None = Field(default=None, description="What should be done, how, and why it would help.")
    priority: Priority = Field(
        default=Priority.medium,
        description="How much it matters beside the others.",
        schema_extra={"examples": ["high"]},
    )
    horizon: Horizon | None = Field(
        default=None,
        description="How soon it could be carried out.",
        schema_extra={"examples": ["medium_term"]},
    )
    status: RecommendationStatus = Field(
        default=RecommendationStatus.proposed,
        description="How it was answered.",
        schema_extra={"examples": ["proposed"]},
    )


class Recommendation(RecommendationBase, Record, table=True):
    """The table of recommendations."""

    __tablename__ = "recommendation"
    plural: ClassVar[str] = "recommendations"
    singular: ClassVar[str] = "recommendation"

    partnership_id: UUID = Field(foreign_key="partnership.id", index=True)


class RecommendationTheme(Link, table=True):
    """The themes of each recommendation."""

    __tablename__ = "recommendation_theme"

    recommendation_id: UUID = Field(foreign_key="recommendation.id", primary_key=True)
    theme_id: UUID = Field(foreign_key="theme.id", primary_key=True, index=True)


class RecommendationChallenge(Link, table=True):
    """The challenges that each recommendation answers."""

    __tablename__ = "recommendation_challenge"

    recommendation_id: UUID = Field(foreign_key="recommendation.id", primary_key=True)
    challenge_id: UUID = Field(foreign_key="challenge.id", primary_key=True, index=True)


class RecommendationParticipant(Link, table=True):
    """The stakeholders of each recommendation, and their roles."""

    __tablename__ = "recommendation_participant"

    recommendation_id: UUID = Field(foreign_key="recommendation.id", primary_key=True)
    stakeholder_id: UUID = Field(foreign_key="stakeholder.id", primary_key=True, index=True)
    role: ParticipantRole = Field(primary_key=True)


class RecommendationCreate(CitableDraft, RecommendationBase, Draft):
    """A recommendation as a client writes it: relations by slug or id."""

    partnership: Key = Field(
        description="The partnership it is made to, by slug or id.",
        schema_extra={"examples": ["india-south-korea"]},
    )
    themes: list[Key] = Field(
        default_factory=list,
        max_length=50,
        description="Its themes, by slug or id.",
        schema_extra={"examples": [["trade"]]},
    )
    challenges: list[Key] = Field(
        default_factory=list, max_length=50, description="The challenges it answers, by slug or id.",
        schema_extra={"examples": [["trade-imbalance"]]},
    )  # fmt: skip
    participants: list[ParticipantKey] = Field(
        default_factory=list, max_length=200, description="Who would have which part in it."
    )


class RecommendationRead(CitableRead, RecommendationBase, Stamped):
    """A recommendation as it is read: relations as references."""

    partnership: Ref = Field(description="The partnership it is made to.")
    themes: list[Ref] = Field(description="Its themes.")
    challenges: list[Ref] = Field(description="The challenges it answers.")
    participants: list[ParticipantRead] = Field(description="Who would have which part in it.")


recommendations = Resource(
    table=Recommendation,
    create=RecommendationCreate,
    read=RecommendationRead,
    listing=Listing(
        filters=("priority", "horizon", "status"),
        related={
            "partnership": "partnership",
            "theme": "themes",
            "challenge": "challenges",
            "stakeholder": "participants",
            "source": "sources",
        },
        sort=("priority", "horizon", "status"),
        order=("-priority", "title"),
        facets=("priority", "horizon", "status", "theme", "challenge", "stakeholder", "partnership"),
    ),
    relations=(
        One("partnership", Partnership),
        Many("themes", Theme, RecommendationTheme, owner="recommendation_id", via="theme_id"),
        Many("challenges", Challenge, RecommendationChallenge, owner="recommendation_id", via="challenge_id"),
        Many(
            "participants", Stakeholder, RecommendationParticipant,
            owner="recommendation_id", via="stakeholder_id", item="stakeholder", extras=("role",),
        ),
        evidence("recommendation"),
    ),
    inline=(inline_citations("recommendation"),),
    guards=(stays("partnership"),),
    searchable=("title", "summary", "description"),
    examples={
        "key": "renegotiate-cepa",
        "title__contains": "cepa",
        "create": {
            "partnership": "india-south-korea",
            "title": "Example: report once a year on every promise",
            "summary": "The two foreign ministries publish what became of each promise.",
            "themes": ["delivery"],
            "challenges": ["no-concrete-deliverables"],
            "participants": [
                {"stakeholder": "mea-india", "role": "accountable"},
                {"stakeholder": "mofa-korea", "role": "accountable"},
            ],
            "priority": "high",
            "horizon": "short_term",
        },
        "patch": {"horizon": "short_term"},
    },
)  # fmt: skip
