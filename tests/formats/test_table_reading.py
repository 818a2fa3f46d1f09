"""Tables that come in: what spreadsheets make of them, and what nobody should have to wait for."""

import io
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from app.core.importing import Item, Unreadable
from app.core.importing.spool import MAX_RECORDS
from app.core.resource import Resource
from app.formats import csv, csv_reading, xlsx, xlsx_reading
from app.formats.format import File
from app.formats.input_columns import input_columns
from app.formats.table_reading import letter
from app.resources import ALL, CATALOGUE
from tests.support.generated import examples, texts

COMMITMENTS = CATALOGUE.by_name["commitments"]
SOURCES = CATALOGUE.by_name["sources"]
THEMES = CATALOGUE.by_name["themes"]
UPDATES = CATALOGUE.by_name["updates"]


def from_csv(resource: Resource, raw: bytes | str) -> list[Item]:
    """The items of a CSV file."""
    data = raw if isinstance(raw, bytes) else raw.encode()
    return list(csv_reading.read(resource, io.BytesIO(data)))


def from_xlsx(resource: Resource, *rows: Sequence[Any], sheet: str = "Sheet1", at: int = 0) -> list[Item]:
    """The items of a workbook."""
    return list(xlsx_reading.read(resource, io.BytesIO(workbook(*rows, sheet=sheet, at=at))))


def workbook(*rows: Sequence[Any], sheet: str = "Sheet1", at: int = 0) -> bytes:
    """A workbook whose table begins in some column."""
    out = io.BytesIO()
    with Workbook(out) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        table = book.add_worksheet(sheet)
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if isinstance(cell, date):
                    table.write_datetime(number, at + place, cell, day)
                else:
                    table.write(number, at + place, cell)
    return out.getvalue()


# -- values ------------------------------------------------------------------------------------------------------


def test_a_row_is_a_record_with_its_place() -> None:
    head = "slug,partnership,title,kind,due_on,verifiable,target_value,themes,participants,citations\r\n"
    row = "a,india-japan,A promise,Target,2030-12,yes,25.5,trade; energy,accountable=mea; Funding=jica,aaj=p. 3; b\r\n"
    (item,) = from_csv(COMMITMENTS, head + row)
    assert item.fields == {
        "slug": "a",
        "partnership": "india-japan",
        "title": "A promise",
        "kind": "target",
        "due_on": "2030-12",
        "verifiable": True,
        "target_value": 25.5,
        "themes": ["trade", "energy"],
        "participants": [
            {"role": "accountable", "stakeholder": "mea"},
            {"role": "funding", "stakeholder": "jica"},
        ],
        "citations": [{"source": "aaj", "locator": "p. 3"}, {"source": "b"}],
    }
    assert item.partial
    assert item.place.row == 2
    assert item.place.column("/due_on") == "E (due_on)"
    assert item.place.column("/participants/1/role") == "I (participants)"


def test_columns_within_an_object_have_a_dot() -> None:
    (item,) = from_csv(UPDATES, "commitment,sets.completion,sets.lifecycle\na,No evidence available,\n")
    assert item.fields == {"commitment": "a", "sets": {"completion": "no_evidence_available", "lifecycle": None}}
    assert item.place.column("/sets/completion") == "B (sets.completion)"


def test_an_empty_cell_takes_a_value_away_where_there_can_be_none() -> None:
    (item,) = from_csv(COMMITMENTS, "title,kind,due_on,themes,potential,citations\n,,,,,\nA,,,,,\n")
    assert item.fields == {"title": "A", "due_on": None, "themes": [], "potential": None}


def test_what_cannot_be_read_is_left_for_the_record_to_refuse() -> None:
    (item,) = from_csv(COMMITMENTS, 'verifiable,target_value,kind\nmaybe,"1,000",wish\n')
    assert item.fields == {"verifiable": "maybe", "target_value": "1,000", "kind": "wish"}


def test_an_export_comes_back_with_what_it_was_taken_from() -> None:
    (item,) = from_csv(THEMES, "id,slug,title,name,revision,created_at,html_url\nx,a,A,A,3,2026-01-01T00:00:00Z,/a\n")
    assert item.fields == {"id": "x", "slug": "a", "name": "A", "revision": 3}


@pytest.mark.parametrize(
    ("cell", "value"),
    [(2030, "2030"), (2030.0, "2030"), (date(2018, 7, 10), "2018-07-10"), ("2018-07", "2018-07"), (True, "true")],
)
def test_a_spreadsheet_s_cell_is_read_as_what_it_shows(cell: Any, value: str) -> None:
    (item,) = from_xlsx(COMMITMENTS, ["made_on", "title"], [cell, cell])
    assert item.fields == {"made_on": value, "title": value}


