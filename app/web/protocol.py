"""Connections: uvicorn's own protocol, with an end to everything that a client can draw out.

What uvicorn leaves open: how long the headers of a request take, how long an answer stays unread, how many clients are
connected, and what becomes of connections that are idle when the server stops.
"""

import asyncio
import logging
import socket
from dataclasses import dataclass
from typing import Any

import uuid_utils
from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from app.errors import Malformed, Overloaded, Problem, RequestTimeout, answer, request_id_of
from app.settings import Settings
from app.web.shutdown import Shutdown

log = logging.getLogger("followthrough.connections")

NAME = "app.web.protocol:Protocol"
"""What uvicorn is told to use, in a form that its worker processes can take."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a connection may take for what, in seconds, and how many there may be."""

    headers: float
    unread: float
    connections: int
    lingering: float = 0.5
    """For how long a connection that is idle is kept when the server stops, for a request that is on its way."""

    @property
    def most(self) -> int:
        """Connections beyond which one is closed at once, without waiting for what it asks."""
        return self.connections + max(16, self.connections // 4)


def patience_of(settings: Settings) -> Patience:
    """What an operator has decided."""
    return Patience(settings.header_seconds, settings.stalled_seconds, settings.connections)


class Protocol(HttpToolsProtocol):
    """One connection of a client.

    The state of the application's lifespan says how: ``patience``, ``shutdown`` for the end of the server, and
    ``overloaded``, which answers in place of the application where there are too many connections.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Take what uvicorn gives."""
        super().__init__(config, server_state, app_state, _loop)
        self._patience: Patience = app_state["patience"]
        self._shutdown: Shutdown = app_state["shutdown"]
        self._overloaded: ASGIApp = app_state["overloaded"]
        self._headers_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._served = self.app
        self._refused = False
        self._begun = False
        self._asked = False

    # -- the life of a connection --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._refused = len(self.connections) > self._patience.connections
        if len(self.connections) > self._patience.most:
            self._end_with(Overloaded())
            return
        self._let_go_of_the_vanished(transport)
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget about time."""
        self._stop_waiting_for_headers()
        self._stop_waiting_for_reading()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Finish what was asked; wait a moment for what is on its way, and say in its answer that this was the last."""
        self._shutdown.begin()
        if not self._answering:
            self._linger()
        elif not self.cycle.response_started:
            super().shutdown()
        # An answer that has begun did not say that it is the last, and its client may ask again at once.

    def _linger(self) -> None:
        self.loop.call_later(self._patience.lingering, self._close_if_idle)

    @property
    def _answering(self) -> bool:
        return self._asked and not self.cycle.response_complete

    def _close_if_idle(self) -> None:
        if not self._answering:
            self.transport.close()

    def _let_go_of_the_vanished(self, transport: asyncio.Transport) -> None:
        """Have the system end a connection whose other end is gone without a word, which small writes never notice."""
        connected = transport.get_extra_info("socket")
        if hasattr(socket, "TCP_USER_TIMEOUT") and connected.family in (socket.AF_INET, socket.AF_INET6):
            milliseconds = int(self._patience.unread * 1000)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    # -- the headers of a request --------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take what comes; while it is no request, time runs."""
        super().data_received(data)
        # Whatever comes stops uvicorn's own clock for idle connections: a first byte, an empty line, or the rest of a
        # body that was answered before its end. From then on this one runs, and nothing but headers stops it.
        if not self._answering and self._headers_timer is None and self.timeout_keep_alive_task is None:
            self._await_headers()

    def on_message_begin(self) -> None:
        """Take note that a request begins."""
        super().on_message_begin()
        self._begun = True

    def on_headers_complete(self) -> None:
        """Have the request answered, or refused where too many clients are connected."""
        self._begun = False
        self._stop_waiting_for_headers()
        self.app = self._overloaded if self._refused else self._served
        super().on_headers_complete()
        # Only now: a target that cannot be read ends the above.
        self._asked = True
        if self._shutdown.begun:
            self.cycle.keep_alive = False

    def _await_headers(self) -> None:
        if not self.transport.is_closing():
            self._headers_timer = self.loop.call_later(self._patience.headers, self._headers_are_late)

    def _stop_waiting_for_headers(self) -> None:
        if self._headers_timer is not None:
            self._headers_timer.cancel()
            self._headers_timer = None

    def _headers_are_late(self) -> None:
        self._headers_timer = None
        if self._begun:
            self._end_with(RequestTimeout())
        else:
            # Nothing was asked: an answer would be taken for that to the next request.
            self._close()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._end_with(Malformed("This is not HTTP that can be read."))

    def _end_with(self, problem: Problem) -> None:
        """Write an answer to no request in particular, and close the connection."""
        if self.transport.is_closing():
            return
        request_id = uuid_utils.uuid7().hex
        response = answer(problem, request_id)
        extra = [(b"x-request-id", request_id.encode()), (b"connection", b"close")]
        kept = [each for each in response.raw_headers if each[0].lower() != b"connection"]
        lines = [name + b": " + value + b"\r\n" for name, value in (*self.server_state.default_headers, *kept, *extra)]
        self.transport.write(b"".join([STATUS_LINE[problem.status], *lines, b"\r\n", bytes(response.body)]))
        self._close()

    # -- an answer that is not read ------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """Begin to wait for the client to read: the application does, too."""
        super().pause_writing()
        self._await_reading()

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        super().resume_writing()
        self._stop_waiting_for_reading()
        if not self._answering:
            self._await_reading_of_the_rest()

    def on_response_complete(self) -> None:
        """See to it that what was written is read, now that nobody waits for it any more."""
        super().on_response_complete()
        self._await_reading_of_the_rest()
        if self._shutdown.begun:
            self._linger()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing was asked for a while."""
        self._close()

    def _close(self) -> None:
        """Close once everything that was written has been read, or will not be."""
        if not self.transport.is_closing():
            self.transport.close()
        self._await_reading_of_the_rest()

    def _await_reading_of_the_rest(self) -> None:
        if self.transport.get_write_buffer_size():
            self._await_reading()

    def _await_reading(self) -> None:
        if self._unread_timer is None:
            self._unread_timer = self.loop.call_later(self._patience.unread, self._nobody_reads)

    def _stop_waiting_for_reading(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def _nobody_reads(self) -> None:
        """End the connection, and with it whatever the application still wants to say over it."""
        self._unread_timer = None
        if self.flow.write_paused or self.transport.get_write_buffer_size():
            log.warning("a client left its answer unread for %g s: the connection was ended", self._patience.unread)
            self.transport.abort()


async def overloaded(scope: Scope, receive: Receive, send: Send) -> None:
    """The application of a connection that is one too many: it tells each request to come back later."""
    problem = Overloaded()
    problem.headers["Connection"] = "close"
    await answer(problem, request_id_of(Request(scope)))(scope, receive, send)
