"""A plan gives the rows that SQLAlchemy gives, on both databases, and fails as it does."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

import app.resources  # noqa: F401 (declares the tables)
from app.core.reading import statements
from app.core.reading.plans import Plan, Query
from app.core.storage.database import Database
from tests.support.register import Register

TABLES = [table for table in SQLModel.metadata.sorted_tables if not table.name.endswith("_past")]


def _statements() -> list[tuple[Query, dict[str, Any]]]:
    found: list[tuple[Query, dict[str, Any]]] = [(sa.select(table).limit(5), {}) for table in TABLES]
    commitment = SQLModel.metadata.tables["commitment"]
    several = sa.select(commitment.c.slug, commitment.c.slug, sa.literal(date(2026, 1, 1), sa.Date).label("day"))
    found.append((several.where(commitment.c.kind.in_(["deliverable", "process"])), {}))
    bound = sa.select(commitment.c.id, commitment.c.due_on).where(commitment.c.slug > sa.bindparam("slug"))
    found.append((bound.order_by(commitment.c.id).limit(sa.bindparam("size")), {"slug": "e", "size": 3}))
    found.append((sa.union_all(*(sa.select(table.c.id) for table in TABLES if "slug" in table.c)), {}))
    return found


def test_a_plan_gives_what_sqlalchemy_gives(register: Register) -> None:
    with register.engine.connect() as connection:
        for statement, bound in _statements():
            plan = Plan(statement)
            expected = [tuple(row) for row in connection.execute(statement, bound)]
            for _ in range(2):
                assert plan.rows(connection, statement, bound) == expected


def test_what_a_plan_binds_is_of_its_run(register: Register) -> None:
    commitment = SQLModel.metadata.tables["commitment"]
    statement = sa.select(commitment.c.slug).order_by(commitment.c.slug).limit(sa.bindparam("size"))
    plan = Plan(statement)
    with register.engine.connect() as connection:
        assert [len(plan.rows(connection, statement, {"size": size})) for size in (1, 3, 2)] == [1, 3, 2]


def test_a_plan_takes_no_list_that_would_stay_that_of_its_first_run(register: Register) -> None:
    commitment = SQLModel.metadata.tables["commitment"]
    statement = sa.select(commitment.c.slug).where(commitment.c.slug.in_(sa.bindparam("slugs", expanding=True)))
    with register.engine.connect() as connection, pytest.raises(AssertionError, match="slugs"):
        Plan(statement).rows(connection, statement, {"slugs": ["a", "b"]})


def test_a_plan_fails_as_sqlalchemy_does(register: Register) -> None:
    statement = sa.select(sa.column("none")).select_from(sa.table("no_such_table"))
    kinds = []
    for run in (lambda c: c.execute(statement), lambda c: Plan(statement).rows(c, statement, {})):
        with register.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as raised:
            run(connection)
        kinds.append((type(raised.value), type(raised.value.orig)))
    assert kinds[0] == kinds[1]


def test_a_statement_that_is_built_once_has_a_plan(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[object] = []
    monkeypatch.setattr(Plan, "rows", lambda self, *given: planned.append(given) or [])
    statement = statements.built_once(("test", register.engine.dialect.name), lambda: sa.select(sa.literal(1)))
    with register.engine.connect() as connection:
        statements.rows_of(connection, statement, {})
        assert len(planned) == 1
        assert statements.rows_of(connection, sa.select(sa.literal(1)), {}) == [(1,)]
    assert len(planned) == 1


def test_without_short_ways_there_are_no_plans(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Plan, "rows")
    statement = statements.built_once(("test", register.engine.dialect.name), lambda: sa.select(sa.literal(1)))
    database = Database(register.settings.model_copy(update={"short_way": False}))
    with database.reading() as connection:
        assert statements.rows_of(connection, statement, {}) == [(1,)]
    database.dispose()


def test_who_works_too_long_is_stopped_in_a_plan_too(register: Register) -> None:
    database: Database = register.app.state.context.database
    if database.dialect != "sqlite":
        return
    step = sa.select(sa.literal(1).label("n")).cte("step", recursive=True)
    step = step.union_all(sa.select(step.c.n + 1).where(step.c.n < 50_000_000))
    statement = sa.select(sa.func.count()).select_from(step)
    with database.reading(seconds=0.05) as connection, pytest.raises(sa.exc.OperationalError, match="interrupted"):
        Plan(statement).rows(connection, statement, {})