def test_a_table_may_begin_anywhere_and_be_on_the_sheet_of_its_name() -> None:
    (item,) = from_xlsx(THEMES, [], [], ["Name", "Description"], [], ["한국", "हिन्दी"], at=2)
    assert item.fields == {"name": "한국", "description": "हिन्दी"}
    assert item.place.row == 5
    assert item.place.column("/name") == "C (name)"


@given(st.lists(texts.filter(str.strip), min_size=1, max_size=4))
@examples(60)
def test_any_text_comes_back_as_it_went_out(given_texts: list[str]) -> None:
    records = [{"name": "a", "description": text.replace("\r", "")} for text in given_texts if text.strip("\r ")]
    for options in (frozenset(), frozenset({"bom"})):
        raw = b"".join(csv.write(File(THEMES, ("name", "description"), options), [records]))
        items = from_csv(THEMES, raw)
        kept = [each for each in records if each["description"].strip()]
        assert [item.fields["description"] for item in items if item.fields["description"]] == [
            each["description"] for each in kept
        ]


def test_formulas_are_text_on_the_way_back() -> None:
    records = [{"name": "=1+1", "description": "'quoted"}]
    raw = b"".join(xlsx.write(File(THEMES, ("name", "description")), [records]))
    (item,) = xlsx_reading.read(THEMES, io.BytesIO(raw))
    assert item.fields == records[0]


@pytest.mark.parametrize("resource", ALL, ids=lambda each: each.name)
def test_every_resource_can_be_filled_in(resource: Resource) -> None:
    columns = input_columns(resource)
    required = {name for name, info in resource.create.model_fields.items() if info.is_required()}
    assert required <= {column.path[0] for column in columns.values()}
    assert all(column.description for column in columns.values())


# -- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_encodings_and_line_ends(delimiter: str, encoding: str, end: str) -> None:
    lines = [["name", "description"], ["무역", "하나, 둘; 셋"]]
    text = end.join(delimiter.join(f'"{cell}"' for cell in line) for line in lines) + end
    (item,) = from_csv(THEMES, text.encode(encoding))
    assert item.fields == {"name": "무역", "description": "하나, 둘; 셋"}


def bomb() -> bytes:
    """A workbook of which a megabyte becomes a gigabyte."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(160):
            part.write(b" " * 1_000_000)
    return out.getvalue()


def with_sheet(rows: str, prolog: bytes = b"") -> Callable[[], bytes]:
    """A workbook whose first sheet has other rows, and something before its first element."""

    def make() -> bytes:
        raw, out = workbook(["name"], ["a"]), io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
            for part in before.infolist():
                data = before.read(part)
                if part.filename == "xl/worksheets/sheet1.xml":
                    head, _, rest = data.partition(b"<sheetData>")
                    end = rest.rpartition(b"</sheetData>")[2]
                    head = head.replace(b"<worksheet", prolog + b"<worksheet")
                    data = head + b"<sheetData>" + rows.encode() + b"</sheetData>" + end
                after.writestr(part.filename, data)
        return out.getvalue()

    return make


def elsewhere() -> bytes:
    """A workbook whose sheet, with a cell in a far corner, does not lie where sheets do."""
    raw, out = workbook(["name"], ["a"]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(out, "w") as after:
        for part in before.infolist():
            data = before.read(part).replace(b"worksheets/sheet1.xml", b"hidden.xml")
            data = data.replace(b'<c r="A2"', b'<c r="A99999999"')
            after.writestr(part.filename.replace("worksheets/sheet1.xml", "hidden.xml"), data)
    return out.getvalue()


def another_format() -> bytes:
    """An OpenDocument sheet, in which a few bytes say how often a row is repeated."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<a/>")
    return out.getvalue()


def a_long_tag() -> bytes:
    """A tag of sixty megabytes, which a parser begins anew with each piece."""
    return with_sheet("<row " + "a" * 60_000_000 + "/>")()


