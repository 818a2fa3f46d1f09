"""The promises of a partnership as the scorecard looks at them, and what they are tied to."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.reading.reader import Reader
from app.core.relations import Many
from app.resources.commitments import commitments
from app.resources.meetings import meetings

Id = Hashable
"""An id as the driver gives it: there are tens of thousands in a scorecard, and nobody is shown one."""

Tie = tuple[Id, str, str]
"""A promise, and the key and the title of what it is tied to."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise, with the fields that figures are computed from."""

    id: Id
    completion: str
    made_on: str | None
    due_on: str | None
    verifiable: bool | None
    overdue: bool
    days_overdue: int | None
    days_since_update: int | None
    concreteness: int
    slippage_days: int | None
    independent_sources: int
    reported: bool


_READ = tuple(name for name in Promise.__dataclass_fields__ if name != "reported")


def promises_of(reader: Reader, partnership: UUID) -> list[Promise]:
    """Every promise of a partnership that the viewer sees."""
    rows, visible = reader.tables.visible(commitments.table)
    chosen = sa.select(_raw(rows.c.id), *(reader.tables.value(commitments, rows, name) for name in _READ[1:]))
    reported = {promise for promise, _, _ in tied(reader, partnership, "reporters", "slug")}
    found = reader.connection.execute(chosen.where(rows.c.partnership_id == partnership, visible))
    return [Promise(*[*row, row[0] in reported]) for row in found.all()]


def _raw(id_: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.type_coerce(id_, sa.types.NullType())


def tied(
    reader: Reader, partnership: UUID, relation: str, key: str, title: str = "", where: Mapping[str, str] | None = None
) -> list[Tie]:
    """What a relation ties the promises of a partnership to: each by a column that is its key, and one of its title."""
    join, owner, target, conditions = reader.tables.linked(commitments, relation, where)
    promise, visible = reader.tables.visible_alias(commitments.table)
    declared = commitments.by_field[relation]
    assert isinstance(declared, Many)
    shown = reader.tables.value(reader.catalogue.of(declared.target), target, title or key)
    columns: tuple[Any, ...] = (_raw(owner), target.c[key], shown)
    chosen = sa.select(*columns).select_from(join.join(promise, promise.c.id == owner))
    limits = (promise.c.partnership_id == partnership, visible, *conditions, target.c[key].is_not(None))
    return [(row[0], row[1], row[2]) for row in reader.connection.execute(chosen.where(*limits).distinct()).all()]


def made_at_meetings(reader: Reader, partnership: UUID) -> list[Tie]:
    """The meeting that each promise of a partnership was made at."""
    rows, visible = reader.tables.visible(commitments.table)
    meeting, meeting_visible = reader.tables.visible_alias(meetings.table)
    columns: tuple[Any, ...] = (_raw(rows.c.id), meeting.c.slug, reader.tables.title(meetings, meeting))
    chosen = sa.select(*columns).join_from(rows, meeting, rows.c.meeting_id == meeting.c.id)
    limits = (rows.c.partnership_id == partnership, visible, meeting_visible)
    return [(row[0], row[1], row[2]) for row in reader.connection.execute(chosen.where(*limits)).all()]
