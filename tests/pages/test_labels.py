"""What people read: dates as exact as they are known, numbers, countries and periods in words."""

from datetime import UTC, date, datetime

import pytest

from app.languages import written
from app.pages.fields import period
from app.pages.html import json_ld, paragraphs, shortened


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2018", "2018"),
        ("2018-07", "July 2018"),
        ("2018-07-10", "10 July 2018"),
        (date(2018, 7, 1), "1 July 2018"),
        (datetime(2018, 7, 1, 23, tzinfo=UTC), "1 July 2018"),
        (None, ""),
        ("soon", "soon"),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(value: object, text: str) -> None:
    assert written.day(value) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [(1, "1 day"), (59, "59 days"), (219, "7 months"), (3610, "9.9 years"), (-400, "-13 months"), (None, "—")],
)
def test_days_are_said_in_a_unit_that_fits(days: float | None, text: str) -> None:
    assert written.duration(days) == text


def test_numbers_countries_and_shares() -> None:
    assert written.number(1234567.5) == "1,234,567.5"
    assert written.number(50.0) == "50"
    assert written.percent(0.186) == "19%"
    assert written.country("KR") == "South Korea"
    assert written.country("QQ") == "QQ"


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ("2018-01-01", "2018-12-31", "2018"),
        ("2018-04-01", "2019-03-31", "fiscal year 2018/19"),
        (None, "2018-06-30", "30 June 2018"),
        ("2018-01-01", "2018-06-30", "1 January 2018 to 30 June 2018"),
    ],
)
def test_a_period_is_called_by_its_year_where_it_is_one(start: str | None, end: str, text: str) -> None:
    assert period({"period_start": start, "period_end": end}) == text


def test_no_text_ends_the_element_it_stands_in() -> None:
    assert "</script><b>" not in json_ld({"name": "</script><b>"})
    assert paragraphs("a <b>\n\nc") == "<p>a &lt;b&gt;</p>\n<p>c</p>"
    assert shortened("one two three four", 10) == "one two …"
