"""How a record of the register is cited, and what reference managers read from its page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app import LICENCE_URL, NAME
from app.api.context import Context
from app.core.resource import Resource
from app.languages import written
from app.languages.choice import ORIGINAL, current
from app.languages.texts import gettext
from app.pages import labels
from app.pages.requests import Alternate

CITATION = (
    "“%(name)s” (%(kind)s), %(register)s: an open register of what partner countries promise each other, "
    "revision %(revision)s of %(day)s, %(address)s (accessed %(today)s)."
)


def citation(kind: str, record: Mapping[str, Any], name: str, today: date, base: str = "") -> str:
    """A record at its revision, as a reader would cite it."""
    values = {
        "name": name,
        "kind": labels.one(kind),
        "register": NAME,
        "revision": record["revision"],
        "day": written.day(record["updated_at"]),
        "address": f"{base}{record['html_url']}" + ("" if current() == ORIGINAL else f"?lang={current()}"),
        "today": written.day(today),
    }
    return gettext(CITATION) % values


def meta_tags(record: Mapping[str, Any], name: str, base: str = "") -> list[tuple[str, str]]:
    """What Zotero and other reference managers look for in a page (Highwire Press tags)."""
    return [
        ("citation_title", name),
        ("citation_author", NAME),
        ("citation_publisher", NAME),
        ("citation_publication_date", record["updated_at"].strftime("%Y/%m/%d")),
        ("citation_public_url", f"{base}{record['html_url']}"),
        ("citation_language", current()),
    ]


def described(record: Mapping[str, Any], name: str, text: str | None, base: str = "") -> dict[str, Any]:
    """A record in schema.org's words, for search engines."""
    return {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "name": name,
        "description": text or name,
        "url": f"{base}{record['html_url']}",
        "identifier": str(record["id"]),
        "version": record["revision"],
        "dateCreated": record["created_at"].isoformat(),
        "dateModified": record["updated_at"].isoformat(),
        "license": LICENCE_URL,
        "isAccessibleForFree": True,
        "isPartOf": {"@type": "Dataset", "name": NAME, "url": f"{base}/"},
    }


def files(context: Context, resource: Resource, slug: str) -> list[Alternate]:
    """The files in which reference managers take a record."""
    return [
        Alternate(each.name, f"/v1/{resource.name}/{slug}.{each.name}", each.media_type)
        for each in context.formats.values()
        if each.of_record
    ]
