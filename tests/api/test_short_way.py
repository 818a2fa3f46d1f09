"""The short way gives the answers of the framework's routes, byte for byte, and leaves the same behind in the log."""

import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from app.resources import ALL
from tests.support.databases import Databases
from tests.support.register import Register, application

REQUEST = re.compile(r"urn:request:[0-9a-f]+")
FORMER, PRESENT, GONE, DRAFT = "once-called-so", "now-called-so", "taken-back", "not-published"
PATHS = (
    *(f"/v1/{resource.name}?limit=2" for resource in ALL),
    "/v1/commitments?limit=2&include=partnerships&facets=completion&count=true",
    "/v1/commitments?q=trade&limit=3",
    "/v1/commitments?as_of=2000-01-01T00:00:00Z",
    "/v1/commitments?nonsense=1",
    "/v1/commitments?cursor=nonsense",
    "/v1/commitments?theme=no-such-theme",
    "/v1/commitments?title=%ff",
    "/v1/commitments/",
    "/v1/commitments/counts?by=completion",
    "/v1/commitments/trade-target-50bn-2030",
    "/v1/commitments/trade-target-50bn-2030/",
    "/v1/commitments/trade-target-50bn-2030?include=milestones",
    "/v1/commitments/trade-target-50bn-2030?fields=slug",
    "/v1/commitments/trade-target-50bn-2030.jsonld",
    "/v1/commitments/no-such-record",
    "/v1/commitments/no%2Dsuch%2Drecord",
    "/v1/commitments/NO_SUCH",
    "/v1/commitments/no such record",
    f"/v1/themes/{FORMER}",
    f"/v1/themes/{FORMER}?include=challenges",
    f"/v1/themes/{PRESENT}",
    f"/v1/themes/{GONE}",
    f"/v1/themes/{DRAFT}",
    "/v1/themes.json?fields=slug,title&limit=3",
    "/v1/themes.csv",
    "/v1/themes.nonsense",
    "/v1/themes.json?include=challenges",
    "/v1/nonsense",
    "/v1/nonsense/slug",
    "/v1//",
    "/v1/",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Accept": "text/csv"},
    {"Accept": "image/png"},
    {"Accept": "text/html"},
    {"Accept-Encoding": "gzip"},
    {"If-None-Match": "*"},
    {"If-Match": '"nonsense"'},
    {"Range": "bytes=0-9"},
    {"Authorization": "Bearer nonsense"},
)


@dataclass
class Both:
    """Two applications on one register: by the short way, and by the framework's routes alone."""

    short: Register
    long: Register


@pytest.fixture(scope="module")
def both(backend: str, databases: Databases) -> Iterator[Both]:
    """A register with a record that has a former slug, one that was withdrawn, and a draft."""
    settings = databases.bundled(backend).model_copy(update={"cache_bytes": 0})
    with ExitStack() as until_end:
        short = until_end.enter_context(application(settings))
        other = until_end.enter_context(application(settings.model_copy(update={"short_way": False})))
        key, anything = short.authorization, short.authorization | {"If-Match": "*"}
        for slug, state in ((FORMER, "published"), (GONE, "published"), (DRAFT, "draft")):
            body = {"name": slug, "slug": slug, "state": state}
            assert short.request("POST", "/v1/themes", json=body, headers=key).status_code == 201
        assert short.request("PATCH", f"/v1/themes/{FORMER}", json={"slug": PRESENT}, headers=anything).is_success
        assert short.request("DELETE", f"/v1/themes/{GONE}", headers=anything).is_success
        yield Both(short, other)


def _comparable(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, headers, REQUEST.sub("…", answer.text)


def _routes(caplog: pytest.LogCaptureFixture) -> list[object]:
    found = [record.__dict__["route"] for record in caplog.records if "route" in record.__dict__]
    caplog.clear()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: next(iter(headers), "plain"))
def test_both_ways_give_the_same_answers(both: Both, headers: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="followthrough.access")
    for path in PATHS:
        for method in ("GET", "HEAD") if not headers else ("GET",):
            short, other = (each.request(method, path, headers=headers) for each in (both.short, both.long))
            assert _comparable(short) == _comparable(other), (method, path)
            routes = _routes(caplog)
            assert routes[:1] == routes[1:], (method, path)


def test_a_tag_is_known_on_both_ways(both: Both) -> None:
    for path in ("/v1/themes?limit=2", f"/v1/themes/{PRESENT}", "/v1/themes.json"):
        tag = {"If-None-Match": both.long.get(path).headers["etag"]}
        assert both.short.get(path, headers=tag).status_code == both.long.get(path, headers=tag).status_code == 304


def test_only_what_is_asked_for_without_a_credential_has_a_short_way(both: Both) -> None:
    ways = {each.kwargs["ways"] for each in both.short.app.user_middleware if "ways" in each.kwargs}
    assert ways
    assert not [each for each in both.long.app.user_middleware if "ways" in each.kwargs]
    (found,) = ways
    for path in ("/v1/themes", f"/v1/themes/{PRESENT}", "/v1/themes.csv"):
        assert found.find(path) is not None, path
    for path in ("/v1/changes", "/v1/themes/", f"/v1/themes/{PRESENT}/revisions", "/themes", "/v1/themes.nonsense"):
        assert found.find(path) is None, path
