"""Dates, numbers, spans of time and countries, as each language writes them (CLDR, by Babel)."""

import re
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from app.languages.choice import ORIGINAL, current
from app.languages.texts import pgettext

_LOCALES = {"en": "en_GB", "ko": "ko_KR", "hi": "hi_IN"}
"""British English puts the day first, as the register's English does."""

_DAYS_A_YEAR, _DAYS_A_MONTH = 365.25, 30.44


@cache
def _locale(language: str) -> Any:
    from babel import Locale

    return Locale.parse(_LOCALES[language])


def day(value: object) -> str:
    """A date as exact as it is known: 10 July 2018, July 2018, or 2018. A moment is shown by its day, in UTC."""
    if isinstance(value, datetime):
        value = value.date()
    text = str(value or "")
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text):
        return text
    return _day(text, current())


@cache
def _formats(language: str) -> tuple[str, str, str]:
    """How a year, a month and a day are written."""
    locale = _locale(language)
    skeletons = locale.datetime_skeletons
    return str(skeletons["y"]), str(skeletons["yMMMM"]), str(locale.date_formats["long"])


@lru_cache(maxsize=4096)
def _day(text: str, language: str) -> str:
    from babel.dates import format_date

    year, month, day_ = (*(int(part) for part in text.split("-")), 1, 1)[:3]
    return format_date(date(year, month, day_), _formats(language)[text.count("-")], _locale(language))


def number(value: float | int | None) -> str:
    """A number with separators, and as many decimals as it has, up to two."""
    if value is None:
        return "—"
    from babel.numbers import format_decimal

    # Decimals are cut by Python first: what is halfway goes to the even digit, in every language alike.
    return format_decimal(round(value, 2), locale=_locale(current()))


_SUM = re.compile(r"(USD|JPY|INR) (million|billion|trillion)")
_SIZES = {"million": 10**6, "billion": 10**9, "trillion": 10**12}


def measured(value: float | int | None, unit: str | None) -> str:
    """A number with its unit: US$50 billion, 500억 달러, 12 tonnes. Money is counted as the language counts."""
    money = _SUM.fullmatch(unit or "")
    if value is None or money is None:
        return " ".join(part for part in (number(value), pgettext("unit", unit) if unit else "") if part)
    from babel.numbers import format_compact_decimal

    currencies = {
        "USD": pgettext("money", "US$%(amount)s"),
        "JPY": pgettext("money", "¥%(amount)s"),
        "INR": pgettext("money", "₹%(amount)s"),
    }
    locale, whole = _locale(current()), round(value * _SIZES[money[2]])
    amount = format_compact_decimal(whole, format_type="long", locale=locale, fraction_digits=2)
    return currencies[money[1]] % {"amount": amount}


def on_scale(value: float, unit: str) -> str:
    """A number beside a scale in this unit. Money is counted as the language counts it: 600억 for 60 (USD billion)."""
    money = _SUM.fullmatch(unit)
    if money is None or current() == ORIGINAL or not value:
        return number(value)
    from babel.numbers import format_compact_decimal

    whole, locale = round(value * _SIZES[money[2]]), _locale(current())
    return format_compact_decimal(whole, format_type="long", locale=locale, fraction_digits=2)


def scale_unit(unit: str) -> str:
    """The unit of the numbers that :func:`on_scale` writes."""
    money = _SUM.fullmatch(unit)
    if money is None or current() == ORIGINAL:
        return pgettext("unit", unit) if unit else ""
    from babel.numbers import get_currency_name

    return get_currency_name(money[1], locale=_locale(current()))


def percent(value: float | None) -> str:
    """A share as a percentage."""
    if value is None:
        return "—"
    from babel.numbers import format_percent

    return format_percent(round(value, 2), locale=_locale(current()))


def duration(days: int | float | None) -> str:
    """A number of days as people say it: 12 days, 7 months, 3.5 years."""
    if days is None:
        return "—"
    size = abs(days)
    if size < 60:
        return _units(round(days), "day")
    if size < 2 * _DAYS_A_YEAR:
        return months(round(days / _DAYS_A_MONTH))
    return _units(round(days / _DAYS_A_YEAR, 1), "year")


def months(count: int) -> str:
    """A number of months."""
    return _units(count, "month")


def _units(count: float, unit: str) -> str:
    from babel.units import format_unit

    return format_unit(int(count) if count == int(count) else count, f"duration-{unit}", locale=_locale(current()))


def country(code: str | None) -> str:
    """The usual name of a country."""
    return str(_locale(current()).territories.get(code or "", code or ""))
