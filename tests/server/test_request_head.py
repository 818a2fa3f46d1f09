"""The head of a request: how large it may be, which host it names, and what is no part of it."""

import re
import socket
import time
from contextlib import suppress

import httpx
import pytest

from app.server.request_head import MAX_HEAD_BYTES, MAX_HEAD_FIELDS
from tests.support.server import Server
from tests.support.wire import connect, exchange, read_to_end, request

CHUNKED = b"Transfer-Encoding: chunked"


def raw(*lines: bytes) -> bytes:
    return b"\r\n".join([*lines, b"", b""])


def padded(size: int) -> bytes:
    """A request whose head has this many bytes."""
    bare = request("GET", "/healthz", b"X-Filler: ")
    return request("GET", "/healthz", b"X-Filler: " + b"a" * (size - len(bare)))


def test_a_head_of_64_kib_is_taken_and_one_byte_more_is_431(server: Server) -> None:
    assert exchange(server, padded(MAX_HEAD_BYTES)).status == 200
    refused = exchange(server, padded(MAX_HEAD_BYTES + 1))
    assert refused.status == 431
    assert refused.json()["type"] == "/problems/headers-too-large"
    assert refused.header("connection") == "close"


@pytest.mark.parametrize("pause", [0, 0.001])
def test_a_head_without_end_is_refused_as_it_comes(server: Server, pause: float) -> None:
    begun = time.monotonic()
    with connect(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ")
        sent = 0
        with suppress(BrokenPipeError, ConnectionResetError):
            while sent < 40_000_000 and time.monotonic() - begun < 20:
                connection.sendall(b"a" * 65536)
                sent += 65536
                if pause:
                    time.sleep(pause)
        assert read_to_end(connection)[9:12] == b"431"
    assert sent < 40_000_000 or not pause


def test_more_than_200_fields_are_431(server: Server) -> None:
    def many(number: int) -> bytes:
        return request("GET", "/healthz", *[b"a: b"] * (number - 2))  # beside Host and Connection

    assert exchange(server, many(MAX_HEAD_FIELDS)).status == 200
    assert exchange(server, many(MAX_HEAD_FIELDS + 1)).status == 431
    assert exchange(server, many(10_000)).status == 431


@pytest.mark.parametrize("status", [401])
def test_a_trailer_is_no_header(server: Server, status: int) -> None:
    credential = f"Authorization: Bearer {server.token}".encode()
    body = b"1\r\n{\r\n0\r\n" + credential + b"\r\n\r\n"
    head = raw(
        b"POST /v1/themes HTTP/1.1", b"Host: x", b"Connection: close", b"Content-Type: application/json", CHUNKED
    )
    assert exchange(server, head + body).status == status


def test_a_trailer_has_bounds(server: Server) -> None:
    head = raw(b"POST /v1/themes HTTP/1.1", b"Host: x", b"Content-Type: application/json", CHUNKED)
    with connect(server) as connection, suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(head + b"1\r\n{\r\n0\r\nX: ")
        for _ in range(400):
            connection.sendall(b"a" * 65536)
        pytest.fail("25 MB of a trailer were taken")


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [b"Host: a", b"Host: a"],
        [b"Host: a b"],
        [b"Host: a/@:::"],
        [b"Host: "],
        [b"Host: user@example.org"],
        [b"Host: example.org:80x"],
        [b"Host: [::1"],
    ],
)
def test_a_request_names_one_host(server: Server, hosts: list[bytes]) -> None:
    refused = exchange(server, raw(b"GET /v1/themes HTTP/1.1", *hosts, b"Connection: close"))
    assert refused.status == 400
    assert refused.json()["type"] == "/problems/malformed-request"
    assert refused.header("access-control-allow-origin") == "*"


@pytest.mark.parametrize(
    "host", [b"localhost:8000", b"127.0.0.1", b"[::1]:80", b"b\xc3\xbccher.example", b"a.example:"]
)
def test_every_form_of_host_is_taken(server: Server, host: bytes) -> None:
    expected = 400 if host[1] > 127 else 200
    assert exchange(server, request("GET", "/healthz", host=host)).status == expected


def test_http_1_0_needs_no_host(server: Server) -> None:
    assert exchange(server, raw(b"GET /healthz HTTP/1.0")).status == 200


