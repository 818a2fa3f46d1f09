"""Filters and orders by stored fields are answered from indexes: what the databases say they would do.

Looked at as everybody, with the statistics that each database has by itself: SQLite those that its schema is given,
PostgreSQL those that it gathers. Sequential scans are forbidden to PostgreSQL here, which takes them for the better
way over a register of this size; where there is no index it must take one all the same.

Left out, as no index could help: fields computed at every reading, ``__contains`` and ``__ne``, and orders by the
terms of a vocabulary, which follow its meaning rather than its letters.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.core.query import COMMON_SORT, Grammar, unwrap
from app.core.resource import Resource
from app.core.vocabulary import Vocabulary
from app.resources import CATALOGUE
from tests.support.register import Register

LARGE = ("commitments", "milestones", "updates", "observations", "citations")
RANGES = ("lt", "lte", "gt", "gte")


def _stored(resource: Resource, name: str) -> bool:
    return name in resource.rows.c


def _filters() -> Iterator[tuple[str, str]]:
    for name in LARGE:
        grammar = Grammar(CATALOGUE.by_name[name], CATALOGUE)
        for parameter, filter_ in grammar.filters.items():
            indexable = filter_.operator in ("", "isnull", *RANGES) and filter_.target != "state"
            if filter_.how == "field" and indexable and _stored(grammar.resource, filter_.target):
                yield name, parameter


def _orders() -> Iterator[tuple[str, str]]:
    for name in LARGE:
        resource = CATALOGUE.by_name[name]
        for field in dict.fromkeys((*resource.listing.sort, *COMMON_SORT, resource.label)):
            if not _stored(resource, field):
                continue
            bare = unwrap(resource.read.model_fields[field].annotation)[1]
            if not (isinstance(bare, type) and issubclass(bare, Vocabulary)):
                yield name, field
                yield name, f"-{field}"
        yield name, ",".join(resource.listing.order)


def _value(register: Register, resource: Resource, parameter: str) -> str:
    """A value that a record has in the field."""
    if parameter.endswith("__isnull"):
        return "false"
    field = parameter.partition("__")[0]
    if field == "subject_type":
        return "commitment"
    key = (id(register), resource.name)
    if key not in _SEEN:
        _SEEN[key] = register.get(f"/v1/{resource.name}?limit=200").json()["data"]
    found = next((each[field] for each in _SEEN[key] if each[field] is not None), None)
    if found is None:
        return {"field": "title", "baseline_value": "1", "potential": "modest"}[field]
    return str(found).lower() if isinstance(found, bool) else str(found)


_SEEN: dict[tuple[int, str], list[dict[str, Any]]] = {}


def _plan(register: Register, resource: Resource, query: dict[str, str]) -> str:
    """How the database would look for the records of a page."""
    sent: list[tuple[str, Any]] = []

    def take(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if f"FROM {resource.rows.name}" in statement and "LIMIT" in statement:
            sent.append((statement, parameters))

    event.listen(register.engine, "before_cursor_execute", take)
    try:
        answer = register.get(f"/v1/{resource.name}", params={"fields": "slug", "limit": "20", **query})
    finally:
        event.remove(register.engine, "before_cursor_execute", take)
    assert answer.status_code == 200, answer.text
    (statement, parameters), *_ = sent
    with register.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return "\n".join(row[3] for row in rows)
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))


def _scanned(plan: str, table: str) -> bool:
    """Whether every row of the table is looked at."""
    for line in plan.splitlines():
        told = line.strip().removeprefix("->").strip()
        if told.startswith(f"Seq Scan on {table} "):
            return True
        if told.startswith(f"SCAN {table}") and "USING" not in told:
            return True
    return False


@pytest.mark.parametrize(("name", "parameter"), list(_filters()))
def test_a_filter_by_a_stored_field_looks_into_an_index(large: Register, name: str, parameter: str) -> None:
    resource = CATALOGUE.by_name[name]
    plan = _plan(large, resource, {parameter: _value(large, resource, parameter)})
    assert not _scanned(plan, resource.rows.name), plan


@pytest.mark.parametrize(("name", "order"), list(_orders()))
def test_an_order_by_a_stored_field_is_read_off_an_index(large: Register, name: str, order: str) -> None:
    """From the first row on: what remains to be sorted are the ties."""
    resource = CATALOGUE.by_name[name]
    plan = _plan(large, resource, {"sort": order})
    assert not _scanned(plan, resource.rows.name), plan
    sorts_all = ("USE TEMP B-TREE FOR ORDER BY", "->  Sort ")
    assert not any(each in f"->  {plan}" for each in sorts_all), plan


def test_the_promises_of_a_partnership_are_found_by_it(large: Register) -> None:
    for query in ({}, {"completion": "complete"}, {"overdue": "true"}, {"due_on__lt": "2020-01-01"}):
        plan = _plan(large, CATALOGUE.by_name["commitments"], {"partnership": "partnership-1", **query})
        assert not _scanned(plan, "commitment"), plan
        if large.engine.dialect.name == "sqlite":
            assert "ix_commitment_partnership_id" in plan, plan
