"""Which language a request is answered in, and how whatever makes the response knows it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from app.core.translations import ORIGINAL, language_of

__all__ = ["LANGUAGES", "ORIGINAL", "current", "in_language", "of_records", "preferred", "supported"]

LANGUAGES: Mapping[str, str] = {ORIGINAL: "English", "ko": "한국어", "hi": "हिन्दी"}
"""The languages of the interface, each by its own name. Adding one takes a catalogue (``catalogues/<code>.po``)."""

_MAX_HEADER_LENGTH = 500
_records: ContextVar[str] = ContextVar("language of records", default=ORIGINAL)
_current: ContextVar[str] = ContextVar("language", default=ORIGINAL)


def current() -> str:
    """The language of the request that is being answered; the original one outside of any."""
    return _current.get()


def of_records() -> str:
    """The language that records are to be read in, where they are translated."""
    return _records.get()


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Answer in a language, with records in it where they are translated."""
    token, records = _current.set(language), _records.set(language_of(language))
    try:
        yield
    finally:
        _current.reset(token)
        _records.reset(records)


def supported(tag: str) -> str | None:
    """The language of the interface that a tag (BCP 47) names, whatever region it adds; None where it has none."""
    primary = tag.strip().lower().replace("_", "-").partition("-")[0]
    return primary if primary in LANGUAGES else None


def preferred(header: str) -> str:
    """The language of the interface that an ``Accept-Language`` header likes best (RFC 9110); else the original."""
    best, weight = ORIGINAL, 0.0
    # However long and hostile a header is, its beginning says what a person reads.
    for part in header[:_MAX_HEADER_LENGTH].split(","):
        tag, _, parameters = part.partition(";")
        language = ORIGINAL if tag.strip() == "*" else supported(tag)
        liked = _weight(parameters)
        if language is not None and liked > weight:
            best, weight = language, liked
    return best


def _weight(parameters: str) -> float:
    value = parameters.strip().lower().removeprefix("q=").strip()
    if not value:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
