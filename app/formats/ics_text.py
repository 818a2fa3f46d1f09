"""The text of a calendar (RFC 5545, sections 3.1 and 3.3): values escaped, long lines folded, both by the library.

A calendar of a large partnership has some ten thousand events, and each a dozen lines. The library takes most of its
time for lines that need neither, so it is given only what people wrote, and what is long.
"""

from datetime import date, datetime
from functools import cache
from types import SimpleNamespace

_MOST = 74
"""How many bytes a line has at most that needs no folding."""


def moment(value: datetime) -> str:
    """A moment, which is in UTC."""
    return value.isoformat()[: len("2026-01-31T12:30:05")].replace("-", "").replace(":", "") + "Z"


def day(value: date) -> str:
    """A day."""
    return value.isoformat().replace("-", "")


def line(name: str, text: str) -> str:
    """A property whose value is a text."""
    escaped: bytes = _library().vText(text).to_ical()
    return folded(f"{name}:{escaped.decode()}")


def folded(text: str) -> str:
    """A line in parts that are short enough."""
    if len(text.encode()) <= _MOST:
        return text
    written: bytes = _library().Contentline(text).to_ical()
    return written.decode()


@cache
def _library() -> SimpleNamespace:
    # Imported when the first calendar is wanted: a server starts sooner without. It is called for each line.
    from icalendar import parser, prop

    return SimpleNamespace(vText=prop.vText, Contentline=parser.Contentline)
