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

from app.core.resource import Resource
from app.core.strict_json import dump
from app.core.translations import TRANSLATED
from app.formats.csv import neutralise, restore, write
from app.formats.format import File, Records
from app.resources import ALL, CATALOGUE
from tests.support.generated import SCRIPTS, examples, lines, prose, texts
from tests.support.samples import Samples
from tests.support.table import cells

THEMES = CATALOGUE.by_name["themes"]
SOURCES = CATALOGUE.by_name["sources"]
FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
FIGURES = re.compile(r"[0-9][0-9 .,:/eE+\-]*")

risky = st.text(st.sampled_from("'=+-@\t\ra1,\"\n\uff1d0 /:e"), max_size=8)


def read_back(raw: bytes) -> list[dict[str, str]]:
    """The rows of a CSV document, as Python's own module reads them."""
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))


# -- formulas --------------------------------------------------------------------------------------------------------


def export(resource: Resource, records: Records, *options: str, fields: tuple[str, ...] | None = None) -> bytes:
    """The file of some records."""
    return b"".join(write(File(resource, fields, frozenset(options)), [records]))


@given(st.one_of(risky, texts), st.booleans())
@examples(500)
def test_neutralised_text_is_restored_and_is_no_formula(text: str, figures: bool) -> None:
    safe = neutralise(text, figures=figures)
    assert restore(safe) == text
    assert not FORMULA.match(safe)
    assert not (figures and FIGURES.fullmatch(safe))


@given(st.one_of(risky, texts), st.one_of(risky, texts))
@examples(200)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (neutralise(one) == neutralise(other)) == (one == other)


@pytest.mark.parametrize(
    "text", ["=1+1", "+82 2 2100 2114", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", "'=1", "''@x", "\uff1d1"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutralise(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "'tis", "it's", "a=b", "1-2", "''", "'a=b", "2018-07", "'90s"])
def test_what_it_would_not_run_is_left_alone(text: str) -> None:
    assert neutralise(text) == restore(text) == text


@pytest.mark.parametrize("text", ["2018-07", "1-2", "3/4", "0000000121032683", "1e5", "'2018-07"])
def test_what_excel_would_convert_gets_an_apostrophe_where_it_is_for_excel(text: str) -> None:
    assert neutralise(text, figures=True) == f"'{text}"


# -- rows ------------------------------------------------------------------------------------------------------------

records = st.fixed_dictionaries(
    {
        "id": st.uuids(),
        "slug": st.just("a-slug"),
        "title": lines,
        "html_url": st.just("/themes/a-slug"),
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


@pytest.mark.slow
@given(st.lists(records, max_size=4), st.booleans())
@examples(150)
def test_rows_are_read_back_as_the_records(rows: list[dict[str, Any]], bom: bool) -> None:
    raw = export(THEMES, rows, *(["bom"] if bom else []))
    assert raw.startswith(b"\xef\xbb\xbf") == bom
    found = read_back(raw)
    assert len(found) == len(rows)
    for row, record in zip(found, rows, strict=True):
        shown = orjson.loads(dump(record))
        inner = [f"translations.{language}.{text}" for language in TRANSLATED for text in ("name", "description")]
        columns = [name for field in THEMES.fields for name in (inner if field == "translations" else [field])]
        assert list(row) == columns
        assert restore(row["name"]) == record["name"]
        assert restore(row["description"]) == (record["description"] or "")
        assert row["parent"] == (record["parent"]["slug"] if record["parent"] else "")
        assert [row[name] for name in ("id", "created_at")] == [shown[name] for name in ("id", "created_at")]
        assert int(row["revision"]) == record["revision"]


def test_lines_end_as_rfc_4180_has_it() -> None:
    raw = export(THEMES, [{"slug": "a", "name": 'He said "so", twice'}], fields=("slug", "name"))
    assert raw == b'slug,name\r\na,"He said ""so"", twice"\r\n'


def test_columns_are_those_the_client_names_in_its_order() -> None:
    assert export(THEMES, [], fields=("name", "slug")) == b"name,slug\r\n"


def test_no_parts_at_all_are_a_table_without_rows() -> None:
    assert b"".join(write(File(THEMES, ("slug",)), [])) == b"slug\r\n"


@pytest.mark.parametrize(
    ("issued", "plain", "for_excel"),
    [("2018", "2018", "2018"), ("2018-07", "2018-07", "'2018-07"), ("2018-07-10", "2018-07-10", "2018-07-10")],
)
def test_a_month_stays_a_month_in_excel(issued: str, plain: str, for_excel: str) -> None:
    rows = [{"issued": issued}]
    assert read_back(export(SOURCES, rows, fields=("issued",))) == [{"issued": plain}]
    assert read_back(export(SOURCES, rows, "bom", fields=("issued",))) == [{"issued": for_excel}]
    assert restore(for_excel) == issued


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


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_an_export_says_what_the_list_says(anonymous: httpx.Client, resource: Resource) -> None:
    exported = read_back(anonymous.get(f"/v1/{resource.name}.csv?sort=slug&limit=200").content)
    listed = anonymous.get(f"/v1/{resource.name}?sort=slug&limit=200").json()["data"]
    assert len(exported) == len(listed)
    for row, record in zip(exported, listed, strict=True):
        for name, value in record.items():
            for column, text in cells(name, value).items() if value is not None else ():
                assert restore(row[column]) == text, column
    assert not {"null", "None"} & {text for row in exported for text in row.values()}


def test_any_text_that_is_stored_is_exported_as_it_was_given(editor: httpx.Client) -> None:
    samples = Samples(editor)
    created = [samples.create(THEMES, name=f"x{number}", description=text) for number, text in enumerate(NASTY)]
    pairs = [("slug", each.slug) for each in created]
    exported = read_back(editor.get("/v1/themes.csv", params=pairs).content)
    assert {row["slug"]: restore(row["description"]) for row in exported} == {
        each.slug: each.sent["description"] for each in created
    }
    assert not [row for row in exported if FORMULA.match(row["description"])]
