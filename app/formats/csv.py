"""CSV (RFC 4180, UTF-8): one row a record, in the columns of :mod:`app.formats.columns`.

A text that a spreadsheet would run as a formula gets an apostrophe in front; :func:`restore` takes it away again, and
a text that had one before keeps it. With ``bom`` the file is for Excel: it begins with the mark by which Excel knows
UTF-8, and a text of digits alone gets an apostrophe too, since Excel would make July 1st of ``2018-07``.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from app.core.strict_json import dump
from app.formats.columns import Cell, Column, columns_of
from app.formats.format import File, Format, Records

_FORMULA = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_FIGURES = r"[0-9][0-9 .,:/eE+\-]*\Z"
"""Text that Excel takes for a number, a date or a time."""
_RUNS = re.compile(rf"'*{_FORMULA}|'+{_FIGURES}")
_CONVERTED = re.compile(rf"'*{_FORMULA}|'*{_FIGURES}")
_ESCAPED = re.compile(rf"''*{_FORMULA}|'+{_FIGURES}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def neutralise(text: str, *, figures: bool = False) -> str:
    """A text that no spreadsheet takes for a formula; nor, with ``figures``, for a number or a date."""
    return f"'{text}" if (_CONVERTED if figures else _RUNS).match(text) else text


def restore(text: str) -> str:
    """What :func:`neutralise` was given, in either of its ways."""
    return text[1:] if _ESCAPED.match(text) else text


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """The row of names, and a row a record."""
    for_excel = "bom" in file.options
    columns = columns_of(file.resource, file.fields, labels="labels" in file.options)
    head = ("\ufeff" if for_excel else "").encode() + _rows([[column.name for column in columns]])
    for records in parts:
        yield head + _rows(
            [[_text(column, column.value(record), for_excel) for column in columns] for record in records]
        )
        head = b""
    if head:
        yield head


def _rows(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _text(column: Column, value: Cell, for_excel: bool) -> str:
    match value:
        case None:
            return ""
        case str() if column.kind == "partial_date":
            return f"'{value}" if for_excel and _MONTH.fullmatch(value) else value
        case str():
            return neutralise(value, figures=for_excel)
        case bool():
            return "true" if value else "false"
        case datetime():
            return dump(value).decode().strip('"')
        case date():
            return value.isoformat()
        case _:
            return str(value)


CSV = Format(
    name="csv",
    media_type="text/csv; charset=utf-8; header=present",
    description="A table for spreadsheets, R and pandas.",
    write=write,
    title="CSV",
    options={
        "bom": (
            "Write it for Excel: begin with a byte order mark, and put an apostrophe before a month (`'2018-07`) or "
            "other text that Excel would turn into a date or a number."
        ),
        "labels": "Put beside each code and each reference what it is called (`kind.label`, `partnership.title`).",
    },
)