@pytest.mark.parametrize("accept", [b"text/csv", b"application/jsonl", b"application/json"])
def test_http_1_0_gets_no_chunks(server: Server, anonymous: httpx.Client, accept: bytes) -> None:
    response = exchange(server, raw(b"GET /v1/themes HTTP/1.0", b"Accept: " + accept))
    assert response.status == 200
    assert response.header("transfer-encoding") is None
    assert response.header("connection") == "close"
    assert response.body == anonymous.get("/v1/themes", headers={"Accept": accept.decode()}).content


def test_the_server_as_a_whole_says_what_it_takes(server: Server) -> None:
    response = exchange(server, request("OPTIONS", "*"))
    assert response.status == 204
    assert response.header("allow") == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
    assert exchange(server, request("GET", "*")).status == 400


def test_requests_go_on_after_large_bodies_and_blank_lines(server: Server) -> None:
    """The bytes of a body, and of the requests before, are none of a head's."""
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    body = b"a" * 300_000
    with connect(server) as connection:
        for _ in range(3):
            connection.sendall(
                b"\r\n\r\nPUT /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            )
            assert b" 405 " in _head(connection)
            connection.sendall(one)
            assert b" 200 " in _head(connection)


def _head(connection: socket.socket) -> bytes:
    """The next response, which has a body of known length."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)
    return head


@pytest.mark.parametrize(
    ("version", "coding", "status"),
    [
        (b"1.1", b"chunked", 405),
        (b"1.1", b"Chunked", 405),
        (b"1.1", b"gzip, chunked", 501),
        (b"1.1", b"gzip\r\nTransfer-Encoding: chunked", 501),
        (b"1.1", b"gzip", 400),
        (b"1.1", b"chunked, chunked", 400),
        (b"1.0", b"chunked", 400),
    ],
)
def test_a_body_comes_in_chunks_or_as_it_is(server: Server, version: bytes, coding: bytes, status: int) -> None:
    """RFC 9112, section 6.1. What is refused may not be read on: its end is not known."""
    lines = [b"Host: x", b"Connection: close", b"Transfer-Encoding: " + coding]
    sent = exchange(server, raw(b"POST /healthz HTTP/" + version, *lines) + b"1\r\n{\r\n0\r\n\r\n")
    assert sent.status == status
    assert sent.header("connection") == "close"
    assert sent.raw.count(b"HTTP/1.1 ") == 1
    if status == 501:
        assert sent.json()["type"] == "/problems/coding-not-implemented"


@pytest.mark.parametrize("version", [b"2.0", b"0.9"])
def test_another_http_is_505(server: Server, version: bytes) -> None:
    refused = exchange(server, raw(b"GET /healthz HTTP/" + version, b"Host: x"))
    assert refused.status == 505
    assert refused.json()["type"] == "/problems/version-not-supported"
    assert refused.header("connection") == "close"


@pytest.mark.parametrize(
    "second",
    [b"get /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\nHost x\r\n\r\n"],
    ids=["method", "tls", "field"],
)
def test_what_is_no_http_is_not_taken_for_the_response_to_the_request_before_it(server: Server, second: bytes) -> None:
    """RFC 9112, section 9.3.2: responses come in the order of their requests."""
    first, then = (raw(b"GET /v1/themes HTTP/1.1", b"Host: x", b"X-Request-Id: " + each) for each in (b"one", b"two"))
    came = exchange(server, first + then + second).raw
    assert re.findall(rb"HTTP/1\.1 (\d+)", came) == [b"200", b"200"]
    assert re.findall(rb"x-request-id: (\w+)", came) == [b"one", b"two"]


def test_few_requests_wait_on_a_connection(server: Server) -> None:
    """Who sends thousands at once would have each of them held: the first are answered, and the connection ends."""
    came = exchange(server, raw(b"GET /healthz HTTP/1.1", b"Host: x") * 1000).raw
    responses = came.split(b"HTTP/1.1 ")[1:]
    assert 1 < len(responses) < 100
    assert all(each.startswith(b"200 ") for each in responses)
    assert [b"connection: close" in each.lower() for each in responses] == [*[False] * (len(responses) - 1), True]
