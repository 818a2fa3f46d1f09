"""Dates in pictures: days, and months and years of which no more is known."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from app.core.field_types import first_day, last_day
from app.languages import written


@dataclass(frozen=True, order=True)
class Period:
    """A day, a month or a year, as far as a date is known. Periods sort by their first day."""

    first: date
    last: date
    text: str
    """The date as it is stored."""

    @property
    def words(self) -> str:
        """The period as a person reads it: 10 July 2018, July 2018 or 2018; in the language of the request."""
        return in_words(self.text)

    @property
    def middle(self) -> date:
        """Where something is drawn that happened within the period, nobody knows when."""
        return date.fromordinal((self.first.toordinal() + self.last.toordinal()) // 2)


def period(value: Any) -> Period:
    """The period that a partial date names, as the view gives it or as JSON has it."""
    return _period(str(value))


@lru_cache(maxsize=4096)
def _period(text: str) -> Period:
    return Period(first_day(text), last_day(text), text)


def in_words(value: Any) -> str:
    """A partial date as a person reads it. Not by the machine's locale, which would change the bytes."""
    return written.day(value)
