"""What a workbook asks for, found out before the library that reads it is let near.

The library unpacks each part whole and makes a rectangle of every sheet. A few bytes can therefore ask for all the
memory there is: a compressed sheet of nothing, or one cell in a far corner. So each part is read through once by a
strict parser, and what was read is what the library gets: a new archive of these parts and of no others. No difference
between two readers of archives, or of XML, leads past the check.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO
from xml.parsers import expat

from app.core.importing import Unreadable
from app.formats.table_reading import MAX_COLUMNS, letter

MAX_UNPACKED_BYTES = 128 * 1024 * 1024
"""The bytes of all parts of a workbook together, unpacked."""
MAX_PARTS = 500
MAX_ROWS = 100_000
MAX_CELLS = 3_000_000
"""The cells of the rectangle that a sheet fills, up to its last row and column; of 26 columns at least."""
_READ = re.compile(r"(?:\[Content_Types\]|_rels/\.|xl/.+)\.?(?:xml|rels)", re.IGNORECASE)
"""The parts that say what is in the cells: not pictures, and nothing of another format in the same archive."""
_ADDRESS = re.compile("([A-Za-z]{1,7})([0-9]{1,12})")
_ALPHABET = 26
_PIECE = 1 << 20
_MAX_TAG_LENGTH = 1 << 20
_IN_MEMORY = 1 << 23
_NO_WORKBOOK = "It is not a workbook (.xlsx); save it as one, or as “CSV UTF-8”."
_UNREADABLE = "It is not a workbook that can be read"


@contextmanager
def checked_copy(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """A copy of the workbook that takes no more memory than a table of records does. Raises Unreadable."""
    with SpooledTemporaryFile(_IN_MEMORY) as copy:
        try:
            _copy(file, copy)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
            raise Unreadable(_NO_WORKBOOK) from None
        copy.seek(0)
        yield copy


def _copy(file: IO[bytes], copy: IO[bytes]) -> None:
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for part in _parts(archive):
            with archive.open(part) as read, out.open(part.filename, "w") as written:
                _copy_part(read, written)


def _parts(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    parts = archive.infolist()
    # What the archive says of its parts can be a lie, but more than it says is never unpacked.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise Unreadable(f"The workbook unpacks to more than {MAX_UNPACKED_BYTES >> 20} MiB; send it in parts.")
    wanted = [part for part in parts if _READ.fullmatch(part.filename)]
    if len({part.filename.casefold() for part in wanted}) < len(wanted):
        raise Unreadable(f"{_UNREADABLE}: two parts of it have one name.")
    if not any(part.filename.casefold() == "xl/workbook.xml" for part in wanted):
        raise Unreadable(_NO_WORKBOOK)
    return wanted


def _copy_part(read: IO[bytes], written: IO[bytes]) -> None:
    parser, fed = _parser(), 0
    try:
        while piece := read.read(_PIECE):
            parser.Parse(piece, False)
            fed += len(piece)
            # A tag is parsed anew with every piece until its end has come.
            if fed - parser.CurrentByteIndex > _MAX_TAG_LENGTH + _PIECE:
                raise Unreadable(f"{_UNREADABLE}: a tag is longer than any.")
            written.write(piece)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Unreadable(f"{_UNREADABLE}: {error}.") from None


def _parser() -> expat.XMLParserType:
    """A parser that counts the cells of a sheet. Where a part is no sheet, it finds none."""
    parser = expat.ParserCreate("utf-8")  # whatever the part says of its encoding: the library takes it for this
    parser.StartDoctypeDeclHandler = _refuse_entities
    parser.StartElementHandler = _Rectangle().add
    return parser


def _refuse_entities(*_: object) -> None:
    raise Unreadable(f"{_UNREADABLE}: it declares a document type.")


class _Rectangle:
    """The rows and columns up to the last cell of a sheet. A row or cell without an address follows the one before."""

    def __init__(self) -> None:
        self._row = self._column = 0
        self._height = self._width = self._area = self._cells = 0

    def add(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self._add_cell(attributes.get("r"))
        elif name == "row":
            self._row = _number(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0
            self._reach(self._row, 0)

    def _add_cell(self, address: str | None) -> None:
        row, self._column = self._row, self._column + 1
        if address is not None:
            found = _ADDRESS.fullmatch(address)
            if found is None:
                raise Unreadable(f"{_UNREADABLE}: a cell has an address that is none.")
            row, self._column = int(found[2]), _column(found[1])
        self._cells += 1
        self._reach(row, self._column)

    def _reach(self, row: int, column: int) -> None:
        if row > self._height or column > self._width:
            self._grow(row, column)
        if self._cells > self._area:
            raise Unreadable(f"{_UNREADABLE}: two cells have one address.")

    def _grow(self, row: int, column: int) -> None:
        self._height, self._width = max(self._height, row), max(self._width, column)
        self._area = self._height * self._width
        if self._width > MAX_COLUMNS:
            at = letter(self._width - 1)
            detail = f"The table has more than {MAX_COLUMNS} columns: there is a cell in column {at}."
            raise Unreadable(detail, column=at)
        if self._height > MAX_ROWS:
            raise Unreadable(f"The table has more than {MAX_ROWS:,} rows; send it in parts.", row=self._height)
        if max(self._width, _ALPHABET) * self._height > MAX_CELLS:
            raise Unreadable(f"The table has more than {MAX_CELLS:,} cells; send it in parts.")


def _number(text: str) -> int:
    if not re.fullmatch("[0-9]{1,12}", text):
        raise Unreadable(f"{_UNREADABLE}: a row has a number that is none.")
    return int(text)


def _column(letters: str) -> int:
    number = 0
    for character in letters.upper():
        number = number * _ALPHABET + ord(character) - ord("A") + 1
    return number
