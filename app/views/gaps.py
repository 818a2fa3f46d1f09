"""Gaps: every break in the trace from a challenge to its evidence, with what would close it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    data: list[Gap] = Field(description="Every break, in the order of the kinds.")


@dataclass(frozen=True)
class Breaks:
    """The breaks of one kind: how many there are, and the records that have them, by slug."""

    kind: Kind
    count: int
    records: Sequence[Mapping[str, Any]]


def build(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """The whole view."""
    found = breaks(reader, partnership)
    return {
        **head(reader, partnership),
        "total": sum(each.count for each in found),
        "kinds": [
            {
                "kind": each.kind.name,
                "title": gettext(each.kind.title),
                "closes": gettext(each.kind.closes),
                "count": each.count,
            }
            for each in found
        ],
        "data": [gap for each in found for gap in _gaps(each)],
    }


def _gaps(found: Breaks) -> Iterator[dict[str, Any]]:
    name, closes = found.kind.name, gettext(found.kind.closes)
    for record in found.records:
        yield {"kind": name, "record": record, "closes": closes}


def breaks(reader: Reader, partnership: Mapping[str, Any], most: int | None = None) -> list[Breaks]:
    """Look for every kind of break, with one query for each resource. ``most``: of each, so many records."""
    found: dict[str, Breaks] = {}
    for resource in dict.fromkeys(kind.resource for kind in KINDS):
        kinds = [kind for kind in KINDS if kind.resource is resource]
        rows = _looked_at(reader, resource, kinds, partnership["id"])
        records: dict[RawId, dict[str, Any]] = {}
        for place, kind in enumerate(kinds, start=_FIRST_KIND):
            broken = [row for row in rows if row[place]]
            shown = [_record(records, resource, row) for row in broken[:most]]
            found[kind.name] = Breaks(kind, len(broken), shown)
    return [found[kind.name] for kind in KINDS]


_FIRST_KIND = 3
"""Where the columns of a row begin that say what is missing."""


def _record(records: dict[RawId, dict[str, Any]], resource: Resource, row: Sequence[Any]) -> dict[str, Any]:
    """The record of a row: one for all its breaks."""
    id_ = row[0]
    if id_ not in records:
        records[id_] = {"type": resource.singular, "id": id_text(id_), "slug": row[1], "title": row[2]}
    return records[id_]


def _looked_at(reader: Reader, resource: Resource, kinds: Sequence[Kind], partnership: UUID) -> Sequence[Sequence[Any]]:
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
        assert within is not None
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
)
