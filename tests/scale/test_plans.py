"""Filters and orders by stored fields are answered from indexes: what the databases say they would do.

Looked at as everybody, with the statistics that each database has by itself: SQLite those that its schema is given,
PostgreSQL those that it gathers. Sequential scans are forbidden to PostgreSQL here, which takes them for the better
way over a register of this size; where there is no index it must take one all the same.

Left out, as no index could help: fields computed at every reading, ``__contains`` and ``__ne``, and orders by the
terms of a vocabulary, which follow its meaning rather than its letters.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.reading.grammar import COMMON_SORT, Grammar
from app.core.reading.value_types import unwrap
from app.core.resource import Resource
from app.core.vocabulary import Vocabulary
from app.resources import CATALOGUE
from tests.support.generated_register import SMALL, Size
from tests.support.register import Register
from tests.support.sent import watched

pytestmark = pytest.mark.slow

LARGE = ("commitments", "milestones", "updates", "observations", "citations")
RANGES = ("lt", "lte", "gt", "gte")


def _stored(resource: Resource, name: str) -> bool:
    return name in resource.rows.c


def _filters(name: str) -> Iterator[str]:
    grammar = Grammar(CATALOGUE.by_name[name], CATALOGUE)
    for parameter, filter_ in grammar.filters.items():
        indexable = filter_.operator in ("", "isnull", *RANGES) and filter_.target != "state"
        if filter_.how == "field" and indexable and _stored(grammar.resource, filter_.target):
            yield parameter


def _orders(name: str) -> Iterator[str]:
    resource = CATALOGUE.by_name[name]
    for field in dict.fromkeys((*resource.listing.sort, *COMMON_SORT, resource.label)):
        if not _stored(resource, field):
            continue
        bare = unwrap(resource.read.model_fields[field].annotation)[1]
        if not (isinstance(bare, type) and issubclass(bare, Vocabulary)):
            yield field
            yield f"-{field}"
    yield ",".join(resource.listing.order)


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

    def take(statement: str, parameters: Any) -> None:
        if f"FROM {resource.rows.name}" in statement and "LIMIT" in statement:
            sent.append((statement, parameters))

    with watched(register.engine, take):
        response = register.get(f"/v1/{resource.name}", params={"limit": "20", **query})
    assert response.status_code == 200, response.text
    (statement, parameters), *_ = sent
    with register.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return _outer(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        (explained,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        return "\n".join(_steps(explained["Plan"]))


WITHIN = "within a record: "
"""Marks a step that is taken for each record that is shown: that is bounded by the page."""


def _steps(node: dict[str, Any], mark: str = "") -> Iterator[str]:
    """PostgreSQL's plan, a line a step."""
    if node.get("Parent Relationship") == "SubPlan":
        mark = WITHIN
    table = f" on {node['Relation Name']} " if "Relation Name" in node else ""
    index = f"using {node['Index Name']}" if "Index Name" in node else ""
    yield f"{mark}{node['Node Type']}{table}{index}"
    for inner in node.get("Plans", ()):
        yield from _steps(inner, mark)


def _outer(rows: Iterable[Any]) -> str:
    """SQLite's plan without what it does for each record that is shown: that is bounded by the page."""
    within: set[int] = set()
    shown = []
    for id_, parent, _, detail in rows:
        if parent in within or detail.startswith("CORRELATED"):
            within.add(id_)
        else:
            shown.append(detail)
    return "\n".join(shown)


def _scanned(plan: str, table: str) -> bool:
    """Whether every row of the table is looked at."""
    for line in plan.splitlines():
        reported = line.removeprefix(WITHIN)
        if reported.startswith(f"Seq Scan on {table} "):
            return True
        if reported.startswith(f"SCAN {table}") and "USING" not in reported:
            return True
    return False


@pytest.mark.parametrize("name", LARGE)
def test_a_filter_by_a_stored_field_looks_into_an_index(large: Register, name: str) -> None:
    resource = CATALOGUE.by_name[name]
    for parameter in _filters(name):
        plan = _plan(large, resource, {parameter: _value(large, resource, parameter)})
        assert not _scanned(plan, resource.rows.name), f"{parameter}: {plan}"


