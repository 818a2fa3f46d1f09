"""The kinds of text a field can hold, each with its limits, and the one rule of what text can be stored at all."""

import re
import unicodedata
from calendar import monthrange
from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

import pycountry
from pydantic import AfterValidator, StringConstraints, WithJsonSchema

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
UUID_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SLUG_LENGTH = 120
WORD_LENGTH = 100


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


def storable(text: str) -> str:
    """Refuse text that cannot be stored alike on every database."""
    if text.isprintable():
        return text
    if reason := unstorable(text):
        raise ValueError(reason)
    return text


def one_line(text: str) -> str:
    """Refuse line breaks and tabs in what is read as a single line."""
    if "\n" in text or "\t" in text:
        raise ValueError("must be a single line")
    return storable(text)


def _not_an_id(text: str) -> str:
    if re.fullmatch(UUID_PATTERN, text):
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


def last_day(partial: str) -> date:
    """The last day of a year, a month or a day given as YYYY, YYYY-MM or YYYY-MM-DD."""
    year, _, rest = partial.partition("-")
    month, _, day = rest.partition("-")
    last_month = int(month or 12)
    return date(int(year), last_month, int(day or monthrange(int(year), last_month)[1]))


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
    AfterValidator(_not_an_id),
]
"""A record's name in URLs: lower-case letters, digits and single hyphens, at most 120 characters."""

Key = Annotated[str, StringConstraints(min_length=1, max_length=SLUG_LENGTH, pattern=SLUG_PATTERN)]
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

PartialDate = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"), AfterValidator(_partial_date)
]
"""A date known to the year, the month or the day: YYYY, YYYY-MM or YYYY-MM-DD."""


def fold(text: str) -> str:
    """Text as it is searched: without accents, vowel signs or case, words set apart by single spaces.

    Both databases index and look up exactly this, so that they find the same records. What they would not take for a
    part of the same word is no part of one here: numerals that are not digits, and what goes on for too long.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(
        " " if category == "No" else character
        for character in decomposed
        if not (category := unicodedata.category(character)).startswith("M")
    )
    return " ".join(re.findall(rf"[^\W_]{{1,{WORD_LENGTH}}}", unicodedata.normalize("NFKC", kept)))
