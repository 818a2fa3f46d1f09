"""Heads whose response is known: written at once, as the layers would have it, and to nobody who may not have it."""

import json
from collections.abc import Iterator

import pytest

from tests.support.connection import DATE, Both, Connection, Listener, both_ways, comparable, head, known, listening
from tests.support.databases import Databases
from tests.support.wire import RawResponse

RECORD = "/v1/commitments/trade-target-50bn-2030"
CHROME = (
    b"Connection: keep-alive",
    b"Cache-Control: max-age=0",
    b'sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"',
    b"sec-ch-ua-mobile: ?0",
    b"Upgrade-Insecure-Requests: 1",
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0",
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    b"Sec-Fetch-Site: none",
    b"Sec-Fetch-Dest: document",
    b"Accept-Encoding: gzip, deflate, br, zstd",
    b"Accept-Language: ko-KR,ko;q=0.9,en;q=0.8",
    b"Cookie: a=b",
)


@pytest.fixture(scope="module")
def both(backend: str, databases: Databases) -> Iterator[Both]:
    with both_ways(databases.bundled(backend)) as both:
        yield both


@pytest.fixture
def client(both: Both) -> Iterator[Connection]:
    with both.default.connection() as connection:
        yield connection


@pytest.fixture
def own(databases: Databases) -> Iterator[Listener]:
    """A register that a test may change."""
    with listening(databases.bundled("sqlite")) as listener:
        yield listener


