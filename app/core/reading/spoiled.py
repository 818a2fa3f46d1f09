"""Rows that cannot be read: changed from outside, against the types of their columns.

SQLite stores any text in any column, even one that is no UTF-8, and both databases any text where only some texts are
dates or terms. What a column gives is checked by its type (``app.core.storage.column_types``). One such row must not
take its whole list with it: it is left out, and the log names it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import sqlalchemy as sa

from app.core.reading.plans import Query, Row, without_bytes
from app.core.reading.statements import rows_of
from app.core.resource import Resource
from app.core.storage.sqlite import is_undecodable, undecoded
from app.errors import DamagedRecord

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
        pass
    except sa.exc.OperationalError as error:
        if not is_undecodable(error.orig):
            raise
    with any_text(connection):
        rows: list[Row | None] = list(_one_by_one(connection.execute(statement, bound)))
        places = [place for place, row in enumerate(rows) if row is None]
        for name, value in _first_columns(connection.execute(statement, bound), places):
            log.error("A row of %s cannot be read and is left out: its %s is stored as %.60r.", resource, name, value)
    return rows


def only_readable(connection: sa.Connection, statement: Query, bound: Mapping[str, Any], what: str) -> list[Row]:
    """The rows of a statement that can be read."""
    return [row for row in readable_rows(connection, statement, bound, what) if row is not None]


def first_readable(connection: sa.Connection, statement: Query, bound: Mapping[str, Any], what: str) -> list[Row]:
    """The first rows that can be read, as many as the ``size`` that the statement is bound to.

    Fewer are then all that there are, and not a page that one row has taken a place of.
    """
    wanted: int = bound["size"]
    size = wanted
    while True:
        rows = readable_rows(connection, statement, {**bound, "size": size}, what)
        found = [row for row in rows if row is not None]
        if len(found) >= wanted or len(rows) < size:
            return found[:wanted]
        size += wanted - len(found)


def damaged(resource: Resource, slug_or_id: str) -> DamagedRecord:
    """The problem of a record that is there, and cannot be read."""
    return DamagedRecord(f"The {resource.singular} {slug_or_id} is damaged: what is stored of it cannot be read.")


def whole_rows(connection: sa.Connection, resource: Resource, statement: sa.Select[Any]) -> list[dict[str, Any]]:
    """The rows of a resource that a change rests on, by column. Raises DamagedRecord where one cannot be read.

    What follows from all of them must not be worked out from some.
    """
    rows = readable_rows(connection, statement, {}, resource.name)
    names = statement.selected_columns.keys()
    found = [dict(zip(names, row, strict=True)) for row in rows if row is not None]
    if len(found) < len(rows):
        many = f"{len(rows) - len(found)} of the {resource.name}"
        raise DamagedRecord(f"Nothing was changed: {many} that the change rests on cannot be read.")
    return found


def any_text(connection: sa.Connection) -> AbstractContextManager[None]:
    """Within the block, what SQLite has in the place of a text is read whatever it is. PostgreSQL has only texts."""
    if connection.dialect.name != "sqlite":
        return nullcontext()
    return undecoded(connection.connection.driver_connection)


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
