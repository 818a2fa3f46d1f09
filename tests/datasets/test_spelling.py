"""The spelling of what we write ourselves: a dictionary from a package, and a list of names and words of our own."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import app.pages

WORDS = Path(__file__).with_name("words.txt")
METHOD = Path(app.pages.__file__).parent / "content" / "methodology.md"
TEXTS = (
    "title",
    "name",
    "summary",
    "description",
    "statement",
    "narrative",
    "note",
    "label",
    "unit",
    "reporter",
    "place",
)
WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['\u2019][a-z]+)?")
NO_WORD = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+")


def _ours(resource: str, record: dict[str, Any]) -> Iterator[str]:
    """The texts of a record that are our own words: the printed title of a source is not."""
    for field in TEXTS:
        printed = resource == "sources" and not (record.get("title_is_description") and record.get("language") == "en")
        if isinstance(record.get(field), str) and not (printed and field == "title"):
            yield record[field]


def _words(text: str) -> Iterator[str]:
    for word in WORD.findall(text):
        bare = re.sub(r"['\u2019]s$", "", word)
        if not bare.isupper():
            yield bare.replace("\u2019", "'")


def test_what_we_write_is_spelled_right(bundle: dict[str, list[dict[str, Any]]]) -> None:
    from spellchecker import SpellChecker  # here, since its dictionary takes half a second

    dictionary = SpellChecker()
    own = {line for line in WORDS.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")}
    texts = {
        f"{name}/{record['slug']}": text
        for name, records in bundle.items()
        for record in records
        for text in [" ".join(_ours(name, record))]
    }
    texts["methodology.md"] = NO_WORD.sub(" ", METHOD.read_text(encoding="utf-8"))
    used: set[str] = set()
    wrong: dict[str, str] = {}
    for place, text in texts.items():
        new = set(_words(text)) - used
        used |= new
        wrong |= {word: place for word in new if not {word, word.lower()} & own and word.lower() not in dictionary}
    assert wrong == {}, "mend the spelling, or add what is right to tests/datasets/words.txt"
    assert sorted(own - used - {word.lower() for word in used}) == [], "words.txt has words that nobody uses"
