"""HTTP as bytes on a socket, for requests that no client would send."""

import json
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support.server import Server

PATIENCE = 30
"""Seconds after which a server that does not answer has failed."""


@dataclass(frozen=True)
class RawResponse:
    """What came back over the wire."""

    raw: bytes

    @property
    def status(self) -> int:
        """The status; 0 where the connection was closed without an answer."""
        return int(self.raw.split(b" ", 2)[1]) if self.raw else 0

    @property
    def head(self) -> bytes:
        """Status line and headers."""
        return self.raw.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        """The body as it came."""
        return self.raw.partition(b"\r\n\r\n")[2]

    def header(self, name: str) -> str | None:
        """A header, or None."""
        for line in self.head.split(b"\r\n")[1:]:
            found, _, value = line.partition(b":")
            if found.strip().lower() == name.lower().encode():
                return value.strip().decode("latin-1")
        return None

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def request(
    method: str, target: bytes | str, *headers: bytes, body: bytes | Iterable[bytes] = b"", host: bytes = b"localhost"
) -> bytes:
    """A request as bytes; a body in parts is sent in chunks."""
    target = target.encode() if isinstance(target, str) else target
    lines = [method.encode() + b" " + target + b" HTTP/1.1", b"Host: " + host, b"Connection: close", *headers]
    if isinstance(body, bytes):
        if body and not any(each.lower().startswith(b"content-length:") for each in headers):
            lines.append(b"Content-Length: %d" % len(body))
        sent = body
    else:
        lines.append(b"Transfer-Encoding: chunked")
        sent = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in body) + b"0\r\n\r\n"
    return b"\r\n".join(lines) + b"\r\n\r\n" + sent


def connect(server: Server, *, receive_buffer: int | None = None) -> socket.socket:
    """A connection to a server; with a small buffer, little is taken of what the client does not read."""
    address = urlsplit(server.url)
    assert address.hostname is not None
    assert address.port is not None
    connection = socket.socket()
    connection.settimeout(PATIENCE)
    if receive_buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    try:
        connection.connect((address.hostname, address.port))
    except OSError:
        connection.close()
        raise
    return connection


def read_to_end(connection: socket.socket) -> bytes:
    """All that comes until the other side closes the connection."""
    received = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            received += part
    return received


def drip(connection: socket.socket, piece: bytes) -> tuple[bytes, float]:
    """Send a piece now and then until the other side closes; gives what it said meanwhile, and the time it took."""
    begun = time.monotonic()
    received = b""
    connection.settimeout(0.02)
    while time.monotonic() - begun < PATIENCE:
        try:
            connection.sendall(piece)
            part = connection.recv(65536)
        except TimeoutError:
            continue
        except (BrokenPipeError, ConnectionResetError):
            break
        if not part:
            break
        received += part
    return received, time.monotonic() - begun


def exchange(server: Server, raw: bytes) -> RawResponse:
    """Send bytes to a server, and take down all that it answers."""
    with connect(server) as connection:
        # A server may answer before it has read everything, and close.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(raw)
        return RawResponse(read_to_end(connection))
