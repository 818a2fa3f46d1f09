"""What depends on the day: one clock says which it is, and no answer outlives it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from app.core.clock import clock_of, now
from app.middleware.cache import ResponseCache
from app.middleware.cached_responses import CachedResponses
from app.settings import Settings
from tests.support.asgi import Fixed, call
from tests.support.databases import Databases
from tests.support.register import Register, application
from tests.support.server import running

PATH = "/v1/partnerships/india-south-korea/scorecard"


class Unchanged:
    """A register that nobody changes."""

    def version(self) -> int:
        """Always the same."""
        return 1


class Noon:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        """Begin at a noon."""
        self.at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The moment it shows."""
        return self.at


def test_an_answer_is_not_kept_beyond_its_day() -> None:
    app, clock = Fixed(b"{}", headers={"etag": '"a"', "cache-control": "public, max-age=0"}), Noon()
    cache = ResponseCache(app, CachedResponses(Unchanged(), 10**6, clock))
    call(cache)
    clock.at = clock.at.replace(hour=23)
    call(cache)
    assert app.requested == 1
    clock.at += timedelta(hours=1)
    call(cache)
    assert app.requested == 2, "it is the next day"


@pytest.fixture
def on_a_day(databases: Databases, backend: str) -> Iterator[Register]:
    """The bundled register, with the cache on, on a clock that the test puts forward."""
    clock = Noon()
    with application(databases.bundled(backend)) as register:
        context = register.app.state.context
        context.clock = clock
        register.app.state.test_clock = clock
        yield register


def test_the_scorecard_is_reckoned_for_the_day_that_the_clock_shows(on_a_day: Register) -> None:
    first = on_a_day.get(PATH).json()
    on_a_day.app.state.test_clock.at += timedelta(days=400)
    later = on_a_day.get(PATH).json()
    assert (first["as_of"], later["as_of"]) == ("2026-03-01", "2027-04-05")
    days = [each["figures"]["longest_overdue_days"]["value"] for each in (first, later)]
    assert days[1] - days[0] == 400
    assert later["figures"]["stale"]["value"] > first["figures"]["stale"]["value"]


@pytest.mark.slow
def test_a_day_can_be_set(databases: Databases, backend: str) -> None:
    with running(databases.bundled(backend), FOLLOWTHROUGH_TODAY="2027-01-01") as server, server.client() as client:
        assert client.get(PATH).json()["as_of"] == "2027-01-01"
        overdue = {"partnership": "india-south-korea", "overdue": "true", "due_on": "2026-12-31"}
        assert [each["overdue"] for each in client.get("/v1/commitments", params=overdue).json()["data"]] == [
            True
        ] * client.get("/v1/commitments", params={**overdue, "count": "true"}).json()["total"]


def test_a_change_is_dated_by_the_same_clock(databases: Databases, backend: str) -> None:
    settings = databases.bundled(backend).model_copy(update={"today": date(2031, 5, 6)})
    with application(settings) as register:
        body = {
            "commitment": "trade-target-50bn-2030",
            "occurred_on": "2031-05-06",
            "narrative": "Later.",
            "state": "published",
        }
        created = register.request("POST", "/v1/updates", json=body, headers=register.authorization)
        assert created.status_code == 201, created.text
        assert created.json()["recorded_on"] == "2031-05-06"
        assert register.get("/v1/commitments/trade-target-50bn-2030").json()["days_since_update"] == 0


def test_a_clock_without_a_day_is_the_real_one() -> None:
    assert clock_of(None) is now
    assert clock_of(date(2026, 1, 2))().date() == date(2026, 1, 2)
    assert clock_of(date(2026, 1, 2))().utcoffset() == timedelta(0)


@pytest.mark.parametrize("wrong", ["tomorrow", "2026-02-30", "22.11.2026"])
def test_a_day_that_is_none_is_refused(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="today"):
        Settings(_env_file=None, data_dir=tmp_path, today=wrong)


def test_the_setting_is_none_where_nobody_gives_one(anonymous: httpx.Client) -> None:
    assert anonymous.get(PATH).json()["as_of"] in {
        str((datetime.now(UTC) + timedelta(days=each)).date()) for each in (0, -1)
    }
