"""The feed of changes as Atom (RFC 4287), for feed readers: an entry a change, the latest first."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5
from xml.etree import ElementTree

from app.core.resource import Catalogue

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What a record may hold and XML 1.0 may not: among others U+FFFE, which is no character."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_TOLD = {
    "create": "{name} was added",
    "update": "{name} was edited",
    "publish": "{name} was published",
    "unpublish": "{name} was taken back",
    "withdraw": "{name} was withdrawn",
    "refresh": "{name} reads differently, as a record that it refers to has changed",
}


def render(catalogue: Catalogue, entries: Sequence[Mapping[str, Any]], *, register: UUID, url: str) -> bytes:
    """The feed, its addresses relative to where it was found. Ids follow from the register's own and never change."""
    ElementTree.register_namespace("", _NAMESPACE)
    feed = ElementTree.Element(f"{{{_NAMESPACE}}}feed")
    _add(feed, "id", register.urn)
    _add(feed, "title", "Followthrough: changes")
    _add(feed, "subtitle", "What came into the register, what was edited, and what was taken back.")
    _add(feed, "updated", _moment(max((entry["at"] for entry in entries), default=_LONG_AGO)))
    _add(_add(feed, "author"), "name", "The editors of the register")
    _add(feed, "link", rel="self", href=url, type=MEDIA_TYPE)
    _add(feed, "link", rel="alternate", href="/v1/changes", type="application/json")
    for entry in reversed(entries):
        _entry(feed, catalogue, entry, register)
    ElementTree.indent(feed)
    made: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return made


def _entry(feed: ElementTree.Element, catalogue: Catalogue, entry: Mapping[str, Any], register: UUID) -> None:
    resource = catalogue.by_name[entry["resource"]]
    record = entry["record"] or {}
    name = str(record.get(resource.label) or entry["slug"])
    made = _add(feed, "entry")
    _add(made, "id", uuid5(register, str(entry["seq"])).urn)
    _add(made, "title", _TOLD[entry["action"]].format(name=f"{resource.singular.capitalize()} “{name}”"))
    _add(made, "updated", _moment(entry["at"]))
    _add(made, "category", term=entry["resource"])
    _add(made, "link", rel="alternate", href=entry["url"], type="application/json")
    if entry["revision_url"]:
        _add(made, "link", rel="related", href=entry["revision_url"], type="application/json")
    told = entry["note"] or record.get("summary") or record.get("statement") or record.get("narrative")
    _add(made, "summary", str(told or name))


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{_NAMESPACE}}}{name}", attributes)
    element.text = _NOT_XML.sub("", text) if text is not None else None
    return element


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
