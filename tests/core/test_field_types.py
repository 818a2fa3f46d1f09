"""Text: what can be stored, how it is searched, and dates that are known in part."""

import json
import re
import time
import unicodedata
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.core.field_types import (
    SLUG_PATTERN,
    Country,
    Doi,
    FieldName,
    FullDate,
    Line,
    LongLine,
    PartialDate,
    Prose,
    Slug,
    SlugOrId,
    Summary,
    WebAddress,
    first_day,
    fold,
    last_day,
    unstorable,
)
from app.core.reading.slug_or_id import as_id, is_slug_or_id
from tests.support.generated import examples, texts

PILED = "\u0301\u0323"
"""Two accents, in the order that they are not kept in: one above, one below."""

DOTLESS = "\u0131"
"""Turkish: its capital is I, whose small letter is i. No rule without a language gets it right both ways."""


def valid(kind: Any, value: Any) -> bool:
    """Whether a field of a kind takes a value."""
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


# -- folding ---------------------------------------------------------------------------------------------------------


@given(texts)
@examples(300)
def test_folded_text_is_folded_already(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts.filter(lambda text: DOTLESS not in text))
@examples(300)
def test_folding_takes_no_notice_of_case_or_of_how_accents_are_written(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    for other in (text.upper(), text.lower(), text.swapcase(), composed, decomposed):
        assert fold(other) == fold(text)


@given(texts)
@examples(200)
def test_folded_text_is_words_apart_by_single_spaces(text: str) -> None:
    assert fold(text).split() == [word for word in fold(text).split(" ") if word]
    assert all(re.fullmatch(r"[^\W_]{1,100}", word) for word in fold(text).split())


@given(texts, texts)
@examples(100)
def test_words_that_stand_apart_are_folded_apart(first: str, second: str) -> None:
    assert fold(f"{first}\n{second}") == " ".join(filter(None, (fold(first), fold(second))))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Añadir café à la CRÈME", "anadir cafe a la creme"),
        ("Straße, İstanbul, ÅNGSTRÖM", "strasse istanbul angstrom"),
        ("India's state-of-the-art 5G", "india s state of the art 5g"),
        ("대한민국 — 인도", "대한민국 인도"),
        ("भारत और कोरिया", "भरत और करय"),
        ("under_score", "under score"),
        ("№ 5, ½ of ℃, x²", "no 5 1 2 of c x2"),
        ("", ""),
        ("—", ""),
    ],
)
def test_what_folding_makes_of_words(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_hangul_syllable_is_the_same_however_it_is_encoded() -> None:
    assert fold(unicodedata.normalize("NFD", "한국")) == fold("한국") == "한국"


def test_accents_that_are_piled_up_take_no_longer_than_others() -> None:
    began = time.process_time()
    assert fold(f"a{PILED * 50_000}b") == "ab"
    assert time.process_time() - began < 3


@pytest.mark.parametrize("place", range(995, 1003))
def test_it_is_all_the_same_where_long_text_is_cut(place: int) -> None:
    word = f"a{PILED}\u0345\u1112\u1161\u11ab\ufb03\u0915\u093c"
    assert fold("-" * place + word) == fold(word)


def test_a_word_without_end_is_taken_in_parts() -> None:
    """PostgreSQL leaves out a word of more than 2 KiB; SQLite does not."""
    assert {len(word) for word in fold("한" * 5000).split()} == {100}


# -- what can be stored ----------------------------------------------------------------------------------------------


@given(st.characters())
@examples(300)
def test_nothing_can_be_stored_that_a_database_or_an_encoding_refuses(character: str) -> None:
    refused = unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"
    assert (unstorable(character) is not None) == refused
    for kind in (Line, Summary, Prose):
        assert not (refused and valid(kind, f"a{character}b"))


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "\x7f", "\x1b[31m", "\x85"])
def test_the_reason_names_the_character_and_does_not_repeat_it(text: str) -> None:
    reason = unstorable(text)
    assert reason is not None
    assert reason.isascii()
    assert reason.isprintable()
    assert "U+" in reason


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\r\nb", "a\u2028b", "a\u2029b", "", "   ", "x" * 201])
def test_a_line_is_one_line_of_at_most_200_characters(text: str) -> None:
    assert not valid(Line, text)


@pytest.mark.parametrize(
    "text",
    [
        *("\u200b", "\u2060\u00ad", "\u3164", "\ufeff \u200d", "\u2800\uffa0", "\ufe0f", "\u034f"),
        *("\u180b", "\U000e0100", "\u0301", "\u0301 \u0308", "\u093f", "\u20dd", "\U0001d159"),
    ],
)
def test_what_shows_nothing_is_no_text(text: str) -> None:
    for kind in (Line, LongLine, Summary, Prose):
        with pytest.raises(ValidationError, match="can be seen"):
            TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize("control", ["\u202a", "\u202b", "\u202d", "\u202e", "\u2066", "\u2069"])
def test_a_name_does_not_turn_its_direction(control: str) -> None:
    for kind in (Line, LongLine):
        with pytest.raises(ValidationError, match=r"U\+20"):
            TypeAdapter(kind).validate_python(f"abc{control}def")
    assert TypeAdapter(Prose).validate_python(f"abc{control}def")


