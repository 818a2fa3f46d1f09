"""A bibliography to paste into a text: HTML, an entry a source, in one of five styles of the Citation Style Language.

The styles are those of the CSL project, in a folder with their notice. An entry takes 1 to 15 ms, so a bibliography of
the whole register takes seconds the first time. Every entry is kept, by its style, its language and all that it is
made of, so that each change of a source costs one entry.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any

import orjson

from app.core.strict_json import dump
from app.formats.cited import Item, item_of
from app.formats.format import Choice, File, Format, Records

STYLES: Mapping[str, tuple[str, str, str]] = {
    "apa": ("apa", "en-US", "APA, 7th edition"),
    "chicago": ("chicago-author-date", "en-US", "Chicago, 18th edition, author-date"),
    "harvard": ("harvard-cite-them-right", "en-GB", "Harvard, Cite Them Right, 12th edition"),
    "mla": ("modern-language-association", "en-US", "MLA, 9th edition"),
    "oscola": ("oscola", "en-GB", "OSCOLA, 4th edition"),
}
"""The styles by the names they are asked for: the file, the English it is written in, and what it is called."""

LOCALES: Mapping[str, str | None] = {"en": None, "ko": "ko-KR", "hi": "hi-IN"}
"""The languages of dates and of words such as "accessed"; English is the style's own."""

MAX_ENTRIES = 12_000
"""The entries that are kept ready: some 20 MB."""

_VARIABLES = frozenset(
    {"id", "type", "title", "author", "publisher", "container-title", "issued", "accessed", "URL", "DOI", "language"}
)
"""What styles print of an item. A note of ours belongs to a list of data, not into somebody's bibliography."""
_PIECE = 25


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """The entries in the order of the alphabet, each made ready once."""
    style, english, called = STYLES[file.choices["style"]]
    language = file.choices["lang"]
    locale = LOCALES[language] or english
    # All records come first: while entries are made, which takes long, no transaction is open.
    items = sorted((_printed(file, record) for records in parts for record in records), key=_place)
    yield (
        f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        f"<title>Sources, {escape(called)}</title></head>\n<body>\n"
        '<div class="csl-bib-body">\n'
    ).encode()
    for start in range(0, len(items), _PIECE):
        yield "".join(_entry(style, locale, item) for item in items[start : start + _PIECE]).encode()
    yield b"</div>\n</body>\n</html>\n"


def _printed(file: File, record: Mapping[str, Any]) -> Item:
    item = item_of(file, record)
    printed = {name: value for name, value in item.items() if name in _VARIABLES}
    if item.get("custom", {}).get("title_is_description"):
        printed["title"] = f"[{item['title']}]"
    return printed


def _place(item: Item) -> tuple[str, str, str]:
    """Where an entry stands: by authors, or by title where there are none, then by date."""
    names = [name.get("literal") or f"{name['family']} {name['given']}" for name in item.get("author", ())]
    known = "; ".join(names) or item["title"]
    issued = "-".join(f"{part:04}" for part in item.get("issued", {"date-parts": [[]]})["date-parts"][0])
    return re.sub(r"^\W+", "", known.casefold()), issued, item["id"]


def _entry(style: str, locale: str, item: Item) -> str:
    entry = _ready(style, locale, dump(item))
    return f'<div class="csl-entry" id="{item["id"]}">{entry}</div>\n'


@lru_cache(MAX_ENTRIES)
def _ready(style: str, locale: str, item: bytes) -> str:
    # It takes a quarter of a second to import, which most processes never need.
    from app.formats.csl_engine import render

    return render(style, locale, orjson.loads(item))


BIBLIOGRAPHY = Format(
    name="bibliography",
    media_type="text/html; charset=utf-8",
    description="A bibliography in one of five citation styles, as HTML to paste into a text.",
    write=write,
    choices={
        "style": Choice(
            tuple(STYLES), f"The citation style: {'; '.join(f'`{k}` ({v[2]})' for k, v in STYLES.items())}."
        ),
        "lang": Choice(tuple(LOCALES), "The language of dates and of words such as “accessed”."),
    },
    resources=frozenset({"sources"}),
    takes_fields=False,
    takes_sort=False,
    page=True,
)
