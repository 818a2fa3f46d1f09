"""The kinds of text a field can hold, each with its limits, and the one rule of what text can be stored at all."""

import re
import unicodedata
from calendar import monthrange
from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

import pycountry
from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
UUID_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SLUG_LENGTH = 120
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
RESERVED_SLUGS = frozenset({"counts", "import"})
"""Paths under a resource that are no records."""
WORD_LENGTH = 100

_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""Characters of other categories that show nothing."""
_BREAKS = frozenset("\n\t\u2028\u2029")
"""What ends a line, or a paragraph, and can be stored. Others are control characters, which no text can have."""
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Controls of direction, by which a name can be made to look like another."""


def unstorable(text: str) -> str | None:
    """Why a text cannot be stored, or None where it can.

    PostgreSQL refuses NUL, no encoding takes a lone surrogate, and other control characters are never meant; both
    databases refuse the same.
    """
    for character in text:
        if character in "\n\t":
            continue
        category = unicodedata.category(character)
        if category in ("Cc", "Cs"):
            return f"the character U+{ord(character):04X} cannot be stored"
    return None


def _shows_something(text: str) -> bool:
    """Whether a text has a character that can be seen. Marks need one that they stand on; some of them show nothing."""
    return any(character not in _FILLERS and unicodedata.category(character)[0] not in "ZCM" for character in text)


def storable(text: str) -> str:
    """Refuse text that cannot be stored alike on every database, or that shows nothing."""
    if not text.isprintable() and (reason := unstorable(text)):
        raise ValueError(reason)
    if (not text.isascii() or text.isspace()) and not _shows_something(text):
        raise ValueError("has no character that can be seen")
    return text


def one_line(text: str) -> str:
    """Refuse line breaks, tabs and controls of direction in what is read as a single line."""
    if not _BREAKS.isdisjoint(text):
        raise ValueError("must be a single line")
    if not text.isascii() and (turns := _TURNS.intersection(text)):
        raise ValueError(f"cannot have the control of direction U+{ord(min(turns)):04X}")
    return storable(text)


def is_free_form(text: str) -> bool:
    """Whether a text of a slug's form can be one: it is neither an id nor the name of another path."""
    return text not in RESERVED_SLUGS and re.fullmatch(UUID_PATTERN, text) is None


def _no_other_path(text: str) -> str:
    if text in RESERVED_SLUGS:
        raise ValueError(f"a slug cannot be {text}: this path is something else")
    if not is_free_form(text):
        raise ValueError("a slug cannot have the form of an id")
    return text


def _web_address(text: str) -> str:
    one_line(text)
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise ValueError("must be a web address (http or https)") from None
    if parts.scheme not in ("http", "https") or not host or any(character.isspace() for character in text):
        raise ValueError("must be a web address (http or https)")
    return text


def _country(text: str) -> str:
    if pycountry.countries.get(alpha_2=text) is None:
        raise ValueError("must be an ISO 3166-1 alpha-2 country code, such as IN or KR")
    return text


def _partial_date(text: str) -> str:
    year, _, rest = text.partition("-")
    month, _, day = rest.partition("-")
    if int(year) < 1 or (month and not 1 <= int(month) <= 12):
        raise ValueError("is not a date of the calendar")
    if day and not 1 <= int(day) <= monthrange(int(year), int(month))[1]:
        raise ValueError("is not a date of the calendar")
    return text


def is_date_text(stored: object) -> bool:
    """Whether a stored value is a date known to the year, the month or the day."""
    if not isinstance(stored, str) or not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", stored, re.ASCII):
        return False
    try:
        _partial_date(stored)
    except ValueError:
        return False
    return True


def first_day(partial: str) -> date:
    """The first day of a year, a month or a day given as YYYY, YYYY-MM or YYYY-MM-DD."""
    year, _, rest = partial.partition("-")
    month, _, day = rest.partition("-")
    return date(int(year), int(month or 1), int(day or 1))


def _full_date(value: object) -> object:
    # Pydantic takes a text of digits for a number of seconds.
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValueError("must be a date as YYYY-MM-DD")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("is not a date of the calendar") from None
    return value


