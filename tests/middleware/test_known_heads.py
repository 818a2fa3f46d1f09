"""Known heads: what of a head is left aside, what is told of such requests, and how much is remembered."""

import logging
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.server.logs import Console, InRequest, Json, access
from tests.support.connection import CLIENT, Both, Listener, both_ways, comparable, head, known, listening
from tests.support.databases import Databases
from tests.support.generated import examples
from tests.support.wire import RawResponse

RECORD = "/v1/commitments/trade-target-50bn-2030"


@pytest.fixture(scope="module")
def both(databases: Databases) -> Iterator[Both]:
    with both_ways(databases.bundled("sqlite")) as both:
        yield both


@pytest.fixture
def own(databases: Databases) -> Iterator[Listener]:
    """A register that a test may change."""
    with listening(databases.bundled("sqlite")) as listener:
        yield listener


# -- what is left aside ----------------------------------------------------------------------------------------------

LEFT_ASIDE = [
    b"User-Agent: x",
    b"Referer: https://elsewhere.example/?lang=ko",
    b"Cookie: lang=ko; session=1",
    b"Cache-Control: no-cache",
    b"Pragma: no-cache",
    b"X-Forwarded-For: 198.51.100.9",
    b"X-Forwarded-Proto: https",
    b"X-Forwarded-Host: elsewhere.example",
    b"Forwarded: for=198.51.100.9;host=elsewhere.example;proto=https",
    b"X-Real-IP: 198.51.100.9",
    b"Via: 1.1 elsewhere",
    b"Sec-Fetch-Mode: navigate",
    b"Sec-CH-UA-Platform: x",
    b"Sec-GPC: 1",
    b"DNT: 1",
    b"Priority: u=1",
    b"Save-Data: on",
    b"Upgrade-Insecure-Requests: 1",
    b"From: somebody@elsewhere.example",
    b"CDN-Loop: elsewhere",
    b"Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    b"Tracestate: a=b",
    b"Baggage: a=b",
]


@pytest.mark.parametrize("field", LEFT_ASIDE)
def test_what_is_left_aside_makes_no_difference(both: Both, field: bytes) -> None:
    """By the long way, on which every layer sees it; and so the head without it stands for the head with it."""
    for target in (RECORD, "/commitments"):
        with both.long.connection() as other, both.default.connection() as client:
            without, with_it = known(other, head(target)), known(other, head(target, field))
            assert comparable(without.raw) == comparable(with_it.raw)
            assert known(client, head(target)).at_once
            assert client.send(head(target, field)).at_once


FIELDS = st.sampled_from(
    [
        *LEFT_ASIDE,
        b"Accept: text/csv",
        b"Accept: text/html",
        b"Accept-Encoding: gzip",
        b"Accept-Language: ko",
        b"If-None-Match: *",
        b"Origin: https://elsewhere.example",
        b"Connection: keep-alive",
        b"Connection: close",
        b"Connection:",
        b"Authorization: Bearer x",
        b"Range: bytes=0-1",
        b"If-Match: *",
        b"Content-Length: 0",
        b"Host: register.test",
        b"X-Request-Id: given",
        b"",
        b" goes on",
        b"User-Agent: \xff",
        b"User-Agent",
        b"User-Agent: x\nAuthorization: Bearer x",
    ]
)


@examples(60)
@given(st.lists(st.lists(FIELDS, max_size=4), min_size=1, max_size=3), st.sampled_from([RECORD, "/v1/themes?limit=1"]))
def test_whatever_fields_a_head_has_it_is_answered_as_by_the_long_way(
    both: Both, heads: list[list[bytes]], target: str
) -> None:
    """Each head is asked for until it would be known, before the next one."""
    for fields in heads:
        for _ in range(3):
            with both.default.connection() as client, both.long.connection() as other:
                found, wanted = client.send(head(target, *fields)), other.send(head(target, *fields))
            assert comparable(found.raw) == comparable(wanted.raw)


