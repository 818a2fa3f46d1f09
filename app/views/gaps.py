"""Gaps: every break in the trace from a challenge to its evidence, with what would close it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.core.days import days_between
from app.core.model import Ref
from app.core.read import Reader
from app.core.resource import Resource
from app.resources.challenges import challenges
from app.resources.commitments import commitments
from app.resources.dialogues import dialogues
from app.resources.indicators import indicators
from app.resources.meetings import meetings
from app.resources.milestones import milestones
from app.resources.recommendations import recommendations
from app.views.route import View
from app.views.scorecard import STALE_DAYS

_DAYS_A_MONTH = 30.4375


class GapRecord(Ref):
    """The record that something is missing from."""

    type: str = Field(description="Its resource, in the singular.")


class Gap(BaseModel):
    """One break in the trace."""

    kind: str = Field(description="What kind of break it is; see `kinds`.")
    record: GapRecord = Field(description="The record that something is missing from.")
    closes: str = Field(description="What would close it.")


class GapKind(BaseModel):
    """A kind of break, and how many there are."""

    kind: str = Field(description="Its name.")
    title: str = Field(description="What is missing.")
    closes: str = Field(description="What would close it.")
    count: int = Field(description="How many there are.")


class Gaps(BaseModel):
    """The breaks in the trace of a partnership."""

    partnership: Ref = Field(description="The partnership.")
    as_of: date = Field(description="The day it is reckoned for, in UTC.")
    total: int = Field(description="How many breaks there are.")
    kinds: list[GapKind] = Field(description="Every kind that is looked for, with its number.")
    data: list[Gap] = Field(description="Every break, in the order of the kinds.")


Missing = Callable[["_Look", sa.FromClause], sa.ColumnElement[bool]]


@dataclass(frozen=True)
class _Kind:
    name: str
    resource: Resource
    title: str
    closes: str
    missing: Missing


class _Look:
    """What the conditions need to see."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def none(self, row: sa.FromClause, resource: Resource, relation: str, **where: str) -> sa.ColumnElement[bool]:
        """The record has nothing in a relation."""
        join, owner, _, conditions = self.reader.linked(resource, relation, where)
        return sa.not_(sa.exists(sa.select(1).select_from(join).where(owner == row.c.id, *conditions)))

    def unanswered(self, row: sa.FromClause, resource: Resource, relation: str) -> sa.ColumnElement[bool]:
        """No visible record of a resource refers to this one through a relation."""
        through, _, _, conditions = self.reader.linked(resource, relation)
        via = resource.by_field[relation].via  # type: ignore[union-attr]
        other, seen = self.reader.other(resource.table)
        link = through.left  # type: ignore[attr-defined]
        join = through.join(other, other.c.id == link.c[_owner_of(resource, relation)])
        return sa.not_(sa.exists(sa.select(1).select_from(join).where(link.c[via] == row.c.id, seen, *conditions)))

    def without(self, row: sa.FromClause, resource: Resource, column: str, **where: str) -> sa.ColumnElement[bool]:
        """No visible record of a resource names this one in a column."""
        other, seen = self.reader.other(resource.table)
        limits = [other.c[name] == value for name, value in where.items()]
        return sa.not_(sa.exists(sa.select(1).where(other.c[column] == row.c.id, seen, *limits)))

    def no(self, row: sa.FromClause, resource: Resource, column: str) -> sa.ColumnElement[bool]:
        """The record names no visible record of a resource in a column of its own."""
        other, seen = self.reader.other(resource.table)
        return sa.not_(sa.exists(sa.select(1).where(other.c.id == row.c[column], seen)))

    def fact(self, row: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
        """A computed field of a commitment."""
        return self.reader.value(commitments, row, name)

    def last_held(self, row: sa.FromClause) -> sa.ColumnElement[Any]:
        """When a dialogue last met."""
        meeting, seen = self.reader.other(meetings.table)
        held = sa.select(sa.func.max(meeting.c.held_on))
        return held.where(meeting.c.dialogue_id == row.c.id, meeting.c.status == "held", seen).scalar_subquery()


def _owner_of(resource: Resource, relation: str) -> str:
    owner: str = resource.by_field[relation].owner  # type: ignore[union-attr]
    return owner


def _late(look: _Look, row: sa.FromClause) -> sa.ColumnElement[bool]:
    since = days_between(sa.literal(look.reader.today, sa.Date), look.last_held(row))
    interval = row.c.expected_interval_months
    return sa.and_(interval.is_not(None), sa.or_(since.is_(None), since > interval * _DAYS_A_MONTH))


_OPEN = ("closed", "cancelled")

KINDS: tuple[_Kind, ...] = (
    _Kind("challenge_without_recommendation", challenges, "Nobody has proposed what to do about it.",
          "A recommendation that answers it.", lambda look, row: look.unanswered(row, recommendations, "challenges")),
    _Kind("challenge_without_evidence", challenges, "No source is cited for it.",
          "A citation of what shows it.", lambda look, row: look.none(row, challenges, "sources")),
    _Kind("recommendation_without_commitment", recommendations, "Nobody has promised it.",
          "A commitment that answers it.", lambda look, row: look.unanswered(row, commitments, "recommendations")),
    _Kind("recommendation_without_participant", recommendations, "It says nobody who would do it.",
          "Participants with their roles.", lambda look, row: look.none(row, recommendations, "participants")),
    _Kind("recommendation_without_evidence", recommendations, "No source is cited for it.",
          "A citation of where it was made.", lambda look, row: look.none(row, recommendations, "sources")),
    _Kind("commitment_without_owner", commitments, "Nobody answers for it.",
          "A participant who is accountable.",
          lambda look, row: look.none(row, commitments, "participants", role="accountable")),
    _Kind("commitment_without_deadline", commitments, "It is not said by when.",
          "A last day, `due_on`.", lambda look, row: row.c.due_on.is_(None)),
    _Kind("commitment_without_measure", commitments, "It is not said what it is measured by.",
          "An indicator, or a target value.",
          lambda look, row: sa.and_(row.c.target_value.is_(None), look.no(row, indicators, "indicator_id"))),
    _Kind("commitment_without_evidence", commitments, "No source is cited for it.",
          "A citation of where it was made.", lambda look, row: look.none(row, commitments, "sources")),
    _Kind("commitment_without_recommendation", commitments, "It answers no recommendation.",
          "The recommendations that it answers, where there are any.",
          lambda look, row: look.none(row, commitments, "recommendations")),
    _Kind("commitment_not_assessed", commitments, "Nobody has looked how far it has come.",
          "An update that sets its completion.", lambda look, row: row.c.completion == "not_assessed"),
    _Kind("commitment_without_trace", commitments, "Somebody looked, and found no evidence either way.",
          "A source that tells what became of it.", lambda look, row: row.c.completion == "no_evidence_available"),
    _Kind("commitment_without_update", commitments, "Nothing that happened is recorded.",
          "An update.", lambda look, row: look.fact(row, "days_since_update").is_(None)),
    _Kind("commitment_gone_quiet", commitments, f"Unfinished, and nothing is told of it for {STALE_DAYS} days or more.",
          "An update on where it stands.",
          lambda look, row: sa.and_(
              look.fact(row, "days_since_update") >= STALE_DAYS, row.c.completion != "complete",
              row.c.lifecycle.not_in(_OPEN))),
    _Kind("milestone_without_date", milestones, "It is not said by when.",
          "A day, `due_on`.", lambda look, row: row.c.due_on.is_(None)),
    _Kind("milestone_without_outcome", milestones, "Its day is past, and it is not said whether it was met.",
          "An update that sets its status.",
          lambda look, row: sa.and_(row.c.due_on < look.reader.today, row.c.status == "scheduled")),
    _Kind("dialogue_without_meeting", dialogues, "No meeting of it is recorded as held.",
          "A meeting.", lambda look, row: look.without(row, meetings, "dialogue_id", status="held")),
    _Kind("dialogue_behind", dialogues, "It has not met within the interval that was promised.",
          "A meeting, or the record of one that was held.", _late),
    _Kind("dialogue_without_rhythm", dialogues, "It is not said how often it is to meet.",
          "The interval, `expected_interval_months`.", lambda look, row: row.c.expected_interval_months.is_(None)),
    _Kind("indicator_without_observation", indicators, "It has no value.",
          "An observation.", lambda look, row: _unobserved(look, row)),
)  # fmt: skip


def _unobserved(look: _Look, row: sa.FromClause) -> sa.ColumnElement[bool]:
    return look.without(row, look.reader.catalogue.by_name["observations"], "indicator_id")


def _of_partnership(
    reader: Reader, resource: Resource, row: sa.FromClause, partnership: UUID
) -> sa.ColumnElement[bool]:
    if "partnership_id" in row.c:
        return sa.and_(row.c.partnership_id == partnership)
    owner, seen = reader.other(commitments.table)
    return sa.and_(row.c.commitment_id.in_(sa.select(owner.c.id).where(owner.c.partnership_id == partnership, seen)))


def _found(reader: Reader, partnership: UUID) -> Iterator[tuple[str, str, UUID, str, str]]:
    """Every break, in one query: its kind, and the record."""
    look = _Look(reader)
    parts = []
    for place, kind in enumerate(KINDS):
        row, seen = reader.other(kind.resource.table)
        label = row.c[kind.resource.label].label("title")
        part = sa.select(
            sa.literal(place).label("place"), sa.literal(kind.name).label("kind"), row.c.id, row.c.slug, label
        )
        parts.append(
            part.where(seen, _of_partnership(reader, kind.resource, row, partnership), kind.missing(look, row))
        )
    every = sa.union_all(*parts).subquery()
    ordered = sa.select(every.c.kind, every.c.id, every.c.slug, every.c.title).order_by(every.c.place, every.c.slug)
    singular = {kind.name: kind.resource.singular for kind in KINDS}
    for name, id_, slug, title in reader.connection.execute(ordered):
        yield name, singular[name], id_, slug, title


def build(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """Look for every kind of break at once."""
    closes = {kind.name: kind.closes for kind in KINDS}
    data: list[dict[str, Any]] = [
        {"kind": kind, "record": {"type": type_, "id": id_, "slug": slug, "title": title}, "closes": closes[kind]}
        for kind, type_, id_, slug, title in _found(reader, partnership["id"])
    ]
    counts: dict[str, int] = {}
    for gap in data:
        counts[gap["kind"]] = counts.get(gap["kind"], 0) + 1
    return {
        "partnership": {"id": partnership["id"], "slug": partnership["slug"], "title": partnership["name"]},
        "as_of": reader.today,
        "total": len(data),
        "kinds": [
            {"kind": kind.name, "title": kind.title, "closes": kind.closes, "count": counts.get(kind.name, 0)}
            for kind in KINDS
        ],
        "data": data,
    }


VIEW = View(
    name="gaps",
    summary="Where the trace breaks",
    description=(
        "Every break in the chain from a challenge over recommendation and commitment to owner, deadline, measure, "
        "progress and evidence, with the record it is in and what would close it."
    ),
    model=Gaps,
    build=build,
)
