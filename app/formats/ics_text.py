"""The text of a calendar (RFC 5545, sections 3.1 and 3.3): values escaped, long lines folded.

A calendar of a large partnership has some ten thousand events, and each a dozen lines. Only what people wrote can be
long or hold a character that means something, so only that is looked at.
"""

from datetime import date, datetime

_MOST = 74
"""How many bytes a line has at most before its end; the space that a folded line begins with is one more."""


def moment(value: datetime) -> str:
    """A moment, which is in UTC."""
    return value.isoformat()[: len("2026-01-31T12:30:05")].replace("-", "").replace(":", "") + "Z"


def day(value: date) -> str:
    """A day."""
    return value.isoformat().replace("-", "")


def line(name: str, text: str) -> str:
    """A property whose value is a text."""
    return folded(f"{name}:{_escaped(text)}")


def _escaped(text: str) -> str:
    text = text.replace("\\N", "\n").replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def folded(text: str) -> str:
    """A line in parts that are short enough: between two characters, and not behind what escapes the one after it."""
    raw = text.encode()
    if len(raw) <= _MOST:
        return text
    parts, start = [], 0
    while len(raw) - start > _MOST:
        end = start + _MOST
        while raw[end] & 0xC0 == 0x80:
            end -= 1
        if raw[end - 1] in b"\\^":
            end -= 1
        parts.append(raw[start:end])
        start = end
    return b"\r\n ".join([*parts, raw[start:]]).decode()
