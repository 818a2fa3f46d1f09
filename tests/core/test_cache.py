"""The answer cache by itself: what gets in, when it is served, and how much it may hold."""

import pytest

from app.core.cache import LARGEST, AnswerCache
from tests.support.asgi import Answer, Fixed, ask

PUBLIC = {"content-type": "application/json", "etag": '"a"', "cache-control": "public, max-age=0"}


class Version:
    """A register whose changes the test makes."""

    def __init__(self) -> None:
        """Begin somewhere."""
        self.now: int | None = 1

    def version(self) -> int | None:
        """What a freshness gives."""
        return self.now


class Stand:
    """A cache in front of an application that counts how often it is asked."""

    def __init__(self, body: bytes = b"answer", most: int = 10**6, status: int = 200, **headers: str | None) -> None:
        """Take the answer; a header given as None is left out."""
        kept = {**PUBLIC, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.app = Fixed(
            body, status=status, headers={name: value for name, value in kept.items() if value is not None}
        )
        self.version = Version()
        self.cache = AnswerCache(self.app, self.version, most)

    def ask(self, path: str = "/v1/things", query: str = "", method: str = "GET", **headers: str) -> Answer:
        """Send a request through the cache."""
        return ask(self.cache, path, method, query, **headers)

    @property
    def asked(self) -> int:
        """How often the application itself had to answer."""
        return self.app.asked


def test_the_same_question_is_answered_once() -> None:
    stand = Stand()
    first, second = stand.ask(), stand.ask()
    assert stand.asked == 1
    assert (first.status, first.body, dict(first.headers)) == (second.status, second.body, dict(second.headers))


def test_after_a_change_it_is_answered_anew() -> None:
    stand = Stand()
    stand.ask()
    stand.version.now = 2
    stand.ask()
    assert stand.asked == 2


def test_an_answer_that_a_change_overtook_is_not_kept_as_the_new_one() -> None:
    """What was read before a change may come out after it; it belongs to the time when the question was put."""
    stand = Stand()
    inner = stand.app

    async def overtaken(scope: object, receive: object, send: object) -> None:
        await inner(scope, receive, send)  # type: ignore[arg-type]
        stand.version.now = 2

    stand.cache.app = overtaken  # type: ignore[assignment]
    stand.ask()
    stand.cache.app = inner
    stand.ask()
    assert stand.asked == 2


def test_while_it_cannot_be_known_whether_something_changed_nothing_is_served_from_memory() -> None:
    stand = Stand()
    stand.ask()
    stand.version.now = None
    stand.ask()
    assert stand.asked == 2


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
    stand.ask()
    stand.ask(path, query, **headers)
    assert stand.asked == 2


def test_codings_that_come_to_the_same_share_an_answer() -> None:
    stand = Stand()
    stand.ask(accept_encoding="gzip, deflate")
    stand.ask(accept_encoding="gzip;q=0.9")
    assert stand.asked == 1


@pytest.mark.parametrize("headers", [{"authorization": "Bearer x"}, {"authorization": ""}])
def test_who_shows_a_credential_always_asks_the_register(headers: dict[str, str]) -> None:
    stand = Stand()
    stand.ask()
    stand.ask(**headers)
    stand.ask(**headers)
    assert stand.asked == 3
    stand.ask()
    assert stand.asked == 3, "and the public answer is still there"


@pytest.mark.parametrize(
    "answer",
    [
        {"cache_control": "private, no-store"},
        {"cache_control": "no-store"},
        {"cache_control": None},
        {"etag": None},
        {"status": 404},
        {"status": 503},
        {"body": b"x" * (LARGEST + 1)},
        {"most": 0},
    ],
)
def test_what_is_not_public_whole_and_small_is_not_kept(answer: dict[str, object]) -> None:
    stand = Stand(**answer)  # type: ignore[arg-type]
    stand.ask()
    stand.ask()
    assert stand.asked == 2


@pytest.mark.parametrize(("method", "path"), [("HEAD", "/v1/things"), ("POST", "/v1/things"), ("GET", "/healthz")])
def test_only_reading_the_register_is_answered_from_memory(method: str, path: str) -> None:
    stand = Stand()
    stand.ask(path, method=method)
    stand.ask(path, method=method)
    assert stand.asked == 2


# -- conditional reading ---------------------------------------------------------------------------------------------


def test_a_client_that_has_the_answer_is_told_so_from_memory() -> None:
    stand = Stand(vary="Accept")
    stand.ask()
    answer = stand.ask(if_none_match='W/"a"')
    assert (answer.status, answer.body, stand.asked) == (304, b"", 1)
    assert answer.headers["etag"] == '"a"'
    assert answer.headers["vary"] == "Accept"
    assert "content-length" not in answer.headers
    assert stand.ask(if_none_match='"b"').status == 200


def test_a_date_is_compared_as_it_is_without_the_cache() -> None:
    when = "Sat, 31 Jan 2026 00:00:00 GMT"
    stand = Stand(last_modified=when)
    stand.ask()
    assert stand.ask(if_modified_since=when).status == 304
    assert stand.ask(if_modified_since="Fri, 30 Jan 2026 00:00:00 GMT").status == 200
    assert stand.ask(if_modified_since=when, if_none_match='"b"').status == 200
    assert stand.asked == 1


# -- how much --------------------------------------------------------------------------------------------------------


def held(cache: AnswerCache) -> int:
    """The bytes that a cache really holds: the answers, and what they were asked by."""
    return sum(
        len(kept.body)
        + sum(len(name) + len(value) for name, value in kept.headers)
        + sum(len(part) for part in key if part is not None)
        for key, kept in cache._kept.items()
    )


@pytest.mark.parametrize("body", [b"x", b"x" * 5000])
def test_it_never_holds_more_than_it_may(body: bytes) -> None:
    """However long the questions are: an address or a header takes room as well."""
    most = 50_000
    stand = Stand(body, most=most)
    for number in range(60):
        stand.ask(query=f"q={number}{'a' * 3000}", accept=f"text/csv, x/{'b' * number * 100}")
        assert held(stand.cache) <= most
    assert len(stand.cache._kept) > 1


def test_what_was_not_used_for_longest_goes_first() -> None:
    stand = Stand(b"x" * 1000, most=12_000)
    stand.ask(query="n=0")
    for number in range(1, 20):
        stand.ask(query=f"n={number}")
        stand.ask(query="n=0")
    assert stand.asked == 20


def test_an_answer_larger_than_the_cache_is_not_kept() -> None:
    stand = Stand(b"x" * 5000, most=2000)
    stand.ask()
    stand.ask()
    assert stand.asked == 2
    assert held(stand.cache) == 0


def test_an_answer_that_is_made_again_counts_once() -> None:
    stand = Stand(b"x" * 1000, most=5000)
    for number in range(20):
        stand.version.now = number
        stand.ask()
    assert len(stand.cache._kept) == 1
    stand.version.now = 19
    stand.ask()
    assert stand.asked == 20
