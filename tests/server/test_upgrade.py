"""An upgrade to another protocol is an offer that nobody takes: the request is answered as if it were not made."""

import json
from collections.abc import Iterator

import pytest

from tests.support.server import Server
from tests.support.wire import connect, read_to_end

BODY = json.dumps({"name": "Offered", "slug": "offered-upgrade"}).encode()
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA\r\n"
SMUGGLED = b"GET /v1/themes/trade HTTP/1.1\r\nHost: x\r\n\r\n"


def answered(server: Server, pieces: Iterator[bytes]) -> bytes:
    with connect(server) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return read_to_end(connection)


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    "offer", [H2C, b"Connection: upgrade\r\nUpgrade: websocket\r\n", b"Connection: Upgrade\r\nUpgrade: x\r\n"]
)
@pytest.mark.parametrize("chunked", [False, True])
def test_the_body_beside_an_offer_is_read(server: Server, offer: bytes, size: int, chunked: bool) -> None:
    head = (
        b"POST /v1/themes?dry_run=true HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    )
    head += b"".join(f"{name}: {value}\r\n".encode() for name, value in server.authorization.items())
    if chunked:
        rest = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    else:
        rest = b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
    response = answered(server, in_pieces(head + offer + rest, size))
    assert response.startswith(b"HTTP/1.1 200 "), response
    assert b'"slug":"offered-upgrade"' in response


def test_the_body_beside_an_offer_is_no_request(server: Server) -> None:
    head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n" % (
        H2C,
        len(SMUGGLED),
    )
    for pieces in ([head + SMUGGLED], [head, SMUGGLED]):
        response = answered(server, iter(pieces))
        assert response.startswith(b"HTTP/1.1 405 ")
        assert response.count(b"HTTP/1.1 ") == 1


def test_a_request_after_an_offer_is_answered(server: Server) -> None:
    first = b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + H2C + b"\r\n"
    last = b"GET /v1/themes/trade HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for size in (1, 100_000):
        response = answered(server, in_pieces(first + first + last, size))
        assert response.count(b"HTTP/1.1 200 OK") == 3
        assert b'"slug":"trade"' in response


def test_nothing_after_connect_is_a_request(server: Server) -> None:
    response = answered(server, iter([b"CONNECT localhost:80 HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED]))
    assert response.count(b"HTTP/1.1 ") == 1
    assert b'"slug":"trade"' not in response
