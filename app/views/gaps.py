"""Gaps: every break in the trace from a challenge to its evidence, with what would close it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.core.model import TypedRef
from app.core.reading.reader import Reader
from app.core.resource import Resource
from app.core.storage.raw_ids import RawId, id_text, raw
from app.languages.texts import gettext
from app.views.gap_kinds import KINDS, Kind, Look
from app.views.partnership import PARTNERSHIP, PartnershipView, head, inside
from app.views.routes import View


class Gap(BaseModel):
    """One break in the trace."""

    kind: str = Field(description="What kind of break it is; see `kinds`.")
    record: TypedRef = Field(description="The record that something is missing from.")
    closes: str = Field(description="What would close it.")


class GapKind(BaseModel):
    """A kind of break, and how many there are."""

    kind: str = Field(description="Its name.")
    title: str = Field(description="What is missing.")
    closes: str = Field(description="What would close it.")
    count: int = Field(description="How many there are.")


class Gaps(PartnershipView):
    """The breaks in the trace of a partnership."""

    total: int = Field(description="How many breaks there are.")
    kinds: list[GapKind] = Field(description="Every kind that is looked for, with its number.")
    data: list[Gap] = Field(description="The breaks, in the order of the kinds, and of one kind by slug.")
    next: str | None = Field(description="The path of the breaks that follow; null at the end.")
    next_cursor: str | None = Field(description="The cursor in `next`; null at the end.")


@dataclass(frozen=True)
class Breaks:
    """The breaks of one kind: how many there are, and the records that have them, by slug."""

    kind: Kind
    count: int
    records: Sequence[Mapping[str, Any]]


def build(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """The whole view."""
    return page(reader, partnership, None, None)[0]


def page(
    reader: Reader, partnership: Mapping[str, Any], limit: int | None, after: Sequence[Any] | None
) -> tuple[dict[str, Any], list[Any] | None]:
    """All kinds with their numbers, and some breaks: from the first or after those shown before, and where to go on.

    A position is the place of a kind and the slug of a record.
    """
    found = _broken(reader, partnership["id"])
    listed = ([place, row[1], row] for place, (_, rows) in enumerate(found) for row in rows)
    following = (each for each in listed if after is None or each[:2] > list(after))
    shown = list(islice(following, limit))
    records: dict[RawId, dict[str, Any]] = {}
    view = {
        **head(reader, partnership),
        "total": sum(len(rows) for _, rows in found),
        "kinds": [
            {
                "kind": kind.name,
                "title": gettext(kind.title),
                "closes": gettext(kind.closes),
                "count": len(rows),
            }
            for kind, rows in found
        ],
        "data": [_gap(records, found[place][0], row) for place, _, row in shown],
        "next": None,
        "next_cursor": None,
    }
    return view, shown[-1][:2] if next(following, None) is not None else None


def breaks(reader: Reader, partnership: Mapping[str, Any], most: int) -> list[Breaks]:
    """How many breaks there are of every kind, and the first records of each, so many at most."""
    records: dict[RawId, dict[str, Any]] = {}
    return [
        Breaks(kind, len(rows), [_record(records, kind.resource, row) for row in rows[:most]])
        for kind, rows in _broken(reader, partnership["id"])
    ]


Rows = Sequence[Sequence[Any]]


def _broken(reader: Reader, partnership: UUID) -> list[tuple[Kind, Rows]]:
    """The rows of the records that have each kind of break, by one query for each resource."""
    found: dict[str, Rows] = {}
    for resource in dict.fromkeys(kind.resource for kind in KINDS):
        kinds = [kind for kind in KINDS if kind.resource is resource]
        rows = _looked_at(reader, resource, kinds, partnership)
        for place, kind in enumerate(kinds, start=_FIRST_KIND):
            found[kind.name] = [row for row in rows if row[place]]
    return [(kind, found[kind.name]) for kind in KINDS]


def _gap(records: dict[RawId, dict[str, Any]], kind: Kind, row: Sequence[Any]) -> dict[str, Any]:
    return {"kind": kind.name, "record": _record(records, kind.resource, row), "closes": gettext(kind.closes)}


_FIRST_KIND = 3
"""Where the columns of a row begin that say what is missing."""


def _record(records: dict[RawId, dict[str, Any]], resource: Resource, row: Sequence[Any]) -> dict[str, Any]:
    """The record of a row: one for all its breaks."""
    id_ = row[0]
    if id_ not in records:
        records[id_] = {"type": resource.singular, "id": id_text(id_), "slug": row[1], "title": row[2]}
    return records[id_]


def _looked_at(reader: Reader, resource: Resource, kinds: Sequence[Kind], partnership: UUID) -> Rows:
    """The records of a resource by slug: id, slug and title, and for each kind whether something is missing.

    Each condition is a column and not a filter: the database then looks at the records of this partnership alone,
    whatever it believes to be selective.
    """

    def build() -> sa.Select[Any]:
        look = Look(reader)
        row, visible = reader.tables.visible_alias(resource.table)
        missing = [kind.missing(look, row).label(kind.name) for kind in kinds]
        chosen = sa.select(raw(row.c.id), row.c.slug, reader.tables.title(resource, row), *missing)
        within = inside(reader, resource, row, PARTNERSHIP)
        return chosen.where(visible, within).order_by(row.c.slug)

    statement = reader.tables.built_once(("gaps", resource), build)
    return reader.rows(resource.name, statement, {"partnership": partnership})


VIEW = View(
    name="gaps",
    summary="Where the trace breaks",
    description=(
        "Every break in the chain from a challenge over recommendation and commitment to owner, deadline, measure, "
        "progress and evidence, with the record it is in and what would close it."
    ),
    model=Gaps,
    build=build,
    page=page,
)