KNOWN = {
    "record": head(RECORD),
    "list": head("/v1/commitments?limit=20"),
    "embedded": head("/v1/commitments?limit=5&include=meetings"),
    "list whose next part has an escaped address": head("/v1/commitments?slug__ne=%E2%82%AC&limit=1"),
    "file": head("/v1/themes.csv"),
    "page of a browser": head("/commitments", *CHROME),
    "page in Korean": head("/commitments?lang=ko"),
    "static file": head("/static/site.css", b"Accept-Encoding: br"),
    "gzip": head(RECORD, b"Accept-Encoding: gzip, deflate", b"Accept: */*", b"User-Agent: python-requests/2.32"),
    "another origin": head(RECORD, b"Origin: https://elsewhere.example"),
    "names in capitals": head(RECORD, b"ACCEPT-ENCODING: gzip", b"USER-AGENT: x"),
    "two lines of a list": head(RECORD, b"Accept-Encoding: identity", b"Accept-Encoding: gzip"),
    "absolute target": head(f"http://register.test{RECORD}"),
    "escaped target": head("/v1/%63ommitments/trade-target-50bn-2030"),
    "other tag": head(RECORD, b'If-None-Match: "other"'),
    "any tag": head(RECORD, b"If-None-Match: *"),
    "traced": head(RECORD, b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
}

NOT_KNOWN = {
    "HEAD": head(RECORD, method="HEAD"),
    "OPTIONS": head(RECORD, method="OPTIONS"),
    "POST": head("/v1/commitments", b"Content-Length: 0", method="POST"),
    "HTTP/1.0": head(RECORD, version="1.0"),
    "the last of a connection": head(RECORD, b"Connection: close"),
    "upgrade": head(RECORD, b"Connection: Upgrade", b"Upgrade: h2c"),
    "credential": head(RECORD, b"Authorization: Bearer ft_nobody_nothing"),
    "empty credential": head(RECORD, b"Authorization:"),
    "range": head("/static/site.css", b"Range: bytes=0-9"),
    "If-Match": head(RECORD, b'If-Match: "1"'),
    "empty body": head(RECORD, b"Content-Length: 0"),
    "chunks": head(RECORD, b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "expectation": head(RECORD, b"Expect: 100-continue"),
    "unknown field": head(RECORD, b"X-Something: 1"),
    "field that goes on": head(RECORD, b"User-Agent: x\r\n y"),
    "name with a space": head(RECORD, b"User-Agent : x"),
    "two hosts": head(RECORD, b"Host: elsewhere.example"),
    "fields without end": head(RECORD, *[b"DNT: 1"] * 201),
    "no such record": head("/v1/commitments/nothing"),
    "no such path": head("/v2/nothing"),
    "probe": head("/healthz"),
    "search without a word": head("/v1/search"),
    "line feeds alone": head(RECORD).replace(b"\r\n", b"\n"),
    "other bytes": head(RECORD, b"User-Agent: caf\xc3\xa9"),
    "too long": head(RECORD, b"User-Agent: " + b"x" * 5000),
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_was_asked_before_is_answered_at_once_and_as_the_long_way_has_it(both: Both, name: str) -> None:
    with both.default.connection() as client, both.long.connection() as other:
        found = [client.send(KNOWN[name]) for _ in range(4)]
        wanted = [other.send(KNOWN[name]) for _ in range(4)][-1]
    assert found[-1].at_once
    assert not wanted.at_once
    assert RawResponse(found[-1].raw).status in (200, 304)
    assert comparable(found[-1].raw) == comparable(wanted.raw)
    assert {comparable(each.raw) for each in found[1:]} == {comparable(wanted.raw)}


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_all_else_goes_the_long_way(both: Both, name: str) -> None:
    with both.default.connection() as client:
        assert known(client, head(RECORD)).at_once
    for _ in range(4):
        with both.default.connection() as client, both.long.connection() as other:
            found, wanted = client.send(NOT_KNOWN[name]), other.send(NOT_KNOWN[name])
            refused = RawResponse(found.raw).status in (400, 431)
            assert refused or not found.at_once
            assert comparable(found.raw) == comparable(wanted.raw)


def test_a_client_that_has_it_is_told_so(both: Both) -> None:
    with both.default.connection() as client, both.long.connection() as other:
        tag = RawResponse(client.send(head(RECORD)).raw).header("etag")
        sent = head(RECORD, f"If-None-Match: {tag}".encode())
        found, wanted = known(client, sent), known(other, sent)
    assert found.at_once
    assert RawResponse(found.raw).status == 304
    assert comparable(found.raw) == comparable(wanted.raw)


def test_who_shows_a_credential_is_never_answered_from_what_everybody_gets(own: Listener) -> None:
    token = own.settings.admin_token.get_secret_value()
    with own.connection() as client:
        assert known(client, head(RECORD)).at_once
        for credential, status in ((f"Bearer {token}", 200), ("Bearer wrong", 401)):
            found = [client.send(head(RECORD, f"Authorization: {credential}".encode())) for _ in range(3)]
            assert not any(each.at_once for each in found)
            assert {RawResponse(each.raw).status for each in found} == {status}
            assert {RawResponse(each.raw).header("cache-control") for each in found} <= {
                "private, no-store",
                "no-store",
            }


def test_a_change_is_seen_by_whoever_asks_next(own: Listener) -> None:
    token = own.settings.admin_token.get_secret_value()
    body = json.dumps({"name": "Late", "slug": "late", "description": "It came late.", "state": "published"}).encode()
    authorized = (f"Authorization: Bearer {token}".encode(), b"Content-Type: application/json")
    listed = head("/v1/themes?limit=200")
    with own.connection() as client, own.connection() as writer:
        before = known(client, listed)
        assert before.at_once
        created = writer.send(head("/v1/themes", *authorized, b"Content-Length: %d" % len(body), method="POST") + body)
        assert RawResponse(created.raw).status == 201
        after = client.send(listed)
        assert b'"late"' in after.raw
        assert b'"late"' not in before.raw
        assert known(client, listed).at_once, "and it is known again"


def test_its_own_id_is_given_back_to_each_request(client: Connection) -> None:
    assert known(client, head(RECORD)).at_once
    given = client.send(head(RECORD, b"X-Request-ID: mine-1"))
    assert given.at_once
    assert RawResponse(given.raw).header("x-request-id") == "mine-1"
    for unusable in (b"X-Request-Id: two words", b"X-Request-Id: a\r\nX-Request-Id: b"):
        assert not known(client, head(RECORD, unusable)).at_once
    ids = {RawResponse(client.send(head(RECORD)).raw).header("x-request-id") for _ in range(5)}
    assert len(ids) == 5


def test_the_server_says_its_own_fields_as_they_are_now(both: Both, client: Connection) -> None:
    assert RawResponse(known(client, head(RECORD)).raw).header("date") == DATE.decode()
    both.default._state.default_headers = [(b"date", b"later"), (b"x-own", b"1")]
    try:
        now = client.send(head(RECORD))
    finally:
        both.default._state.default_headers = [(b"date", DATE)]
    assert now.at_once
    assert (RawResponse(now.raw).header("date"), RawResponse(now.raw).header("x-own")) == ("later", "1")


@pytest.mark.parametrize("at", [1, 20, -2, -1])
def test_a_head_that_comes_in_pieces_is_read_as_ever(client: Connection, at: int) -> None:
    sent = head(RECORD)
    whole = known(client, sent)
    found = client.send(sent[:at], sent[at:])
    assert not found.at_once
    assert comparable(found.raw) == comparable(whole.raw)
    assert client.send(sent).at_once


def test_requests_that_come_together_are_answered_in_their_order(client: Connection) -> None:
    record, other = head(RECORD), head("/v1/themes?limit=1")
    answers = [known(client, each).raw for each in (record, other)]
    found = client.send(other + record + other)
    assert comparable(found.raw) == comparable(answers[1] + answers[0] + answers[1])
    late = client.send(head("/v1/themes?limit=2"), record)
    assert not late.at_once, "the first of them is not answered yet"
    assert late.raw.count(b"HTTP/1.1 200 OK") == 2
    assert comparable(late.raw).endswith(comparable(answers[0]))


@pytest.mark.parametrize("line", [b"User-Agent: x\r\n", b"Cookie: a\r\nX-Request-Id: b\r\n", b"DNT: 1\r\n\r\n"])
def test_a_field_after_the_end_of_a_head_is_no_field_of_it(both: Both, line: bytes) -> None:
    """It is the beginning of something that is no request: what came before is answered, and the connection ends."""
    with both.default.connection() as client, both.long.connection() as other:
        assert known(client, head(RECORD)).at_once
        known(other, head(RECORD))
        found, wanted = client.send(head(RECORD) + line), other.send(head(RECORD) + line)
        assert not found.at_once
        assert comparable(found.raw) == comparable(wanted.raw)
        assert found.raw.count(b"HTTP/1.1 ") == 1
        assert client.transport.is_closing()
        assert other.transport.is_closing()


def test_a_body_is_no_request(client: Connection) -> None:
    """What comes after a head that announces it is its body, even if it is a head that is known."""
    record = head(RECORD)
    assert known(client, record).at_once
    announced = head("/v1/themes?limit=1", b"Content-Length: %d" % len(record))
    assert RawResponse(client.send(announced).raw).status == 200
    assert client.send(record).raw == b""
    assert client.send(record).at_once


def test_nobody_who_does_not_read_is_written_to_at_once(client: Connection) -> None:
    assert known(client, head(RECORD)).at_once
    client.do("pause_writing")
    assert client.begin(head(RECORD)) == b""
    client.do("resume_writing")
    assert RawResponse(client.send().raw).status == 200
    assert client.send(head(RECORD)).at_once


@pytest.mark.parametrize(
    "field",
    [
        b"Accept: text/html",
        b"Accept-Language: hi",
        b"Accept-Encoding: gzip",
        b"Origin: https://elsewhere.example",
        b"If-None-Match: *",
    ],
)
def test_what_makes_another_response_is_another_head(both: Both, field: bytes) -> None:
    plain, other = head("/commitments"), head("/commitments", field)
    with both.default.connection() as client, both.long.connection() as long:
        assert known(client, plain).at_once
        known(long, plain)
        for sent in (other, other, other, plain):
            assert comparable(client.send(sent).raw) == comparable(long.send(sent).raw)


def test_one_connection_too_many_is_refused(databases: Databases) -> None:
    settings = databases.bundled("sqlite").model_copy(update={"connections": 1})
    with listening(settings) as listener, listener.connection() as first, listener.connection() as second:
        assert known(first, head(RECORD)).at_once
        assert RawResponse(second.send(head(RECORD)).raw).status == 503


def test_after_the_stop_each_response_says_that_it_is_the_last(databases: Databases) -> None:
    with listening(databases.bundled("sqlite")) as listener, listener.connection() as client:
        assert known(client, head(RECORD)).at_once
        client.do("shutdown")
        last = client.send(head(RECORD))
        assert not last.at_once
        assert RawResponse(last.raw).header("connection") == "close"


@pytest.mark.parametrize("update", [{"short_way": False}, {"cache_bytes": 0}])
def test_it_can_be_switched_off(databases: Databases, update: dict[str, object]) -> None:
    with listening(databases.bundled("sqlite").model_copy(update=update)) as listener, listener.connection() as client:
        assert not known(client, head(RECORD)).at_once


def test_where_requests_are_traced_each_goes_through_all_layers(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:9/v1/metrics")
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "3600000")
    with listening(databases.bundled("sqlite")) as listener:
        assert listener.app_state["known_heads"] is None
