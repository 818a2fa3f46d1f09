"""What is cited, as CSL-JSON describes it (csl-data.json 1.0.2): a source, or a record of ours at its revision.

A title that is only a description stays without brackets: some styles bracket it, some do not, and a file cannot know
the style. The item says so instead, in ``custom`` and for people in ``note``. CSL has no variable for a licence or for
an archived copy; both are in ``custom``, which is where its schema wants what it has no name for.
"""

from collections.abc import Mapping
from typing import Any

from app import NAME
from app.formats.format import File

Item = dict[str, Any]

_SAME = {
    "type": "type",
    "title": "title",
    "publisher": "publisher",
    "original_publisher": "original-publisher",
    "container_title": "container-title",
    "url": "URL",
    "doi": "DOI",
    "language": "language",
}
_DESCRIBED = "The printed title is not known; the title given here is a description."


def item_of(file: File, record: Mapping[str, Any]) -> Item:
    """The item that a record is cited as: a source as itself, anything else as an entry of the register."""
    return _source(record) if file.resource.name == "sources" else _entry(file, record)


def _source(record: Mapping[str, Any]) -> Item:
    item: Item = {"id": record["slug"]}
    item |= {name: record[field] for field, name in _SAME.items() if record[field] is not None}
    if record["authors"]:
        item["author"] = list(record["authors"])
    if record["issued"] is not None:
        item["issued"] = _date(record["issued"])
    if record["accessed_on"] is not None:
        item["accessed"] = _date(str(record["accessed_on"]))
    notes: list[str] = []
    custom: dict[str, Any] = {}
    if record["title_is_description"]:
        notes.append(_DESCRIBED)
        custom["title_is_description"] = True
    if record["archive_url"] is not None:
        notes.append(f"Archived at {record['archive_url']}")
        custom["archive_url"] = record["archive_url"]
    if record["license"] is not None:
        custom["license"] = record["license"]
    if notes:
        item["note"] = " ".join(notes)
    if custom:
        item["custom"] = custom
    return item


def _entry(file: File, record: Mapping[str, Any]) -> Item:
    item: Item = {
        "id": f"{file.resource.singular}-{record['slug']}-r{record['revision']}",
        "type": "entry",
        "title": record["title"],
        "container-title": NAME,
        "genre": file.resource.singular.capitalize(),
        "version": f"revision {record['revision']}",
        "issued": _date(record["updated_at"].date().isoformat()),
    }
    if file.base:
        item["URL"] = f"{file.base}{record['html_url']}"
    if file.licence:
        item["custom"] = {"license": file.licence}
    return item


def _date(partial: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in partial.split("-")]]}


def partial_date(item: Item, name: str) -> tuple[str, ...]:
    """The year, month and day that an item's date has, as digits; nothing where it has no such date."""
    (parts,) = item.get(name, {"date-parts": [[]]})["date-parts"]
    return tuple(f"{part:0{width}}" for part, width in zip(parts, (4, 2, 2), strict=False))