def last_day(partial: str) -> date:
    """The last day of a year, a month or a day given as YYYY, YYYY-MM or YYYY-MM-DD."""
    year, _, rest = partial.partition("-")
    month, _, day = rest.partition("-")
    last_month = int(month or 12)
    return date(int(year), last_month, int(day or monthrange(int(year), last_month)[1]))


def month_in_words(partial: str) -> str:
    """The month of a partial date, or its year: "July 2018", "2018"."""
    year, _, rest = partial.partition("-")
    return f"{MONTHS[int(rest[:2]) - 1]} {year}" if rest else year


Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(one_line)]
"""One line of at most 200 characters: a title, a name, a place."""

LongLine = Annotated[
    str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), AfterValidator(one_line)
]
"""One line of at most 500 characters: the title of a publication."""

Summary = Annotated[
    str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), AfterValidator(storable)
]
"""What a record says in a sentence or two, at most 500 characters."""

Prose = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(storable)]
"""Text of any number of paragraphs, at most 20,000 characters. Plain text, never interpreted as markup."""

Slug = Annotated[
    str,
    StringConstraints(min_length=1, max_length=SLUG_LENGTH, pattern=SLUG_PATTERN),
    AfterValidator(_no_other_path),
]
"""A record's name in URLs: lower-case letters, digits and single hyphens, at most 120 characters."""

SlugOrId = Annotated[str, StringConstraints(min_length=1, max_length=SLUG_LENGTH, pattern=SLUG_PATTERN)]
"""Another record, by its slug or its id."""

Country = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{2}$"),
    AfterValidator(_country),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"}),
]
"""An ISO 3166-1 alpha-2 country code, in capitals."""

Language = Annotated[str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""A BCP 47 language tag, such as en or ko-KR."""

WebAddress = Annotated[
    str,
    StringConstraints(min_length=10, max_length=2000),
    AfterValidator(_web_address),
    WithJsonSchema({"type": "string", "format": "iri", "minLength": 10, "maxLength": 2000, "pattern": "^https?://"}),
]
"""An http or https address, kept as it was given: an IRI (RFC 3987), so that it may have letters of any script."""

Doi = Annotated[str, StringConstraints(max_length=250, pattern=r"^10\.[0-9]{4,9}(\.[0-9]+)*/[!-~]+$")]
"""A DOI without an address; its prefix may be divided further, as in 10.1000.10/182."""

FieldName = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
"""A field of a record."""

FullDate = Annotated[date, BeforeValidator(_full_date)]
"""A date known to the day: YYYY-MM-DD."""

PartialDate = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"), AfterValidator(_partial_date)
]
"""A date known to the year, the month or the day: YYYY, YYYY-MM or YYYY-MM-DD."""


def fold(text: str) -> str:
    """Text as it is searched: without accents, vowel signs or case, words set apart by single spaces.

    Both databases index and look up exactly this, so that they find the same records. What they would not take for a
    part of the same word is no part of one here: numerals that are not digits, and what goes on for too long.
    """
    if text.isascii():
        # It has no accents, and no numerals but digits.
        return " ".join(_WORDS.findall(text.casefold()))
    # In parts: accents in a row are put in order, which takes the square of their number, with everybody waiting. They
    # are left out afterwards, so that it is all the same where a part ends.
    parts = (text[start : start + _PART] for start in range(0, len(text), _PART))
    folded = (unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", each).casefold()) for each in parts)
    word_signs = unicodedata.normalize("NFKC", "".join(folded).translate(_WORD_SIGNS))
    return " ".join(_WORDS.findall(word_signs))


_SIGNS_ONCE = frozenset((*range(0x19B0, 0x19C1), 0x19C8, 0x19C9, 0x1CF2, 0x1CF3))
"""Vowels and signs that Unicode has called letters since version 8 or 12. FTS5 keeps to what they were, and would take
a word with one of them for two."""


class _WordSigns(dict[int, int | str | None]):
    """What becomes of each character of a text that is folded, by its number; found out when it is first met."""

    def __missing__(self, number: int) -> int | str | None:
        category = unicodedata.category(chr(number))
        sign = category.startswith("M") or number in _SIGNS_ONCE
        self[number] = " " if category == "No" else None if sign else number
        return self[number]


_WORD_SIGNS = _WordSigns()
_PART = 1000
"""Characters that are decomposed at once."""
_WORDS = re.compile(rf"[^\W_]{{1,{WORD_LENGTH}}}")
