"""Looking at a row as it is stored, column by column, whatever is in it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from app.core.storage.column_types import Document, PartialDay, TermColumn, WholeNumber
from app.core.strict_json import dump

Readers = Mapping[str, TypeAdapter[Any]]
"""What reads each column."""

_UNREADABLE = (ValueError, TypeError, LookupError, sa.exc.StatementError)


def readers_of(table: sa.Table, fields: Mapping[str, FieldInfo]) -> dict[str, TypeAdapter[Any]]:
    """What reads each column of a table as its field says."""
    return {
        name: TypeAdapter(Annotated[(field.annotation, name, *field.metadata)])  # type: ignore[arg-type] # a type, made here
        for name, field in fields.items()
        if name in table.c
    }


def keys_of(
    connection: sa.Connection, table: sa.Table, names: tuple[str, ...]
) -> Iterator[tuple[tuple[Any, ...], sa.ColumnElement[bool]]]:
    """The key of each row of a table as it is stored, and the condition that finds the row by it."""
    key = [_raw(table.c[name], connection.dialect.name) for name in names]
    for found in connection.execute(sa.select(*key).order_by(*key)).all():
        yield tuple(found), sa.and_(*(part == value for part, value in zip(key, found, strict=True)))


def flaws_of(
    connection: sa.Connection, table: sa.Table, named: sa.ColumnElement[bool], readers: Readers
) -> Iterator[str]:
    """What is wrong with one row, column by column."""
    columns = list(_as_stored(table))
    try:
        row = connection.execute(sa.select(*columns).where(named)).mappings().one()
    except _UNREADABLE:
        row = None
    for column in columns:
        try:
            value = row[column.name] if row is not None else connection.execute(sa.select(column).where(named)).scalar()
        except _UNREADABLE as error:
            problem: str | None = f"has a value that cannot be read ({type(error).__name__})"
        else:
            problem = _bytes(value) or _flaw(readers.get(column.name), value)
        if problem is not None:
            yield f"{column.name} {problem}"


def _raw(column: sa.ColumnElement[Any], dialect: str) -> sa.ColumnElement[Any]:
    """A key of a row as it is stored, whatever it is; PostgreSQL stores nothing that is not of its type."""
    return sa.type_coerce(column, sa.String) if dialect == "sqlite" else column


def _as_stored(table: sa.Table) -> Iterator[sa.ColumnElement[Any]]:
    """The columns of a table as they can be looked at whatever they hold, as far as that is text, a number or JSON."""
    for column in table.columns:
        if isinstance(column.type, sa.LargeBinary):
            continue
        if isinstance(column.type, TermColumn | PartialDay | WholeNumber):
            yield sa.type_coerce(column, sa.String).label(column.name)
        elif isinstance(column.type, Document):
            yield sa.type_coerce(column, sa.JSON).label(column.name)
        else:
            yield column


def _bytes(value: Any) -> str | None:
    return "has bytes in the place of a text" if isinstance(value, bytes) else None


def _flaw(adapter: TypeAdapter[Any] | None, value: Any) -> str | None:
    if value is None or adapter is None:
        return None
    try:
        adapter.validate_json(dump(value))
    except ValidationError as error:
        return f"has a value that is not taken: {error.errors(include_input=False)[0]['msg']}"
    except (TypeError, ValueError):
        return "has a value that cannot be written as JSON"
    return None
