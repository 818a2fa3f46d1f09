"""The log: one line an event, for people (console) or for programs (JSON), and never a secret in it.

What a client sent is not logged: no header but the request id, no query, no body. A path is shown as it came over the
wire, but for what looks like a credential that somebody has put there. An exception within a request is shown by its
type and the places it went through, not by its message, for messages of drivers and validators quote what they got.

Nobody can write lines of their own: control characters are escaped, and what follows a line is indented.
"""

import logging
import re
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from traceback import StackSummary, TracebackException, walk_tb
from types import TracebackType
from typing import Any, Literal
from urllib.parse import unquote

from pythonjsonlogger.json import JsonEncoder, JsonFormatter

LogFormat = Literal["console", "json"]

current_request: ContextVar[str | None] = ContextVar("current_request", default=None)
"""The id of the request that is being answered; None outside of requests."""

access = logging.getLogger("followthrough.access")

HIDDEN = "***"
_MAX_PATH_LENGTH = 300
_MAX_TIMES_ENCODED = 3

# Anybody can send a path of 64 KiB. What looks far ahead does so once a word, from its beginning: from each character
# of it, that would take a minute.
_CREDENTIAL = re.compile(
    r"(?<![A-Za-z0-9])ft_[A-Za-z0-9]"  # a key of ours
    r"|(?<![\w-])(?>[\w-]*?eyJ)[\w-]++\."  # a JSON Web Token
    r"|[0-9a-fA-F]{40}"  # a digest or a random number; the ids of records have 32 digits
    # Long, with letters of both cases and digits: what random bytes look like, and no address of ours.
    r"|(?<![\w+=-])(?=[\w+=-]*[a-z])(?=[\w+=-]*[A-Z])(?=[\w+=-]*[0-9])[\w+=-]{24}"
)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NOT_IN_PATHS = re.compile(r"[^\x21-\x7e]")
_FIELDS = ("route", "milliseconds", "request_id", "key_id")
"""What a line for people says after its message, where it is known."""

_Chain = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


class PathDiscretion:
    """Paths as they may be shown."""

    def __init__(self, *secrets: str) -> None:
        """Hide these secrets as well as all that looks like one."""
        self._secrets = tuple(filter(None, secrets))
        self._short = lru_cache(maxsize=2048)(self._text)

    def __call__(self, path: bytes) -> str:
        """The path as it came over the wire, without the query, and with each credential in it hidden."""
        path = path.partition(b"?")[0]
        return self._short(path) if len(path) <= _MAX_PATH_LENGTH else self._text(path)[:_MAX_PATH_LENGTH]

    def _text(self, path: bytes) -> str:
        text = path.decode("ascii", "backslashreplace")
        if self._secret(_decoded(text)):
            return f"/{HIDDEN}"
        segments = (HIDDEN if _CREDENTIAL.search(_decoded(segment)) else segment for segment in text.split("/"))
        return _NOT_IN_PATHS.sub(_escaped, "/".join(segments))

    def _secret(self, text: str) -> bool:
        return any(secret in text for secret in self._secrets)


def _decoded(text: str) -> str:
    """What percent-encoding hides, also where it is applied again."""
    for _ in range(_MAX_TIMES_ENCODED):
        if (plain := unquote(text)) == text:
            break
        text = plain
    return text


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def clean(text: str) -> str:
    """Text without a character that ends a line or steers a terminal."""
    # Most lines are plain, and to see that takes no time.
    return text if text.isascii() and text.isprintable() else _UNPRINTABLE.sub(_escaped, text)


def _lines_of(error: BaseException, *, messages: bool, known: set[int]) -> Iterator[str]:
    """An exception line by line: what led to it, where it went through, and what it is."""
    known.add(id(error))
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and id(earlier) not in known:
        yield from _lines_of(earlier, messages=messages, known=known)
        yield "which led to:"
    for frame in StackSummary.extract(walk_tb(error.__traceback__)).format():
        yield from frame.splitlines()
    if messages:
        yield from "".join(TracebackException.from_exception(error, compact=True).format_exception_only()).splitlines()
    else:
        code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
        yield f"{type(error).__module__}.{type(error).__qualname__}" + (f" ({code})" if code else "")
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _lines_of(part, messages=messages, known=known)


def exception_lines(raised: _Chain | Any) -> list[str]:
    """An exception as it may be logged: within a request without any message, as one could quote what was sent."""
    error = raised[1] if raised else None
    if error is None:
        return []
    return [clean(line) for line in _lines_of(error, messages=current_request.get() is None, known=set())]


def moment(created: float) -> str:
    """A time, in seconds since 1970, as the log shows it."""
    return f"{_second(int(created))}.{int(created % 1 * 1000):03d}Z"


@lru_cache(maxsize=2)
def _second(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%dT%H:%M:%S}"


class Console(logging.Formatter):
    """A line for people; what an exception adds is indented."""

    def format(self, record: logging.LogRecord) -> str:
        """Write an event down."""
        found = ((name, getattr(record, name, None)) for name in _FIELDS)
        fields = "".join(f" {name}={value}" for name, value in found if value is not None)
        line = clean(f"{moment(record.created)} {record.levelname} {record.name} {record.getMessage()}{fields}")
        return "\n".join([line, *(f"    | {line}" for line in exception_lines(record.exc_info))])


class Json(JsonFormatter):
    """A JSON object a line."""

    def __init__(self) -> None:
        """Name the fields; what an event says beside its message has the names it was given."""
        super().__init__(["levelname", "name", "message"], rename_fields={"levelname": "level", "name": "logger"})
        self._encoder = JsonEncoder(ensure_ascii=True)

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Begin with the time."""
        log_data["time"] = moment(record.created)
        super().add_fields(log_data, record, message_dict)

    def formatException(self, ei: _Chain | Any) -> str:  # noqa: N802 - the name is that of the standard library
        """Write an exception down."""
        return "\n".join(exception_lines(ei))

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """Write the object in ASCII, with one encoder for all; and escape DEL, which JSON lets through."""
        return clean(self._encoder.encode(log_data))


class InRequest(logging.Filter):
    """Says of each event in which request it came about."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything through, with the id of the request."""
        if not hasattr(record, "request_id") and (request_id := current_request.get()) is not None:
            record.request_id = request_id
        return True


def configuration(level: str, form: LogFormat) -> dict[str, Any]:
    """What ``logging.config.dictConfig`` takes: everything in one form, to standard error.

    Libraries speak up when something is wrong, and not below: some write headers and addresses into their details.
    """
    quiet = ("alembic", "httpcore", "httpx", "urllib3", "uvicorn.error")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"in_request": {"()": f"{__name__}.InRequest"}},
        "formatters": {"chosen": {"()": f"{__name__}.{'Json' if form == 'json' else 'Console'}"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "chosen", "filters": ["in_request"]},
        },
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {name: {"level": "WARNING"} for name in quiet},
    }