@pytest.mark.parametrize("text", ["0", "1672531200", "2018", "2018-07", "2018-7-1", "2023-02-29", "0000-01-01", ""])
def test_a_full_date_is_a_day_of_the_calendar_and_nothing_else(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(FullDate).validate_json(json.dumps(text), strict=True)


def test_a_day_of_the_calendar_is_a_full_date() -> None:
    assert TypeAdapter(FullDate).validate_json('"2024-02-29"', strict=True) == date(2024, 2, 29)


def test_prose_has_paragraphs() -> None:
    assert valid(Prose, "one\n\n\ttwo")
    assert valid(Prose, "one\u2029two\u2028three")
    assert not valid(Prose, "x" * 20_001)


# -- slugs and ids ---------------------------------------------------------------------------------------------------


@given(st.text(st.sampled_from("abc019-_. A/é"), max_size=10))
@examples(300)
def test_every_slug_is_a_key_and_nothing_else_is(text: str) -> None:
    assert valid(SlugOrId, text) == is_slug_or_id(text) == bool(re.fullmatch(SLUG_PATTERN.strip("^$"), text))


@pytest.mark.parametrize("text", ["-a", "a-", "a--b", "A", "a_b", "", "é", "a b", "a\n", "x" * 121])
def test_what_is_no_slug(text: str) -> None:
    assert not valid(Slug, text)
    assert not is_slug_or_id(text)


@given(st.uuids())
@examples(50)
def test_an_id_is_found_as_one_and_cannot_be_a_slug(id_: Any) -> None:
    assert as_id(str(id_)) == id_
    assert not valid(Slug, str(id_))


@pytest.mark.parametrize("slug", ["a-a-a-a-" + "a" * 28, "a" * 36, "-".join(["abcdef"] * 5), "0" * 32])
def test_a_slug_that_resembles_an_id_is_still_a_slug(slug: str) -> None:
    assert valid(Slug, slug)
    assert as_id(slug) is None


# -- partial dates ---------------------------------------------------------------------------------------------------

days = st.dates(min_value=date(1, 1, 1))
partials = days.flatmap(lambda day: st.sampled_from([day.isoformat()[:4], day.isoformat()[:7], day.isoformat()]))


@given(partials)
@examples(100)
def test_a_partial_date_is_taken_and_has_a_first_and_a_last_day(partial: str) -> None:
    assert valid(PartialDate, partial)
    first, last = first_day(partial), last_day(partial)
    assert first.isoformat().startswith(partial)
    assert last.isoformat().startswith(partial)
    if first > date.min:
        assert not (first - timedelta(days=1)).isoformat().startswith(partial)
    if last < date.max:
        following = last + timedelta(days=1)
        assert not following.isoformat().startswith(partial)


@pytest.mark.parametrize(
    "text",
    [
        "0000",
        "0000-01-01",
        "2026-00",
        "2026-13",
        "2026-02-30",
        "2025-02-29",
        "2026-1",
        "2026-01-1",
        "26",
        "2026-",
        "2026-01-",
        "20260101",
        "\uff12\uff10\uff12\uff16",
        "2026-01-01T00:00:00Z",
        "-2026",
        "+2026",
        " 2026",
        "2026\n",
        "",
    ],
)
def test_what_is_no_partial_date(text: str) -> None:
    assert not valid(PartialDate, text)


# -- countries, DOIs and addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["IN", "KR", "GB"])
def test_countries(text: str) -> None:
    assert valid(Country, text)


@pytest.mark.parametrize("text", ["in", "UK", "IND", "XX", "I", "", "IN\n", "\uff29\uff2e"])
def test_what_is_no_country(text: str) -> None:
    assert not valid(Country, text)


@pytest.mark.parametrize(
    "text", ["10.1000/182", "10.1000.10/123", "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O"]
)
def test_dois(text: str) -> None:
    assert valid(Doi, text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "182", "10.1/182", "10.1000/", "https://doi.org/10.1000/182", "doi:10.1000/182", "10.1000/1 82"),
        *("10.1000/182\n", "10.1000/\u202e281", "10.1000/\u200b", "10.1000/" + "1" * 250),
    ],
)
def test_what_is_no_doi(text: str) -> None:
    assert not valid(Doi, text)


@pytest.mark.parametrize("text", ["", "Title", "due-on", " title", "title\n", "a" * 61])
def test_what_no_field_is_called(text: str) -> None:
    assert valid(FieldName, "due_on")
    assert not valid(FieldName, text)


@pytest.mark.parametrize("text", ["https://example.org", "http://example.org:8080/a?b=c#d", "https://example.org/한국"])
def test_web_addresses(text: str) -> None:
    assert valid(WebAddress, text)


@pytest.mark.parametrize(
    "text",
    [
        "ftp://example.org/",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://[::1",
        "https://a:b/c",
        "//example.org",
        "https://exa mple.org",
        "https://example.org/\n",
        "https://example.org/\x00",
        "https://example.org/" + "a" * 2000,
    ],
)
def test_what_is_no_web_address(text: str) -> None:
    assert not valid(WebAddress, text)
