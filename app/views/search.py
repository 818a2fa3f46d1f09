"""Search: ranked hits across all resources, each with a snippet in which the words found are marked."""

import html
import re
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from app.core.answer import json_answer
from app.core.context import Context, context_of
from app.core.model import Ref
from app.core.negotiation import choose
from app.core.query import Flag, read_parameters
from app.core.read import Reader
from app.core.resource import Resource
from app.core.search import documents, matching, phrases, relevance
from app.core.text import fold
from app.errors import BadQuery, Forbidden, NotAcceptable, Unauthorized, Unavailable, documented

router = APIRouter()

LIMIT, LIMIT_MOST = 20, 100
_AROUND = 90


class HitRecord(Ref):
    """A record that was found."""

    type: str = Field(description="Its resource, in the singular.")


class Hit(BaseModel):
    """A record that has every word asked for."""

    record: HitRecord = Field(description="The record.")
    url: str = Field(description="Its address.")
    score: int = Field(description="Its relevance: a word in the title counts 4, in the summary 2, elsewhere 1.")
    field: str | None = Field(description="The field that the snippet is from.")
    snippet: str | None = Field(
        description="Some text around the words found, as HTML: escaped, with `<mark>` around them."
    )


class SearchAnswer(BaseModel):
    """What was found."""

    data: list[Hit] = Field(description="Hits, the most relevant first.")
    total: int | None = Field(description="How many there are, with `count=true`.")
    facets: dict[str, int] | None = Field(description="How many there are of each resource, with `count=true`.")


def _parameters(context: Context) -> type[BaseModel]:
    names: Any = Literal[tuple(each.name for each in context.catalogue)]
    fields: dict[str, Any] = {
        "q": (Annotated[str, StringConstraints(min_length=1, max_length=200)], ...),
        "resource": (list[names], Field(default_factory=list)),
        "limit": (Annotated[int, Field(ge=1, le=LIMIT_MOST)], LIMIT),
        "count": (Flag, False),
    }
    return create_model("SearchQuery", __config__=ConfigDict(extra="forbid"), **fields)


def _parameter(name: str, text: str, schema: dict[str, Any], required: bool = False, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": text, "schema": schema, **more}


_DOCUMENTED = [
    _parameter(
        "q", "Words to look for, in any case, with or without accents; the start of a word is enough, and words in "
        "double quotes must stand together.", {"type": "string", "minLength": 1, "maxLength": 200}, True,
        example="semiconductor",
    ),
    _parameter(
        "resource", "Look only in these resources.", {"type": "array", "items": {"type": "string"}},
        style="form", explode=True,
    ),
    _parameter(
        "limit", f"At most this many hits, {LIMIT} by default.",
        {"type": "integer", "minimum": 1, "maximum": LIMIT_MOST},
    ),
    _parameter("count", "Whether to count all hits, by resource.", {"type": "boolean"}),
]  # fmt: skip


@router.get(
    "/search", operation_id="search", summary="Search the whole register", response_model=None,
    responses={
        200: {
            "description": "What was found.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SearchAnswer"}}},
        },
        **documented(BadQuery, Unauthorized, Forbidden, NotAcceptable, Unavailable),
    },
    openapi_extra={"parameters": _DOCUMENTED, "security": [{}, {"bearer": []}]},
)  # fmt: skip
def search(request: Request) -> Response:
    """Records of any resource that have every word, the most relevant first, with a highlighted snippet."""
    context = context_of(request)
    viewer = context.authenticate(request)
    asked = read_parameters(_parameters(context), request.query_params.multi_items(), frozenset(["resource"])).__dict__
    choose(None, request.headers.get("accept"), ("json",))
    names = asked["resource"]
    resources = [each for each in context.catalogue if each.searchable and (not names or each.name in names)]
    with context.database.reading() as connection:
        reader = context.reader(connection, viewer)
        hits = _hits(reader, resources, asked["q"])
        ordered = sa.select(hits).order_by(hits.c.score.desc(), hits.c.place, hits.c.slug).limit(asked["limit"])
        found = reader.connection.execute(ordered).mappings().all()
        texts = _texts(reader, resources, found)
        counts: dict[str, int] | None = None
        if asked["count"]:
            grouped = sa.select(hits.c.name, sa.func.count()).group_by(hits.c.name)
            unordered = {row[0]: row[1] for row in reader.connection.execute(grouped)}
            counts = dict(sorted(unordered.items(), key=lambda each: (-each[1], each[0])))
    words = [word for words in phrases(asked["q"]) for word in words]
    body = {
        "data": [_hit(context, row, texts[row["id"]], words) for row in found],
        "total": sum(counts.values()) if counts is not None else None,
        "facets": counts,
    }
    return json_answer(body, viewer)


def _hits(reader: Reader, resources: list[Resource], q: str) -> sa.Subquery:
    dialect = reader.connection.dialect.name
    parts = []
    for place, resource in enumerate(resources):
        rows, seen = reader.seen(resource.table)
        part = sa.select(
            sa.literal(place).label("place"), sa.literal(resource.name).label("name"), rows.c.id, rows.c.slug,
            rows.c[resource.label].label("title"), relevance(dialect, q).label("score"),
        ).select_from(rows.join(documents, documents.c.record_id == rows.c.id))  # fmt: skip
        parts.append(part.where(seen, documents.c.resource == resource.name, matching(dialect, q)))
    if not parts:
        raise BadQuery("resource: Nothing in it can be searched.")
    return sa.union_all(*parts).subquery("hits")


def _texts(reader: Reader, resources: list[Resource], found: Any) -> dict[Any, dict[str, Any]]:
    """The searchable fields of the records found: a query for each resource among them."""
    texts: dict[Any, dict[str, Any]] = {}
    for resource in resources:
        ids = [row["id"] for row in found if row["name"] == resource.name]
        if not ids:
            continue
        rows, _ = reader.seen(resource.table)
        chosen = sa.select(rows.c.id, *(rows.c[name] for name in resource.searchable)).where(rows.c.id.in_(ids))
        for row in reader.connection.execute(chosen).mappings():
            texts[row["id"]] = {name: row[name] for name in resource.searchable}
    return texts


def _hit(context: Context, row: Any, texts: dict[str, Any], words: list[str]) -> dict[str, Any]:
    resource = context.catalogue.by_name[row["name"]]
    # The title is shown anyway: the snippet is from another field where one has a word.
    fields = [name for name in resource.searchable if name != resource.label] + [resource.label]
    shown = next(((name, text) for name in fields if (text := snippet(texts.get(name), words))), (None, None))
    return {
        "record": {"type": resource.singular, "id": row["id"], "slug": row["slug"], "title": row["title"]},
        "url": f"/v1/{resource.name}/{row['slug']}",
        "score": row["score"],
        "field": shown[0],
        "snippet": shown[1],
    }


def snippet(text: Any, words: list[str]) -> str | None:
    """Some text around the words found, escaped, with ``<mark>`` around them; None where none is in it."""
    if not isinstance(text, str):
        return None
    spans = [match.span() for match in re.finditer(r"[^\W_]+", text) if fold(match.group()).startswith(tuple(words))]
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
