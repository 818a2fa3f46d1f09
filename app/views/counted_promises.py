"""The promises of a partnership as far as a picture counts them, from one query and without their events."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.reading.reader import Reader
from app.core.storage.column_types import PartialDay
from app.core.storage.json_functions import only_json
from app.pictures.completion import term
from app.pictures.dates import period
from app.pictures.timeline.promises import Promise
from app.resources.commitments import commitments
from app.resources.milestones import milestones
from app.resources.updates import updates


def counted_promises(reader: Reader, partnership: UUID) -> list[Promise]:
    """Every promise of a partnership that has a date, its own or that of a milestone or an update."""
    statement = reader.tables.built_once("counted promises", lambda: _statement(reader))
    rows = reader.rows(commitments.name, statement, {"partnership": partnership})
    return [_promise(*row) for row in rows if any(row[5:])]


def _promise(
    slug: str, title: str, completion: str, logged: str | None, restates: str | None, *dates: str | None
) -> Promise:
    made_on, due_on = dates[:2]
    first = min(filter(None, dates))
    return Promise(
        slug,
        title,
        stands=term(completion) if made_on or due_on else None,
        logged=term(logged),
        made_on=period(made_on) if made_on else None,
        due_on=period(due_on) if due_on else None,
        restated=bool(made_on and restates),
        restates=restates if made_on else None,
        # What is less than a day sorts as text by its first one.
        first=date.fromisoformat((first + "-01-01")[:10]),
    )


def _statement(reader: Reader) -> sa.Select[Any]:
    """A row for each promise, bound to the partnership: what it is, what it restates, and each of its first dates."""
    tables = reader.tables
    row, visible = tables.visible_alias(commitments.table)
    earlier, earlier_visible = tables.visible_alias(commitments.table)
    update, update_visible = tables.visible_alias(updates.table)
    milestone, milestone_visible = tables.visible_alias(milestones.table)
    log = sa.and_(update.c.commitment_id == row.c.id, update_visible, update.c.occurred_on.is_not(None))
    steps = sa.and_(milestone.c.commitment_id == row.c.id, milestone_visible)
    reported = sa.type_coerce(only_json(update.c.sets), sa.JSON())["completion"].as_string()
    logged = sa.select(reported).where(log, reported.is_not(None)).order_by(*_latest(update)).limit(1)
    undated = sa.and_(row.c.made_on.is_(None), row.c.due_on.is_(None))
    met_first = sa.func.min(sa.cast(milestone.c.met_on, sa.String))
    columns: tuple[Any, ...] = (
        row.c.slug,
        tables.title(commitments, row),
        row.c.completion,
        sa.type_coerce(sa.case((undated, logged.scalar_subquery()), else_=None), row.c.completion.type),
        earlier.c.slug,
        row.c.made_on,
        row.c.due_on,
        sa.select(sa.func.min(update.c.occurred_on)).where(log).scalar_subquery(),
        sa.select(sa.func.min(milestone.c.due_on)).where(steps).scalar_subquery(),
        sa.type_coerce(sa.select(met_first).where(steps).scalar_subquery(), PartialDay()),
    )
    restated = row.outerjoin(earlier, sa.and_(earlier.c.id == row.c.supersedes_id, earlier_visible))
    of_it = row.c.partnership_id == sa.bindparam("partnership", type_=sa.Uuid())
    return sa.select(*columns).select_from(restated).where(of_it, visible)


def _latest(update: sa.FromClause) -> tuple[sa.ColumnElement[Any], ...]:
    return update.c.occurred_on.desc(), update.c.slug.desc()
