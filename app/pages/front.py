"""The front page: every partnership with its headline figures, what happened lately, and what the register holds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from app import LICENCE_URL, NAME, __version__
from app.api.index import count_records
from app.api.quick_route import QuickRoute
from app.api.read_request import Read, refuse_parameters
from app.api.responses import json_response
from app.formats import FORMATS
from app.pages import labels
from app.pages.html import html_response
from app.pages.lists import row_fields, rows_of
from app.pages.partnership import bar_of, headlines
from app.pages.register import Record, Register
from app.pages.requests import AsData, changes_feed, json_of
from app.resources.sections import ORDER, place
from app.views import scorecard
from app.views.linked_data import DESCRIPTION

router = APIRouter(include_in_schema=False, route_class=QuickRoute)

_MAX_PARTNERSHIPS = 12
_MAX_LATEST = 6
_LATELY_READ = 30
_MAX_OVERDUE = 6


def _examples(partnership: str | None) -> Iterable[tuple[str, str]]:
    """What to ask the register first; of a partnership, where there is one."""
    if partnership is not None:
        path = f"/v1/partnerships/{partnership}"
        yield "How much of what was promised has come about?", f"{path}/scorecard"
        yield "Where does the trace break off?", f"{path}/gaps"
        yield "What happened when?", f"{path}/timeline"
    yield "Which promises are overdue?", "/v1/commitments?overdue=true&sort=due_on"
    yield "What stands in the way?", "/v1/challenges?sort=-severity,title&include=themes"
    yield (
        "What is proposed, and to whom?",
        "/v1/recommendations?sort=-priority,title&include=stakeholders&facets=status",
    )
    yield "Who takes part?", "/v1/stakeholders?facets=kind,country&count=true&limit=5"
    yield "Where do sources disagree?", "/v1/citations?intent=disputes&include=sources"
    yield "What have think tanks written since 2024?", "/v1/sources?independence=think_tank&issued__gte=2024"
    yield "What is proposed about semiconductors?", "/v1/recommendations?q=semiconductor"


def _dataset(counts: Mapping[str, int], base: str) -> dict[str, Any]:
    """The register in schema.org's words, for search engines of data."""
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": NAME,
        "description": f"{DESCRIPTION} {counts['commitments']:,} promises, {counts['updates']:,} log entries and "
        f"{counts['sources']:,} sources, each statement with its evidence.",
        "url": f"{base}/",
        "license": LICENCE_URL,
        "isAccessibleForFree": True,
        "version": __version__,
        "creator": {"@type": "Organization", "name": NAME, "url": f"{base}/"},
        "keywords": ["international partnerships", "accountability", "commitments", "evidence"],
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": NAME,
            "url": f"{base}/v1/catalog.jsonld",
        },
        "distribution": [
            {
                "@type": "DataDownload",
                "name": f"{name}.{ending}",
                "encodingFormat": FORMATS[ending].media_types[0],
                "contentUrl": f"{base}/v1/{name}.{ending}",
            }
            for name in ("commitments", "updates", "sources")
            for ending in ("csv", "xlsx", "jsonl", "jsonld")
        ],
    }


@router.get("/", response_model=None)
def front(read: Read) -> Response:
    """What this is: a page for a person, the same as JSON for a program."""
    refuse_parameters(read.request)
    form = read.choose("json", "html")
    register = Register(read)
    counts = count_records(register.reader)
    listed = register.list("partnerships", limit=_MAX_PARTNERSHIPS)
    if form == "html":
        return _page(read, register, counts)
    first = listed.records[0]["slug"] if listed.records else None
    return json_response(
        {
            "name": NAME,
            "description": DESCRIPTION,
            "version": __version__,
            "api": "/v1",
            "docs": "/docs",
            "openapi": "/openapi.json",
            "problems": "/problems",
            "counts": counts,
            "examples": [{"title": title, "url": url} for title, url in _examples(first)],
        },
        read.viewer,
    )


def _lately(entries: Sequence[Record]) -> list[Record]:
    """The latest of each promise that something happened to; of one day, the entry that judges it."""
    found: dict[Any, Record] = {}
    for each in entries:
        promise = each["commitment"]["id"] if each["commitment"] else each["id"]
        shown = found.setdefault(promise, each)
        if shown["occurred_on"] == each["occurred_on"] and each["sets"].get("completion"):
            found[promise] = each
    return list(found.values())[:_MAX_LATEST]


def _page(read: Read, register: Register, counts: Mapping[str, int]) -> Response:
    partnerships = register.list("partnerships", limit=_MAX_PARTNERSHIPS)
    cards = []
    for record in partnerships.records:
        built = scorecard.build(register.reader, record)
        disputed = (("intent", "disputes"), ("partnership", record["slug"]))
        cards.append(
            {
                "record": record,
                "headlines": headlines(built)[:4],
                "bar": bar_of(built),
                "disputed": register.counted("citations", *disputed),
            }
        )
    resource = register.resource("commitments")
    late = (("overdue", "true"), ("sort", "-days_overdue"))
    overdue = register.list("commitments", *late, limit=_MAX_OVERDUE, fields=row_fields(resource))
    log = register.list("updates", ("sort", "-occurred_on"), limit=_LATELY_READ)
    return html_response(
        "front.html",
        read,
        cards=cards,
        counts=[
            (name, labels.several(name, counts[name]), counts[name])
            for name in sorted(counts, key=place)
            if name in ORDER and name not in ("partnerships", "citations")
        ],
        log=log,
        lately=_lately(log.records),
        overdue=overdue,
        overdue_rows=rows_of(register, resource, overdue.records),
        dataset=_dataset(counts, read.context.public_url),
        data=AsData((json_of("/v1"), changes_feed())),
    )
