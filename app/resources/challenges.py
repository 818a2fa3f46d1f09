"""Challenges: what stands between a partnership and what it set out to do."""

from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.declarations import Linked
from app.core.field_types import Line, PartialDate, Prose, Summary
from app.core.listing import Listing
from app.core.model import Link, Record, RecordRead, RecordWrite
from app.core.resource import Resource
from app.core.translations import ArticleTranslations, translated
from app.core.vocabulary import Vocabulary


class Severity(Vocabulary):
    """How much a challenge holds the partnership back."""

    low = "low", "An inconvenience; the partnership works in spite of it."
    moderate = "moderate", "It slows the partnership down in one field."
    high = "high", "It keeps one field from making progress."
    critical = "critical", "It puts the partnership as a whole in question."


class ChallengeStatus(Vocabulary):
    """Where a challenge stands."""

    open = "open", "It stands as it did."
    easing = "easing", "It has become smaller, and is not gone."
    resolved = "resolved", "It no longer stands in the way."


class ChallengeBase(SQLModel):
    """What is said of a challenge."""

    title: Line = Field(
        description="The challenge in a line.",
        schema_extra={"examples": ["Trade is lopsided, and the CEPA has not evened it"]},
    )
    summary: Summary | None = Field(default=None, description="The challenge in a sentence or two.")
    description: Prose | None = Field(
        default=None, description="What it is, whom it concerns, and what is known of it."
    )
    severity: Severity = Field(
        default=Severity.moderate,
        description="How much it holds the partnership back.",
        schema_extra={"examples": ["high"]},
    )
    status: ChallengeStatus = Field(
        default=ChallengeStatus.open, description="Where it stands.", schema_extra={"examples": ["open"]}
    )
    identified_on: PartialDate | None = Field(
        default=None, description="When it was first named in public, as far as known."
    )
    translations: ArticleTranslations = translated(ArticleTranslations)


class Challenge(ChallengeBase, Record, table=True):
    """The table of challenges."""

    plural: ClassVar[str] = "challenges"
    singular: ClassVar[str] = "challenge"

    partnership_id: UUID = Field(
        foreign_key="partnership.id",
        index=True,
        description="The partnership it concerns.",
        schema_extra={"examples": ["india-south-korea"]},
    )


class ChallengeTheme(Link, table=True):
    """The themes of each challenge."""

    __tablename__ = "challenge_theme"

    challenge_id: UUID = Field(foreign_key="challenge.id", primary_key=True)
    theme_id: UUID = Field(foreign_key="theme.id", primary_key=True, index=True)


class ChallengeCreate(ChallengeBase, RecordWrite):
    """A challenge as a client writes it: relations by slug or id."""


class ChallengeRead(ChallengeBase, RecordRead):
    """A challenge as it is read: relations as references."""


challenges = Resource(
    table=Challenge,
    create=ChallengeCreate,
    read=ChallengeRead,
    citable=True,
    listing=Listing(
        filters=("severity", "status", "identified_on"),
        sort=("severity", "status", "identified_on"),
        order=("-identified_on", "title"),
        facets=("severity", "status", "theme", "partnership"),
    ),
    links=(Linked("themes", ChallengeTheme, "Its themes.", ["trade"]),),
    searchable=("title", "summary", "description"),
    examples={
        "key": "trade-imbalance",
        "title__contains": "trade",
        "identified_on": "2018-03-01",
        "create": {
            "partnership": "india-south-korea",
            "title": "Example: nobody keeps a public list of promises",
            "summary": "What was promised, by whom and by when cannot be looked up in one place.",
            "themes": ["delivery"],
            "severity": "high",
            "citations": [{"source": "ipsc-kashyap", "intent": "context"}],
        },
        "patch": {"severity": "critical", "themes": ["trade", "market-access"]},
    },
)
