"""Gaps: every break in the trace from a challenge to its evidence, with what would close it."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.core.model import TypedRef
from app.core.reading.reader import Reader
from app.core.resource import Resource
from app.languages.texts import gettext
from app.views.gap_kinds import KINDS, Kind, Look
from app.views.partnership import PartnershipView, head, inside
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


def build(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """Look for every kind of break, with one query for each resource."""
    found: dict[str, list[dict[str, Any]]] = {kind.name: [] for kind in KINDS}
    for resource in dict.fromkeys(kind.resource for kind in KINDS):
        for kind, record in _breaks(reader, resource, partnership["id"]):
            found[kind.name].append({"kind": kind.name, "record": record, "closes": gettext(kind.closes)})
    return {
        **head(reader, partnership),
        "total": sum(map(len, found.values())),
        "kinds": [
            {
                "kind": kind.name,
                "title": gettext(kind.title),
                "closes": gettext(kind.closes),
                "count": len(found[kind.name]),
            }
            for kind in KINDS
        ],
        "data": [gap for gaps in found.values() for gap in gaps],
    }


def _breaks(reader: Reader, resource: Resource, partnership: UUID) -> Iterator[tuple[Kind, dict[str, Any]]]:
    """What is missing from the records of a resource, by slug.

    Each condition is a column and not a filter: the database then looks at the records of this partnership alone,
    whatever it believes to be selective.
    """
    kinds = [kind for kind in KINDS if kind.resource is resource]
    look = Look(reader)
    row, visible = reader.tables.visible_alias(resource.table)
    missing = [kind.missing(look, row).label(kind.name) for kind in kinds]
    chosen = sa.select(row.c.id, row.c.slug, reader.tables.title(resource, row), *missing)
    within = inside(reader, resource, row, partnership)
    assert within is not None
    places = list(enumerate(kinds, start=3))
    singular = resource.singular
    for found in reader.connection.execute(chosen.where(visible, within).order_by(row.c.slug)).all():
        record = {"type": singular, "id": found[0], "slug": found[1], "title": found[2]}
        for place, kind in places:
            if found[place]:
                yield kind, record


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
