"""CSV and JSON Lines hold all records of a list, the same as JSON does."""

import csv
import io
import json
import re
from typing import Any

import httpx
import pytest

from app.core.resource import Resource
from tests.support.library import Library, Record
from tests.support.problems import parameters
from tests.support.table import cells

pytestmark = pytest.mark.mechanics


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def lines(text: str) -> list[Record]:
    return [json.loads(line) for line in text.removesuffix("\n").split("\n") if line]


def export(client: httpx.Client, resource: Resource, format_: str, **requested: Any) -> httpx.Response:
    response = client.get(f"/v1/{resource.name}.{format_}", params={"sort": "slug", **requested})
    assert response.status_code == 200
    return response


def test_json_lines_hold_every_record_as_json_shows_it(library: Library, resource: Resource) -> None:
    response = export(library.anonymous, resource, "jsonl")
    assert response.headers["content-type"] == "application/jsonl"
    assert lines(response.text) == library.records(resource)


def test_csv_holds_every_record_in_a_row(library: Library, resource: Resource) -> None:
    response = export(library.anonymous, resource, "csv")
    assert response.headers["content-type"].startswith("text/csv; charset=utf-8")
    names, *found = rows(response.text)
    assert list(dict.fromkeys(name.split(".")[0] for name in names)) == list(resource.fields)
    assert len(found) == len(library.records(resource))
    for row, record in zip(found, library.records(resource), strict=True):
        expected = dict.fromkeys(names, "")
        for name, value in record.items():
            expected |= {column: harmless(text) for column, text in cells(name, value).items()}
        # Numbers are written as JSON writes them, and a negative one is no formula.
        assert dict(zip(names, row, strict=True)) == expected | numbers(record)


def numbers(record: Record) -> dict[str, str]:
    """The columns of the numbers of a record."""
    return {
        name: str(value)
        for name, value in record.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }


def harmless(text: str) -> str:
    """A text as it must stand in CSV, so that no spreadsheet runs it."""
    return f"'{text}" if re.match(r"'*[=+\-@\t\r]", text) else text


def test_the_accept_header_chooses_as_the_path_does(library: Library, resource: Resource) -> None:
    for accept, format_ in (("text/csv", "csv"), ("application/jsonl", "jsonl"), ("application/x-ndjson", "jsonl")):
        by_header = library.anonymous.get(f"/v1/{resource.name}?sort=slug", headers={"Accept": accept})
        by_path = export(library.anonymous, resource, format_)
        assert by_header.content == by_path.content
        assert by_header.headers["content-type"] == by_path.headers["content-type"]


def test_an_export_is_a_file_with_a_name(library: Library, resource: Resource) -> None:
    for format_ in ("csv", "jsonl"):
        disposition = export(library.anonymous, resource, format_, limit=1).headers["content-disposition"]
        assert disposition == f'attachment; filename="{resource.name}.{format_}"'


def test_an_export_is_filtered_sorted_and_trimmed_as_the_list_is(library: Library, resource: Resource) -> None:
    some = library.records(resource)[2:6]
    requested = {"slug": [record["slug"] for record in some], "sort": "-slug", "fields": "slug,id"}
    expected = [{"id": record["id"], "slug": record["slug"]} for record in reversed(some)]
    assert lines(export(library.anonymous, resource, "jsonl", **requested).text) == expected
    assert rows(export(library.anonymous, resource, "csv", **requested).text) == [
        ["slug", "id"],
        *([record["slug"], record["id"]] for record in expected),
    ]


def test_an_export_ends_at_the_limit_where_there_is_one(library: Library, resource: Resource) -> None:
    for limit in (1, 3, 200):
        requested = {"limit": limit, "fields": "slug"}
        expected = [{"slug": record["slug"]} for record in library.records(resource)[:limit]]
        assert lines(export(library.anonymous, resource, "jsonl", **requested).text) == expected
        assert len(rows(export(library.anonymous, resource, "csv", **requested).text)) == len(expected) + 1


def test_an_export_without_a_record_is_a_table_without_a_row(library: Library, resource: Resource) -> None:
    assert lines(export(library.anonymous, resource, "jsonl", slug="there-is-none").text) == []
    (names,) = rows(export(library.anonymous, resource, "csv", slug="there-is-none").text)
    assert list(dict.fromkeys(name.split(".")[0] for name in names)) == list(resource.fields)


def test_an_export_can_be_encoded(library: Library, resource: Resource) -> None:
    path = f"/v1/{resource.name}.csv?sort=slug"
    plain = library.anonymous.get(path, headers={"Accept-Encoding": "identity"})
    for coding in ("gzip", "br", "zstd"):
        encoded = library.anonymous.get(path, headers={"Accept-Encoding": coding})
        assert encoded.headers["content-encoding"] == coding
        assert encoded.content == plain.content


def test_a_file_has_a_tag_that_says_whether_it_has_changed(library: Library, resource: Resource) -> None:
    for path in (f"/v1/{resource.name}.csv", f"/v1/{resource.name}.json?limit=3"):
        for coding in ("identity", "gzip"):
            first = library.anonymous.get(path, headers={"Accept-Encoding": coding})
            headers = {"Accept-Encoding": coding, "If-None-Match": first.headers["etag"]}
            again = library.anonymous.get(path, headers=headers)
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    tags = {
        library.anonymous.get(f"/v1/{resource.name}.{ending}").headers["etag"] for ending in ("csv", "json", "jsonl")
    }
    assert len(tags) == 3


def test_what_a_file_cannot_show_is_refused_by_name(library: Library, resource: Resource) -> None:
    for name, value in (("include", "sources"), ("facets", "state"), ("count", "true")):
        response = library.anonymous.get(f"/v1/{resource.name}.csv", params={name: value})
        assert (response.status_code, parameters(response)) == (400, [name])
    response = library.anonymous.get(f"/v1/{resource.name}?count=true", headers={"Accept": "text/csv"})
    assert (response.status_code, parameters(response)) == (400, ["count"])


def test_an_ending_that_there_is_not_is_not_found(library: Library, resource: Resource) -> None:
    for ending in ("pdf", "", "csv.csv", "CSV"):
        response = library.anonymous.get(f"/v1/{resource.name}.{ending}")
        assert response.status_code == 404, ending


def test_every_list_and_file_names_the_licence(library: Library, resource: Resource) -> None:
    for path in (f"/v1/{resource.name}", f"/v1/{resource.name}.csv", f"/v1/{resource.name}.json"):
        assert library.anonymous.get(path).links["license"]["url"] == "https://creativecommons.org/licenses/by/4.0/"
