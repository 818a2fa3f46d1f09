"""Workbooks as Excel, LibreOffice and Google write them, read by calamine once they are known to be harmless.

Calamine unpacks a sheet whole and makes a rectangle of it. A few bytes can therefore ask for all the memory there is: a
compressed sheet of nothing, or one cell in the last corner. Both are found before, by reading through the archive.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from app.core.importing import Item, Unreadable
from app.core.resource import Resource
from app.formats.table_reading import MAX_COLUMNS, items_of

MAX_UNPACKED_BYTES = 128 * 1024 * 1024
"""The bytes of all parts of a workbook together, unpacked."""
MAX_PARTS = 500
MAX_ROWS = 100_000
MAX_CELLS = 3_000_000
"""The cells of the rectangle that a sheet fills, up to its last row and column; of 26 columns at least."""
_FAR = re.compile(rb"""\br=["'](?:([A-Za-z]{2,7})[0-9]{1,7}|[A-Za-z]([0-9]{6,7}))["']""")
"""A cell beyond the column Z or the row 99,999: most sheets have none, so that looking for them takes no time."""
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br=["']([0-9]{1,7})["']""")
_ALPHABET = 26
_PIECE = 1 << 20
_OVERLAP = 512


def read(resource: Resource, file: IO[bytes]) -> Iterator[Item]:
    """The records of the sheet that is called after the resource, or else of the first. Raises Unreadable."""
    _demand_harmless(file)
    # It is a tenth of a second that most processes never need.
    from python_calamine import CalamineError, CalamineWorkbook

    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(file)
        names = book.sheet_names
        name = next((each for each in names if each.strip().casefold() == resource.name), names[0] if names else None)
        if name is None:
            raise Unreadable("The workbook has no sheet.")
        sheet = book.get_sheet_by_name(name)
        # It leaves out the empty columns before the first cell, and no row.
        before = [""] * (sheet.start[1] if sheet.start else 0)
        rows = sheet.iter_rows()
    except (CalamineError, ValueError, OSError) as error:
        raise Unreadable(f"It is not a workbook that can be read: {error}.") from None
    yield from items_of(resource, ((number, [*before, *cells]) for number, cells in enumerate(rows, 1)))


def _demand_harmless(file: IO[bytes]) -> None:
    """Refuse what would take more memory than a table of records ever does."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            # What the archive says of its parts can be a lie, but more than it says is never unpacked.
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise Unreadable(f"The workbook unpacks to more than {MAX_UNPACKED_BYTES >> 20} MiB; send it in parts.")
            for part in parts:
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename, re.IGNORECASE):
                    with archive.open(part) as sheet:
                        _demand_small(sheet)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Unreadable("It is not a workbook (.xlsx); save it as one, or as “CSV UTF-8”.") from None


def _demand_small(sheet: IO[bytes]) -> None:
    """Refuse a sheet that has a cell where no table has one, or more cells than a table has."""
    before, width, height, cells = b"", _ALPHABET, 1, 0
    while piece := sheet.read(_PIECE):
        text = before + piece
        if b"\0" in piece:
            raise Unreadable("It is not a workbook that can be read: a sheet is not UTF-8.")
        for column, row in _FAR.findall(text):
            width = max(width, _number(column))
            height = max(height, int(row or 1))
            if width > MAX_COLUMNS:
                at = column.decode()
                detail = f"The table has more than {MAX_COLUMNS} columns: there is a cell in column {at}."
                raise Unreadable(detail, column=at)
        height = max([height, *map(int, _ROW.findall(text))])
        cells += piece.count(b"<c ")
        if height > MAX_ROWS:
            raise Unreadable(f"The table has more than {MAX_ROWS:,} rows; send it in parts.", row=height)
        if max(width * height, cells) > MAX_CELLS:
            raise Unreadable(f"The table has more than {MAX_CELLS:,} cells; send it in parts.")
        before = text[-_OVERLAP:]


def _number(column: bytes) -> int:
    number = 0
    for character in column.upper():
        number = number * 26 + character - ord("A") + 1
    return number
