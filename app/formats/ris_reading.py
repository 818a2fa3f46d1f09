"""RIS, as Zotero and EndNote export it, read as sources by rispy."""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from app.core.importing import Item, Unreadable
from app.core.resource import Resource
from app.formats import ris
from app.formats.reference_fields import (
    Fields,
    bare_doi,
    decoded,
    known_date,
    language_tag,
    plain,
    source_item,
    whole_day,
)

_TYPES = {tag: type_ for type_, tag in reversed(list(ris.TYPES.items()))} | {
    "EJOUR": "article-journal",
    "JFULL": "periodical",
    "GEN": "document",
    "WEB": "webpage",
    "GOVDOC": "report",
}


def read(resource: Resource, file: IO[bytes]) -> Iterator[Item]:
    """The references of a RIS file; a row is the line that a reference begins on."""
    lines = decoded(file).splitlines()
    import rispy

    begin: int | None = None
    for number, line in enumerate(lines, 1):
        tag = line[:5].rstrip()
        if tag == "TY  -":
            if begin is not None:
                raise Unreadable("It is not RIS: the reference that begins here has no end (ER).", row=begin)
            begin = number
        elif tag == "ER  -" and begin is not None:
            found: Sequence[Mapping[str, Any]] = rispy.loads("\n".join([*lines[begin - 1 : number], ""]))
            for fields in found:
                key = str(fields.get("id") or fields.get("label") or "")
                yield source_item(resource, key, _of_ris(fields), begin)
            begin = None
        elif begin is None and line.strip():
            raise Unreadable("It is not RIS: a reference begins with `TY  - `.", row=number)
    if begin is not None:
        raise Unreadable("It is not RIS: the reference that begins here has no end (ER).", row=begin)


def _of_ris(fields: Mapping[str, Any]) -> Fields:
    def first(*names: str) -> Any:
        found = next((fields[name] for name in names if fields.get(name)), None)
        return found[0] if isinstance(found, list) else found

    names = fields.get("authors") or fields.get("first_authors") or []
    return {
        "type": _TYPES.get(str(first("type_of_reference")), "document"),
        "title": plain(first("title", "primary_title")),
        "authors": [_name_of_ris(name) for name in names],
        "publisher": first("publisher"),
        "container_title": first("secondary_title", "journal_name", "alternate_title3"),
        "issued": known_date(str(first("date", "publication_year", "year") or "")),
        "accessed_on": whole_day(known_date(str(first("access_date") or ""))),
        "url": first("urls", "url"),
        "doi": bare_doi(first("doi")),
        "language": language_tag(first("language")),
    }


def _name_of_ris(name: str) -> Fields:
    family, _, given = (part.strip() for part in name.partition(","))
    return {"family": family, "given": given.replace(",", "")} if family and given else {"literal": name.strip(" ,")}
