"""Many ids or texts as one parameter: a statement is then the same for any number, and is built and compiled once."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect


class _HexList(sa.types.TypeDecorator[Any]):
    """Ids as SQLite stores them, in a JSON array."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: Collection[UUID] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        listed = '","'.join([id_.hex for id_ in value])
        return f'["{listed}"]' if listed else "[]"


class _TextList(sa.types.TypeDecorator[Any]):
    """Texts for SQLite, in a JSON array."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(list(value)).decode()


def among(column: sa.ColumnElement[Any], dialect: str, parameter: str = "ids") -> sa.ColumnElement[bool]:
    """The condition under which a column is one of the ids that are bound to a parameter, as a list."""
    if dialect == "sqlite":
        listed = sa.func.json_each(sa.bindparam(parameter, type_=_HexList())).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    return column == sa.any_(sa.bindparam(parameter, type_=sa.ARRAY(sa.Uuid())))


def among_texts(column: sa.ColumnElement[Any], dialect: str, parameter: str) -> sa.ColumnElement[bool]:
    """The condition under which a column is one of the texts that are bound to a parameter, as a list."""
    if dialect == "sqlite":
        listed = sa.func.json_each(sa.bindparam(parameter, type_=_TextList())).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    return column == sa.any_(sa.bindparam(parameter, type_=sa.ARRAY(sa.String())))
