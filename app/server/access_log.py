"""The access log: a line a request.

A response that is ready is sent in less time than it takes to make a record for the log and to write it down. For these
the line is ready as well, in the form that the log has: the formatter has written it once, and time, id and duration
are put in. Such lines are written together at the end of each turn of the event loop, before anything is waited for.
"""

import asyncio
import logging
import time
from typing import TextIO

from app.server.logs import access, moment

_AT = 7258118399.25
_MILLISECONDS = 98765432109.5
_REQUEST_ID = "0b7d6c9a5e8f4d21-the-id-of-a-request"


Handler = logging.StreamHandler[TextIO]


class AccessLog:
    """Writes the lines of requests. Its methods are called on the event loop alone."""

    def __init__(self) -> None:
        """Begin with nothing to write."""
        self._ready: list[str] = []
        self._handler: Handler | None = None

    def write(
        self,
        method: str,
        path: str,
        route: str | None,
        status: int,
        request_id: str,
        seconds: float,
        key_id: str | None = None,
    ) -> None:
        """Log a request that is done; the path is written as it may be shown."""
        if access.isEnabledFor(logging.INFO):
            self.flush()
            access.handle(_record(method, path, route, status, request_id, round(seconds * 1000, 1), key_id))

    def ready_line(self, method: str, path: str, route: str | None, status: int) -> str | None:
        """The line of requests like this, with places for what differs; None where the log takes none that is ready."""
        self._handler = handler = _only_handler()
        if handler is None:
            return None
        example = _record(method, path, route, status, _REQUEST_ID, _MILLISECONDS, None)
        example.created = _AT
        handler.filter(example)
        line = handler.format(example).replace("%", "%%") + handler.terminator
        places = {moment(_AT): "%(at)s", str(_MILLISECONDS): "%(milliseconds).1f", _REQUEST_ID: "%(request_id)s"}
        for value, place in places.items():
            if line.count(value) != 1:
                return None
            line = line.replace(value, place)
        return line

    def write_ready(self, line: str, request_id: str, seconds: float) -> None:
        """Log a request that is done by its ready line."""
        if not self._ready:
            asyncio.get_running_loop().call_soon(self.flush)
        values = {"at": moment(time.time()), "milliseconds": seconds * 1000, "request_id": request_id}
        self._ready.append(line % values)

    def flush(self) -> None:
        """Write the lines that are ready."""
        if not self._ready or self._handler is None:
            return
        text = "".join(self._ready)
        self._ready.clear()
        self._handler.acquire()
        try:
            self._handler.stream.write(text)
            self._handler.flush()
        except Exception:
            self._handler.handleError(logging.makeLogRecord({"msg": "lines of the access log"}))
        finally:
            self._handler.release()


def _record(
    method: str, path: str, route: str | None, status: int, request_id: str, milliseconds: float, key_id: str | None
) -> logging.LogRecord:
    # Not by access.info(), which looks through the stack for who calls it.
    record = logging.LogRecord(access.name, logging.INFO, "", 0, "%s %s %d", (method, path, status), None)
    record.__dict__.update(
        method=method,
        path=path,
        route=route,
        status=status,
        request_id=request_id,
        milliseconds=milliseconds,
        key_id=key_id,
    )
    return record


def _only_handler() -> Handler | None:
    """What writes the access log, where that is one stream and nothing else looks at its records."""
    logger: logging.Logger | None = access
    handlers: list[logging.Handler] = []
    while logger is not None:
        handlers += logger.handlers
        logger = logger.parent if logger.propagate else None
    if len(handlers) != 1 or access.filters or not access.isEnabledFor(logging.INFO):
        return None
    # Whatever is more than this stream may look at a record in ways that are not known here.
    return handlers[0] if type(handlers[0]) is logging.StreamHandler else None
