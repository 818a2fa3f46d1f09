"""The clock of the register: the one thing that says what day it is, always in UTC."""

from collections.abc import Callable
from datetime import UTC, date, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def clock_of(today: date | None) -> Clock:
    """The clock to go by: the real one, or one on which it is always a certain day, at the real time of day."""
    if today is None:
        return now
    return lambda: datetime.combine(today, now().timetz())
