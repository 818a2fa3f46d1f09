"""Connections: uvicorn's own protocol, with an end to everything that a client can draw out.

What uvicorn leaves open: how long the headers of a request take and how large they are, how long a response stays
unread, how many clients are connected, and what becomes of connections that are idle when the server stops.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from app.errors import HeadersTooLarge, Malformed, Overloaded, Problem, RequestTimeout
from app.middleware.known_heads import HEAD, KnownHeads
from app.server.connection_limits import ConnectionLimits
from app.server.old_http import WithoutChunks
from app.server.refusals import written
from app.server.request_head import HeadSize, refusal_of
from app.server.request_parser import RequestParser
from app.server.shutdown import Shutdown

log = logging.getLogger("followthrough.connections")

NAME = "app.server.protocol:Protocol"
"""What uvicorn is told to use, in a form that its worker processes can take."""


class Protocol(HttpToolsProtocol):
    """One connection of a client.

    The state of the application's lifespan says how: ``connection_limits``, ``shutdown`` for the end of the server, and
    ``refusal``, which makes an application that refuses every request with a problem.
    """

    parser: RequestParser  # type: ignore[assignment]  # in place of httptools' own, with all of it that uvicorn uses

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Take what uvicorn gives."""
        super().__init__(config, server_state, app_state, _loop)
        self.parser = RequestParser(self)
        self._limits: ConnectionLimits = app_state["connection_limits"]
        self._shutdown: Shutdown = app_state["shutdown"]
        self._refusal: Callable[[Problem], ASGIApp] = app_state["refusal"]
        self._known_heads: KnownHeads | None = app_state["known_heads"]
        self._headers_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._running: RequestResponseCycle | None = None
        self._served = self.app
        self._size = HeadSize()
        self._in_head = False
        self._in_message = False
        self._piece: bytes | None = None
        self._one_too_many = False
        self._received = False
        self._discarding = False

    # -- the life of a connection --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._one_too_many = len(self.connections) > self._limits.connections
        if len(self.connections) > self._limits.most:
            self._end_with(Overloaded())
            return
        self._let_go_of_the_vanished(transport)
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget about time and what waits; who left is told to what is answered, uvicorn tells only the last."""
        self._stop_waiting_for_headers()
        self._stop_waiting_for_reading()
        self.pipeline.clear()
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def shutdown(self) -> None:
        """Finish what was requested; wait a moment for what is on its way, and say that it was the last."""
        self._shutdown.begin()
        if not self._answering:
            self._linger()
        elif not self.cycle.response_started:
            super().shutdown()
        # A response that has begun did not say that it is the last, and its client may ask again at once.

    def _linger(self) -> None:
        self.loop.call_later(self._limits.lingering, self._close_if_idle)

    @property
    def _answering(self) -> bool:
        return self._received and not self.cycle.response_complete

    def _close_if_idle(self) -> None:
        if not self._answering:
            self.transport.close()

    def _let_go_of_the_vanished(self, transport: asyncio.Transport) -> None:
        """Have the system end a connection whose other end is gone without a word, which small writes never notice."""
        connected = transport.get_extra_info("socket")
        if hasattr(socket, "TCP_USER_TIMEOUT") and connected.family in (socket.AF_INET, socket.AF_INET6):
            milliseconds = int(self._limits.unread * 1000)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

    # -- the head of a request -----------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take what comes, in pieces that are counted; while it is no request, time runs."""
        if self._known_heads is not None and self._written_at_once(data, self._known_heads):
            return
        while data and not self._discarding and not self.transport.is_closing():
            piece, data = data[: self._size.room], data[self._size.room :]
            super().data_received(piece)
            self._size.add(len(piece))
            if self._size.exceeded and not self._discarding:
                self._refuse_the_rest()
        # Whatever comes stops uvicorn's own clock for idle connections: a first byte, an empty line, or the rest of a
        # body that was responded to before its end. From then on this one runs, and nothing but headers stops it.
        if (
            not self._answering
            and not self._discarding
            and self._headers_timer is None
            and self.timeout_keep_alive_task is None
        ):
            self._await_headers()

    def _written_at_once(self, data: bytes, known: KnownHeads) -> bool:
        """Write the response to a head that came as a whole, where it is known: nobody else learns of the request."""
        self._piece = None
        if self._in_message or self._answering or self._discarding or self.transport.is_closing():
            return False
        # It is remembered by this where it will be known.
        self._piece = data
        if self.flow.write_paused or self._one_too_many or self._shutdown.begun:
            return False
        response = known.response(data, self.client, self.server_state.default_headers)
        if response is None:
            return False
        self._stop_waiting_for_headers()
        self._size.progress()
        self._size.add(len(data))
        self.transport.write(response)
        self.on_response_complete()
        return True

    def on_message_begin(self) -> None:
        """Take note that a request begins. Where too many before it wait, it ends what is read, and is asked again."""
        if len(self.pipeline) >= self._limits.waiting:
            raise Overloaded()  # the parser ends with it, as with what is no HTTP
        super().on_message_begin()
        self._in_head = self._in_message = True
        self._size.fields = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head. One that comes after a body in chunks, in a trailer, counts for nothing."""
        self._size.fields += 1
        if self._in_head and not self._size.exceeded:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Have the request answered, or refused where it is malformed or too many clients are connected."""
        if self.parser.offers_upgrade:
            return
        self._in_head = False
        self._stop_waiting_for_headers()
        method, version = self.parser.get_method().decode("ascii"), self.parser.get_http_version()
        problem = refusal_of(self._size, method, version, self.url, self.headers)
        if problem is None and self._one_too_many:
            problem = Overloaded()
        self._size.progress()
        if self._piece is not None and problem is None:
            self.scope["state"][HEAD] = self._piece
        self.app = self._served if problem is None else self._refusal(problem)
        plain = WithoutChunks(self.app)
        if version == "1.0":
            self.app = plain
        super().on_headers_complete()
        plain.cycle = self.cycle
        # Only now: a target that cannot be read ends the above.
        self._received = True
        if self._shutdown.begun or problem is not None:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._size.progress()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Take note that a request is whole."""
        if self.parser.offers_upgrade:
            return
        self._in_message = False
        self._size.progress()
        super().on_message_complete()

    def _refuse_the_rest(self) -> None:
        """End a request whose head, trailer or chunk extensions are too large, before the rest of it is read."""
        if self._in_head:
            self._end_with(HeadersTooLarge(), reading_on=True)
        elif self._answering and not self.cycle.response_started:
            self._end_with(Malformed("What stands between the pieces of the body is too large."))
        else:
            self._close()

    def _await_headers(self) -> None:
        if not self.transport.is_closing():
            self._headers_timer = self.loop.call_later(self._limits.headers, self._headers_are_late)

    def _stop_waiting_for_headers(self) -> None:
        if self._headers_timer is not None:
            self._headers_timer.cancel()
            self._headers_timer = None

    def _headers_are_late(self) -> None:
        self._headers_timer = None
        if self._in_head:
            self._end_with(RequestTimeout())
        else:
            # Nothing was requested: a response would be taken for that to the next request.
            self._close()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._end_with(Malformed("This is not HTTP that can be read."))

    def _end_with(self, problem: Problem, *, reading_on: bool = False) -> None:
        """Write a response to no request in particular, and close the connection.

        A client that is still sending would lose the response with the connection: where it is likely to, what it
        sends is read on for a moment, and thrown away.
        """
        if self.transport.is_closing():
            return
        if self._answering and (self._in_head or not self._in_message):
            # A response now would be taken for that to the request before it, which is whole: that one is answered.
            self.cycle.keep_alive = False
            self._discarding = True
            return
        self.transport.write(written(problem, self.server_state.default_headers))
        if reading_on and self.transport.can_write_eof():
            self._discarding = True
            self._stop_waiting_for_headers()
            self.transport.write_eof()
            self.loop.call_later(self._limits.lingering, self._close)
        else:
            self._close()

    # -- a response that is not read -----------------------------------------------------------------------------

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
            self._unread_timer = self.loop.call_later(self._limits.unread, self._nobody_reads)

    def _stop_waiting_for_reading(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def _nobody_reads(self) -> None:
        """End the connection, and with it whatever the application still wants to say over it."""
        self._unread_timer = None
        if self.flow.write_paused or self.transport.get_write_buffer_size():
            log.warning("a client left its response unread for %g s: the connection was ended", self._limits.unread)
            self.transport.abort()
