"""Dates in SQL, alike on both databases: counting days, and dates known to the year or the month.

A partial date is stored as the text that was written: ``2018``, ``2018-07`` or ``2018-07-10``. It stands for the last
day of its period when it is compared and when days are counted. It sorts as text, which is by the first day.
"""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app.core.field_types import first_day
from app.core.field_types import last_day as last_day_of
from app.core.storage.sql_functions import sql_function

_AFTER_ANY = "~"
"""Sorts after every continuation of a partial date: "2018-12-31" comes before "2018~"."""

_AFTER_ALL_DAYS = ":"
"""Sorts after every date: the day after 9999-12-31 cannot be written."""


_YEAR = "(?!0000)[0-9]{4}"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_MONTH = f"{_YEAR}-(?:0[1-9]|1[0-2])"
_DAY = (
    f"(?:{_MONTH}-(?:0[1-9]|1[0-9]|2[0-8])|{_YEAR}-(?:0[13-9]|1[0-2])-(?:29|30)"
    f"|{_YEAR}-(?:0[13578]|1[02])-31|{_LEAP_YEAR}-02-29)"
)
"""Regular expressions of the days and months of the calendar. No group captures: PostgreSQL would give it alone."""


def _cast(expression: str, pattern: str, end: str = "") -> str:
    """A text as a date on PostgreSQL; null where it is none: there a single such row would fail the whole query."""
    found = f"substring(CAST({expression} AS text) FROM '^{pattern}$')"
    return f"CAST({found} || '{end}' AS date)" if end else f"CAST({found} AS date)"


def _month_end(partial: str) -> str:
    return f"{_cast(partial, _MONTH, '-01')} + interval '1 month' - interval '1 day'"


def _last_day(partial: str, month_end: str) -> str:
    # December goes by itself: SQLite knows no day after the year 9999.
    return (
        f"CASE WHEN length({partial}) = 10 THEN {partial} "
        f"WHEN length({partial}) = 4 THEN {partial} || '-12-31' "
        f"WHEN substr({partial}, 6) = '12' THEN {partial} || '-31' "
        f"ELSE {month_end} END"
    )


days_between = sql_function(
    "days_between",
    sa.Integer(),
    sqlite=lambda later, earlier: f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)",
    postgresql=lambda later, earlier: f"({_cast(later, _DAY)} - {_cast(earlier, _DAY)})",
)
"""``days_between(later, earlier)``: whole days from one day to another; null where either is."""

last_day = sql_function(
    "last_day",
    sa.String(),
    sqlite=lambda partial: _last_day(partial, f"date({partial} || '-01', '+1 month', '-1 day')"),
    postgresql=lambda partial: _last_day(partial, f"to_char({_month_end(partial)}, 'YYYY-MM-DD')"),
)
"""``last_day(partial)``: the last day of a partial date's period, as the text YYYY-MM-DD; null where it is."""


def ends_before(column: sa.ColumnElement[Any], day: str | sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """The period that a column of partial dates names ends before a day, which is text.

    The plain comparison says nothing more, but lets the database look into an index.
    """
    return sa.and_(column < day, column + _AFTER_ANY < day)


def does_not_end_before(column: sa.ColumnElement[Any], day: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """The contrary, which needs the year of the day to look into an index."""
    return sa.and_(column >= sa.func.substr(day, 1, 4), column + _AFTER_ANY >= day)


def start_of(partial: str) -> str:
    """The first day of a period: what is ``lt`` it ends before that day, and what is ``gte`` does not."""
    return str(first_day(partial))


def day_after(partial: str) -> str:
    """The day after a period: what is ``lte`` it ends before that day, and what is ``gt`` does not."""
    day = last_day_of(partial)
    return _AFTER_ALL_DAYS if day == date.max else str(day + timedelta(days=1))
