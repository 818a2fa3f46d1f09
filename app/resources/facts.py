"""What can be computed of a commitment at any reading, and is therefore never stored.

Each depends on the day, or on other records; all are SQL expressions, so that they can be filtered and sorted by.
"""

from typing import Any

import sqlalchemy as sa

from app.core.days import days_between
from app.core.relations import table_of
from app.core.resource import Facts

_LONGEST_CHAIN = 50


def overdue(facts: Facts) -> sa.ColumnElement[bool]:
    """The last day is past, and the promise is neither complete nor cancelled.

    One that was closed or restated without being complete stays overdue: the deadline it had was missed.
    """
    row = facts.row
    late = sa.and_(row.c.due_on.is_not(None), row.c.due_on < facts.today)
    return sa.and_(late, row.c.completion != "complete", row.c.lifecycle != "cancelled").cast(sa.Boolean)


def days_since_update(facts: Facts) -> sa.ColumnElement[int]:
    """Days from the last thing that the updates tell of until today."""
    update, seen = facts.records("updates")
    last = sa.select(sa.func.max(update.c.occurred_on)).where(update.c.commitment_id == facts.row.c.id, seen)
    return days_between(sa.literal(facts.today, sa.Date), last.scalar_subquery())


def concreteness(facts: Facts) -> sa.ColumnElement[int]:
    """How many there are of: an accountable stakeholder, a deadline, a measure, evidence."""
    from app.resources.commitments import CommitmentParticipant

    row = facts.row
    participant = facts.rows(table_of(CommitmentParticipant))
    stakeholder, stakeholder_seen = facts.records("stakeholders")
    accountable = _any(
        participant.c.commitment_id == row.c.id, participant.c.role == "accountable",
        stakeholder.c.id == participant.c.stakeholder_id, stakeholder_seen,
    )  # fmt: skip
    citation, citation_seen = facts.records("citations")
    cited = _any(citation.c.subject_id == row.c.id, citation.c.subject_type == "commitment", citation_seen)
    deadline = row.c.due_on.is_not(None)
    indicator, indicator_seen = facts.records("indicators")
    measure = sa.or_(row.c.target_value.is_not(None), _any(indicator.c.id == row.c.indicator_id, indicator_seen))
    return _one(accountable) + _one(deadline) + _one(measure) + _one(cited)


def _any(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """There is such a row. Not written as EXISTS, for which PostgreSQL reads whole tables where a page needs few."""
    return sa.select(sa.literal(1)).where(*conditions).limit(1).scalar_subquery().is_not(None)


def _one(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.case((condition, 1), else_=0)


def slippage_days(facts: Facts) -> sa.ColumnElement[int]:
    """Days from the deadline of the first promise of the chain to this one's."""
    row = facts.row
    parent, parent_seen = facts.records("commitments")
    columns: tuple[Any, ...] = (parent.c.supersedes_id, parent.c.due_on, sa.literal(1).label("step"))
    chain = (
        sa.select(*columns)
        .where(parent.c.id == row.c.supersedes_id, parent_seen)
        .correlate(row)
        .cte(recursive=True, nesting=True)
    )
    earlier, earlier_seen = facts.records("commitments")
    chain = chain.union_all(
        sa.select(earlier.c.supersedes_id, earlier.c.due_on, chain.c.step + 1).where(
            earlier.c.id == chain.c.supersedes_id, earlier_seen, chain.c.step < _LONGEST_CHAIN
        )
    )
    first = sa.select(chain.c.due_on).order_by(chain.c.step.desc()).limit(1).scalar_subquery()
    # Most promises restate none; the chain is followed only for those that do.
    return sa.case((row.c.supersedes_id.is_not(None), days_between(row.c.due_on, first)), else_=None)
