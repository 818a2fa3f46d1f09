"""RIS, for reference managers: two letters and a value a line, as RefMan defined it and Zotero and EndNote read it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.formats.cited import Item, item_of, partial_date
from app.formats.format import File, Format, Records

TYPES: Mapping[str, str] = {
    "article": "UNPB",
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "bill": "BILL",
    "book": "BOOK",
    "broadcast": "VIDEO",
    "chapter": "CHAP",
    "classic": "CLSWK",
    "dataset": "DATA",
    "entry": "DBASE",
    "entry-dictionary": "DICT",
    "entry-encyclopedia": "ENCYC",
    "figure": "FIGURE",
    "graphic": "ART",
    "hearing": "HEAR",
    "legal_case": "CASE",
    "legislation": "STAT",
    "manuscript": "MANSCPT",
    "map": "MAP",
    "motion_picture": "MPCT",
    "musical_score": "MUSIC",
    "pamphlet": "PAMP",
    "paper-conference": "CPAPER",
    "patent": "PAT",
    "periodical": "JFULL",
    "personal_communication": "PCOMM",
    "post": "ICOMM",
    "post-weblog": "BLOG",
    "regulation": "LEGAL",
    "report": "RPRT",
    "review": "JOUR",
    "review-book": "JOUR",
    "software": "COMP",
    "song": "SOUND",
    "standard": "STAND",
    "thesis": "THES",
    "treaty": "LEGAL",
    "webpage": "ELEC",
}
"""The type of reference for a CSL type; ``GEN`` for all others."""
_TAGS = {
    "container-title": "T2",
    "publisher": "PB",
    "DOI": "DO",
    "URL": "UR",
    "language": "LA",
    "version": "ET",
    "note": "N1",
}


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """A reference a record."""
    for records in parts:
        yield "".join(
            f"{tag}  - {value}\r\n" for record in records for tag, value in _lines(item_of(file, record))
        ).encode()


def _lines(item: Item) -> Iterator[tuple[str, str]]:
    yield "TY", TYPES.get(item["type"], "GEN")
    yield "ID", item["id"]
    yield "TI", item["title"]
    for name in item.get("author", ()):
        yield "AU", _name(name)
    if issued := partial_date(item, "issued"):
        yield "PY", issued[0]
        yield "DA", _slashed(issued)
    for name, tag in _TAGS.items():
        if name in item:
            yield tag, item[name]
    if accessed := partial_date(item, "accessed"):
        yield "Y2", _slashed(accessed)
    yield "ER", ""


def _name(name: Mapping[str, Any]) -> str:
    return str(name["literal"]) if "literal" in name else f"{name['family']}, {name['given']}"


def _slashed(date: tuple[str, ...]) -> str:
    """A date as ``YYYY/MM/DD/``: three slashes, whatever is known."""
    return "/".join([*date, *[""] * (4 - len(date))])


RIS = Format(
    name="ris",
    media_type="application/x-research-info-systems; charset=utf-8",
    description="RIS for Zotero, EndNote and other reference managers.",
    write=write,
    resources=frozenset({"sources"}),
    takes_fields=False,
    of_record=True,
)
