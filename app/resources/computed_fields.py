"""What can be computed of a commitment at any reading, and is therefore never stored.

Each depends on the day, or on other records; all are SQL expressions, so that they can be filtered and sorted by.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.core.listing import RowContext
from app.core.resource import Computed
from app.core.storage.date_functions import days_between, ends_before, last_day
from app.core.storage.lookups import there_is
from app.resources.independence import independent_sources

_MAX_CHAIN = 50


def overdue(context: RowContext) -> sa.ColumnElement[bool]:
    """The last day is past, and the promise is neither complete nor cancelled.

    One that was closed or restated without being complete stays overdue: the deadline it had was missed.
    """
    row = context.row
    late = ends_before(row.c.due_on, str(context.today))
    return sa.and_(
        row.c.due_on.is_not(None), late, row.c.completion != "complete", row.c.lifecycle != "cancelled"
    ).cast(sa.Boolean)


def days_overdue(context: RowContext) -> sa.ColumnElement[int]:
    """Days from the last day of an overdue promise until today; null for one that is not overdue."""
    late_by = days_between(sa.literal(str(context.today)), last_day(context.row.c.due_on))
    return sa.case((overdue(context), late_by), else_=None)


def days_since_update(context: RowContext) -> sa.ColumnElement[int]:
    """Days from the last thing that the updates tell of until today; 0 while its month or year is not over."""
    update, update_visible = context.records("updates")
    latest = sa.func.max(last_day(update.c.occurred_on))
    today = str(context.today)
    # A case, as the least of two values is not called the same on both databases.
    over = sa.case((latest > today, today), else_=latest)
    last = sa.select(over).where(update.c.commitment_id == context.row.c.id, update_visible)
    return days_between(sa.literal(today), last.scalar_subquery())


def concreteness(context: RowContext) -> sa.ColumnElement[int]:
    """How many there are of: an accountable stakeholder, a deadline, a measure, evidence."""
    row = context.row
    participant = context.rows(SQLModel.metadata.tables["commitment_participant"])
    stakeholder, stakeholder_visible = context.records("stakeholders")
    accountable = there_is(
        participant.c.commitment_id == row.c.id,
        participant.c.role == "accountable",
        stakeholder.c.id == participant.c.stakeholder_id,
        stakeholder_visible,
    )
    citation, citation_visible = context.records("citations")
    cited = there_is(citation.c.subject_id == row.c.id, citation.c.subject_type == "commitment", citation_visible)
    deadline = row.c.due_on.is_not(None)
    indicator, indicator_visible = context.records("indicators")
    measure = sa.or_(row.c.target_value.is_not(None), there_is(indicator.c.id == row.c.indicator_id, indicator_visible))
    return _one(accountable) + _one(deadline) + _one(measure) + _one(cited)


def _one(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.case((condition, 1), else_=0)


def slippage_days(context: RowContext) -> sa.ColumnElement[int]:
    """Days from the deadline of the first promise of the chain to this one's."""
    row = context.row
    parent, parent_visible = context.records("commitments")
    columns: tuple[Any, ...] = (parent.c.supersedes_id, parent.c.due_on, sa.literal(1).label("step"))
    chain = (
        sa.select(*columns)
        .where(parent.c.id == row.c.supersedes_id, parent_visible)
        .correlate(row)
        .cte(recursive=True, nesting=True)
    )
    earlier, earlier_visible = context.records("commitments")
    chain = chain.union_all(
        sa.select(earlier.c.supersedes_id, earlier.c.due_on, chain.c.step + 1).where(
            earlier.c.id == chain.c.supersedes_id, earlier_visible, chain.c.step < _MAX_CHAIN
        )
    )
    first = sa.select(last_day(chain.c.due_on)).order_by(chain.c.step.desc()).limit(1).scalar_subquery()
    # Most promises restate none; the chain is followed only for those that do.
    return sa.case((row.c.supersedes_id.is_not(None), days_between(last_day(row.c.due_on), first)), else_=None)


COMPUTED: Mapping[str, Computed] = {
    "overdue": overdue,
    "days_overdue": days_overdue,
    "days_since_update": days_since_update,
    "concreteness": concreteness,
    "slippage_days": slippage_days,
    "independent_sources": independent_sources,
}
"""What is computed at every reading, by the name of its field."""
