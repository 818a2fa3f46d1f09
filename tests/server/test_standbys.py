"""A server with standbys: everybody reads from them, and nobody notices when they cannot be read."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from app.core.storage.standbys import StandbyState
from app.operations.prepare import migrate
from app.resources import CATALOGUE
from app.settings import Settings
from tests.support.databases import Databases, opened, require
from tests.support.hanging import stopped
from tests.support.postgres import OwnedCluster, postgres_available, throwaway_cluster
from tests.support.problems import assert_problem
from tests.support.register import Register, application
from tests.support.standby import on, paused, standby_of
from tests.support.standby_reads import Gated, caught_up, make, places, reading, reads
from tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


@pytest.fixture(scope="module")
def primary() -> Iterator[OwnedCluster]:
    """A server of its own, with an empty register at its URL."""
    require(postgres_available(), "PostgreSQL is not installed, and FOLLOWTHROUGH_TEST_DATABASE_URL is not set")
    with throwaway_cluster() as cluster:
        if not isinstance(cluster, OwnedCluster):
            pytest.skip("the server of FOLLOWTHROUGH_TEST_DATABASE_URL is not the suite's to copy")
        yield cluster


@pytest.fixture(scope="module")
def base(primary: OwnedCluster, databases: Databases) -> Settings:
    """Settings of a register on the primary, without standbys."""
    plain = databases.empty("sqlite").model_copy(update={"database_url": primary.url, "bundled": False})
    with opened(plain) as database:
        migrate(database)
    return plain


@pytest.fixture(scope="module")
def standby(primary: OwnedCluster, base: Settings) -> Iterator[OwnedCluster]:
    """A standby of it, which does not wait for queries that stand in its way."""
    with standby_of(primary, patience="0") as standby:
        yield standby


@pytest.fixture(scope="module")
def writer(base: Settings) -> Iterator[Register]:
    """Another process, as it were, which makes the changes."""
    with application(base) as register:
        yield register


@pytest.mark.parametrize("short_way", [True, False])
def test_everybody_reads_from_the_standby_and_a_key_from_the_primary(
    base: Settings, standby: OwnedCluster, short_way: bool
) -> None:
    with reading(base, standby, cache_bytes=0, short_way=short_way) as register:
        slug = make(register)
        eventually(lambda: caught_up(register))
        key = register.authorization
        for path in (f"/v1/themes/{slug}", "/v1/themes", f"/themes/{slug}", "/v1/search?q=n"):
            assert places(register, lambda path=path: register.get(path))[:2] == (1, 0), path  # type: ignore[misc]
            assert places(register, lambda path=path: register.get(path, headers=key)) == (0, 0, 0)  # type: ignore[misc]
        assert places(register, lambda: make(register)) == (0, 0, 0)


def test_the_answers_are_those_of_the_primary(databases: Databases) -> None:
    """Byte for byte, with their tags: of every resource, of views, searches and pages."""
    shared = databases.cluster
    if not isinstance(shared, OwnedCluster):
        pytest.skip("the server of FOLLOWTHROUGH_TEST_DATABASE_URL is not the suite's to copy")
    plain = databases.excerpt("postgresql").model_copy(update={"cache_bytes": 0})
    two = "partnership=india-south-korea&partnership=india-japan"
    paths = [
        "/",
        "/v1",
        f"/v1/compare?{two}",
        "/v1/search?q=trade",
        "/search?q=trade",
        "/v1/themes?as_of=2026-01-01T00:00:00Z",
    ]
    paths += [f"/v1/partnerships/india-south-korea/{view}" for view in ("scorecard", "timeline", "graph", "gaps")]
    with standby_of(shared) as standby, application(plain) as without, reading(plain, standby) as register:
        for name in CATALOGUE.by_name:
            slug = without.get(f"/v1/{name}?limit=1").json()["data"][0]["slug"]
            paths += [f"/v1/{name}?limit=3&count=true", f"/v1/{name}/{slug}", f"/v1/{name}/{slug}/revisions"]
            paths += [f"/{name}", f"/{name}/{slug}"]
        went = places(register, lambda: [register.get(path) for path in paths])
        for path in paths:
            ours, theirs = register.get(path), without.get(path)
            told = (ours.status_code, ours.headers.get("etag"), ours.content)
            assert told == (theirs.status_code, theirs.headers.get("etag"), theirs.content), path
        assert went[0] > len(paths) * 0.9
        assert went[1:] == (0, 0)


def test_an_assistant_reads_from_the_standby(base: Settings, standby: OwnedCluster) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "overview"}}
    headers = {"Accept": "application/json, text/event-stream"}
    with reading(base, standby) as register:
        moved = places(register, lambda: register.request("POST", "/mcp", json=call, headers=headers))
    assert moved == (1, 0, 0)


def test_what_was_changed_here_is_seen_at_once_though_the_standby_lags(base: Settings, standby: OwnedCluster) -> None:
    with reading(base, standby, read_lag_seconds=1000) as register, paused(standby):
        for _ in range(5):
            slug = make(register)
            assert register.get(f"/v1/themes/{slug}").status_code == 200
            assert slug in [each["slug"] for each in register.get("/v1/themes?limit=200").json()["data"]]


def test_an_old_answer_is_kept_for_nobody(base: Settings, standby: OwnedCluster, writer: Register) -> None:
    """The standby may lag by a lot: what it answers meanwhile must not stand for the new state in the cache."""
    with reading(base, standby, read_lag_seconds=1000) as register:
        (lagging,) = reads(register).standbys
        with paused(standby):
            slug = make(writer)
            eventually(lambda: bool(reads(register).behind(lagging)))
            assert [register.get(f"/v1/themes/{slug}").status_code for _ in range(3)] == [404] * 3
        # No other change comes: what was stored under the new number would be served for ever.
        eventually(lambda: caught_up(register))
        assert register.get(f"/v1/themes/{slug}").status_code == 200
        # The standby is where the register is: its answers are kept.
        eventually(lambda: places(register, lambda: register.get(f"/v1/themes/{slug}")) == (0, 0, 0))


def test_one_that_lags_for_longer_than_allowed_is_left_out(
    base: Settings, standby: OwnedCluster, writer: Register
) -> None:
    with reading(base, standby, read_lag_seconds=0.5) as register, paused(standby):
        slug = make(writer)
        # The look at the primary, the time allowed, and a machine that does other things.
        eventually(lambda: register.get(f"/v1/themes/{slug}").status_code == 200, within=20)
        assert places(register, lambda: register.get("/v1/themes?limit=3"))[0] == 0
        eventually(lambda: reads(register).usable == [])


def test_the_feed_goes_as_far_as_the_primary(base: Settings, standby: OwnedCluster, writer: Register) -> None:
    with reading(base, standby, read_lag_seconds=1000) as register, paused(standby):
        slug = make(writer)
        last = writer.get("/v1/changes?limit=200").json()["seq"]
        while more := writer.get(f"/v1/changes?since={last}&limit=200").json()["data"]:
            last = more[-1]["seq"]
        assert register.get(f"/v1/changes?since={last}").json() == {"data": [], "next": None, "seq": last}
        assert register.get(f"/v1/changes?since={last - 1}").json()["data"][0]["slug"] == slug


def test_the_past_is_told_of_whole(base: Settings, standby: OwnedCluster, writer: Register) -> None:
    """What a moment was like reads tomorrow as today, though the standby has not heard of its last change."""
    with reading(base, standby, read_lag_seconds=1000) as register, paused(standby):
        slug = make(writer)
        moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        assert register.get(f"/v1/themes/{slug}?as_of={moment}").status_code == 200
        assert register.get(f"/v1/themes?as_of={moment}&slug={slug}").json()["data"][0]["slug"] == slug


def test_pages_of_a_list_go_on_from_one_server_to_another(base: Settings, standby: OwnedCluster) -> None:
    with reading(base, standby, cache_bytes=0, read_lag_seconds=0) as register:
        made = [make(register) for _ in range(5)]
        found: list[str] = []
        path: str | None = "/v1/themes?limit=2&sort=-created_at"
        while path is not None and len(found) < 5:
            page = register.get(path, headers=register.authorization if len(found) % 4 else {}).json()
            assert "data" in page, page
            found += [each["slug"] for each in page["data"]]
            path = page["next"] if not len(found) % 4 else None
        assert found[:2] == made[:2:-1]


# -- a standby that fails ---------------------------------------------------------------------------------------------


@contextmanager
def gated(base: Settings, standby: OwnedCluster, rest: str = "SELECT count(*) FROM theme") -> Iterator[Gated]:
    """A register with such a route."""
    with reading(base, standby, cache_bytes=0) as register:
        make(register)
        eventually(lambda: caught_up(register))
        route = Gated(register)
        route.add(rest)
        yield route


def lock_themes(primary: OwnedCluster) -> None:
    """Do on the primary what nobody may read beside: the standby does the same, and ends whoever reads."""
    with psycopg.connect(primary.url) as connection:
        connection.execute("LOCK TABLE theme IN ACCESS EXCLUSIVE MODE")
        connection.execute("SELECT pg_current_xact_id()")


def test_a_read_that_the_standby_ends_is_made_from_the_primary(
    base: Settings, primary: OwnedCluster, standby: OwnedCluster
) -> None:
    """A transaction that waits is ended with its connection, at the latest when it goes on."""
    with gated(base, standby) as route:

        def until_ended() -> None:
            lock_themes(primary)
            with psycopg.connect(standby.url, autocommit=True) as watching:
                eventually(lambda: not in_transaction(watching))

        failed = places(route.register, lambda: assert_answered(route.ask(until_ended)))
        assert failed == (1, 1, 1)
        # The standby is as good as before.
        eventually(lambda: places(route.register, lambda: route.register.get("/v1/themes")) == (1, 0, 0))


def in_transaction(watching: psycopg.Connection[Any]) -> bool:
    found = watching.execute("SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction'").fetchone()
    return found is not None


def asleep(watching: psycopg.Connection[Any]) -> bool:
    asked = (
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
    )
    return watching.execute(asked).fetchone() is not None


def assert_answered(response: httpx.Response) -> None:
    assert (response.status_code, response.text) == (200, "from the primary")


def test_a_query_that_the_standby_cancels_is_made_from_the_primary(
    base: Settings, primary: OwnedCluster, standby: OwnedCluster
) -> None:
    with gated(base, standby, "SELECT pg_sleep(15)") as route, ThreadPoolExecutor(1) as thread:
        asked = thread.submit(route.ask, lambda: None)
        with psycopg.connect(standby.url, autocommit=True) as watching:
            eventually(lambda: asleep(watching))
        lock_themes(primary)
        assert_answered(asked.result())
        assert reads(route.register).figures.failed == 1


def test_a_query_that_takes_too_long_is_not_tried_again(base: Settings, standby: OwnedCluster) -> None:
    with gated(base.model_copy(update={"query_seconds": 0.3}), standby, "SELECT pg_sleep(15)") as route:
        answers: list[httpx.Response] = []
        moved = places(route.register, lambda: answers.append(route.ask(lambda: None)))
        assert moved == (1, 0, 0)
        assert answers[0].status_code == 503
        assert_problem(answers[0])


def test_a_standby_that_stops_in_the_middle_of_a_read_is_not_noticed(base: Settings, standby: OwnedCluster) -> None:
    with gated(base, standby) as route:
        try:
            assert_answered(route.ask(standby.stop))
            statuses = [route.register.get("/v1/themes").status_code for _ in range(20)]
            assert statuses == [200] * 20
            assert route.register.get("/readyz").json() == {"status": "ready"}
        finally:
            standby.start()
        # And it is read again, once it is there.
        eventually(lambda: places(route.register, lambda: route.register.get("/v1/themes"))[0] == 1)


def test_a_standby_that_hangs_holds_up_nobody_for_long(base: Settings, standby: OwnedCluster) -> None:
    with reading(base, standby, cache_bytes=0, query_seconds=1) as register:
        make(register)
        with stopped(standby):
            assert [register.get("/v1/themes").status_code for _ in range(20)] == [200] * 20
            eventually(lambda: reads(register).usable == [])
            assert places(register, lambda: register.get("/v1/themes")) == (0, 1, 0)


def test_what_is_no_standby_is_not_read(base: Settings, primary: OwnedCluster, standby: OwnedCluster) -> None:
    """Such as a former primary, which may hold what was never acknowledged."""
    both = f"{base.database_url}, {on(standby, base.database_url)}"
    with application(base.model_copy(update={"read_database_url": both, "cache_bytes": 0})) as register:
        eventually(lambda: [each.name for each in reads(register).usable] == ["2"])
        assert places(register, lambda: [register.get("/v1/themes") for _ in range(4)]) == (4, 0, 0)


def test_one_without_the_tables_is_not_read(base: Settings, standby: OwnedCluster) -> None:
    elsewhere = make_url(on(standby, base.database_url)).set(database="template1").render_as_string(hide_password=False)
    with application(base.model_copy(update={"read_database_url": elsewhere})) as register:
        assert register.get("/v1/themes").status_code == 200
        assert reads(register).usable == []


def test_one_of_another_database_is_not_read(base: Settings, primary: OwnedCluster, standby: OwnedCluster) -> None:
    """However many changes that has: a register of tests, named by mistake."""
    elsewhere = primary.make()
    with opened(base.at(elsewhere)) as database:
        migrate(database)
        with database.writing() as connection:
            connection.exec_driver_sql("UPDATE change_counter SET seq = 1000000")
    with application(base.model_copy(update={"read_database_url": on(standby, elsewhere)})) as register:
        slug = make(register)
        eventually(lambda: [each._state for each in reads(register).standbys] == [StandbyState.foreign])
        assert register.get(f"/v1/themes/{slug}").status_code == 200
        assert reads(register).figures.from_standbys == 0


def test_while_the_primary_is_away_everybody_reads_on(
    base: Settings, primary: OwnedCluster, standby: OwnedCluster
) -> None:
    with reading(base, standby, cache_bytes=0) as register:
        slug = make(register)
        eventually(lambda: caught_up(register))
        primary.stop()
        try:
            for path in (f"/v1/themes/{slug}", "/v1/themes", f"/themes/{slug}"):
                assert register.get(path).status_code == 200, path
            assert register.get("/readyz").json() == {"status": "read-only"}
            for response in (
                register.get(f"/v1/themes/{slug}", headers=register.authorization),
                register.request("POST", "/v1/themes", json={"name": "N"}, headers=register.authorization),
            ):
                assert response.status_code == 503
                assert_problem(response)
        finally:
            primary.start()
        eventually(lambda: register.get("/readyz").json() == {"status": "ready"})
        make(register)


def test_the_figures_tell_of_standbys_and_not_where_they_are(base: Settings, standby: OwnedCluster) -> None:
    with reading(base, standby, cache_bytes=0) as register:
        assert register.get("/v1/themes").status_code == 200
        text = register.get("/metrics").text
    assert 'followthrough_standby_usable{standby="1"} 1.0' in text
    assert 'followthrough_standby_changes_behind{standby="1"} 0.0' in text
    assert 'followthrough_public_reads_total{place="standby"} 1.0' in text
    assert str(standby.folder) not in text
