"""Inserts: how new rows are given to the driver, all that were gathered for a table at once.

Each time that SQLAlchemy runs a statement it works out which one it is, and it converts values row by row. As in
``reading/plans.py`` the text is kept, and what converts the values of each column, which are converted together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect

from app.core.storage import sqlite
from app.core.storage.database import PLANNED
from app.core.storage.full_text import added, documents

_Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class _Insert:
    """The statement of a table as its driver takes it."""

    sql: str
    columns: Sequence[tuple[str, _Convert | None]]
    """In the order of the driver's parameters: the name, and what converts a value."""

    def columnwise(self, rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """The values of each column, converted."""
        found: list[list[Any]] = []
        for name, convert in self.columns:
            values = [row[name] for row in rows]
            found.append(values if convert is None else list(map(convert, values)))
        return found


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all of which have values for the same columns."""
    if not connection.get_execution_options().get(PLANNED, True):
        connection.execute(_into(table), rows)
        return
    planned = _insert_into(table, tuple(rows[0]), connection.dialect)
    values = zip(*planned.columnwise(rows), strict=True)
    if connection.dialect.name == "sqlite":
        sqlite.insert(connection, planned.sql, list(values))
        return
    names = [name for name, _ in planned.columns]
    named = [dict(zip(names, row, strict=True)) for row in values]
    # One by itself is sent as one: for several the driver opens a pipeline.
    connection.exec_driver_sql(planned.sql, named if len(named) > 1 else named[0])


def _into(table: sa.Table) -> sa.Insert:
    """The statement; a document of full text is given its number as well."""
    return added if table is documents else sa.insert(table)


@cache
def _insert_into(table: sa.Table, names: tuple[str, ...], dialect: Dialect) -> _Insert:
    compiled = _into(table).compile(dialect=dialect, column_keys=list(names), for_executemany=True)
    assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
    assert not compiled.insert_prefetch, f"{table.name} has values that are made here, by SQLAlchemy"
    converting = {
        name: parameter.type.dialect_impl(dialect).bind_processor(dialect) for name, parameter in compiled.binds.items()
    }
    return _Insert(compiled.string, [(name, converting[name]) for name in compiled.positiontup or converting])
