"""Which language is chosen, and how each writes dates and numbers."""

import pytest

from app.languages import written
from app.languages.choice import in_language, preferred, supported


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ko", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("fr-FR,hi;q=0.5,en;q=0.4", "hi"),
        ("fr, de;q=0.5", "en"),
        ("*", "en"),
        ("ko;q=0", "en"),
        ("en;q=0.1, ko;q=0.1", "en"),
        ("KO_kr", "ko"),
        ("ko;q=nan, hi;q=2, ;;;,,,", "en"),
        ("x" * 10_000 + ",ko", "en"),
        ("\u0000,\ud800", "en"),
    ],
)
def test_a_header_chooses_the_language_it_likes_best(header: str, language: str) -> None:
    assert preferred(header) == language


def test_a_tag_names_a_language_whatever_its_region() -> None:
    assert [supported(tag) for tag in ("ko-KR", "hi", "EN", "kok", "")] == ["ko", "hi", "en", None, None]


@pytest.mark.parametrize(
    ("language", "day", "month", "number", "span", "country"),
    [
        ("en", "10 July 2018", "July 2018", "1,234,567.5", "3.5 years", "South Korea"),
        ("ko", "2018년 7월 10일", "2018년 7월", "1,234,567.5", "3.5년", "대한민국"),
        ("hi", "10 जुलाई 2018", "जुलाई 2018", "12,34,567.5", "3.5 वर्ष", "दक्षिण कोरिया"),
    ],
)
def test_each_language_writes_in_its_own_way(
    language: str, day: str, month: str, number: str, span: str, country: str
) -> None:
    with in_language(language):
        assert written.day("2018-07-10") == day
        assert written.day("2018-07") == month
        assert written.number(1234567.5) == number
        assert written.duration(1278) == span
        assert written.country("KR") == country


@pytest.mark.parametrize(
    ("language", "trade", "base", "other"),
    [
        ("en", "US$50 billion", "US$21.5 billion", "1,200 tonnes"),
        ("ko", "500억 달러", "215억 달러", "1,200 톤"),
        ("hi", "50 अरब डॉलर", "21.5 अरब डॉलर", "1,200 टन"),
    ],
)
def test_a_sum_of_money_is_counted_as_the_language_counts(language: str, trade: str, base: str, other: str) -> None:
    with in_language(language):
        assert written.measured(50, "USD billion") == trade
        assert written.measured(21.5, "USD billion") == base
        assert written.measured(1200, "tonnes") == other
        assert written.measured(None, "tonnes").startswith("—")
        assert written.measured(7, None) == "7"
