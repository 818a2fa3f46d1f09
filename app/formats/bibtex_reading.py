"""BibTeX and biblatex, as Zotero and JabRef export them, read as sources: bibtexparser reads, pylatexenc decodes."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from app.core.importing import Item, Unreadable
from app.core.resource import Resource
from app.formats.reference_fields import Fields, bare_doi, decoded, known_date, language_tag, source_item, whole_day

_TYPES = {
    "article": "article-journal",
    "book": "book",
    "booklet": "pamphlet",
    "conference": "paper-conference",
    "dataset": "dataset",
    "inbook": "chapter",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "manual": "document",
    "mastersthesis": "thesis",
    "misc": "document",
    "online": "webpage",
    "patent": "patent",
    "phdthesis": "thesis",
    "proceedings": "book",
    "report": "report",
    "software": "software",
    "techreport": "report",
    "thesis": "thesis",
    "unpublished": "manuscript",
    "www": "webpage",
}
_UNKNOWN_TO_DECODER = {r"\textbraceleft{}": "\ue000", r"\textbraceright{}": "\ue001", r"\textasciicircum{}": "\ue002"}
_MAX_AUTHORS = 101
"""One more than a source takes, so that too many are refused as any are, and not decoded before."""
_MAX_LATEX = 10_000
"""A longer text is longer than any field of a source, however it is printed, and is left for the source to refuse."""
_STOOD_IN = str.maketrans("\ue000\ue001\ue002", "{}^")


def read(resource: Resource, file: IO[bytes]) -> Iterator[Item]:
    """The entries of a BibTeX file; a row is the line that an entry begins on."""
    text = decoded(file)
    # It is a tenth of a second that most processes never need.
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.middlewares import MonthIntMiddleware, SeparateCoAuthors, SplitNameParts

    for quiet in ("bibtexparser", "pylatexenc"):
        _silence(quiet)
    middleware = [MonthIntMiddleware(), SeparateCoAuthors(), SplitNameParts()]
    try:
        library = parse_string(text, append_middleware=middleware)
    except ValueError:
        raise Unreadable("It is not BibTeX: a month of an entry is a number of thousands of digits.") from None
    for failed in library.failed_blocks:
        row = (failed.start_line or 0) + 1
        raise Unreadable("It is not BibTeX: the entry that begins here is not closed, or is given twice.", row=row)
    if not library.entries and text.strip():
        raise Unreadable("It is not BibTeX: it has no entry.", row=1)
    for entry in library.entries:
        fields = {field.key.lower(): field.value for field in entry.fields}
        row = (entry.start_line or 0) + 1
        try:
            said = _of_bibtex(entry.entry_type.lower(), fields)
        except RecursionError:
            raise Unreadable("The entry that begins here is nested too deeply.", row=row) from None
        yield source_item(resource, entry.key, said, row)


def _silence(name: str) -> None:
    logging.getLogger(name).setLevel(logging.CRITICAL)


def _of_bibtex(kind: str, fields: Mapping[str, Any]) -> Fields:
    def first(*names: str) -> Any:
        return next((_printed(str(fields[name])) for name in names if fields.get(name)), None)

    authors = [_name_of_bibtex(name) for name in (fields.get("author") or ())[:_MAX_AUTHORS]]
    month = fields.get("month")
    year = first("date") or "-".join(str(part) for part in (fields.get("year"), month) if part)
    return {
        "type": _TYPES.get(kind, "document"),
        "title": first("title"),
        "authors": authors,
        "publisher": first("publisher", "institution", "school", "organization"),
        "container_title": first("journaltitle", "journal", "booktitle", "howpublished"),
        "issued": known_date(year),
        "accessed_on": whole_day(known_date(first("urldate") or "")),
        "url": _verbatim(fields.get("url")),
        "doi": bare_doi(_verbatim(fields.get("doi"))),
        "language": language_tag(first("langid", "language")),
    }


def _name_of_bibtex(name: Any) -> Fields:
    family = _printed(" ".join([*name.von, *name.last]))
    given = _printed(" ".join([*name.first, *name.jr]))
    return {"family": family, "given": given} if given else {"literal": family}


def _printed(text: str) -> str:
    """A text of LaTeX as it is printed; as it stands, where the decoder fails at a command that it knows."""
    from pylatexenc.latex2text import LatexNodes2Text

    if len(text) > _MAX_LATEX:
        return text
    for command, stand_in in _UNKNOWN_TO_DECODER.items():
        text = text.replace(command, stand_in)
    try:
        printed = str(LatexNodes2Text(keep_braced_groups=False).latex_to_text(text))
    except (AttributeError, LookupError, TypeError, ValueError):
        # It looks for arguments that are not there, and of \href at the wrong place.
        printed = text
    return " ".join(printed.translate(_STOOD_IN).split())


def _verbatim(text: Any) -> str | None:
    """An address: no text of LaTeX, though some write it as one."""
    return None if text is None else re.sub(r"\\([#$%&_{}~])", r"\1", str(text)).strip()
