"""CSV and JSON Lines hold all records of a list, the same as JSON does."""

import csv
import io
import json
import re
from typing import Any

import httpx

from app.core.relations import AnyOne, Many, One
from app.core.resource import Resource
from tests.support.library import Library, Record


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def lines(text: str) -> list[Record]:
    return [json.loads(line) for line in text.removesuffix("\n").split("\n") if line]


def export(client: httpx.Client, resource: Resource, format_: str, **asked: Any) -> httpx.Response:
    answer = client.get(f"/v1/{resource.name}", params={"format": format_, "sort": "slug", **asked})
    assert answer.status_code == 200
    return answer


def test_json_lines_hold_every_record_as_json_shows_it(library: Library, resource: Resource) -> None:
    answer = export(library.anonymous, resource, "jsonl")
    assert answer.headers["content-type"] == "application/jsonl"
    assert lines(answer.text) == library.records(resource)


def test_csv_holds_every_record_in_a_row(library: Library, resource: Resource) -> None:
    answer = export(library.anonymous, resource, "csv")
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    names, *found = rows(answer.text)
    assert names == list(resource.fields)
    assert len(found) == len(library.records(resource))
    for row, record in zip(found, library.records(resource), strict=True):
        for name, cell in zip(names, row, strict=True):
            assert_cell(resource, name, cell, record[name])


def assert_cell(resource: Resource, name: str, cell: str, value: Any) -> None:
    """Hold a cell of CSV against the same field in JSON."""
    relation = resource.by_field.get(name)
    if value is None:
        assert cell == ""
    elif isinstance(relation, One):
        assert cell == value["slug"]
    elif isinstance(relation, AnyOne):
        assert cell == f"{value['type']}={value['slug']}"
    elif isinstance(relation, Many):
        item = relation.item
        told = [
            "=".join([*(each[extra] for extra in relation.extras), each[item]["slug"]]) if item else each["slug"]
            for each in value
        ]
        assert cell == "; ".join(told)
    elif isinstance(value, (bool, int, float)):
        assert json.loads(cell) == value
    elif isinstance(value, str):
        assert cell == harmless(value)
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        assert cell == harmless("; ".join(value))
    else:
        assert json.loads(cell) == value


def harmless(text: str) -> str:
    """A text as it must stand in CSV, so that no spreadsheet runs it."""
    return f"'{text}" if re.match(r"'*[=+\-@\t\r]", text) else text


def test_the_accept_header_chooses_as_the_parameter_does(library: Library, resource: Resource) -> None:
    for accept, format_ in (("text/csv", "csv"), ("application/jsonl", "jsonl"), ("application/x-ndjson", "jsonl")):
        by_header = library.anonymous.get(f"/v1/{resource.name}?sort=slug", headers={"Accept": accept})
        by_parameter = export(library.anonymous, resource, format_)
        assert by_header.content == by_parameter.content
        assert by_header.headers["content-type"] == by_parameter.headers["content-type"]
        overridden = library.anonymous.get(f"/v1/{resource.name}?format=json&limit=1", headers={"Accept": accept})
        assert overridden.headers["content-type"] == "application/json"


def test_an_export_is_a_file_with_a_name(library: Library, resource: Resource) -> None:
    for format_ in ("csv", "jsonl"):
        disposition = export(library.anonymous, resource, format_, limit=1).headers["content-disposition"]
        assert disposition == f'attachment; filename="{resource.name}.{format_}"'


def test_an_export_is_filtered_sorted_and_trimmed_as_the_list_is(library: Library, resource: Resource) -> None:
    some = library.records(resource)[2:6]
    asked = {"slug": [record["slug"] for record in some], "sort": "-slug", "fields": "slug,id"}
    expected = [{"id": record["id"], "slug": record["slug"]} for record in reversed(some)]
    assert lines(export(library.anonymous, resource, "jsonl", **asked).text) == expected
    assert rows(export(library.anonymous, resource, "csv", **asked).text) == [
        ["id", "slug"],
        *([record["id"], record["slug"]] for record in expected),
    ]


def test_an_export_ends_at_the_limit_where_there_is_one(library: Library, resource: Resource) -> None:
    for limit in (1, 3, 200):
        asked = {"limit": limit, "fields": "slug"}
        expected = [{"slug": record["slug"]} for record in library.records(resource)[:limit]]
        assert lines(export(library.anonymous, resource, "jsonl", **asked).text) == expected
        assert len(rows(export(library.anonymous, resource, "csv", **asked).text)) == len(expected) + 1


def test_an_export_without_a_record_is_a_table_without_a_row(library: Library, resource: Resource) -> None:
    assert lines(export(library.anonymous, resource, "jsonl", slug="there-is-none").text) == []
    assert rows(export(library.anonymous, resource, "csv", slug="there-is-none").text) == [list(resource.fields)]


def test_an_export_can_be_encoded(library: Library, resource: Resource) -> None:
    path = f"/v1/{resource.name}?format=csv&sort=slug"
    plain = library.anonymous.get(path, headers={"Accept-Encoding": "identity"})
    for coding in ("gzip", "br", "zstd"):
        encoded = library.anonymous.get(path, headers={"Accept-Encoding": coding})
        assert encoded.headers["content-encoding"] == coding
        assert encoded.content == plain.content
