"""The promises of a partnership as the scorecard looks at them, and what they are tied to."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from app.core.reading.reader import Reader
from app.core.relations import Many
from app.core.storage.date_functions import ends_before
from app.core.storage.raw_ids import RawId, raw
from app.resources.commitments import commitments
from app.resources.meetings import meetings
from app.resources.sources import Independence
from app.views.partnership import PARTNERSHIP

Tie = tuple[RawId, str, str]
"""A promise, and the key and the title of what it is tied to."""


class Promise(NamedTuple):
    """A promise, with the fields that figures are computed from."""

    id: RawId
    completion: str
    made_on: str | None
    due_on: str | None
    due: bool
    verifiable: bool | None
    overdue: bool
    days_overdue: int | None
    days_since_update: int | None
    concreteness: int
    slippage_days: int | None
    independent_sources: int
    reported: bool


def promises_of(reader: Reader, partnership: UUID) -> list[Promise]:
    """Every promise of a partnership that the viewer sees."""

    def build() -> sa.Select[Any]:
        rows, visible = reader.tables.visible(commitments.table)
        due = sa.and_(rows.c.due_on.is_not(None), ends_before(rows.c.due_on, str(reader.today)))
        special = {"id": raw(rows.c.id), "due": due, "reported": sa.null()}
        value = reader.tables.value
        columns = (special[name] if name in special else value(commitments, rows, name) for name in Promise._fields)
        return sa.select(*columns).where(rows.c.partnership_id == PARTNERSHIP, visible)

    statement = reader.tables.built_once("promises of a partnership", build)
    reported = {promise for promise, _, _ in tied(reader, partnership, "reporters", "slug")}
    found = reader.rows("commitments", statement, {"partnership": partnership})
    return [Promise._make((*row[:-1], row[0] in reported)) for row in found]


def cited_kinds(reader: Reader, partnership: UUID) -> list[tuple[frozenset[str], int]]:
    """Which kinds of sources are cited together for promises of a partnership, and for how many of them just these."""

    def build() -> sa.Select[Any]:
        join, owner, source, conditions = reader.tables.linked(commitments, "sources")
        promise, visible = reader.tables.visible_alias(commitments.table)
        kinds = [sa.func.max(sa.case((source.c.independence == term, 1), else_=0)).label(term) for term in Independence]
        each = sa.select(*kinds).select_from(join.join(promise, promise.c.id == owner)).group_by(owner)
        each_promise = each.where(promise.c.partnership_id == PARTNERSHIP, visible, *conditions).subquery()
        return sa.select(*each_promise.c, sa.func.count()).group_by(*each_promise.c)

    statement = reader.tables.built_once("kinds of sources of a partnership", build)
    rows = reader.rows("sources", statement, {"partnership": partnership})
    return [(frozenset(term for term, cited in zip(Independence, row, strict=False) if cited), row[-1]) for row in rows]


def tied(
    reader: Reader, partnership: UUID, relation: str, key: str, title: str = "", where: Mapping[str, str] | None = None
) -> list[Tie]:
    """What a relation ties the promises of a partnership to: each by a column that is its key, and one of its title."""

    def build() -> sa.Select[Any]:
        join, owner, target, conditions = reader.tables.linked(commitments, relation, where)
        promise, visible = reader.tables.visible_alias(commitments.table)
        declared = commitments.by_field[relation]
        assert isinstance(declared, Many)
        shown = reader.tables.value(reader.catalogue.of(declared.target), target, title or key)
        columns: tuple[Any, ...] = (raw(owner), target.c[key], shown)
        chosen = sa.select(*columns).select_from(join.join(promise, promise.c.id == owner))
        limits = (promise.c.partnership_id == PARTNERSHIP, visible, *conditions, target.c[key].is_not(None))
        return chosen.where(*limits).distinct()

    shape = ("tied to a partnership", relation, key, title, tuple((where or {}).items()))
    statement = reader.tables.built_once(shape, build)
    return [(row[0], row[1], row[2]) for row in reader.rows(relation, statement, {"partnership": partnership})]


def made_at_meetings(reader: Reader, partnership: UUID) -> list[Tie]:
    """The meeting that each promise of a partnership was made at."""

    def build() -> sa.Select[Any]:
        rows, visible = reader.tables.visible(commitments.table)
        meeting, meeting_visible = reader.tables.visible_alias(meetings.table)
        columns: tuple[Any, ...] = (raw(rows.c.id), meeting.c.slug, reader.tables.title(meetings, meeting))
        chosen = sa.select(*columns).join_from(rows, meeting, rows.c.meeting_id == meeting.c.id)
        return chosen.where(rows.c.partnership_id == PARTNERSHIP, visible, meeting_visible)

    statement = reader.tables.built_once("meetings of promises of a partnership", build)
    return [(row[0], row[1], row[2]) for row in reader.rows("meetings", statement, {"partnership": partnership})]
