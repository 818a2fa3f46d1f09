"""A workbook for Excel and LibreOffice (Office Open XML): a sheet of records, and one that says what its columns are.

Whole days and moments are real dates, addresses are links. A month or a year stays text: it has no day. Text is never
a formula. XlsxWriter writes each row to disk as it comes, so that memory does not grow with the rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from app.formats import xlsx_template
from app.formats.columns import Cell, Column, Kind, columns_of
from app.formats.format import File, Format, Records
from app.formats.workbook_disk import as_the_disk_says
from app.formats.workbook_properties import NOT_BEFORE, properties
from app.formats.xml_text import xml_text

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS = 1_048_575
"""The records a sheet takes below its row of names; those after them go into further sheets."""
MAX_TEXT_LENGTH = 32_767
"""The characters (UTF-16) a cell takes. What is longer ends in an ellipsis."""
MAX_LINKS = 20_000
"""The links in a sheet. Excel takes 65,530, but each stays in memory until the end; further addresses are text."""
MAX_URL_LENGTH = 2_079
_FIRST_YEAR = 1900
_PIECE = 65_536
_WIDTHS: Mapping[Kind, int] = {"number": 12, "boolean": 10, "day": 12, "partial_date": 12, "moment": 20}
_WIDE = {"title": 50, "summary": 60, "description": 60, "statement": 60, "narrative": 60, "name": 40, "id": 38}


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """The workbook, when all records are in it; or one to fill in."""
    if "template" in file.options:
        yield from xlsx_template.write(file, parts)
        return
    # Imported when the first workbook is wanted: a server starts sooner without.
    from xlsxwriter import Workbook

    columns = columns_of(file.resource, file.fields, labels="labels" in file.options)
    with TemporaryFile() as out:
        book = Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        table = _Table(book, file, columns)
        latest = NOT_BEFORE
        for records in parts:
            for record in records:
                table.add(record)
                latest = max(latest, record.get("updated_at", latest))
        table.end()
        _about(book, file, columns)
        book.set_properties(properties(file.resource, latest))
        with as_the_disk_says():
            book.close()
        out.seek(0)
        yield from iter(lambda: out.read(_PIECE), b"")


class _Table:
    """The sheets of records: row by row, each sheet begun where the one before is full."""

    def __init__(self, book: "Workbook", file: File, columns: Sequence[Column]) -> None:
        self._book, self._file, self._columns = book, file, columns
        self._plain = book.add_format()
        self._bold = book.add_format({"bold": True})
        self._day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
        self._link = book.get_default_url_format()
        self._sheets = 0
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        name = self._file.resource.name
        self._sheet: Worksheet = self._book.add_worksheet(name if self._sheets == 1 else f"{name} {self._sheets}")
        self._rows, self._links = 0, 0
        for number, column in enumerate(self._columns):
            width = _WIDE.get(column.name) or _WIDTHS.get(column.kind, 24)
            self._sheet.set_column(number, number, width)
            self._sheet.write_string(0, number, column.name, self._bold)
        self._sheet.freeze_panes(1, 0)

    def add(self, record: Mapping[str, Any]) -> None:
        """Write a record in the next row."""
        if self._rows == MAX_ROWS:
            self.end()
            self._begin()
        self._rows += 1
        for number, column in enumerate(self._columns):
            value = column.value(record)
            if value is not None and value != "":
                self._cell(self._rows, number, column.kind, value)

    def end(self) -> None:
        """Let each column of the sheet be filtered by."""
        if self._columns:
            self._sheet.autofilter(0, 0, self._rows, len(self._columns) - 1)

    def _cell(self, row: int, number: int, kind: Kind, value: Cell) -> None:
        if kind == "partial_date" and isinstance(value, str) and len(value) == len("2018-07-10"):
            value = date.fromisoformat(value)
        match value:
            case bool():
                self._sheet.write_boolean(row, number, value)
            case int() | float():
                self._sheet.write_number(row, number, value)
            case datetime() if value.year >= _FIRST_YEAR:
                without_zone = value.astimezone(UTC).replace(tzinfo=None, microsecond=0)
                self._sheet.write_datetime(row, number, without_zone, self._moment)
            case date() if value.year >= _FIRST_YEAR:
                self._sheet.write_datetime(row, number, value, self._day)
            case str() if address := self._address(kind, value):
                self._links += 1
                self._sheet.write_url(row, number, address, self._link, value)
            case _:
                self._text(row, number, _fitting(str(value)))

    def _text(self, row: int, number: int, text: str) -> None:
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter would take it for markup of its own, and write it as it is. In two runs it is text.
            self._sheet.write_rich_string(row, number, text[:1], self._plain, text[1:])
        else:
            self._sheet.write_string(row, number, text)

    def _address(self, kind: Kind, value: str) -> str | None:
        """Where a cell links to, or None where it does not."""
        if self._links == MAX_LINKS:
            return None
        if kind == "path" and self._file.base:
            return f"{self._file.base}{value}"
        return value if kind == "web_address" and len(value) <= MAX_URL_LENGTH and xml_text(value) == value else None


def _about(book: "Workbook", file: File, columns: Sequence[Column]) -> None:
    """The sheet that says where the table comes from and what its columns are."""
    sheet = book.add_worksheet("About")
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 14)
    sheet.set_column(2, 2, 100)
    row = _Rows(sheet)
    row.add("Followthrough", "", f"The {file.resource.name} of the register.", style=bold)
    if file.path:
        row.add("From", "", f"{file.base}{file.path}")
    if file.licence:
        row.add("Licence", "", file.licence)
    row.add("Dates", "", "A date known only to the month or the year is text: 2018-07, 2018. Times are in UTC.")
    row.add("")
    row.add("Column", "Kind", "Meaning", style=bold)
    for column in columns:
        row.add(column.name, column.kind.replace("_", " "), column.description, style=wrapped)


class _Rows:
    """Rows of text, one below the other."""

    def __init__(self, sheet: "Worksheet") -> None:
        self._sheet, self._row = sheet, 0

    def add(self, *cells: str, style: Any = None) -> None:
        """Write the next row."""
        for number, cell in enumerate(cells):
            if cell:
                self._sheet.write_string(self._row, number, _fitting(cell), style)
        self._row += 1


def _fitting(text: str) -> str:
    """What a cell can hold of a text."""
    text = xml_text(text)
    if len(text.encode("utf-16-le")) <= 2 * MAX_TEXT_LENGTH:
        return text
    return text.encode("utf-16-le")[: 2 * (MAX_TEXT_LENGTH - 1)].decode("utf-16-le", "ignore") + "…"


XLSX = Format(
    name="xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    description="A workbook for Excel and LibreOffice, with real dates, links and a sheet about the columns.",
    write=write,
    title="Excel",
    options={
        "labels": "Put beside each code and each reference what it is called (`kind.label`, `partnership.title`).",
        "template": (
            "A sheet to fill in and send back to `/v1/import`: the columns that can be written, lists to choose from, "
            "two examples."
        ),
    },
)
