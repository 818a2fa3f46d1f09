"""Feeds of lists, read by a feed reader's parser that knows nothing of us (feedparser)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.resource import Resource
from app.formats.feed import write
from app.formats.format import File
from app.formats.xml_text import xml_text
from app.resources import ALL, CATALOGUE
from tests.support.generated import examples, lines, texts

THEMES = CATALOGUE.by_name["themes"]
MOMENT = datetime(2026, 1, 31, 12, 30, 5, tzinfo=UTC)
THEME: Mapping[str, Any] = {
    "id": UUID(int=7),
    "slug": "trade",
    "title": "Trade",
    "html_url": "/themes/trade",
    "created_at": MOMENT - timedelta(days=1),
    "updated_at": MOMENT,
    "description": "What is bought and sold.",
}


def raw_feed(
    *records: Mapping[str, Any],
    resource: Resource = THEMES,
    path: str = "/v1/themes.atom",
    base: str = "https://register.example",
    register: UUID = UUID(int=1),  # noqa: B008 (never changed)
) -> bytes:
    """The file of some records, given in two parts."""
    file = File(resource, path=path, base=base, licence="https://licence.example/", register=register)
    return b"".join(write(file, [records[:1], records[1:]]))


def feed(*records: Mapping[str, Any], **given_: Any) -> Any:
    """The feed of some records, as it is read."""
    found = feedparser.parse(raw_feed(*records, **given_))
    assert not found.bozo
    return found


def test_an_entry_says_what_changed_and_where_it_is() -> None:
    (entry,) = feed(THEME).entries
    assert (entry.id, entry.title, entry.summary) == (f"urn:uuid:{UUID(int=7)}", "Trade", "What is bought and sold.")
    assert (entry.updated, entry.published) == ("2026-01-31T12:30:05.000000Z", "2026-01-30T12:30:05.000000Z")
    assert entry.link == "https://register.example/themes/trade"
    assert [tag.term for tag in entry.tags] == ["themes"]
    (json,) = [link for link in entry.links if link.rel == "related"]
    assert (json.href, json.type) == ("https://register.example/v1/themes/trade", "application/json")


def test_the_head_says_what_the_feed_is() -> None:
    later = {**THEME, "id": UUID(int=8), "updated_at": MOMENT + timedelta(days=1)}
    found = feed(THEME, later, path="/v1/themes.atom?q=a%20b&limit=5").feed
    assert found.title == "Followthrough: themes"
    assert found.subtitle == "Only q=a b"
    assert found.updated == "2026-02-01T12:30:05.000000Z"
    assert found.link == "https://register.example/themes?q=a%20b&limit=5"
    links = {link.rel: link.href for link in found.links}
    assert links["self"] == "https://register.example/v1/themes.atom?q=a%20b&limit=5"
    assert links["license"] == "https://licence.example/"


def test_each_feed_has_an_id_of_its_own() -> None:
    def id_of(path: str, **other: Any) -> str:
        return str(feed(path=path, **other).feed.id)

    plain = id_of("/v1/themes.atom")
    filtered = id_of("/v1/themes.atom?a=1&b=2")
    assert plain != filtered
    assert filtered == id_of("/v1/themes.atom?b=2&limit=10&a=1&sort=slug")
    assert plain != id_of("/v1/themes.atom", register=UUID(int=2))
    assert plain != id_of("/v1/themes.atom", resource=CATALOGUE.by_name["sources"])
    assert plain == id_of("/v1/themes.atom", base="")


def test_without_an_address_of_the_register_links_are_relative() -> None:
    (entry,) = feed(THEME, base="").entries
    assert entry.link == "/themes/trade"


def test_a_list_of_nothing_is_a_feed() -> None:
    found = feed()
    assert found.entries == []
    assert found.feed.updated == "1970-01-01T00:00:00.000000Z"


@given(st.lists(st.tuples(lines, texts), max_size=4))
@examples(150)
def test_any_text_is_read_back(given_texts: list[tuple[str, str]]) -> None:
    records = [{**THEME, "title": title, "description": text} for title, text in given_texts]
    root = ElementTree.fromstring(raw_feed(*records))  # noqa: S314 (our own file)
    atom = "{http://www.w3.org/2005/Atom}"
    found = [(entry.findtext(f"{atom}title"), entry.findtext(f"{atom}summary")) for entry in root.iter(f"{atom}entry")]
    assert found == [(xml_text(title), xml_text(text or title)) for title, text in given_texts]


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_every_resource_has_a_feed(resource: Resource) -> None:
    record = {**dict.fromkeys(resource.fields), **THEME, "title": "It"}
    (entry,) = feed(record, resource=resource).entries
    assert entry.title == "It"
    assert entry.summary
