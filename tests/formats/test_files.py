"""Every format where clients find it: at the path of a list or of a record, with what that format takes."""

import io
from typing import Any

import bibtexparser
import feedparser
import httpx
import orjson
import pytest
import rispy
from ical.calendar_stream import IcsCalendarStream
from python_calamine import CalamineWorkbook

from app.core.field_types import last_day
from app.core.resource import Resource
from app.formats import FORMATS
from app.formats.columns import columns_of
from app.resources import ALL
from tests.formats.test_csv import read_back
from tests.support.register import Register, application

PLACES = [
    (resource, format_)
    for resource in ALL
    for format_ in FORMATS.values()
    if format_.resources is None or resource.name in format_.resources
]


def file(register: Register, path: str) -> httpx.Response:
    """A file that must be there."""
    response = register.get(f"/v1/{path}")
    assert response.status_code == 200, response.text
    return response


def listed(register: Register, path: str) -> list[dict[str, Any]]:
    """The records of a list, at most 200."""
    data: list[dict[str, Any]] = register.get(f"/v1/{path}").json()["data"]
    return data


@pytest.mark.parametrize(("resource", "format_"), PLACES, ids=lambda each: each.name if hasattr(each, "name") else None)
def test_every_list_has_its_files(register: Register, resource: Resource, format_: Any) -> None:
    response = file(register, f"{resource.name}.{format_.name}?limit=3")
    assert response.headers["content-type"] == format_.media_type
    saved = f'attachment; filename="{resource.name}.{format_.name}"'
    assert response.headers["content-disposition"] == ("inline" if format_.page else saved)
    assert 'rel="license"' in response.headers["link"]
    tag = response.headers["etag"]
    again = register.get(f"/v1/{resource.name}.{format_.name}?limit=3", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_file_with_other_addresses_has_another_tag(register: Register) -> None:
    with application(register.settings.model_copy(update={"public_url": "https://elsewhere.example"})) as moved:
        here, there = (file(each, "themes.atom?limit=3") for each in (register, moved))
    assert here.content != there.content
    assert here.headers["etag"] != there.headers["etag"]


def test_a_file_of_other_resources_is_not_there(register: Register) -> None:
    for path in ("themes.bib", "sources.ics", "sources/aaj-2026.csv", "sources.pdf"):
        assert register.get(f"/v1/{path}").status_code == 404, path


def test_csv_takes_its_options_and_its_columns(register: Register) -> None:
    raw = file(register, "sources.csv?bom=true&fields=issued,slug,type&labels=true&sort=slug").content
    assert raw.startswith("\ufeffissued,slug,type,type.label\r\n".encode())
    rows = read_back(raw)
    months = {row["issued"] for row in rows if len(row["issued"]) > len("2018") and row["issued"].count("-") == 1}
    assert months
    assert all(month.startswith("'") for month in months)
    plain = read_back(file(register, "sources.csv?fields=issued,slug&sort=slug").content)
    assert [row["issued"].removeprefix("'") for row in rows] == [row["issued"] for row in plain]
    assert register.get("/v1/sources.jsonl?bom=true").status_code == 400
    response = register.get("/v1/sources.csv?bom=maybe&labels=7&tpye=report&fields=titel")
    assert response.status_code == 400
    assert {each["parameter"] for each in response.json()["errors"]} == {"bom", "labels", "tpye", "fields"}


def test_a_workbook_holds_the_list(register: Register) -> None:
    raw = file(register, "commitments.xlsx?sort=slug&overdue=true").content
    names, *rows = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()
    (resource,) = (each for each in ALL if each.name == "commitments")
    assert names == [column.name for column in columns_of(resource, None)]
    records = listed(register, "commitments?sort=slug&overdue=true&limit=200")
    assert [row[names.index("slug")] for row in rows] == [record["slug"] for record in records]
    assert [str(row[names.index("due_on")]) for row in rows] == [record["due_on"] for record in records]


def test_sources_go_into_reference_managers(register: Register) -> None:
    slugs = [item["slug"] for item in orjson.loads(file(register, "sources.json?fields=slug&sort=slug").content)]
    bib = bibtexparser.parse_string(file(register, "sources.bib?sort=slug").text)
    assert not bib.failed_blocks
    assert [entry.key for entry in bib.entries] == slugs
    assert [each["id"] for each in rispy.loads(file(register, "sources.ris?sort=slug").text)] == slugs
    assert [item["id"] for item in file(register, "sources.csl.json?sort=slug").json()] == slugs


def test_a_calendar_holds_what_falls_due(register: Register) -> None:
    calendar = IcsCalendarStream.calendar_from_ics(file(register, "commitments.ics?sort=slug").text)
    dated = orjson.loads(file(register, "commitments.json?sort=slug&due_on__isnull=false").content)
    assert [event.dtstart for event in calendar.events] == [last_day(record["due_on"]) for record in dated]


def test_a_feed_begins_with_what_changed_last(register: Register) -> None:
    found = feedparser.parse(file(register, "commitments.atom?completion=limited&limit=5").content)
    assert not found.bozo
    records = listed(register, "commitments?completion=limited&sort=-updated_at&limit=5")
    assert [entry.title for entry in found.entries] == [record["title"] for record in records]
    other = feedparser.parse(file(register, "commitments.atom?completion=complete").content)
    assert found.feed.id != other.feed.id
    assert len(feedparser.parse(file(register, "citations.atom").content).entries) == 100


@pytest.mark.parametrize("format_", [each for each in FORMATS.values() if each.of_record], ids=lambda each: each.name)
@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_every_record_has_its_files(register: Register, resource: Resource, format_: Any) -> None:
    (record,) = listed(register, f"{resource.name}?limit=1")
    response = file(register, f"{resource.name}/{record['slug']}.{format_.name}")
    assert response.headers["content-type"] == format_.media_type
    assert response.headers["content-disposition"] == f'attachment; filename="{record["slug"]}.{format_.name}"'
    assert record["slug"] in response.text
