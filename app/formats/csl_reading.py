"""CSL-JSON, as Zotero and Pandoc export it, read as sources."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

import orjson

from app.core.importing import Item, Unreadable
from app.core.resource import Resource
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


def read(resource: Resource, file: IO[bytes]) -> Iterator[Item]:
    """The items of an array of CSL-JSON; a row is the number of an item."""
    try:
        entries = orjson.loads(decoded(file))
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"It is not JSON: {error.msg}.", row=error.lineno) from None
    if not isinstance(entries, list):
        raise Unreadable("It is not CSL-JSON, which is an array of items.", row=1)
    for row, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise Unreadable("It is not CSL-JSON: an item is no object.", row=row)
        yield source_item(resource, str(entry.get("citation-key") or entry.get("id") or ""), _of_csl(entry), row)


def _of_csl(entry: Mapping[str, Any]) -> Fields:
    custom = entry["custom"] if isinstance(entry.get("custom"), dict) else {}
    names = entry["author"] if isinstance(entry.get("author"), list) else []
    return {
        "type": entry.get("type"),
        "title": plain(entry.get("title")),
        "title_is_description": custom.get("title_is_description"),
        "authors": [name for each in names if isinstance(each, dict) and (name := _name_of_csl(each))],
        "publisher": plain(entry.get("publisher")),
        "original_publisher": plain(entry.get("original-publisher")),
        "container_title": plain(entry.get("container-title")),
        "issued": _date_of_csl(entry.get("issued")),
        "accessed_on": whole_day(_date_of_csl(entry.get("accessed"))),
        "url": entry.get("URL"),
        "doi": bare_doi(entry.get("DOI")),
        "language": language_tag(entry.get("language")),
        "archive_url": custom.get("archive_url"),
        "license": custom.get("license"),
    }


def _name_of_csl(name: Mapping[str, Any]) -> Fields | None:
    if isinstance(name.get("literal"), str):
        return {"literal": name["literal"]}
    family = " ".join(str(name[part]) for part in ("non-dropping-particle", "family") if name.get(part))
    given = " ".join(str(name[part]) for part in ("given", "dropping-particle", "suffix") if name.get(part))
    if family and given:
        return {"family": family, "given": given}
    return {"literal": family or given} if family or given else None


def _date_of_csl(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        digits = [str(part) for part in parts[0] if str(part).isdecimal()]
        return known_date("-".join([digits[0].zfill(4), *digits[1:]])) if digits else None
    return known_date(str(value.get("raw") or value.get("literal") or ""))