def test_who_is_forwarded_by_a_proxy_that_is_believed_is_told_how_he_stands(databases: Databases) -> None:
    settings = databases.bundled("sqlite").model_copy(update={"rate_limit": "10/hour", "trusted_proxies": CLIENT[0]})
    with listening(settings) as listener, listener.connection() as client:
        one, other = (head(RECORD, b"X-Forwarded-For: " + each) for each in (b"198.51.100.1", b"198.51.100.2"))
        for number in range(4):
            client.send(head(f"/v1/themes?limit={number + 1}", b"X-Forwarded-For: 198.51.100.1"))
        client.send(other)
        found = [client.send(each) for each in (other, other, one, head(RECORD))]
        assert [each.at_once for each in found] == [False, True, True, True]
        stand = [RawResponse(each.raw).header("ratelimit") for each in found]
        assert stand == [
            '"address";r=9;t=3600',
            '"address";r=9;t=3600',
            '"address";r=6;t=3600',
            '"address";r=10;t=3600',
        ]


def test_who_asked_too_often_is_still_given_what_is_ready(databases: Databases) -> None:
    settings = databases.bundled("sqlite").model_copy(update={"rate_limit": "2/hour"})
    with listening(settings) as listener, listener.connection() as client:
        assert known(client, head(RECORD)).at_once
        refused = [RawResponse(client.send(head(f"/v1/themes?limit={each}")).raw).status for each in (1, 2)]
        assert refused == [200, 429]
        found = client.send(head(RECORD))
        assert found.at_once
        assert RawResponse(found.raw).header("ratelimit") == '"address";r=0;t=3600'


# -- what is told of it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [Console, Json])
def test_its_line_in_the_log_is_that_of_any_request(
    own: Listener, monkeypatch: pytest.MonkeyPatch, form: type[logging.Formatter]
) -> None:
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(form())
    handler.addFilter(InRequest())
    monkeypatch.setattr(access, "handlers", [handler])
    monkeypatch.setattr(access, "propagate", False)
    monkeypatch.setattr(access, "level", logging.INFO)
    access.manager._clear_cache()  # type: ignore[attr-defined]
    with own.connection() as client:
        for target in ("/v1/%63ommitments", RECORD):
            found = [client.send(head(target, b"X-Request-Id: a-1_z")) for _ in range(4)]
            assert found[-1].at_once
    access.manager._clear_cache()  # type: ignore[attr-defined]
    lines = out.getvalue().splitlines()
    assert len(lines) == 8
    changing = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|\b\d+\.\d\b")
    assert all(len(changing.findall(line)) == 2 for line in lines)
    assert len({changing.sub("", line) for line in lines}) == 2


def test_it_is_logged_where_the_log_goes_to_more_than_one_place(
    own: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, access.name)
    with own.connection() as client:
        assert known(client, head(RECORD, b"X-Request-Id: seen")).at_once
    assert [each.request_id for each in caplog.records if each.name == access.name] == ["seen"] * 3  # type: ignore[attr-defined]


def test_it_is_counted_as_any_request_and_as_a_hit(own: Listener) -> None:
    def figures() -> dict[str, float]:
        text = own.app_state["known_heads"]._metrics.text().decode()
        names = (
            'http_requests_total{method="GET",route="/v1/commitments/{slug}",status="200"}',
            'http_request_duration_seconds_count{method="GET",route="/v1/commitments/{slug}"}',
            "answer_cache_hits_total",
            "answer_cache_misses_total",
        )
        found = (re.search(rf"^followthrough_{re.escape(name)} (.+)$", text, re.MULTILINE) for name in names)
        return {name: float(each[1]) for name, each in zip(names, found, strict=True) if each is not None}

    with own.connection() as client:
        assert known(client, head(RECORD)).at_once
        assert list(figures().values()) == [3, 3, 2, 1]


# -- how much --------------------------------------------------------------------------------------------------------


def test_so_many_heads_are_remembered_for_a_response(own: Listener) -> None:
    heads = [head(RECORD, f"Accept-Language: x-{number}".encode()) for number in range(20)]
    with own.connection() as client:
        found = [known(client, each).at_once for each in heads]
    assert found == [number < 16 for number in range(20)]


def test_what_is_no_longer_kept_is_no_longer_known(databases: Databases) -> None:
    settings = databases.bundled("sqlite").model_copy(update={"cache_bytes": 60_000})
    with listening(settings) as listener, listener.connection() as client:
        heads = [head(f"/v1/themes?limit={number}", b"Accept: */*") for number in range(1, 60)]
        assert all(known(client, each).at_once for each in heads)
        remembered = listener.app_state["known_heads"]
        assert remembered._metrics._cache.size <= 60_000
        assert 0 < len(remembered._known) == len(remembered._heads) <= remembered._metrics._cache.entries
        assert not client.send(heads[0]).at_once
        assert client.send(heads[-1]).at_once
