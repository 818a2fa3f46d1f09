"""Search: ranked hits across all resources, each with a snippet in which the words found are marked."""

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from app.api.documentation import response
from app.api.documented_router import DocumentedRouter
from app.api.read_request import Read, ReadRequest
from app.api.responses import (
    json_response,
    link,
    next_page,
)
from app.core.field_types import SlugOrId, fold
from app.core.model import TypedRef
from app.core.reading.list_query import ListQuery
from app.core.reading.parameters import SearchText, cursor_parameter, flaws_together, refused
from app.core.reading.reader import Reader
from app.core.reading.referents import no_such
from app.core.reading.search import Hit, Search, SearchQuery
from app.core.reading.tables import Tables
from app.core.reading.value_types import Flag, whole_number
from app.core.resource import Resource
from app.core.storage.full_text import phrases
from app.core.storage.id_lists import among
from app.core.translations import LANG
from app.errors import BadCursor
from app.resources import CATALOGUE
from app.resources.partnerships import partnerships
from app.resources.sections import place

LIMIT, MAX_LIMIT = 20, 100
_AROUND = 90
# Vowel signs of Devanagari are parts of words, though Python's expressions end words at them.
_WORD = re.compile(r"(?:[^\W_]|[\u0900-\u0903\u093a-\u094f])+")
# In the order in which readers look for them: a promise before the sources that are as relevant.
_SEARCHABLE = tuple(sorted((each for each in CATALOGUE if each.searchable), key=lambda each: place(each.name)))


class SearchHit(BaseModel):
    """A record that has every word looked for or, where none has, most of them."""

    record: TypedRef = Field(description="The record.")
    url: str = Field(description="Its address.")
    score: int = Field(description="Its relevance: a word in the title counts 4, in the summary 2, elsewhere 1.")
    field: str | None = Field(description="The field that the snippet is from.")
    snippet: str | None = Field(
        description="Some text around the words found, as HTML: escaped, with `<mark>` around them."
    )


class SearchResults(BaseModel):
    """What was found."""

    data: list[SearchHit] = Field(description="Hits, the most relevant first.")
    next: str | None = Field(description="The path of the next page; null on the last.")
    next_cursor: str | None = Field(description="The `cursor` of the next page; null on the last.")
    words: int = Field(description="How many words were looked for; those in double quotes count as one.")
    words_matched: int = Field(
        description=(
            "How many of them each hit has: all, or the most that any record has where none has them all; 0: none has "
            "any."
        )
    )
    total: int | None = Field(description="How many there are, with `count=true`.")
    facets: dict[str, int] | None = Field(description="How many there are of each type, with `count=true`.")


_TYPES: Any = Literal[tuple(each.singular for each in _SEARCHABLE)]
SearchParameters: type[BaseModel] = create_model(
    "SearchParameters",
    __config__=ConfigDict(extra="forbid"),
    q=(
        SearchText,
        Field(
            description=(
                "Words to look for, in any case, with or without accents; the start of a word is enough, and words in "
                "double quotes must stand together. Where no record has all of them, those with most of them are found."
            ),
            examples=["semiconductor"],
        ),
    ),
    type=(list[_TYPES], Field(default_factory=list, description="Look only among records of these types.")),
    partnership=(
        SlugOrId | None,
        Field(
            default=None,
            description=(
                "Look only at this partnership, by slug or id, and at what belongs to it; themes, stakeholders and "
                "sources belong to none."
            ),
            examples=["india-south-korea"],
        ),
    ),
    limit=(whole_number(1, MAX_LIMIT), Field(default=LIMIT, description="At most this many hits.")),
    cursor=cursor_parameter(),
    count=(Flag | None, Field(default=None, description="Whether to count all hits, by type.")),
    lang=LANG,
)


