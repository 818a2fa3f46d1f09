"""CSV: safe to open in a spreadsheet, and nothing lost on the way out and back."""

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.answer import dump
from app.core.resource import Resource
from app.formats.csv import CsvFormat, neutralise, restore
from app.resources import ALL, CATALOGUE
from tests.support.generated import SCRIPTS, examples, lines, prose, texts
from tests.support.samples import Samples

THEMES = CATALOGUE.by_name["themes"]
FORMULA = re.compile(r"[=+\-@\t\r]")

risky = st.text(st.sampled_from("'=+-@\t\ra1,\"\n"), max_size=8)


def read_back(raw: bytes) -> list[dict[str, str]]:
    """The rows of a CSV document, as Python's own module reads them."""
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))


# -- formulas --------------------------------------------------------------------------------------------------------


@given(st.one_of(risky, texts))
@examples(500)
def test_neutralised_text_is_restored_and_is_no_formula(text: str) -> None:
    safe = neutralise(text)
    assert restore(safe) == text
    assert not FORMULA.match(safe)


@given(st.one_of(risky, texts), st.one_of(risky, texts))
@examples(200)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (neutralise(one) == neutralise(other)) == (one == other)


@pytest.mark.parametrize("text", ["=1+1", "+82 2 2100 2114", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''@x"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutralise(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "'tis", "it's", "a=b", "1-2", "''", "'a=b"])
def test_what_it_would_not_run_is_left_alone(text: str) -> None:
    assert neutralise(text) == restore(text) == text


# -- rows ------------------------------------------------------------------------------------------------------------

records = st.fixed_dictionaries(
    {
        "id": st.uuids(),
        "slug": st.just("a-slug"),
        "state": st.just("published"),
        "revision": st.integers(1, 10**9),
        "created_at": st.datetimes(timezones=st.just(UTC)),
        "updated_at": st.just(datetime(2026, 1, 31, 12, tzinfo=UTC)),
        "name": lines,
        "description": st.one_of(st.none(), prose),
        "sources": st.just([]),
        "parent": st.one_of(st.none(), st.just({"id": UUID(int=1), "slug": "trade", "title": "=Trade"})),
    }
)


@given(st.lists(records, max_size=4))
@examples(150)
def test_rows_are_read_back_as_the_records(rows: list[dict[str, Any]]) -> None:
    writer = CsvFormat(THEMES, None)
    found = read_back(writer.head() + writer.write(rows))
    assert len(found) == len(rows)
    for row, record in zip(found, rows, strict=True):
        shown = orjson.loads(dump(record))
        assert list(row) == list(THEMES.fields)
        assert restore(row["name"]) == record["name"]
        assert restore(row["description"]) == (record["description"] or "")
        assert row["parent"] == (record["parent"]["slug"] if record["parent"] else "")
        assert [row[name] for name in ("id", "created_at")] == [shown[name] for name in ("id", "created_at")]
        assert int(row["revision"]) == record["revision"]


def test_lines_end_as_rfc_4180_has_it() -> None:
    writer = CsvFormat(THEMES, ["slug", "name"])
    assert writer.head() == b"slug,name\r\n"
    assert writer.write([{"slug": "a", "name": 'He said "so", twice'}]) == b'a,"He said ""so"", twice"\r\n'


def test_columns_are_those_asked_for_in_the_order_of_the_resource() -> None:
    assert CsvFormat(THEMES, ["name", "slug"]).head() == b"slug,name\r\n"


# -- a real export ---------------------------------------------------------------------------------------------------

NASTY = [
    *SCRIPTS[:1],
    *(f"x{script.strip()}x" for script in SCRIPTS[1:]),
    '=HYPERLINK("x")',
    "-1",
    "@me",
    "'=quoted",
    '"',
    ",",
    "; ",
]


def cell(resource: Resource, name: str, value: Any) -> str:
    """What stands in a cell for a value of the JSON answer, put independently of the code under test."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return value
    relation = resource.by_field.get(name)
    if isinstance(value, dict) and "slug" in value:
        return f"{value['type']}={value['slug']}" if "type" in value else str(value["slug"])
    if relation is not None:
        return "; ".join(
            each["slug"] if "slug" in each else f"{each['role']}={each['stakeholder']['slug']}" for each in value
        )
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "; ".join(value)
    return orjson.dumps(value).decode()


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_an_export_says_what_the_list_says(anonymous: httpx.Client, resource: Resource) -> None:
    exported = read_back(anonymous.get(f"/v1/{resource.name}?format=csv&sort=slug&limit=200").content)
    listed = anonymous.get(f"/v1/{resource.name}?sort=slug&limit=200").json()["data"]
    assert len(exported) == len(listed)
    for row, record in zip(exported, listed, strict=True):
        for name, value in record.items():
            assert restore(row[name]) == cell(resource, name, value), name


def test_any_text_that_is_stored_is_exported_as_it_was_given(editor: httpx.Client) -> None:
    samples = Samples(editor)
    made = [samples.create(THEMES, name=f"x{number}", description=text) for number, text in enumerate(NASTY)]
    pairs = [("slug", each.slug) for each in made]
    exported = read_back(editor.get("/v1/themes", params=[*pairs, ("format", "csv")]).content)
    assert {row["slug"]: restore(row["description"]) for row in exported} == {
        each.slug: each.sent["description"] for each in made
    }
    assert not [row for row in exported if FORMULA.match(row["description"])]
