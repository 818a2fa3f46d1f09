"""What entries of reference managers have in common: how their values become those of a source.

The key of an entry is the slug of its source, so that a second import finds the first one's records. Only what an entry
says is written; what it leaves out stays as the register has it.
"""

import re
from collections.abc import Mapping
from typing import IO, Any

from slugify import slugify

from app.core.field_types import is_date_text
from app.core.importing import Item, Place, Unreadable
from app.core.resource import Resource
from app.formats import bibtex

MAX_BYTES = 8 * 1024 * 1024
_MAX_SLUG_LENGTH = 120
_MAX_KEY_LENGTH = 1000
"""What a slug is made of: of a key of megabytes, signs that are not in order take hours, with everybody waiting."""
_MARKUP = re.compile(r"</?(?:i|b|sub|sup|sc|span)(?:\s[^<>]*)?>", re.IGNORECASE)
_LANGUAGES = {
    "english": "en",
    "american": "en-US",
    "british": "en-GB",
    "korean": "ko",
    "hindi": "hi",
    "japanese": "ja",
    "french": "fr",
    "german": "de",
    "ngerman": "de",
    "spanish": "es",
    "chinese": "zh",
}
_MONTHS = {name: number for number, name in enumerate(bibtex.MONTHS, 1)}

_SEASONS = frozenset((*range(13, 17), *range(21, 25)))
"""What citeproc and EDTF (ISO 8601-2) write in the place of a month for a season, which is known to the year here."""

Fields = dict[str, Any]


def source_item(resource: Resource, key: str, fields: Mapping[str, Any], row: int) -> Item:
    """A source as an item of an import. What no type of ours fits is a document."""
    terms = [term.value for term in resource.create.model_fields["type"].annotation]  # type: ignore[union-attr]
    fields = {**fields, "type": fields["type"] if fields["type"] in terms else "document"}
    known = {name: value for name, value in fields.items() if value not in (None, "", [])}
    slug = slugify(key[:_MAX_KEY_LENGTH], max_length=_MAX_SLUG_LENGTH, word_boundary=True)
    return Item(resource, {**({"slug": slug} if slug else {}), **known}, Place(row=row), partial=True)


def plain(value: Any) -> Any:
    return " ".join(_MARKUP.sub("", value).split()) if isinstance(value, str) else value


def decoded(file: IO[bytes]) -> str:
    raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise Unreadable(f"It has more than {MAX_BYTES >> 20} MiB, some 20,000 references; import it in parts.")
    if not raw.strip():
        raise Unreadable("The file is empty.", row=1)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise Unreadable("It is not UTF-8; choose UTF-8 where your reference manager exports.", row=row) from None


def known_date(text: str) -> str | None:
    """A date as far as it is known, of what begins with a year: ``2018/7/10/``, ``2018-jul``, ``20180710``.

    A year of more digits, and a month that there is not, come as they are: refused with their source, and not cut.
    """
    if (digits := re.match(r"\s*([0-9]{5,})(?![0-9])", text)) is not None:
        joined = digits[1]
        return f"{joined[:4]}-{joined[4:6]}-{joined[6:]}" if len(joined) == len("20180710") else joined
    found = re.match(r"\s*([0-9]{4})(?:[-/](\w{1,20}))?(?:[-/]([0-9]{1,2}))?", text)
    if found is None:
        return None
    year, month, day = found.groups()
    if month is not None and not month.isdecimal():
        month = str(_MONTHS.get(month[:3].lower(), "")) or None
    if not month or int(month) == 0 or int(month) in _SEASONS:
        return year
    return f"{year}-{int(month):02}" + (f"-{int(day):02}" if day and int(day) else "")


def whole_day(date: str | None) -> str | None:
    """A date where its day is known; what is no date comes as it is, to be refused."""
    known_to_less = is_date_text(date) and len(date or "") < len("2018-07-10")
    return None if known_to_less else date


def bare_doi(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return re.sub(r"^((https?://)?((dx|www)\.)?doi\.org/|doi[:\s]\s*)", "", value.strip(), flags=re.IGNORECASE)


def language_tag(value: Any) -> str | None:
    """A language as a tag; what is no tag is left out: it is not worth refusing a source for."""
    if not isinstance(value, str):
        return None
    tag = _LANGUAGES.get(value.strip().lower(), value.strip().replace("_", "-"))
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) and len(tag) <= 35 else None