def search_register(read: ReadRequest, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The hits of a search, as the API returns them."""
    query = read.parameters(SearchParameters, pairs).__dict__
    types = query["type"]
    resources = tuple(each for each in _SEARCHABLE if not types or each.singular in types)
    found_phrases = phrases(query["q"])
    # What a cursor is bound to, in the words of a list.
    bound = ListQuery(q=repr((found_phrases, types, query["partnership"])), cursor=query["cursor"])
    cursors = read.context.cursors
    reader = read.reader()
    after: list[Any] | None = None
    with flaws_together() as reading:
        with reading():
            wanted = SearchQuery(found_phrases, resources, _partnership(reader, query["partnership"]))
        with reading():
            after = cursors.read("search", bound, read.viewer) if bound.cursor is not None else None
    found, more, finder, matched = _look_up(reader, wanted, query["limit"], after)
    texts = _texts(reader, resources, found)
    counts = finder.counts() if query["count"] else None
    next_cursor = cursors.write("search", bound, [matched, *found[-1].position], read.viewer) if more else None
    words = tuple(word for phrase in found_phrases for word in phrase)
    return {
        "data": [_hit(hit, texts.get(hit.id, {}), words) for hit in found],
        "next": next_page(pairs, "/v1/search", next_cursor),
        "next_cursor": next_cursor,
        "words": len(found_phrases),
        "words_matched": matched,
        "total": sum(counts.values()) if counts is not None else None,
        "facets": counts,
    }


def _look_up(
    reader: Reader, wanted: SearchQuery, limit: int, after: Sequence[Any] | None
) -> tuple[list[Hit], bool, Search, int]:
    """A page of hits, whether there are more, who found them, and how many of the phrases they have.

    A cursor says how many: whatever is written meanwhile, the pages that follow go on as the first one began.
    """
    every = len(wanted.phrases)
    matched, position = (after[0], after[1:]) if after is not None else (every, None)
    if matched == every:
        finder = Search(reader.connection, reader.tables, wanted)
        found, more = finder.page(limit, position)
        if found or position is not None or every == 1:
            return found, more, finder, every if found or position is not None else 0
        matched = Search(reader.connection, reader.tables, replace(wanted, matched=0)).most_matched()
    finder = Search(reader.connection, reader.tables, replace(wanted, matched=matched))
    found, more = finder.page(limit, position) if matched else ([], False)
    return found, more, finder, matched


class SearchRoutes:
    """Search across all resources."""

    def search(self, read: Read) -> Response:
        """Records of any resource that have every word, the most relevant first, with a highlighted snippet.

        Where no record has every word, those with most of them: `words_matched` is then less than `words`.
        """
        read.choose("json")
        body = search_register(read, read.pairs)
        return json_response(body, read.viewer, headers={"Link": link(body["next"])})

    def register(self, router: APIRouter) -> None:
        """Add the route, with what the document says of it."""
        DocumentedRouter(router).read(
            "/search",
            self.search,
            summary="Search the whole register",
            shows=response(200, "What was found.", SearchResults, "Link"),
            fails=(BadCursor,),
            query=SearchParameters,
        )


def _partnership(reader: Reader, name: str | None) -> UUID | None:
    if name is None:
        return None
    id_ = reader.referents.find(partnerships, name)
    if id_ is None:
        raise refused("partnership", no_such(reader.connection, reader.tables, [partnerships], name))
    return id_


def _texts(reader: Reader, resources: Sequence[Resource], found: Sequence[Hit]) -> dict[UUID, dict[str, list[Any]]]:
    """The searchable fields of the records found, as they are read and as they were written.

    A query for each resource among them.
    """
    texts: dict[UUID, dict[str, list[Any]]] = {}
    for resource in resources:
        ids = [hit.id for hit in found if hit.resource == resource.name]
        if not ids:
            continue
        number = len(resource.searchable)
        chosen = reader.tables.built_once(("search texts", resource), partial(_texts_of, reader.tables, resource))
        for id_, *values in reader.rows(resource.name, chosen, {"ids": ids}):
            both = zip(values[:number], values[number:], strict=True)
            texts[id_] = dict(zip(resource.searchable, map(list, both), strict=True))
    return texts


def _texts_of(tables: Tables, resource: Resource) -> sa.Select[Any]:
    """The query for these texts. It is bound to the ids."""
    rows, _ = tables.visible(resource.table)
    read = (tables.value(resource, rows, name).label(f"{name}_read") for name in resource.searchable)
    written = (rows.c[name] for name in resource.searchable)
    return sa.select(rows.c.id, *read, *written).where(among(rows.c.id, tables.dialect))


def _hit(hit: Hit, texts: dict[str, list[Any]], words: tuple[str, ...]) -> dict[str, Any]:
    resource = CATALOGUE.by_name[hit.resource]
    # The title is shown anyway: the snippet is from another field where one has a word.
    fields = [name for name in resource.searchable if name != resource.label] + [resource.label]
    # As it is read first: words may have been found in a translation, or in the original alone.
    tried = ((name, version) for version in (0, 1) for name in fields if name in texts)
    found = ((name, snippet(texts[name][version], words)) for name, version in tried)
    shown = next(((name, text) for name, text in found if text), (None, None))
    return {
        "record": {"type": resource.singular, "id": hit.id, "slug": hit.slug, "title": hit.title},
        "url": f"/v1/{resource.name}/{hit.slug}",
        "score": hit.score,
        "field": shown[0],
        "snippet": shown[1],
    }


def snippet(text: Any, words: tuple[str, ...]) -> str | None:
    """Some text around the words found, escaped, with ``<mark>`` around them; None where none is in it."""
    if not isinstance(text, str):
        return None
    spans = [match.span() for match in _WORD.finditer(text) if fold(match.group()).startswith(words)]
    if not spans:
        return None
    start, end = max(0, spans[0][0] - _AROUND), min(len(text), spans[0][1] + 2 * _AROUND)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = end if end == len(text) or text.find(" ", end) < 0 else text.find(" ", end)
    parts, place = ["…" if start else ""], start
    for first, last in spans:
        if first < place or last > end:
            continue
        parts += [html.escape(text[place:first]), "<mark>", html.escape(text[first:last]), "</mark>"]
        place = last
    return "".join([*parts, html.escape(text[place:end]), "…" if end < len(text) else ""])
