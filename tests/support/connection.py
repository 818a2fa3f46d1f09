"""A connection to the server without a network: what comes over it, and what is written at once in return."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from uvicorn.server import ServerState

from app.main import create_app
from app.server.protocol import Protocol
from app.settings import Settings
from tests.support.waiting import LATE

CLIENT = ("192.0.2.7", 50_000)
DATE = b"Mon, 30 Nov 2026 12:00:00 GMT"


class Transport(asyncio.Transport):
    """Keeps what is written. A client that does not read is one whose ``waiting`` is not 0."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.written = b""
        self.waiting = 0
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        self.written += bytes(data)

    def close(self) -> None:
        """Take no more."""
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Who is at the other end, by what stands for a socket."""
        return _Socket() if name == "socket" else default

    def get_write_buffer_size(self) -> int:
        """What the client has not read."""
        return self.waiting

    def can_write_eof(self) -> bool:
        """Nothing is half closed here."""
        return False

    def pause_reading(self) -> None:
        """Nothing comes by itself."""

    def resume_reading(self) -> None:
        """Nothing comes by itself."""


class _Socket:
    family = None

    def getpeername(self) -> tuple[str, int]:
        return CLIENT

    def getsockname(self) -> tuple[str, int]:
        return "192.0.2.1", 8000


@dataclass(frozen=True)
class Exchange:
    """What came of a piece that was sent."""

    raw: bytes
    """All that was written for it."""
    at_once: bool
    """Whether that was before the server did anything else, and no task was begun."""


class Connection:
    """One connection of a client."""

    def __init__(self, portal: BlockingPortal, config: uvicorn.Config, state: ServerState, app_state: Any) -> None:
        """Connect."""
        self.transport = Transport()
        self._portal = portal
        self._state = state
        self._app_state = app_state
        self._config = config
        self.protocol: Protocol = portal.call(self._connected)

    async def _connected(self) -> Protocol:
        protocol = Protocol(self._config, self._state, dict(self._app_state))
        protocol.connection_made(self.transport)
        return protocol

    def send(self, *pieces: bytes) -> Exchange:
        """Send something in these pieces, and wait until it is answered; nothing: until what was begun is."""
        return self._portal.call(self._send, pieces)

    def begin(self, piece: bytes) -> bytes:
        """Send something and wait for nothing; gives what was written at once."""

        async def begin() -> bytes:
            self.transport.written = b""
            self.protocol.data_received(piece)
            return self.transport.written

        return self._portal.call(begin)

    async def _send(self, pieces: tuple[bytes, ...]) -> Exchange:
        if pieces:
            self.transport.written = b""
        for piece in pieces:
            self.protocol.data_received(piece)
        at_once = bool(self.transport.written) and not self._state.tasks
        async with asyncio.timeout(10 * LATE):
            while self._state.tasks:
                await asyncio.wait(set(self._state.tasks))
                await asyncio.sleep(0)
        return Exchange(self.transport.written, at_once)

    def do(self, name: str) -> None:
        """Have something happen to the connection, such as ``pause_writing``."""

        async def call() -> None:
            getattr(self.protocol, name)()

        self._portal.call(call)

    def lost(self) -> None:
        """Have the client leave."""

        async def lose() -> None:
            self.transport.closed = True
            self.protocol.connection_lost(None)

        self._portal.call(lose)


@dataclass(frozen=True)
class Listener:
    """A server that takes connections."""

    app: FastAPI
    settings: Settings
    app_state: dict[str, Any]
    _portal: BlockingPortal
    _config: uvicorn.Config
    _state: ServerState

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A new connection, until the end of the block."""
        connection = Connection(self._portal, self._config, self._state, self.app_state)
        try:
            yield connection
        finally:
            connection.lost()


@contextmanager
def listening(settings: Settings) -> Iterator[Listener]:
    """Run an application behind the server's protocol, in a thread of its own, until the end of the block."""
    app = create_app(settings)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)) as app_state,
    ):
        config = uvicorn.Config(app, ws="none", http=Protocol, log_config=None, access_log=False)
        config.load()
        state = ServerState()
        state.default_headers = [(b"date", DATE)]
        yield Listener(app, settings, dict(app_state or {}), portal, config, state)


def head(target: str, *fields: bytes, method: str = "GET", version: str = "1.1") -> bytes:
    """The head of a request."""
    lines = [f"{method} {target} HTTP/{version}".encode(), b"Host: register.test", *fields]
    return b"\r\n".join(lines) + b"\r\n\r\n"


@dataclass
class Both:
    """The register behind the protocol twice: as it runs by default, and the long way."""

    default: Listener
    long: Listener


@contextmanager
def both_ways(settings: Settings) -> Iterator[Both]:
    """Listen both ways on one register."""
    with listening(settings) as default, listening(settings.model_copy(update={"short_way": False})) as long:
        yield Both(default, long)


def known(connection: Connection, sent: bytes) -> Exchange:
    """What a request is answered once it was asked three times."""
    return [connection.send(sent) for _ in range(3)][-1]


def comparable(raw: bytes) -> bytes:
    """A response without the id of its request and without what is left to the client."""
    raw = re.sub(rb"x-request-id: [^\r]+|urn:request:[^\"]+", b"", raw)
    return re.sub(rb'(ratelimit: "address";r=)\d+', rb"\1", raw)