@pytest.mark.parametrize("name", LARGE)
def test_an_order_by_a_stored_field_is_read_off_an_index(large: Register, name: str) -> None:
    """From the first row on: what remains to be sorted are the ties."""
    resource = CATALOGUE.by_name[name]
    sorts_all = ("USE TEMP B-TREE FOR ORDER BY", "Sort")
    for order in _orders(name):
        plan = _plan(large, resource, {"sort": order})
        assert not _scanned(plan, resource.rows.name), f"{order}: {plan}"
        assert not any(line.startswith(sorts_all) for line in plan.splitlines()), f"{order}: {plan}"


def test_the_promises_of_a_partnership_are_found_by_it(large: Register) -> None:
    for query in ({}, {"completion": "complete"}, {"overdue": "true"}, {"due_on__lt": "2020-01-01"}):
        plan = _plan(large, CATALOGUE.by_name["commitments"], {"partnership": "partnership-1", **query})
        assert not _scanned(plan, "commitment"), plan
        if large.engine.dialect.name == "sqlite":
            assert "ix_commitment_partnership_id" in plan, plan


VIEWS = ("scorecard", "gaps", "timeline", "timeline.svg", "graph")


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_a_partnership_looks_through_no_table(large: Register, view: str) -> None:
    plans = _plans(large, f"/v1/partnerships/partnership-1/{view}")
    assert plans
    for statement, plan in plans:
        for name in LARGE:
            table = CATALOGUE.by_name[name].rows.name
            assert not re.search(rf"^({WITHIN})?(SCAN|Seq Scan on) {table}(_\d+)?( |$)", plan, re.M), (statement, plan)


@pytest.mark.parametrize("query", ["", "&completion=complete&kind=target"])
def test_a_page_begins_at_its_place_among_those_that_have_the_same_first_sort_value(
    large: Register, query: str
) -> None:
    if large.engine.dialect.name != "sqlite":
        return  # PostgreSQL sorts ties: it has no index for them
    following = large.get(f"/v1/commitments?limit=5{query}").json()["next"]
    begins = "commitment USING INDEX order_commitment_made_on_desc_title_id (made_on=? AND title>?)"
    plans = _plans(large, following)
    assert any(begins in plan for _, plan in plans), plans


OF_A_PARTNERSHIP = (
    *(f"/v1/partnerships/partnership-1/{view}" for view in VIEWS),
    "/v1/commitments?limit=1&partnership=partnership-1&facets=completion,theme,stakeholder",
    "/v1/commitments/counts?partnership=partnership-1&by=theme,stakeholder",
)


@pytest.mark.parametrize("path", OF_A_PARTNERSHIP)
def test_no_table_is_read_to_know_beforehand_what_a_part_of_the_register_refers_to(large: Register, path: str) -> None:
    """SQLite makes such a filter of a whole table where it expects to look for more rows than the table has."""
    for statement, plan in _plans(large, path):
        assert "BLOOM FILTER" not in plan, (statement, plan)


def _plans(register: Register, path: str) -> list[tuple[str, str]]:
    """Each statement that reading a path takes, and how the database would run it."""
    sent: list[tuple[str, Any]] = []

    def take(statement: str, parameters: Any) -> None:
        if statement.lstrip("( \n").startswith(("SELECT", "WITH")) and " FROM " in statement.replace("\n", " "):
            sent.append((statement, parameters))

    with watched(register.engine, take):
        assert register.get(path).status_code == 200
    found = []
    with register.engine.connect() as connection:
        for statement, parameters in sent:
            if connection.dialect.name == "sqlite":
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                found.append((statement, "\n".join(row[3] for row in rows)))
                continue
            connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
            (explained,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
            found.append((statement, "\n".join(_steps(explained["Plan"]))))
    return found


def test_words_in_a_partnership_are_looked_for_on_its_shelves(
    generated_registers: dict[tuple[str, Size], Register],
) -> None:
    """FTS5 is told between which rows to look, each time; no list of all that is visible is made beside."""
    register = generated_registers["sqlite", SMALL]
    for path in (
        "/v1/search?q=trade+rice&partnership=partnership-1",
        "/v1/search?q=trade+rice&type=commitment",
        "/v1/updates?q=trade",
        "/v1/commitments?q=trade&partnership=partnership-1",
    ):
        plans = [plan for statement, plan in _plans(register, path) if "MATCH" in statement]
        assert plans
        for plan in plans:
            looks = re.findall(r"SCAN search_index VIRTUAL TABLE INDEX \d+:(.*)", plan)
            assert looks
            assert set(looks) == {"M3><"}, plan
            assert "LIST SUBQUERY" not in plan, plan