REFUSED: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "a million columns": (lambda: b",".join([b"name"] * 1_000_000) + b"\n", "columns"),
    "a line without end": (lambda: b"name\n" + b"a" * 2_000_000, "longer"),
    "another encoding": (lambda: "name\n한국\n".encode("cp949"), "not UTF-8"),
    "an unknown column": (lambda: b"name,descripton\na,b\n", "Did you mean description?"),
    "a column twice": (lambda: b"name,Name\na,b\n", "both called name"),
    "an open quotation": (lambda: b'name\n"a\n', "not CSV"),
    "nothing": (lambda: b"\n\n", "empty"),
    "an archive for CSV": (lambda: workbook(["name"], ["a"]), "archive"),
}
REFUSED_WORKBOOKS: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (bomb, "unpacks to more than"),
    "a cell in the last corner": (with_sheet('<row r="1048576"><c r="XFD1048576"/></row>'), "100,000 rows"),
    "a cell in a row of nine digits": (with_sheet('<row r="268435456"><c r="A268435456"/></row>'), "100,000 rows"),
    "a cell in a row of eleven": (with_sheet('<row r="99999999999"><c r="ZZZZZZZ99999999999"/></row>'), "100,000 rows"),
    "a cell in another row than its own": (with_sheet('<row r="2"><c r="A99999999"/></row>'), "100,000 rows"),
    "an address after a space": (with_sheet('<row r="2"><c r = "A99999999"/></row>'), "100,000 rows"),
    "an address in a tag that goes on": (with_sheet('<row s=">" r="99999999"><c/></row>'), "100,000 rows"),
    "an address of entities": (with_sheet('<row r="2"><c r="A9&#57;999999"/></row>'), "100,000 rows"),
    "an address that is none": (with_sheet('<row r="2"><c r="A-1"/></row>'), "an address that is none"),
    "a row number that is none": (with_sheet('<row r="-1"><c/></row>'), "a number that is none"),
    "rows without number": (with_sheet("<row><c/></row>" * 100_001), "100,000 rows"),
    "cells without address": (with_sheet("<row>" + "<c/>" * 201 + "</row>"), "more than 200 columns"),
    "wide and high": (with_sheet("<row>" + "<c/>" * 100 + '</row><row r="99999"/>'), "3,000,000 cells"),
    "cells one upon another": (with_sheet('<row r="1">' + '<c r="A1"/>' * 3_000 + "</row>"), "two cells have one"),
    "entities": (with_sheet('<row r="1"><c r="A1"><v>&a;</v></c></row>'), "not a workbook"),
    "a document type": (with_sheet("", b'<!DOCTYPE a [<!ENTITY a "a">]>'), "declares a document type"),
    "a sheet elsewhere": (elsewhere, "100,000 rows"),
    "a part twice": (lambda: _archive("xl/workbook.xml", "xl/Workbook.xml"), "two parts of it have one name"),
    "another format": (another_format, "not a workbook"),
    "a long tag": (a_long_tag, "longer than any"),
    "XML that ends early": (with_sheet('<row r="1"><c></row>'), "mismatched tag"),
    "no workbook": (lambda: b"name\na\n", "not a workbook"),
    "an archive of something else": (lambda: _archive(), "not a workbook"),
    "201 columns": (lambda: workbook([f"c{number}" for number in range(201)]), "more than 200 columns"),
}


def _archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names or ("a.txt",):
            archive.writestr(name, "<a/>")
    return out.getvalue()


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_table_is_refused_at_once(what: str) -> None:
    make, said = REFUSED[what]
    raw = make()
    began = time.process_time()
    with pytest.raises(Unreadable, match=said):
        from_csv(THEMES, raw)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("what", REFUSED_WORKBOOKS)
def test_what_is_no_workbook_is_refused_at_once(what: str) -> None:
    make, said = REFUSED_WORKBOOKS[what]
    raw = make()
    began = time.process_time()
    with pytest.raises(Unreadable, match=said):
        list(xlsx_reading.read(THEMES, io.BytesIO(raw)))
    assert time.process_time() - began < 2


def test_a_workbook_on_which_the_library_gives_up_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    class Workbook:
        @staticmethod
        def from_filelike(_: object) -> None:
            raise PanicException("capacity overflow")

    monkeypatch.setattr("python_calamine.CalamineWorkbook", Workbook)
    with pytest.raises(Unreadable, match="not a workbook that can be read"):
        from_xlsx(THEMES, ["name"], ["a"])


def test_a_cell_under_no_name_is_a_flaw_of_its_row() -> None:
    items = from_csv(THEMES, "name\na\nb,c\n")
    assert [item.flaws for item in items] == [(), ({"detail": "The cell in column B stands under no name."},)]


def test_columns_are_called_as_spreadsheets_call_them() -> None:
    assert [letter(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_moments_that_a_spreadsheet_made_of_days_are_days_again() -> None:
    (item,) = from_xlsx(COMMITMENTS, ["made_on"], [datetime(2018, 7, 10)])  # noqa: DTZ001 (as spreadsheets have it)
    assert item.fields == {"made_on": "2018-07-10"}


def test_a_table_of_too_many_records_is_refused_before_the_first_is_made() -> None:
    """To make a quarter of a million first takes seconds."""
    most = b"slug,name\n" + b"a-theme,A theme\n" * MAX_RECORDS
    assert next(csv_reading.read(THEMES, io.BytesIO(most))).fields["slug"] == "a-theme"
    with pytest.raises(Unreadable, match="more than 250,000 records; import it in parts"):
        next(csv_reading.read(THEMES, io.BytesIO(most + b"one-more,One more\n")))
