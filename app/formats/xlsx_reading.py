"""Workbooks as Excel, LibreOffice and Google write them, read by calamine once they are known to be harmless."""

from collections.abc import Iterator
from typing import IO, Any

from app.core.importing import Item, Unreadable
from app.core.resource import Resource
from app.formats.table_reading import items_of
from app.formats.workbook_check import checked_copy


def read(resource: Resource, file: IO[bytes]) -> Iterator[Item]:
    """The records of the sheet that is called after the resource, or else of the first. Raises Unreadable."""
    with checked_copy(file) as workbook:
        before, rows = _rows(resource, workbook)
    yield from items_of(resource, ((number, [*before, *cells]) for number, cells in enumerate(rows, 1)))


def _rows(resource: Resource, workbook: IO[bytes]) -> tuple[list[str], Iterator[list[Any]]]:
    """The empty cells before the first column, which are left out, and the rows, none of which is."""
    # It is a tenth of a second that most processes never need.
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(workbook)
        names = book.sheet_names
        name = next((each for each in names if each.strip().casefold() == resource.name), names[0] if names else None)
        if name is None:
            raise Unreadable("The workbook has no sheet.")
        sheet = book.get_sheet_by_name(name)
        return [""] * (sheet.start[1] if sheet.start else 0), sheet.iter_rows()
    except (CalamineError, ValueError, OSError) as error:
        raise Unreadable(f"It is not a workbook that can be read: {error}.") from None
    except BaseException as error:
        # Where the library, which is written in Rust, gives up, it raises what is no Exception and has no public name.
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable("It is not a workbook that can be read.") from None
