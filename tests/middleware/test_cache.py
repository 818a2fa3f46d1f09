"""The answer cache by itself: what gets in, when it is served, and how much it may hold."""

import json
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from app.api.problems import problem_response
from app.errors import NotFound
from app.middleware.cache import MAX_RESPONSE_BYTES, ResponseCache
from app.middleware.cached_responses import CachedResponses
from tests.support.asgi import Fixed, Response, call

PUBLIC = {"content-type": "application/json", "etag": '"a"', "cache-control": "public, max-age=0"}


class Version:
    """A register whose changes the test makes."""

    def __init__(self) -> None:
        """Begin somewhere."""
        self.now: int | None = 1

    def version(self) -> int | None:
        """What a freshness gives."""
        return self.now

    def is_at(self, version: object, number: int) -> bool:
        """The same of a snapshot."""
        return version == number


class Stand:
    """A cache in front of an application that counts how often it is asked."""

    def __init__(self, body: bytes = b"answer", most: int = 10**6, status: int = 200, **headers: str | None) -> None:
        """Take the answer; a header given as None is left out."""
        stored = {**PUBLIC, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.app = Fixed(
            body, status=status, headers={name: value for name, value in stored.items() if value is not None}
        )
        self.version = Version()
        self.responses = CachedResponses(self.version, most)
        self.cache = ResponseCache(self.app, self.responses)

    def call(self, path: str = "/v1/things", query: str = "", method: str = "GET", **headers: str) -> Response:
        """Send a request through the cache."""
        return call(self.cache, path, method, query, **headers)

    @property
    def requested(self) -> int:
        """How often the application itself had to answer."""
        return self.app.requested


def test_the_same_question_is_answered_once() -> None:
    stand = Stand()
    first, second = stand.call(), stand.call()
    assert stand.requested == 1
    assert (first.status, first.body, dict(first.headers)) == (second.status, second.body, dict(second.headers))


def test_after_a_change_it_is_answered_anew() -> None:
    stand = Stand()
    stand.call()
    stand.version.now = 2
    stand.call()
    assert stand.requested == 2


def test_an_answer_that_a_change_overtook_is_not_kept_as_the_new_one() -> None:
    """What was read before a change may come out after it; it belongs to the time when the question was put."""
    stand = Stand()
    inner = stand.app

    async def overtaken(scope: object, receive: object, send: object) -> None:
        await inner(scope, receive, send)  # type: ignore[arg-type]
        stand.version.now = 2

    stand.cache.app = overtaken  # type: ignore[assignment]
    stand.call()
    stand.cache.app = inner
    stand.call()
    assert stand.requested == 2


def test_while_it_cannot_be_known_whether_something_changed_nothing_is_served_from_memory() -> None:
    stand = Stand()
    stand.call()
    stand.version.now = None
    stand.call()
    assert stand.requested == 2


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        ("/v1/others", "", {}),
        ("/v1/things", "limit=1", {}),
        ("/v1/things", "", {"accept": "text/csv"}),
        ("/v1/things", "", {"accept_encoding": "gzip"}),
    ],
)
def test_another_question_is_another_answer(path: str, query: str, headers: dict[str, str]) -> None:
    stand = Stand()
    stand.call()
    stand.call(path, query, **headers)
    assert stand.requested == 2


def test_codings_that_come_to_the_same_share_an_answer() -> None:
    stand = Stand()
    stand.call(accept_encoding="gzip, deflate")
    stand.call(accept_encoding="gzip;q=0.9")
    assert stand.requested == 1


@pytest.mark.parametrize("headers", [{"authorization": "Bearer x"}, {"authorization": ""}])
def test_who_shows_a_credential_always_asks_the_register(headers: dict[str, str]) -> None:
    stand = Stand()
    stand.call()
    stand.call(**headers)
    stand.call(**headers)
    assert stand.requested == 3
    stand.call()
    assert stand.requested == 3, "and the public answer is still there"


@pytest.mark.parametrize(
    "response",
    [
        {"cache_control": "private, no-store"},
        {"cache_control": "no-store"},
        {"cache_control": None},
        {"etag": None},
        {"status": 404, "content_encoding": "gzip"},
        {"status": 503},
        {"body": b"x" * (MAX_RESPONSE_BYTES + 1)},
        {"most": 0},
    ],
)
def test_what_is_not_public_whole_and_small_is_not_kept(response: dict[str, object]) -> None:
    stand = Stand(**response)  # type: ignore[arg-type]
    stand.call()
    stand.call()
    assert stand.requested == 2


