"""Rows of a table as items of an import, each with its row and its columns, so that a refusal names the cell."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.core.flaws import nearest
from app.core.importing import Item, Place, Unreadable
from app.core.resource import Resource
from app.errors import Flaw
from app.formats.input_columns import LEFT_OUT, STAMPS, InputColumn, as_text, ignored_columns, input_columns

MAX_COLUMNS = 200

Row = tuple[int, Sequence[Any]]
"""The number of a row, as a spreadsheet shows it, and its cells."""


def items_of(resource: Resource, rows: Iterable[Row]) -> Iterator[Item]:
    """The items of a table whose first row that is not empty names its columns. Raises Unreadable."""
    filled = ((number, cells) for number, cells in rows if any(as_text(cell).strip() for cell in cells))
    first = next(iter(filled), None)
    if first is None:
        raise Unreadable("The table is empty: its first row names the columns.", row=1)
    header = _Header(resource, *first)
    for number, cells in filled:
        yield header.item(number, cells)


def letter(place: int) -> str:
    """The name that a spreadsheet gives to a column: A, B, …, Z, AA."""
    place, last = divmod(place, 26)
    return (letter(place - 1) if place else "") + chr(ord("A") + last)


class _Header:
    """The row that names the columns."""

    def __init__(self, resource: Resource, number: int, names: Sequence[Any]) -> None:
        self._resource = resource
        self._columns: dict[int, InputColumn] = {}
        self._stamps: dict[int, str] = {}
        self._named: dict[str, int] = {}
        texts = [as_text(name).strip() for name in names]
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) > MAX_COLUMNS:
            raise Unreadable(f"The table has {len(texts):,} columns; at most {MAX_COLUMNS} are taken.", row=number)
        for place, text in enumerate(texts):
            if text:
                self._add(number, place, text)
        self._width = len(texts)
        self._places = {column.pointer: _cell_of(place, column.name) for place, column in self._columns.items()}
        self._places |= {f"/{name}": _cell_of(place, name) for place, name in self._stamps.items()}

    def _add(self, number: int, place: int, text: str) -> None:
        known, ignored = input_columns(self._resource), ignored_columns(self._resource)
        name = text if text in known else re.sub(r"\s+", "_", text).lower()
        if name in self._named:
            detail = f"The columns {letter(self._named[name])} and {letter(place)} are both called {name}."
            raise Unreadable(detail, row=number, column=_cell_of(place, name))
        self._named[name] = place
        if name in STAMPS:
            self._stamps[place] = name
        elif name in known:
            self._columns[place] = known[name]
        elif name not in ignored:
            shown = text[:100] if text.isprintable() else "?"
            detail = f"There is no column {shown}.{nearest(name[:100], known)} It takes: {', '.join(known)}."
            raise Unreadable(detail, row=number, column=letter(place))

    def item(self, number: int, cells: Sequence[Any]) -> Item:
        """The item of a row."""
        fields: dict[str, Any] = {}
        for place, column in self._columns.items():
            text = as_text(cells[place]) if place < len(cells) else ""
            _put(fields, column, column.convert(text) if text.strip() else column.empty)
        fields = {name: value for name, value in fields.items() if value != {}}
        fields |= self._given_stamps(cells)
        place_of = Place(row=number, columns=self._places)
        return Item(self._resource, fields, place_of, partial=True, flaws=tuple(self._flaws(cells)))

    def _given_stamps(self, cells: Sequence[Any]) -> Mapping[str, Any]:
        """Which record of the register a row was taken from, where it says so."""
        found = {name: as_text(cells[place]).strip() for place, name in self._stamps.items() if place < len(cells)}
        found = {name: text for name, text in found.items() if text}
        # What is no number is left for the record to refuse: without its revision it would overwrite what others wrote.
        return {
            name: int(text) if name == "revision" and re.fullmatch("[0-9]{1,18}", text) else text
            for name, text in found.items()
        }

    def _flaws(self, cells: Sequence[Any]) -> Iterator[Flaw]:
        """Cells under no name: what they are to say cannot be known."""
        named = self._named.values()
        for place, cell in enumerate(cells):
            if place not in named and as_text(cell).strip():
                yield {"detail": f"The cell in column {letter(place)} stands under no name."}
                return


def _cell_of(place: int, name: str) -> str:
    return f"{letter(place)} ({name})"


def _put(fields: dict[str, Any], column: InputColumn, value: Any) -> None:
    """Put a value where a body has it."""
    *outer, last = column.path
    for name in outer:
        fields = fields.setdefault(name, {})
    if value is not LEFT_OUT:
        fields[last] = value
