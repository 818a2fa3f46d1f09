"""Rows that cannot be read: changed from outside, against the types of their columns.

SQLite stores any text in any column, and both databases any text where only some texts are dates or terms. What a
column gives is checked by its type (``app.core.storage.column_types``). One such row must not take its whole list with
it: it is left out, and the log names it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app.core.reading.plans import Query, Row, without_bytes
from app.core.reading.statements import rows_of

log = logging.getLogger("followthrough.reading")

_UNREADABLE = (ValueError, TypeError)
"""What the conversion of a value fails with: no date, no id, no JSON."""


def readable_rows(
    connection: sa.Connection,
    statement: Query,
    bound: Mapping[str, Any],
    resource: str,
) -> Sequence[Row | None]:
    """The rows of a statement; None in the place of each that cannot be read. The log names it by its first column."""
    try:
        return rows_of(connection, statement, bound)
    except _UNREADABLE:
        rows: list[Row | None] = list(_one_by_one(connection.execute(statement, bound)))
        places = [place for place, row in enumerate(rows) if row is None]
        for name, value in _first_columns(connection.execute(statement, bound), places):
            log.error("A row of %s cannot be read and is left out: its %s is stored as %.60r.", resource, name, value)
    return rows


def only_readable(connection: sa.Connection, statement: Query, bound: Mapping[str, Any], what: str) -> list[Row]:
    """The rows of a statement that can be read."""
    return [row for row in readable_rows(connection, statement, bound, what) if row is not None]


def _one_by_one(result: sa.CursorResult[Any]) -> Iterator[Row | None]:
    while True:
        try:
            row = result.fetchone()
            if row is None:
                return
            yield from without_bytes([tuple(row)])
        except _UNREADABLE:
            yield None


def _first_columns(result: sa.CursorResult[Any], places: list[int]) -> list[tuple[str, Any]]:
    """The first column of some rows, with its name, as the database has it, not converted."""
    assert result.cursor is not None
    name = result.cursor.description[0][0]
    rows = result.cursor.fetchall()
    result.close()
    return [(name, rows[place][0]) for place in places]
