"""Recommendations: what somebody proposes should be done about the challenges, and by whom."""

from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.declarations import Linked
from app.core.field_types import Line, Prose, Summary
from app.core.listing import Listing
from app.core.model import Link, Record, RecordRead, RecordWrite
from app.core.resource import Resource
from app.core.translations import ArticleTranslations, translated
from app.core.vocabulary import Vocabulary
from app.resources.participants import ParticipantKey, ParticipantRead, ParticipantRole


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
    translations: ArticleTranslations = translated(ArticleTranslations)


class Recommendation(RecommendationBase, Record, table=True):
    """The table of recommendations."""

    plural: ClassVar[str] = "recommendations"
    singular: ClassVar[str] = "recommendation"

    partnership_id: UUID = Field(
        foreign_key="partnership.id",
        index=True,
        description="The partnership it is made to.",
        schema_extra={"examples": ["india-south-korea"]},
    )


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


class RecommendationCreate(RecommendationBase, RecordWrite):
    """A recommendation as a client writes it: relations by slug or id."""


class RecommendationRead(RecommendationBase, RecordRead):
    """A recommendation as it is read: relations as references."""


recommendations = Resource(
    table=Recommendation,
    create=RecommendationCreate,
    read=RecommendationRead,
    citable=True,
    listing=Listing(
        filters=("priority", "horizon", "status"),
        sort=("priority", "horizon", "status"),
        order=("-priority", "title"),
        facets=("priority", "horizon", "status", "theme", "challenge", "stakeholder", "partnership"),
    ),
    links=(
        Linked("themes", RecommendationTheme, "Its themes.", ["trade"]),
        Linked("challenges", RecommendationChallenge, "The challenges it answers.", ["trade-imbalance"]),
        Linked(
            "participants",
            RecommendationParticipant,
            "Who would have which part in it.",
            item_write=ParticipantKey,
            item_read=ParticipantRead,
        ),
    ),
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
)
