"""What a database is sent: by SQLAlchemy, and past it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from app.core.storage import sqlite


@contextmanager
def watched(engine: sa.Engine, take: Callable[[str, Any], None]) -> Iterator[None]:
    """Show every statement that is sent within the block, with its parameters."""
    own, own_insert = sqlite.rows, sqlite.insert

    def by_sqlalchemy(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        take(statement, parameters)

    def past_it(connection: sa.Connection, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        if connection.engine is engine:
            take(sql, parameters)
        return own(connection, sql, parameters)

    def inserted(connection: sa.Connection, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        if connection.engine is engine:
            take(sql, rows)
        own_insert(connection, sql, rows)

    event.listen(engine, "before_cursor_execute", by_sqlalchemy)
    sqlite.rows, sqlite.insert = past_it, inserted
    try:
        yield
    finally:
        sqlite.rows, sqlite.insert = own, own_insert
        event.remove(engine, "before_cursor_execute", by_sqlalchemy)
