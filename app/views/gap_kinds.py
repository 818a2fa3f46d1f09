"""The kinds of breaks in the trace: what is missing from which record, and what would close it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.core.reading.reader import Reader
from app.core.relations import Many
from app.core.resource import Resource
from app.core.storage.date_functions import days_between, ends_before, last_day
from app.core.storage.lookups import there_is
from app.resources.challenges import challenges
from app.resources.commitments import commitments
from app.resources.dialogues import dialogues
from app.resources.indicators import indicators
from app.resources.meetings import meetings
from app.resources.milestones import milestones
from app.resources.observations import observations
from app.resources.recommendations import recommendations
from app.views.cadence import DAYS_A_MONTH
from app.views.figures import STALE_DAYS

Missing = Callable[["Look", sa.FromClause], sa.ColumnElement[bool]]
"""Makes the condition under which something is missing from a row."""


@dataclass(frozen=True)
class Kind:
    """A kind of break: the resource whose records have it, what is missing, and what would close it."""

    name: str
    resource: Resource
    title: str
    closes: str
    missing: Missing


class Look:
    """What the conditions look at: other tables as the viewer sees them, and the day.

    Every condition is a lookup by the row's own id or columns, so that it costs the same however large the register is.
    """

    def __init__(self, reader: Reader) -> None:
        """Look through a reader's eyes."""
        self.tables = reader.tables
        self.today = str(reader.today)

    def has_no(self, row: sa.FromClause, resource: Resource, relation: str, **where: str) -> sa.ColumnElement[bool]:
        """The record has nothing in a relation."""
        join, owner, _, conditions = self.tables.linked(resource, relation, where)
        return sa.not_(there_is(owner == row.c.id, *conditions, within=join))

    def not_referred_to(self, row: sa.FromClause, resource: Resource, relation: str) -> sa.ColumnElement[bool]:
        """No visible record of a resource refers to this one through a relation to several."""
        declared = resource.by_field[relation]
        assert isinstance(declared, Many)
        links = self.tables.alias(declared.links)
        owner, visible = self.tables.visible_alias(resource.table)
        join = links.join(owner, owner.c.id == links.c[declared.owner])
        return sa.not_(there_is(links.c[declared.via] == row.c.id, visible, within=join))

    def named_by_no(self, row: sa.FromClause, resource: Resource, column: str, **where: str) -> sa.ColumnElement[bool]:
        """No visible record of a resource names this one in a column."""
        other, visible = self.tables.visible_alias(resource.table)
        limits = [other.c[name] == value for name, value in where.items()]
        return sa.not_(there_is(other.c[column] == row.c.id, visible, *limits, within=other))

    def names_no(self, row: sa.FromClause, resource: Resource, column: str) -> sa.ColumnElement[bool]:
        """The record names no visible record of a resource in a column of its own."""
        other, visible = self.tables.visible_alias(resource.table)
        return sa.not_(there_is(other.c.id == row.c[column], visible, within=other))

    def days_since_update(self, row: sa.FromClause) -> sa.ColumnElement[Any]:
        """The computed field of a commitment."""
        return self.tables.value(commitments, row, "days_since_update")

    def independent_sources(self, row: sa.FromClause) -> sa.ColumnElement[Any]:
        """The computed field of a commitment."""
        return self.tables.value(commitments, row, "independent_sources")

    def is_late(self, row: sa.FromClause) -> sa.ColumnElement[bool]:
        """A dialogue has not met within its interval: since its last meeting, or at all."""
        meeting, visible = self.tables.visible_alias(meetings.table)
        latest = sa.select(sa.func.max(last_day(meeting.c.held_on)))
        held = latest.where(meeting.c.dialogue_id == row.c.id, meeting.c.status == "held", visible)
        since = days_between(sa.literal(self.today), held.scalar_subquery())
        interval = row.c.expected_interval_months
        return sa.and_(interval.is_not(None), sa.or_(since.is_(None), since > interval * DAYS_A_MONTH))


_ENDED = ("closed", "cancelled")

