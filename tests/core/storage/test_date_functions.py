"""Partial dates in SQL, against Python's own calendar, on both databases."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.reading.operators import OPERATORS
from app.core.storage.column_types import text_type
from app.core.storage.date_functions import days_between, last_day
from tests.support.databases import Databases, opened
from tests.support.oracle import days

DATES = (
    *("0001", "0001-01-01", "0999-12", "2015-12", "2015-12-31", "2016", "2016-01-01", "2016-02", "2016-02-28"),
    *("2016-02-29", "2016-12", "2016-12-31", "2017", "2017-01", "2017-02", "9999", "9999-11", "9999-12", "9999-12-31"),
)

ROWS = sa.table("partial", sa.column("value", text_type(10)))


@pytest.fixture
def connection(databases: Databases, backend: str) -> Iterator[sa.Connection]:
    """A connection to a database with a table of partial dates."""
    with (
        opened(databases.empty(backend)) as database,
        database.engine.connect() as connection,
        connection.begin() as transaction,
    ):
        collation = ' COLLATE "C"' if database.dialect == "postgresql" else ""
        connection.execute(sa.text(f"CREATE TABLE partial (value VARCHAR(10){collation})"))
        connection.execute(sa.insert(ROWS), [{"value": value} for value in (*DATES, None)])
        yield connection
        transaction.rollback()


def _pairs(connection: sa.Connection, expression: sa.ColumnElement[Any]) -> dict[str | None, Any]:
    return {row[0]: row[1] for row in connection.execute(sa.select(ROWS.c.value, expression))}


def test_the_last_day_is_the_calendars(connection: sa.Connection) -> None:
    found = _pairs(connection, last_day(ROWS.c.value))
    assert found == {**{value: str(days(value)[-1]) for value in DATES}, None: None}


def test_days_are_counted_from_last_day_to_last_day(connection: sa.Connection) -> None:
    counted = days_between(sa.literal("2020-03-01"), last_day(ROWS.c.value))
    found = _pairs(connection, counted)
    base = days("2020-03-01")[0]
    assert found == {**{value: (base - days(value)[-1]).days for value in DATES}, None: None}


def test_periods_compare_by_their_last_day_with_the_whole_period_asked_for(connection: sa.Connection) -> None:
    holds = {
        "lt": lambda last, wanted: last < wanted[0],
        "lte": lambda last, wanted: last <= wanted[-1],
        "gt": lambda last, wanted: last > wanted[-1],
        "gte": lambda last, wanted: last >= wanted[0],
    }
    for (operator, compare), wanted in product(holds.items(), DATES):
        bound = sa.literal(OPERATORS[operator].bound_partial(wanted), text_type(10))
        chosen = sa.select(ROWS.c.value).where(OPERATORS[operator].condition(ROWS.c.value, [bound], partial=True))
        expected = {value for value in DATES if compare(days(value)[-1], days(wanted))}
        assert set(connection.execute(chosen).scalars()) == expected, (operator, wanted)
