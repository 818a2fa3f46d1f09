"""CSV as spreadsheets write it: commas, semicolons or tabs; UTF-8, or UTF-16 with its mark; any kind of line end."""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from app.core.importing import Item, Unreadable
from app.core.importing.spool import MAX_RECORDS, TOO_MANY
from app.core.resource import Resource
from app.formats.csv import restore
from app.formats.input_columns import input_columns
from app.formats.table_reading import MAX_COLUMNS, Row, items_of

MAX_LINE_LENGTH = 1_000_000
"""The characters of a line; the csv module takes 131,072 in a cell."""
_MAX_HEADER_LENGTH = 65_536
_DELIMITERS = ",;\t|"


def read(resource: Resource, file: IO[bytes]) -> Iterator[Item]:
    """The records of a table. Raises Unreadable that says where."""
    return items_of(resource, _rows(resource, file))


def _rows(resource: Resource, file: IO[bytes]) -> Iterator[Row]:
    encoding = _encoding(file)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    number = 1
    try:
        delimiter = _delimiter(resource, text)
        if _has_too_many(text, delimiter):
            raise Unreadable(TOO_MANY)
        reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
        for cells in reader:
            yield number, [restore(cell) for cell in cells]
            number = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"It is not {encoding.upper().replace('-SIG', '')}: a byte is {error.object[error.start]:#04x}. "
            "Save it as “CSV UTF-8”.",
            row=number,
        ) from None
    except csv.Error as error:
        raise Unreadable(f"It is not CSV: {error}.", row=number) from None
    finally:
        # Whoever opened the file closes it, and may have done so already.
        with suppress(ValueError):
            text.detach()


def _encoding(file: IO[bytes]) -> str:
    start = file.read(4)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start.startswith(b"PK"):
        raise Unreadable("It is not CSV but an archive; send a workbook as .xlsx.")
    return "utf-8-sig"


def _delimiter(resource: Resource, text: io.TextIOWrapper) -> str:
    """What stands between the names of the columns: that by which most of them are known."""
    line = text.readline(_MAX_HEADER_LENGTH)
    while line and not line.strip():
        line = text.readline(_MAX_HEADER_LENGTH)
    most = max((line.count(each), each) for each in _DELIMITERS)[0]
    if len(line) == _MAX_HEADER_LENGTH or most > MAX_COLUMNS:
        detail = f"Its first row has {most + 1:,} columns or more; at most {MAX_COLUMNS} are taken."
        raise Unreadable(detail, row=1)
    text.seek(0)
    known = input_columns(resource)

    def found(delimiter: str) -> int:
        names = (name.strip().strip('"').strip() for name in line.split(delimiter))
        return sum(name in known for name in names)

    return max(_DELIMITERS, key=lambda each: (found(each), line.count(each)))


def _has_too_many(text: io.TextIOWrapper, delimiter: str) -> bool:
    """Whether it has more records than an import takes: to make each of them first takes longer than to count them."""
    number = 0
    # What is no CSV is told with its row when it is read.
    with suppress(UnicodeDecodeError, csv.Error):
        for cells in csv.reader(_lines(text), delimiter=delimiter, strict=True):
            # The first row names the columns.
            number += any(map(str.strip, cells))
            if number > MAX_RECORDS + 1:
                return True
    text.seek(0)
    return False


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines, none of which can fill the memory."""
    while line := text.readline(MAX_LINE_LENGTH):
        if len(line) == MAX_LINE_LENGTH:
            raise csv.Error("a line is longer than any table's")
        yield line
