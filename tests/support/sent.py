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
    own = sqlite.rows

    def by_sqlalchemy(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        take(statement, parameters)

    def past_it(connection: sa.Connection, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        if connection.engine is engine:
            take(sql, parameters)
        return own(connection, sql, parameters)

    event.listen(engine, "before_cursor_execute", by_sqlalchemy)
    sqlite.rows = past_it
    try:
        yield
    finally:
        sqlite.rows = own
        event.remove(engine, "before_cursor_execute", by_sqlalchemy)
