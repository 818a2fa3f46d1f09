"""The promises of a register as FastAPI and SQLModel show it in their tutorials, on the same database file.

Models with relationships, a session a request, response models: what the documentation does. With ``TUTORIAL_EAGER=1``
what a promise refers to is loaded at once (``selectinload``) and not one by one. Spared it are the fields that the
register computes, whether what is referred to is published, entity tags, history and full text.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException, Query
from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine, select


class Named(SQLModel):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slug: str


class Partnership(Named, table=True):
    name: str


class Dialogue(Named, table=True):
    name: str


class Indicator(Named, table=True):
    name: str


class Theme(Named, table=True):
    name: str


class Stakeholder(Named, table=True):
    name: str


class Source(Named, table=True):
    title: str


class Recommendation(Named, table=True):
    title: str


class MeetingBase(SQLModel):
    title: str
    ordinal: int | None
    held_on: str | None
    place: str | None
    status: str
    summary: str | None


class Meeting(MeetingBase, Named, table=True):
    dialogue_id: UUID = Field(foreign_key="dialogue.id")
    dialogue: Dialogue = Relationship()


class CommitmentTheme(SQLModel, table=True):
    __tablename__ = "commitment_theme"
    commitment_id: UUID = Field(foreign_key="commitment.id", primary_key=True)
    theme_id: UUID = Field(foreign_key="theme.id", primary_key=True)
    position: int = 0


class CommitmentRecommendation(SQLModel, table=True):
    __tablename__ = "commitment_recommendation"
    commitment_id: UUID = Field(foreign_key="commitment.id", primary_key=True)
    recommendation_id: UUID = Field(foreign_key="recommendation.id", primary_key=True)


class CommitmentParticipant(SQLModel, table=True):
    __tablename__ = "commitment_participant"
    commitment_id: UUID = Field(foreign_key="commitment.id", primary_key=True)
    stakeholder_id: UUID = Field(foreign_key="stakeholder.id", primary_key=True)
    role: str = Field(primary_key=True)
    commitment: "Commitment" = Relationship(back_populates="participants")
    stakeholder: Stakeholder = Relationship()


class Citation(SQLModel, table=True):
    id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(foreign_key="commitment.id")
    source_id: UUID = Field(foreign_key="source.id")


class Update(SQLModel, table=True):
    __tablename__ = "commitment_update"
    id: UUID = Field(primary_key=True)
    commitment_id: UUID = Field(foreign_key="commitment.id")
    reported_by_id: UUID | None = Field(foreign_key="stakeholder.id")


class CommitmentBase(SQLModel):
    title: str
    statement: str | None = None
    kind: str
    made_on: str | None = None
    due_on: str | None = None
    verifiable: bool | None = None
    potential: str | None = None
    baseline_value: float | None = None
    target_value: float | None = None


class Commitment(CommitmentBase, Named, table=True):
    state: str = "published"
    revision: int = 1
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    created_by: str = "tutorial"
    lifecycle: str = "pipeline"
    completion: str = "not_assessed"
    partnership_id: UUID = Field(foreign_key="partnership.id")
    meeting_id: UUID | None = Field(default=None, foreign_key="meeting.id")
    indicator_id: UUID | None = Field(default=None, foreign_key="indicator.id")
    supersedes_id: UUID | None = Field(default=None, foreign_key="commitment.id")

    partnership: Partnership = Relationship()
    meeting: Meeting | None = Relationship()
    indicator: Indicator | None = Relationship()
    supersedes: "Commitment" = Relationship(sa_relationship_kwargs={"remote_side": "Commitment.id"})
    themes: list[Theme] = Relationship(link_model=CommitmentTheme)
    recommendations: list[Recommendation] = Relationship(link_model=CommitmentRecommendation)
    participants: list[CommitmentParticipant] = Relationship(back_populates="commitment")
    sources: list[Source] = Relationship(link_model=Citation, sa_relationship_kwargs={"viewonly": True})
    reporters: list[Stakeholder] = Relationship(link_model=Update, sa_relationship_kwargs={"viewonly": True})


class NameRef(SQLModel):
    id: UUID
    slug: str
    name: str


class TitleRef(SQLModel):
    id: UUID
    slug: str
    title: str


class Participant(SQLModel):
    role: str
    stakeholder: NameRef


class MeetingPublic(MeetingBase):
    id: UUID
    slug: str
    dialogue: NameRef


class CommitmentScalars(SQLModel):
    slug: str
    title: str
    kind: str
    completion: str
    due_on: str | None


class CommitmentPublic(CommitmentBase):
    id: UUID
    slug: str
    state: str
    revision: int
    created_at: datetime
    updated_at: datetime
    lifecycle: str
    completion: str
    partnership: NameRef
    meeting: TitleRef | None
    indicator: NameRef | None
    supersedes: TitleRef | None
    themes: list[NameRef]
    recommendations: list[TitleRef]
    participants: list[Participant]
    sources: list[TitleRef]
    reporters: list[NameRef]


class CommitmentWithMeeting(CommitmentPublic):
    meeting: MeetingPublic | None


class CommitmentCreate(CommitmentBase):
    slug: str
    partnership_id: UUID
    theme_ids: list[UUID] = []


class Ids(SQLModel):
    partnership_id: UUID
    theme_ids: list[UUID]


engine = create_engine(f"sqlite:///{os.environ['TUTORIAL_DATABASE']}", connect_args={"check_same_thread": False})


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
Limit = Annotated[int, Query(le=100)]
app = FastAPI()

_REFERENCES: Any = (
    selectinload(Commitment.partnership),
    selectinload(Commitment.meeting).selectinload(Meeting.dialogue),
    selectinload(Commitment.indicator),
    selectinload(Commitment.supersedes),
    selectinload(Commitment.themes),
    selectinload(Commitment.recommendations),
    selectinload(Commitment.participants).selectinload(CommitmentParticipant.stakeholder),
    selectinload(Commitment.sources),
    selectinload(Commitment.reporters),
)


def _commitments() -> Any:
    chosen = select(Commitment).where(Commitment.state == "published")
    return chosen.options(*_REFERENCES) if os.environ.get("TUTORIAL_EAGER") else chosen


def _page(offset: int, limit: int, chosen: Any) -> Any:
    return chosen.order_by(Commitment.made_on.desc(), Commitment.title, Commitment.id).offset(offset).limit(limit)


@app.get("/commitments/", response_model=list[CommitmentPublic])
def read_commitments(session: SessionDep, offset: int = 0, limit: Limit = 100) -> Any:
    return session.exec(_page(offset, limit, _commitments())).all()


@app.get("/commitments-with-meetings/", response_model=list[CommitmentWithMeeting])
def read_commitments_with_meetings(session: SessionDep, offset: int = 0, limit: Limit = 100) -> Any:
    return session.exec(_page(offset, limit, _commitments())).all()


@app.get("/scalars/", response_model=list[CommitmentScalars])
def read_scalars(session: SessionDep, offset: int = 0, limit: Limit = 100) -> Any:
    return session.exec(_page(offset, limit, select(Commitment).where(Commitment.state == "published"))).all()


@app.get("/commitments/{slug}", response_model=CommitmentPublic)
def read_commitment(slug: str, session: SessionDep) -> Any:
    found = session.exec(_commitments().where(Commitment.slug == slug)).first()
    if not found:
        raise HTTPException(status_code=404, detail="Commitment not found")
    return found


@app.post("/commitments/", response_model=CommitmentPublic, status_code=201)
def create_commitment(commitment: CommitmentCreate, session: SessionDep) -> Any:
    created = Commitment.model_validate(commitment)
    created.themes = list(session.exec(select(Theme).where(Theme.id.in_(commitment.theme_ids))).all())
    session.add(created)
    session.commit()
    session.refresh(created)
    return created


@app.get("/ids", response_model=Ids)
def some_ids(session: SessionDep) -> Any:
    """What a new commitment can refer to, for whoever measures."""
    themes = session.exec(select(Theme).limit(2)).all()
    partnership = session.exec(select(Partnership).limit(1)).one()
    return {"partnership_id": partnership.id, "theme_ids": [theme.id for theme in themes]}