KINDS: tuple[Kind, ...] = (
    Kind(
        "challenge_without_recommendation",
        challenges,
        "Nobody has proposed what to do about it.",
        "A recommendation that answers it.",
        lambda look, row: look.not_referred_to(row, recommendations, "challenges"),
    ),
    Kind(
        "challenge_without_evidence",
        challenges,
        "No source is cited for it.",
        "A citation of what shows it.",
        lambda look, row: look.has_no(row, challenges, "sources"),
    ),
    Kind(
        "recommendation_without_commitment",
        recommendations,
        "Nobody has promised it.",
        "A commitment that answers it.",
        lambda look, row: look.not_referred_to(row, commitments, "recommendations"),
    ),
    Kind(
        "recommendation_without_participant",
        recommendations,
        "It says nobody who would do it.",
        "Participants with their roles.",
        lambda look, row: look.has_no(row, recommendations, "participants"),
    ),
    Kind(
        "recommendation_without_evidence",
        recommendations,
        "No source is cited for it.",
        "A citation of where it was made.",
        lambda look, row: look.has_no(row, recommendations, "sources"),
    ),
    Kind(
        "commitment_without_owner",
        commitments,
        "Nobody answers for it.",
        "A participant who is accountable.",
        lambda look, row: look.has_no(row, commitments, "participants", role="accountable"),
    ),
    Kind(
        "commitment_without_deadline",
        commitments,
        "It is not said by when.",
        "A last day, `due_on`.",
        lambda look, row: row.c.due_on.is_(None),
    ),
    Kind(
        "commitment_without_measure",
        commitments,
        "It is not said what it is measured by.",
        "An indicator, or a target value.",
        lambda look, row: sa.and_(row.c.target_value.is_(None), look.names_no(row, indicators, "indicator_id")),
    ),
    Kind(
        "commitment_without_evidence",
        commitments,
        "No source is cited for it.",
        "A citation of where it was made.",
        lambda look, row: look.has_no(row, commitments, "sources"),
    ),
    Kind(
        "commitment_without_two_independent_sources",
        commitments,
        "Fewer than two independent publishers stand behind it.",
        "A citation of a source by another publisher that is no party, for the promise or for an update of it.",
        lambda look, row: look.independent_sources(row) < 2,
    ),
    Kind(
        "commitment_without_recommendation",
        commitments,
        "It answers no recommendation.",
        "The recommendations that it answers, where there are any.",
        lambda look, row: look.has_no(row, commitments, "recommendations"),
    ),
    Kind(
        "commitment_not_assessed",
        commitments,
        "Nobody has looked how far it has come.",
        "An update that sets its completion.",
        lambda look, row: row.c.completion == "not_assessed",
    ),
    Kind(
        "commitment_without_trace",
        commitments,
        "Somebody looked, and found no evidence either way.",
        "A source that tells what became of it.",
        lambda look, row: row.c.completion == "no_evidence_available",
    ),
    Kind(
        "commitment_without_update",
        commitments,
        "Nothing that happened is recorded.",
        "An update.",
        lambda look, row: look.days_since_update(row).is_(None),
    ),
    Kind(
        "commitment_gone_quiet",
        commitments,
        f"Unfinished, and nothing is told of it for {STALE_DAYS} days or more.",
        "An update on where it stands.",
        lambda look, row: sa.and_(
            row.c.completion != "complete",
            row.c.lifecycle.not_in(_ENDED),
            look.days_since_update(row) >= STALE_DAYS,
        ),
    ),
    Kind(
        "milestone_without_date",
        milestones,
        "It is not said by when.",
        "A day, `due_on`.",
        lambda look, row: row.c.due_on.is_(None),
    ),
    Kind(
        "milestone_without_outcome",
        milestones,
        "Its day is past, and it is not said whether it was met.",
        "An update that sets its status.",
        lambda look, row: sa.and_(ends_before(row.c.due_on, str(look.today)), row.c.status == "scheduled"),
    ),
    Kind(
        "dialogue_without_meeting",
        dialogues,
        "No meeting of it is recorded as held.",
        "A meeting.",
        lambda look, row: look.named_by_no(row, meetings, "dialogue_id", status="held"),
    ),
    Kind(
        "dialogue_behind",
        dialogues,
        "It has not met within the interval that was promised.",
        "A meeting, or the record of one that was held.",
        lambda look, row: look.is_late(row),
    ),
    Kind(
        "dialogue_without_rhythm",
        dialogues,
        "It is not said how often it is to meet.",
        "The interval, `expected_interval_months`.",
        lambda look, row: row.c.expected_interval_months.is_(None),
    ),
    Kind(
        "indicator_without_observation",
        indicators,
        "It has no value.",
        "An observation.",
        lambda look, row: look.named_by_no(row, observations, "indicator_id"),
    ),
)
