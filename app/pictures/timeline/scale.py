"""Where a day is on the paper."""

from collections.abc import Iterable
from datetime import date

from app.pictures.paper import (
    MARGIN,
    WIDTH,
)

_YEARS_BEFORE, _YEARS_AFTER = 40, 15  # years around today that are drawn: a promise for 2100 shall not squeeze the rest
NAMES = 326.0
LEFT, RIGHT = MARGIN + NAMES + 8.0, WIDTH - MARGIN - 6.0


class Scale:
    """Where a day is on the paper."""

    def __init__(self, today: date, days: Iterable[date]) -> None:
        years = [each.year for each in days]
        self.today = today
        self.first = max(min([*years, today.year]), today.year - _YEARS_BEFORE)
        self.last = min(max([*years, today.year]), today.year + _YEARS_AFTER) + 1
        if self.last - self.first < 4:
            self.first = self.last - 4
        self._start = date(max(self.first, 1), 1, 1).toordinal()
        self._span = date(min(self.last, date.max.year), 1, 1).toordinal() - self._start
        self.step = next(step for step in (1, 2, 5, 10, 20) if (self.last - self.first) / step <= 10)

    def x(self, on: date) -> float:
        """The place of a day; the edge, for one that is beyond it."""
        return min(max(self._place(on), LEFT), RIGHT)

    def _place(self, on: date) -> float:
        return LEFT + (on.toordinal() - self._start) / self._span * (RIGHT - LEFT)

    def holds(self, on: date) -> bool:
        """Whether a day is within what is drawn."""
        return LEFT <= self._place(on) <= RIGHT

    def beyond(self, on: date) -> bool:
        """Whether a day is later than what is drawn."""
        return self._place(on) > RIGHT

    def years(self) -> list[int]:
        """The years that are written on the axis."""
        return [year for year in range(self.first, self.last) if year % self.step == 0 and year > 0]