@pytest.mark.parametrize(("method", "path"), [("HEAD", "/v1/things"), ("POST", "/v1/things")])
def test_only_reading_is_answered_from_memory(method: str, path: str) -> None:
    stand = Stand()
    stand.call(path, method=method)
    stand.call(path, method=method)
    assert stand.requested == 2


# -- conditional reading ---------------------------------------------------------------------------------------------


def test_a_client_that_has_the_answer_is_told_so_from_memory() -> None:
    stand = Stand(vary="Accept")
    stand.call()
    response = stand.call(if_none_match='W/"a"')
    assert (response.status, response.body, stand.requested) == (304, b"", 1)
    assert response.headers["etag"] == '"a"'
    assert response.headers["vary"] == "Accept"
    assert "content-length" not in response.headers
    assert stand.call(if_none_match='"b"').status == 200


@pytest.mark.parametrize("status", [404, 410])
def test_that_there_is_nothing_is_kept_and_each_request_has_its_own_id(status: int) -> None:
    body = b'{"instance": "urn:request:unknown"}'
    stand = Stand(body, status=status, etag=None)
    stand.call()
    again = stand.call()
    assert (again.status, again.body, stand.requested) == (status, body, 1)
    assert again.headers["content-length"] == str(len(body))
    stand.version.now = 2
    stand.call()
    assert stand.requested == 2


@pytest.mark.parametrize("name", ["a", "404", "status", "urn", "request"])
def test_whatever_a_client_calls_its_request_the_next_one_reads_an_unbroken_problem(name: str) -> None:
    stand = Stand()

    async def absent(scope: Scope, receive: Receive, send: Send) -> None:
        response = problem_response(NotFound(), scope["state"]["request_id"])
        response.headers["cache-control"] = PUBLIC["cache-control"]
        await response(scope, receive, send)

    def asked(request_id: str) -> dict[str, Any]:
        async def named(scope: Scope, receive: Receive, send: Send) -> None:
            scope["state"] = {"request_id": request_id}
            await stand.cache(scope, receive, send)

        problem: dict[str, Any] = json.loads(call(named).body)
        return problem

    stand.cache.app = absent
    first, second = asked(name), asked("0198c1d2e3f4")
    assert stand.responses.figures.hits == 1
    assert second == {**first, "instance": "urn:request:0198c1d2e3f4"}


@pytest.mark.parametrize("headers", [{"if_match": '"a"'}, {"range": "bytes=0-1"}])
def test_what_asks_for_another_answer_is_passed_on(headers: dict[str, str]) -> None:
    stand = Stand()
    stand.call()
    stand.call(**headers)
    assert stand.requested == 2


def test_the_files_of_the_pages_outlive_a_change() -> None:
    stand = Stand()
    stand.call("/static/site.css")
    stand.version.now = 2
    stand.call("/static/site.css")
    assert stand.requested == 1


# -- how much --------------------------------------------------------------------------------------------------------


def held(responses: CachedResponses) -> int:
    """The bytes that a cache really holds: the answers, and what they were asked by."""
    return sum(
        len(stored.body)
        + sum(len(name) + len(value) for name, value in stored.headers)
        + sum(len(part) for part in key if part is not None)
        for key, stored in responses._stored.items()
    )


@pytest.mark.parametrize("body", [b"x", b"x" * 5000])
def test_it_never_holds_more_than_it_may(body: bytes) -> None:
    """However long the questions are: an address or a header takes room as well."""
    most = 50_000
    stand = Stand(body, most=most)
    for number in range(60):
        stand.call(query=f"q={number}{'a' * 3000}", accept=f"text/csv, x/{'b' * number * 100}")
        assert held(stand.responses) <= most
    assert len(stand.responses._stored) > 1


def test_what_was_not_used_for_longest_goes_first() -> None:
    stand = Stand(b"x" * 1000, most=12_000)
    stand.call(query="n=0")
    for number in range(1, 20):
        stand.call(query=f"n={number}")
        stand.call(query="n=0")
    assert stand.requested == 20


def test_an_answer_larger_than_the_cache_is_not_kept() -> None:
    stand = Stand(b"x" * 5000, most=2000)
    stand.call()
    stand.call()
    assert stand.requested == 2
    assert held(stand.responses) == 0


def test_an_answer_that_is_made_again_counts_once() -> None:
    stand = Stand(b"x" * 1000, most=5000)
    for number in range(20):
        stand.version.now = number
        stand.call()
    assert len(stand.responses._stored) == 1
    stand.version.now = 19
    stand.call()
    assert stand.requested == 20
