"""A list as an Atom feed (RFC 4287), for feed readers: an entry a record, what changed last first.

An entry keeps its id for good, so that a reader shows a record that changed again as changed. A list under other
filters is another feed, with an id of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid5
from xml.etree import ElementTree

from app.formats.atom_elements import DECLARATION, LONG_AGO, MEDIA_TYPE, add, element, timestamp, written
from app.formats.format import PROSE, File, Format, Records

_IN_MEMORY = 1 << 20
_PIECE = 1 << 16


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """The feed. Its head says when it last changed, so the entries wait until all of them are there."""
    latest = LONG_AGO
    with SpooledTemporaryFile(_IN_MEMORY) as entries:
        for records in parts:
            for record in records:
                latest = max(latest, record["updated_at"])
                entries.write(written(_entry(file, record)))
        entries.seek(0)
        # The head is written whole, with its end tag, which the entries go before.
        head, end, _ = written(_head(file, timestamp(latest))).rpartition(b"</feed>")
        yield DECLARATION + head
        yield from iter(lambda: entries.read(_PIECE), b"")
        yield end + b"\n"


def _head(file: File, updated: str) -> ElementTree.Element:
    feed = element("feed")
    add(feed, "id", feed_id(file))
    add(feed, "title", f"Followthrough: {file.resource.name}")
    if words := ", ".join(f"{name}={value}" for name, value in _filters(file)):
        add(feed, "subtitle", f"Only {words}")
    add(feed, "updated", updated)
    add(add(feed, "author"), "name", "The editors of the register")
    if file.licence:
        add(feed, "link", rel="license", href=file.licence)
    add(feed, "link", rel="self", href=f"{file.base}{file.path}", type=MEDIA_TYPE)
    query = urlsplit(file.path).query
    page = f"{file.base}/{file.resource.name}" + (f"?{query}" if query else "")
    add(feed, "link", rel="alternate", href=page, type="text/html")
    return feed


def feed_id(file: File) -> str:
    """The id of a feed: its register, its resource and its filters, in whatever order they were given."""
    return uuid5(file.register, f"{file.resource.name}?{urlencode(_filters(file))}").urn


def _filters(file: File) -> list[tuple[str, str]]:
    """What a list is filtered by, in an order of its own. Neither its length nor its order is a filter."""
    pairs = parse_qsl(urlsplit(file.path).query, keep_blank_values=True)
    return sorted(pair for pair in pairs if pair[0] not in ("limit", "sort"))


def _entry(file: File, record: Mapping[str, Any]) -> ElementTree.Element:
    entry = element("entry")
    add(entry, "id", f"urn:uuid:{record['id']}")
    add(entry, "title", record["title"])
    add(entry, "published", timestamp(record["created_at"]))
    add(entry, "updated", timestamp(record["updated_at"]))
    add(entry, "category", term=file.resource.name)
    add(entry, "link", rel="alternate", href=f"{file.base}{record['html_url']}", type="text/html")
    json = f"{file.base}/v1/{file.resource.name}/{record['slug']}"
    add(entry, "link", rel="related", href=json, type="application/json")
    add(entry, "summary", next((record[name] for name in PROSE if record.get(name)), record["title"]))
    return entry


ATOM = Format(
    name="atom",
    media_type=MEDIA_TYPE,
    description="A feed for feed readers: the records that changed last, 100 of them unless `limit` says more.",
    write=write,
    title="Atom",
    takes_fields=False,
    sort=("-updated_at",),
    limit=100,
)
