"""The feed of changes as Atom (RFC 4287), for feed readers: an entry a change, the latest first."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element

from app.core.resource import Catalogue
from app.formats.atom_elements import DECLARATION, LONG_AGO, MEDIA_TYPE, add, element, timestamp, written

SENTENCES = {
    "create": "{name} was added",
    "update": "{name} was edited",
    "publish": "{name} was published",
    "unpublish": "{name} was taken back",
    "withdraw": "{name} was withdrawn",
    "restore": "{name} was brought back as a draft",
    "refresh": "{name} reads differently, as a record that it refers to has changed",
}


def render(
    catalogue: Catalogue,
    entries: Sequence[Mapping[str, Any]],
    *,
    register: UUID,
    url: str,
    filters: str = "",
    base: str = "",
    licence: str = "",
) -> bytes:
    """The feed that was found at ``url``. Ids follow from the register's own and never change.

    ``filters`` says which changes are in it, so that a part of the feed has an id of its own. ``base`` is the public
    address of the register; without it addresses are relative to where the feed was found. ``licence`` is the address
    of the licence of the records.
    """
    feed = element("feed")
    add(feed, "id", (uuid5(register, filters) if filters else register).urn)
    add(feed, "title", "Followthrough: changes")
    add(feed, "subtitle", "What came into the register, what was edited, and what was taken back.")
    add(feed, "updated", timestamp(max((entry["at"] for entry in entries), default=LONG_AGO)))
    add(add(feed, "author"), "name", "The editors of the register")
    if licence:
        add(feed, "link", rel="license", href=licence)
    add(feed, "link", rel="self", href=f"{base}{url}", type=MEDIA_TYPE)
    add(feed, "link", rel="alternate", href=f"{base}/v1/changes", type="application/json")
    for entry in reversed(entries):
        _entry(feed, catalogue, entry, register, base)
    return DECLARATION + written(feed)


def _entry(feed: Element, catalogue: Catalogue, entry: Mapping[str, Any], register: UUID, base: str) -> None:
    resource = catalogue.by_name[entry["resource"]]
    record = entry["record"] or {}
    name = str(record.get(resource.label) or entry["slug"])
    shown = add(feed, "entry")
    add(shown, "id", uuid5(register, str(entry["seq"])).urn)
    add(shown, "title", SENTENCES[entry["action"]].format(name=f"{resource.singular.capitalize()} “{name}”"))
    add(shown, "updated", timestamp(entry["at"]))
    add(shown, "category", term=entry["resource"])
    page = f"{base}/{entry['resource']}/{entry['slug']}"
    add(shown, "link", rel="alternate", href=page, type="text/html")
    add(shown, "link", rel="related", href=f"{base}{entry['url']}", type="application/json")
    if entry["revision_url"]:
        add(shown, "link", rel="related", href=f"{base}{entry['revision_url']}", type="application/json")
    text = entry["note"] or record.get("summary") or record.get("statement") or record.get("narrative")
    add(shown, "summary", str(text or name))
