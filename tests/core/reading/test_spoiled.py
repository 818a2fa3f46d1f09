"""A row that was spoiled from outside takes no list with it: it is left out, the log names it, the list says so."""

import logging
from collections.abc import Iterator
from contextlib import closing

import pytest

from app.core.reading import ranking, search
from app.core.storage.sqlite import sqlite
from tests.support.databases import Databases
from tests.support.problems import kind
from tests.support.register import Register, application

SPOILED = {
    "a moment": "UPDATE challenge SET updated_at = 'yesterday' WHERE slug = 'trade-imbalance'",
    "an id": "UPDATE challenge SET id = 'none' WHERE slug = 'trade-imbalance'",
    "bytes": "UPDATE challenge SET summary = x'ff00' WHERE slug = 'trade-imbalance'",
}


@pytest.fixture(
    params=[
        pytest.param(SPOILED[each], id=each, marks=[pytest.mark.slow] if number else [])
        for number, each in enumerate(SPOILED)
    ]
)
def register(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Register]:
    """SQLite alone: PostgreSQL stores nothing that is not of its column's type."""
    with application(databases.excerpt("sqlite")) as register:
        database = register.engine.url.database
        assert database is not None
        # By the same library: two in one process do not see each other's locks, and spoil more than this shall.
        with closing(sqlite.connect(database, isolation_level=None)) as connection:
            assert connection.execute(request.param).rowcount == 1
        yield register


def test_a_spoiled_row_is_left_out_and_named(register: Register, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "followthrough.reading"):
        page = register.get("/v1/challenges?limit=200&count=true").json()
    slugs = [record["slug"] for record in page["data"]]
    assert "trade-imbalance" not in slugs
    assert (page["unreadable"], len(slugs)) == (1, page["total"] - 1)
    assert any("challenges cannot be read" in record.getMessage() for record in caplog.records)


def test_asked_for_by_itself_it_is_a_problem_of_its_own(register: Register, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "followthrough.reading"):
        for path in ("", ".jsonld", "?include=sources"):
            response = register.get(f"/v1/challenges/trade-imbalance{path}")
            assert (response.status_code, kind(response)) == (500, "record-damaged")
            assert "challenge" in response.json()["detail"]
    assert any("challenges cannot be read" in record.getMessage() for record in caplog.records)
    headers = {**register.authorization, "If-Match": "*", "Content-Type": "application/merge-patch+json"}
    changed = register.request("PATCH", "/v1/challenges/trade-imbalance", json={"title": "New"}, headers=headers)
    assert (changed.status_code, kind(changed)) == (500, "record-damaged")


def test_the_list_can_still_be_followed(register: Register) -> None:
    path: str | None = "/v1/challenges?limit=1"
    found: list[str] = []
    unreadable = 0
    while path is not None:
        page = register.get(path).json()
        unreadable += page.get("unreadable", 0)
        found += [record["slug"] for record in page["data"]]
        path = page["next"]
    assert unreadable >= 1
    assert len(found) == register.get("/v1/challenges?limit=1&count=true").json()["total"] - 1


def test_what_includes_it_is_read_without_it(register: Register) -> None:
    response = register.get("/v1/recommendations?include=challenges&limit=200")
    assert "trade-imbalance" not in [each["slug"] for each in response.json()["included"]["challenges"]]


@pytest.mark.parametrize("many", [ranking.MANY, 1])
def test_a_search_can_still_be_followed(databases: Databases, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """Also that of a word which is more frequent than so many."""
    for module in (ranking, search):
        monkeypatch.setattr(module, "MANY", many)

    def walked(register: Register) -> list[str]:
        path: str | None = "/v1/search?q=trade&type=source&limit=3"
        slugs = []
        while path:
            page = register.get(path).json()
            slugs += [hit["record"]["slug"] for hit in page["data"]]
            path = page["next"]
        return slugs

    with application(databases.excerpt("sqlite").model_copy(update={"cache_bytes": 0})) as register:
        before = walked(register)
        assert len(before) > 6
        with closing(sqlite.connect(register.engine.url.database, isolation_level=None)) as connection:
            spoiling = "UPDATE source SET title = CAST(x'ff41' AS text) WHERE slug = ?"
            assert connection.execute(spoiling, (before[1],)).rowcount == 1
        assert walked(register) == [before[0], *before[2:]]
