"""BibTeX, for LaTeX and reference managers: the classic fields, with the full date as biblatex has it beside them.

Text is in UTF-8, with a command in place of each character that LaTeX would take for one. Words with capitals stand in
braces, so that no style makes ``india`` of ``India``; so does the name of a body. Addresses are written as they are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.formats.cited import Item, item_of, partial_date
from app.formats.format import File, Format, Records

TYPES: Mapping[str, str] = {
    "article": "unpublished",
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "classic": "book",
    "entry": "incollection",
    "entry-dictionary": "incollection",
    "entry-encyclopedia": "incollection",
    "manuscript": "unpublished",
    "pamphlet": "booklet",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "review": "article",
    "review-book": "article",
    "standard": "manual",
    "thesis": "phdthesis",
}
"""The type of entry for a CSL type; ``misc`` for all others."""
_CONTAINERS = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}
"""The field that what it appeared in stands in, by type of entry; ``howpublished`` for all others."""
_PUBLISHERS = {"techreport": "institution", "phdthesis": "school", "manual": "organization"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COMMANDS = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "#$%&_"},
    }
)
_BREAKING = str.maketrans({"\\": "%5C", "{": "%7B", "}": "%7D"})


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """An entry a record."""
    for records in parts:
        yield "".join(_entry(item_of(file, record)) for record in records).encode()


def _entry(item: Item) -> str:
    kind = TYPES.get(item["type"], "misc")
    fields = "".join(f"  {name} = {value},\n" for name, value in _fields(kind, item))
    return f"@{kind}{{{item['id']},\n{fields}}}\n\n"


def _fields(kind: str, item: Item) -> Iterator[tuple[str, str]]:
    if "author" in item:
        yield "author", f"{{{' and '.join(_name(name) for name in item['author'])}}}"
    yield "title", f"{{{_title(item['title'])}}}"
    if "container-title" in item:
        yield _CONTAINERS.get(kind, "howpublished"), _braced(item["container-title"])
    if "publisher" in item:
        yield _PUBLISHERS.get(kind, "publisher"), f"{{{_whole(item['publisher'])}}}"
    if issued := partial_date(item, "issued"):
        yield "date", f"{{{'-'.join(issued)}}}"
        yield "year", f"{{{issued[0]}}}"
        if len(issued) > 1:
            yield "month", MONTHS[int(issued[1]) - 1]
    yield from _where(item)
    for name, field in (("language", "langid"), ("version", "version"), ("note", "note")):
        if name in item:
            yield field, _braced(item[name])


def _where(item: Item) -> Iterator[tuple[str, str]]:
    for name in ("DOI", "URL"):
        if name in item:
            yield name.lower(), f"{{{item[name].translate(_BREAKING)}}}"
    if accessed := partial_date(item, "accessed"):
        yield "urldate", f"{{{'-'.join(accessed)}}}"


def _braced(text: str) -> str:
    return f"{{{text.translate(_COMMANDS)}}}"


def _title(text: str) -> str:
    """A title whose capitals no style takes away."""
    words = (
        f"{{{word.translate(_COMMANDS)}}}" if word != word.lower() else word.translate(_COMMANDS)
        for word in re.split(r"(\s+)", text)
    )
    return "".join(words)


def _name(name: Mapping[str, Any]) -> str:
    if "literal" in name:
        return _braced(name["literal"])
    return ", ".join(_braced(name[part]) if "," in name[part] else _whole(name[part]) for part in ("family", "given"))


def _whole(text: str) -> str:
    """One of what could be several, in braces where BibTeX would see the next one begin: "Trade and Industry"."""
    return _braced(text) if re.search(r"\band\b", text, re.IGNORECASE) else text.translate(_COMMANDS)


BIBTEX = Format(
    name="bib",
    media_type="application/x-bibtex; charset=utf-8",
    description="BibTeX for LaTeX and reference managers.",
    write=write,
    resources=frozenset({"sources"}),
    takes_fields=False,
    of_record=True,
)
