"""Workbooks, read back by an independent reader (calamine): real dates, text that stays text, nothing lost."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app.core.resource import Resource
from app.formats import xlsx
from app.formats.columns import columns_of
from app.formats.format import File
from app.resources import ALL, CATALOGUE
from tests.support.generated import examples, texts

SOURCES = CATALOGUE.by_name["sources"]
THEMES = CATALOGUE.by_name["themes"]
MOMENT = datetime(2026, 1, 31, 12, 30, 5, tzinfo=UTC)


def workbook(
    resource: Resource, records: Sequence[Mapping[str, Any]], *fields: str, options: Sequence[str] = (), base: str = ""
) -> bytes:
    """The file of some records."""
    file = File(
        resource,
        fields or None,
        frozenset(options),
        path="/v1/things.xlsx?q=a",
        base=base,
        licence="https://licence.example/",
    )
    return b"".join(xlsx.write(file, [records[:1], records[1:]]))


def rows(raw: bytes, sheet: int = 0) -> list[list[Any]]:
    """The cells of a sheet."""
    return CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(sheet).to_python(skip_empty_area=False)


def part(raw: bytes, name: str) -> str:
    """A part of the package, which must be XML that an XML parser takes."""
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        text = package.read(name).decode()
    ElementTree.fromstring(text)  # noqa: S314 (our own file)
    return text


risky = st.text(st.sampled_from("=+-@<r>/&'\"0_x41 \n"), min_size=1, max_size=12)


@given(st.lists(st.one_of(texts.filter(bool), risky), min_size=1, max_size=5))
@examples(150)
def test_any_text_is_read_back_and_is_no_formula(given_texts: list[str]) -> None:
    raw = workbook(THEMES, [{"description": text} for text in given_texts], "description")
    # U+FFFE and U+FFFF are no characters, and XML cannot hold them.
    assert [row[0] for row in rows(raw)[1:]] == [re.sub("[\ufffe\uffff]", "", text) for text in given_texts]
    assert "<f>" not in part(raw, "xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("text", ["<r>1</r>", "<r><t>=1</t></r>", "<r></c></r>", "=1+1", "_x0041_", "{=1}"])
def test_text_that_a_writer_could_take_for_its_own_markup_stays_text(text: str) -> None:
    raw = workbook(THEMES, [{"description": text}], "description")
    part(raw, "xl/worksheets/sheet1.xml")
    assert rows(raw)[1] == [text]


@pytest.mark.parametrize(
    ("issued", "cell"),
    [("2018", "2018"), ("2018-07", "2018-07"), ("2018-07-10", date(2018, 7, 10)), ("1899-12-31", "1899-12-31")],
)
def test_whole_days_are_dates_and_the_rest_is_text(issued: str, cell: Any) -> None:
    assert rows(workbook(SOURCES, [{"issued": issued}], "issued"))[1] == [cell]


def test_values_have_the_type_of_their_field() -> None:
    record = {
        "title_is_description": False,
        "revision": 3,
        "updated_at": MOMENT,
        "accessed_on": date(2026, 11, 22),
        "publisher": None,
    }
    (_, row) = rows(workbook(SOURCES, [record], *record))
    assert row == [False, 3.0, MOMENT.replace(tzinfo=None), date(2026, 11, 22), ""]


def test_addresses_are_links_and_pages_too_where_the_register_has_an_address() -> None:
    record = {"url": "https://example.org/한국?a=b&c=d#e", "html_url": "/sources/a"}
    links = "xl/worksheets/_rels/sheet1.xml.rels"
    raw = workbook(SOURCES, [record], *record, base="https://register.example")
    assert rows(raw)[1] == list(record.values())
    assert "https://register.example/sources/a" in part(raw, links)
    raw = workbook(SOURCES, [record], *record)
    assert rows(raw)[1] == list(record.values())
    assert "https://example.org/" in part(raw, links)
    assert "/sources/a" not in part(raw, links)


def test_beyond_what_a_sheet_can_link_addresses_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_LINKS", 1)
    raw = workbook(SOURCES, [{"url": f"https://example.org/{number}"} for number in range(3)], "url")
    assert [row[0] for row in rows(raw)[1:]] == [f"https://example.org/{number}" for number in range(3)]
    assert part(raw, "xl/worksheets/_rels/sheet1.xml.rels").count("<Relationship ") == 1


def test_what_is_too_long_for_a_cell_ends_in_an_ellipsis() -> None:
    (_, (cell,)) = rows(workbook(THEMES, [{"description": "🤝" * 20_000}], "description"))
    assert cell == "🤝" * 16_383 + "…"


def test_what_is_too_long_for_a_sheet_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 2)
    raw = workbook(THEMES, [{"slug": f"a{number}"} for number in range(5)], "slug")
    assert [rows(raw, sheet) for sheet in range(3)] == [
        [["slug"], ["a0"], ["a1"]],
        [["slug"], ["a2"], ["a3"]],
        [["slug"], ["a4"]],
    ]


def test_the_row_of_names_is_bold_frozen_and_can_be_filtered_by() -> None:
    sheet = part(workbook(THEMES, [{"slug": "a", "name": "A"}], "slug", "name"), "xl/worksheets/sheet1.xml")
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A1:B2"/>' in sheet


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_a_sheet_says_what_every_column_is(resource: Resource) -> None:
    raw = workbook(resource, [], options=["labels"])
    names = [column.name for column in columns_of(resource, None, labels=True)]
    assert rows(raw) == [names]
    about = rows(raw, 1)
    assert about[1] == ["From", "", "/v1/things.xlsx?q=a"]
    assert about[2] == ["Licence", "", "https://licence.example/"]
    described = {row[0]: row[2] for row in about[6:]}
    assert list(described) == names
    assert all(described.values())


def test_the_same_records_give_the_same_bytes() -> None:
    records = [{"slug": "a", "updated_at": MOMENT}]
    assert workbook(THEMES, records, "slug", "updated_at") == workbook(THEMES, records, "slug", "updated_at")
