"""Rows are given to the driver as SQLAlchemy gives them, on both databases, and refused as it does."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import SQLModel

from app.core.storage.database import PLANNED, WATCHED, Database
from app.core.storage.full_text import documents
from app.core.writing.inserts import insert
from app.resources import CATALOGUE
from tests.support.register import Register
from tests.support.sent import watched

TABLES = [SQLModel.metadata.tables[name] for name in ("revision", "search_document")]
for _resource in CATALOGUE:
    for _table in (_resource.rows, *(relation.links for relation in _resource.linking)):
        TABLES += [_table, SQLModel.metadata.tables[f"{_table.name}_past"]]


@pytest.fixture
def writing(register: Register) -> Database:
    database: Database = register.app.state.context.database
    return database


def sent(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]], *, planned: bool) -> list[Any]:
    """What is sent to insert rows; those that are there already are refused then, and others taken back."""
    taken: list[Any] = []
    connection.execution_options(**{PLANNED: planned})
    watching = watched(connection.engine, lambda statement, parameters: taken.append((statement, _rows(parameters))))
    with watching, suppress(sa.exc.IntegrityError), connection.begin_nested() as inner:
        insert(connection, table, rows)
        inner.rollback()
    # Of one row SQLAlchemy asks for the number that it was given, which nobody needs.
    return [(text.partition(" RETURNING")[0], given) for text, given in taken if text.startswith("INSERT")]


def _rows(parameters: Any) -> list[Any]:
    """The rows that are sent, of which one may be sent by itself."""
    several = isinstance(parameters, list) and isinstance(parameters[0], (dict, list, tuple))
    return [_plain(row) for row in (parameters if several else [parameters])]


def _plain(parameters: Any) -> Any:
    """Parameters that can be compared: psycopg's JSON is equal to nothing but itself."""
    if isinstance(parameters, dict):
        return {name: _plain(value) for name, value in parameters.items()}
    if isinstance(parameters, (list, tuple)):
        return [_plain(value) for value in parameters]
    return getattr(parameters, "obj", parameters)


def test_the_driver_is_given_what_sqlalchemy_gives_it(writing: Database) -> None:
    tried = 0
    with writing.writing(commit=False) as connection:
        for table in TABLES:
            # As the writer has them: full text numbers its documents itself, on the shelf that it is given.
            columns = [column for column in table.columns if column.name != "number"]
            found = connection.execute(sa.select(*columns).limit(20)).mappings()
            rows = [dict(each) | ({"shelf": 0} if table is documents else {}) for each in found]
            if len(rows) > 1:
                tried += 1
                for some in (rows, rows[:1]):
                    assert sent(connection, table, some, planned=True) == sent(connection, table, some, planned=False)
    assert tried > 25


def test_what_the_database_refuses_is_refused_as_by_sqlalchemy(writing: Database) -> None:
    table = SQLModel.metadata.tables["theme"]
    with writing.writing(commit=False) as connection:
        row = dict(connection.execute(sa.select(table).limit(1)).mappings().one())
        with pytest.raises(sa.exc.IntegrityError) as refused:
            insert(connection, table, [row])
    assert refused.value.hide_parameters


def test_who_watches_statements_is_shown_what_is_inserted(writing: Database) -> None:
    table, shown = SQLModel.metadata.tables["theme"], []

    def show(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        shown.append(statement)

    with writing.writing(commit=False) as connection:
        row = dict(connection.execute(sa.select(table).limit(1)).mappings().one())
        connection.execution_options(**{WATCHED: True})
        event.listen(writing.engine, "before_cursor_execute", show)
        try:
            with pytest.raises(sa.exc.IntegrityError):
                insert(connection, table, [row])
        finally:
            event.remove(writing.engine, "before_cursor_execute", show)
            connection.execution_options(**{WATCHED: False})
    assert [each.partition("(")[0].strip() for each in shown] == ["INSERT INTO theme"]
