"""Plans: how a statement that is run again and again is given to the driver, and what becomes of its rows.

Each time that SQLAlchemy runs a statement it works out which one it is, and describes its columns. For a small
statement that takes longer than the database. A plan keeps the text, and what converts values on their way in and out;
the types of the columns decide that, as they do for SQLAlchemy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect

from app.core.storage import sqlite

Query = sa.Select[Any] | sa.CompoundSelect[Any]
Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]
_BYTES = "bytes where text should be"


@dataclass(frozen=True)
class _Text:
    """A statement as its driver takes it."""

    sql: str
    constants: Mapping[str, Any]
    """What is bound at every run, converted."""
    bound: Sequence[tuple[str, _Convert | None]]
    """What each run brings: the name, and what converts it."""
    order: Sequence[str] | None
    """The names by their places; None where the driver takes them by name."""

    def parameters(self, bound: Mapping[str, Any]) -> Any:
        values = dict(self.constants)
        for name, convert in self.bound:
            values[name] = bound[name] if convert is None else convert(bound[name])
        return values if self.order is None else tuple([values[name] for name in self.order])


class Plan:
    """One statement; it is compiled when it first runs."""

    def __init__(self, statement: Query) -> None:
        """Plan a statement of which every run binds the same names, on databases of one kind."""
        # The statement itself is not kept, for a plan lasts as long as that does.
        self._columns = [column.type for column in statement.selected_columns]
        self._text: _Text | None = None
        self._conversions: list[_Convert | None] | None = None

    def rows(self, connection: sa.Connection, statement: Query, bound: Mapping[str, Any]) -> Sequence[Row]:
        """Run the statement, which must be the one that was planned."""
        if self._text is None:
            self._text = _text_of(statement, connection.dialect, bound)
        parameters = self._text.parameters(bound)
        if connection.dialect.name == "sqlite":
            rows = sqlite.rows(connection, self._text.sql, parameters)
            kinds: Sequence[object] = [None] * len(self._columns)
        else:
            result = connection.exec_driver_sql(self._text.sql, parameters)
            assert result.cursor is not None
            rows = list(result.cursor.fetchall())
            kinds = [column[1] for column in result.cursor.description]
            result.close()
        if self._conversions is None:
            both = zip(self._columns, kinds, strict=True)
            self._conversions = [_on_the_way_out(type_, connection.dialect, kind) for type_, kind in both]
        return _converted(rows, self._conversions)


def without_bytes(rows: Sequence[Row]) -> Sequence[Row]:
    """Rows as they are; raises TypeError where a text is stored as bytes, which SQLite allows."""
    if any(bytes in map(type, row) for row in rows):
        raise TypeError(_BYTES)
    return rows


def _converted(rows: list[Row], conversions: Sequence[_Convert | None]) -> Sequence[Row]:
    """The rows with their values converted; column by column, which takes less time than row by row."""
    if not rows:
        return rows
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, convert in enumerate(conversions):
        if convert is not None:
            columns[place] = list(map(convert, columns[place]))
        if bytes in map(type, columns[place]):
            raise TypeError(_BYTES)
    return list(zip(*columns, strict=True))


def _on_the_way_out(type_: sa.types.TypeEngine[Any], dialect: Dialect, kind: object) -> _Convert | None:
    return type_.dialect_impl(dialect).result_processor(dialect, kind)


def _text_of(statement: Query, dialect: Dialect, bound: Mapping[str, Any]) -> _Text:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
    # Lists of constants (IN) are written out here, once. One that each run brings would stay that of the first run:
    # it is bound as one value, by what ``app.core.storage.id_lists`` gives.
    lists = [name for name, parameter in compiled.binds.items() if parameter.expanding and name in bound]
    assert not lists, f"lists that differ from run to run: {lists}"
    expanded = compiled.construct_expanded_state(dict(bound))
    converting = dict(expanded.processors)
    for name, parameter in compiled.binds.items():
        if (convert := parameter.type.dialect_impl(dialect).bind_processor(dialect)) is not None:
            converting[name] = convert
    given = expanded.parameters
    return _Text(
        sql=expanded.statement,
        constants={
            name: converting[name](value) if name in converting else value
            for name, value in given.items()
            if name not in bound
        },
        bound=[(name, converting.get(name)) for name in given if name in bound],
        order=expanded.positiontup,
    )
