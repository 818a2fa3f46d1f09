"""A record that was spoiled from outside, in the present and in the past: it is left out, or a problem of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.storage.history import twin
from app.operations.check import check
from app.resources import CATALOGUE
from tests.support.databases import Databases, opened
from tests.support.problems import kind
from tests.support.register import Register, application

SPOILED = [
    ("challenges", "identified_on", "'yesterday'"),
    ("challenges", "severity", "'dire'"),
    ("observations", "value", "'Infinity'"),
    ("dialogues", "expected_interval_months", "'abc'"),
    ("challenges", "revision", "1.5"),
    ("challenges", "updated_at", "x'ff'"),
    ("challenges", "summary", "x'ff'"),
    ("challenges", "summary", "CAST(x'ff41' AS TEXT)"),
    ("challenges", "title", "CAST(x'ff41' AS TEXT)"),
]
BOTH = 3
"""So many of them can be stored in PostgreSQL as well."""


@pytest.fixture(scope="module")
def register(backend: str, databases: Databases) -> Iterator[Register]:
    with application(databases.excerpt(backend)) as register:
        yield register


@contextmanager
def spoiled(register: Register, resource: str, slug: str, column: str, value: str) -> Iterator[None]:
    """A value that no field of the kind could have, in a record and in its history, within the block."""
    rows = CATALOGUE.by_name[resource].rows
    other = register.app.state.context.database
    tables = (rows, twin(rows))
    before: list[list[Any]] = []
    with other.writing() as connection:
        for table in tables:
            key, stored = _raw(table, "id"), _raw(table, column)
            before.append(connection.execute(sa.select(key, stored).where(table.c.slug == slug)).all())
            put = sa.text(f"UPDATE {table.name} SET {column} = {value} WHERE slug = :slug")
            connection.execute(put, {"slug": slug})
    try:
        yield
    finally:
        with other.writing() as connection:
            for table, found in zip(tables, before, strict=True):
                for id_, stored in found:
                    put = sa.text(f"UPDATE {table.name} SET {column} = :value WHERE id = :id")
                    connection.execute(put, {"value": stored, "id": id_})


def _raw(table: sa.Table, name: str) -> sa.ColumnElement[Any]:
    return sa.literal_column(f"{table.name}.{name}")


@pytest.mark.parametrize(("number", "case"), list(enumerate(SPOILED)), ids=["-".join(each[1:]) for each in SPOILED])
def test_it_is_left_out_or_a_problem_of_its_own(
    backend: str, register: Register, number: int, case: tuple[str, str, str]
) -> None:
    if backend == "postgresql" and number >= BOTH:
        pytest.skip("PostgreSQL stores nothing that is not of its column's type")
    name, column, value = case
    path = f"/v1/{name}"
    then = f"as_of={datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    slug = register.get(f"{path}?limit=1").json()["data"][0]["slug"]
    with spoiled(register, name, slug, column, value):
        for query in ("limit=200", f"limit=200&{then}"):
            page = register.get(f"{path}?{query}").json()
            assert page.get("unreadable") == 1, page
            assert slug not in [each["slug"] for each in page["data"]]
        for one in (f"{path}/{slug}", f"{path}/{slug}?{then}", f"{path}/{slug}/revisions/1", f"{path}/{slug}.jsonld"):
            response = register.get(one)
            assert (one, response.status_code, kind(response)) == (one, 500, "record-damaged")
        for other in (f"{path}/{slug}/revisions", f"{path}.csv", "/v1/changes?limit=200", "/v1/changes.atom"):
            response = register.get(other)
            assert response.status_code == 200 or kind(response) == "record-damaged", (other, response.text)
        assert all(each["record"] is None for each in _entries(register, slug))
        headers = {**register.authorization, "If-Match": "*", "Content-Type": "application/merge-patch+json"}
        changed = register.request("PATCH", f"{path}/{slug}", content=json.dumps({"note": "-"}), headers=headers)
        assert (changed.status_code, kind(changed)) == (500, "record-damaged")
        with opened(register.settings) as database:
            found = list(check(database, CATALOGUE))
        assert any(column in each for each in found), found
    assert "unreadable" not in register.get(f"{path}?limit=200").json()


def _entries(register: Register, slug: str) -> list[dict[str, Any]]:
    return [each for each in register.get("/v1/changes?limit=200").json()["data"] if each["slug"] == slug]


def test_a_register_is_exported_without_it(backend: str, register: Register) -> None:
    """To an editor as well, who is otherwise shown what a record refers to as the public last saw it."""
    if backend == "postgresql":
        pytest.skip("PostgreSQL stores no bytes in the place of a text")
    cited = next(
        each["subject"] for each in register.get("/v1/citations?subject_type=commitment&limit=1").json()["data"]
    )
    with spoiled(register, "commitments", cited["slug"], "slug", "x'ff00'"):
        for path in ("/v1/export.zip", "/v1/export.jsonl"):
            assert register.get(path, headers=register.authorization).status_code == 200


def test_nothing_is_worked_out_from_a_log_that_cannot_be_read_whole(register: Register) -> None:
    update = register.get("/v1/updates?limit=1").json()["data"][0]
    body = {
        "commitment": update["commitment"]["slug"],
        "occurred_on": "2026-01-01",
        "narrative": "Beside one that was spoiled.",
        "state": "published",
    }
    with spoiled(register, "updates", update["slug"], "occurred_on", "'yesterday'"):
        refused = register.request("POST", "/v1/updates", json=body, headers=register.authorization)
        assert (refused.status_code, kind(refused)) == (500, "record-damaged")
        assert "1 of the updates" in refused.json()["detail"]
    query = "?dry_run=true"
    taken = register.request("POST", f"/v1/updates{query}", json=body, headers=register.authorization)
    assert taken.status_code == 200


@pytest.mark.parametrize(
    ("table", "column", "value", "both"),
    [
        ("change_counter", "seq", "many", False),
        ("revision", "seq", "many", False),
        ("revision", "at", "never", False),
        ("revision", "record_id", "none", False),
        ("revision", "resource", "nothing", True),
    ],
)
def test_what_the_server_keeps_of_changes_is_a_problem_of_its_own_where_it_is_spoiled(
    databases: Databases, backend: str, table: str, column: str, value: str, both: bool
) -> None:
    if backend == "postgresql" and not both:
        pytest.skip("PostgreSQL takes no such value")
    settings = databases.excerpt(backend)
    with opened(settings) as database, database.writing() as connection:
        last = f"SELECT max(seq) FROM {table}"
        connection.execute(sa.text(f"UPDATE {table} SET {column} = :value WHERE seq = ({last})"), {"value": value})
    with application(settings) as register:
        writing = {"headers": {**register.authorization, "If-Match": "*"}, "json": {"name": "Other"}}
        theme = register.get("/v1/themes?limit=1").json()["data"][0]["slug"]
        responses = [
            register.get("/v1/changes.atom"),
            register.get("/v1/themes?as_of=2100-01-01T00:00:00Z"),
            register.request("PATCH", f"/v1/themes/{theme}?dry_run=true", **writing),
        ]
    failed = [response for response in responses if response.status_code != 200]
    assert failed
    assert {kind(response) for response in failed} == {"record-damaged"}
