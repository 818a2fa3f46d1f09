"""A row with a value that no field could hold closes no door: it is left out everywhere, and the log names it.

Not of its type, but of what its column is for: both databases store any text for a date or a term, and SQLite any text
for a number.
"""

import logging
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.core.resource import Resource
from app.core.storage.column_types import Document, Number, PartialDay, TermColumn, WholeNumber, YesOrNo
from app.formats import FORMATS
from app.resources import CATALOGUE
from tests.support.databases import Databases, opened
from tests.support.problems import kind
from tests.support.register import application

PARTNERSHIP = "india-south-korea"
VIEWS = ("scorecard", "gaps", "timeline", "graph", "scorecard.svg", "timeline.svg", "graph.svg", "timeline.ics")
OVERALL = (
    "/",
    "/compare",
    "/sitemap.xml",
    "/search?q=trade",
    "/v1/catalog.jsonld",
    "/v1/changes.atom",
    "/v1/export.jsonl",
    "/v1/commitments/counts?by=completion,theme",
    "/v1/compare?partnership=india-south-korea&partnership=india-japan",
    "/v1/search?q=trade&limit=100",
    "/v1/sources.bibliography?style=apa",
    f"/partnerships/{PARTNERSHIP}",
    f"/embed/partnerships/{PARTNERSHIP}/scorecard",
    f"/embed/partnerships/{PARTNERSHIP}/timeline",
    f"/partnerships/{PARTNERSHIP}?lang=ko",
    *(f"/v1/partnerships/{PARTNERSHIP}/{view}" for view in VIEWS),
)


def _values(column: sa.Column[Any]) -> tuple[str, tuple[str, ...]]:
    """What kind of column it is, and what no field of that kind could hold."""
    if isinstance(column.type, PartialDay | sa.Date):
        return "dates", ("garbage", "2026-99-99")
    if isinstance(column.type, TermColumn) and column.name != "state":
        return "terms", ("nonsense",)
    if isinstance(column.type, Document):
        return "json", ("[[[", "5", '{"ko": 5}', "[5]")
    if isinstance(column.type, Number):
        return "numbers", ("many", "Infinity")
    if isinstance(column.type, WholeNumber | YesOrNo) and column.name not in ("revision", "given_inside"):
        return "numbers", ("many", "1.5")
    return "", ()


def _columns(resource: Resource, kind_: str) -> list[sa.Column[Any]]:
    return [column for column in resource.rows.columns if _values(column)[0] == kind_]


KINDS = ("dates", "terms", "json", "numbers")
CASES = [(resource, kind_) for resource in CATALOGUE for kind_ in KINDS if _columns(resource, kind_)]
FIRST = (("sources", "dates"), ("themes", "json"), ("milestones", "terms"), ("dialogues", "numbers"))
"""What the fast lane tries, at the doors of the resource alone."""


def _ways(resource: Resource, kind_: str, backend: str) -> list[tuple[str, str]]:
    """Columns, each with what can be put into it; PostgreSQL has types for some of this."""
    return [
        (column.name, value)
        for column in _columns(resource, kind_)
        for value in _values(column)[1]
        if backend == "sqlite" or not (_has_its_type(column) or value in ("[[[", "many"))
    ]


def _has_its_type(column: sa.Column[Any]) -> bool:
    """Whether PostgreSQL takes nothing else for it."""
    return isinstance(column.type, sa.Date | WholeNumber | YesOrNo)


def _doors(resource: Resource) -> Iterator[str]:
    path = f"/v1/{resource.name}"
    yield from (f"{path}?limit=200&lang=ko", f"/{resource.name}", f"/{resource.name}?lang=ko")
    yield from (f"{path}.{file.name}" for file in FORMATS.values() if file.is_of(resource.name) and not file.page)
    yield from (f"{path}.csv?labels=true", f"{path}.xlsx?labels=true")


@pytest.mark.parametrize(
    ("resource", "kind_", "everywhere"),
    [pytest.param(*each, True, id=f"{each[0].name}-{each[1]}", marks=pytest.mark.slow) for each in CASES]
    + [pytest.param(*each, False, id=f"{each[0].name}") for each in CASES if (each[0].name, each[1]) in FIRST],
)
def test_no_door_is_closed(
    databases: Databases,
    backend: str,
    caplog: pytest.LogCaptureFixture,
    resource: Resource,
    kind_: str,
    *,
    everywhere: bool,
) -> None:
    ways = _ways(resource, kind_, backend)
    if not ways:
        return
    settings = databases.excerpt(backend)
    with opened(settings) as database, database.writing() as connection:
        chosen_from = sa.select(resource.rows.c.slug).order_by(resource.rows.c.slug)
        slugs = list(connection.execute(chosen_from).scalars())
        chosen = [slug for slug in slugs if slug != PARTNERSHIP][::2]
        for slug, (column, value) in zip(chosen, cycle(ways), strict=False):
            put = sa.text(f"UPDATE {resource.rows.name} SET {column} = :value WHERE slug = :slug")
            connection.execute(put, {"value": value, "slug": slug})
    doors = [*_doors(resource), *(OVERALL if everywhere else ())]
    with application(settings) as register, caplog.at_level(logging.ERROR):
        page = register.get(f"/v1/{resource.name}?limit=200").json()
        if page["next"] is None:
            assert (page["unreadable"], len(page["data"])) == (len(chosen), len(slugs) - len(chosen))
        assert page["unreadable"]
        assert f"A row of {resource.name} cannot be read" in caplog.text
        closed = [door for door in doors if not _is_open(register.get(door), resource)]
    assert not closed
    # A file that breaks off is told of nowhere else.
    assert {record.name for record in caplog.records} == {"followthrough.reading"}


def _is_open(response: httpx.Response, resource: Resource) -> bool:
    if response.status_code == 500 and resource.name == "partnerships":
        return kind(response) == "record-damaged"  # it was asked for by its name
    return response.status_code in (200, 303)
