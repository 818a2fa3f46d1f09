"""The page of a partnership: its scorecard, what happened, where the trace breaks, and who promised."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from app.api.read_request import Read, ReadRequest
from app.api.records import SlugOrId
from app.core.reading.reader import Reader
from app.languages import written
from app.languages.choice import ORIGINAL, current
from app.languages.texts import pgettext
from app.pages import citing, embeds, promises
from app.pages.completion import Part, completion_bar
from app.pages.fields import fields_of
from app.pages.html import html_response
from app.pages.lists import row_fields, rows_of
from app.pages.register import Record, Register
from app.pages.requests import LOCAL, AsData, changes_feed, json_of, see_other, wants_data, with_query
from app.pages.restated import later_promises
from app.resources.partnerships import partnerships
from app.views import VIEWS, gaps, scorecard, timeline
from app.views.routes import ViewParameters

_MAX_EVENTS = 12
_MAX_STAKEHOLDERS = 12
_MAX_ROWS = 6
_MAX_OVERDUE = 100
_MAX_GAPS = 25
"""How many records are shown of a kind of gap."""

SHOWN_LISTS = ("challenges", "recommendations", "dialogues", "indicators")
"""The lists of a partnership that its page leads to, beside the promises."""

HEADLINES = (
    "promises",
    "follow_through_rate",
    "overdue",
    "mean_slippage_days",
    "mean_concreteness",
    "share_verifiable",
)
"""The figures of a scorecard that stand out."""

FIGURES: Mapping[str, str] = {
    "promises": "promises",
    "assessed": "assessed",
    "kept": "complete",
    "follow_through_rate": "are complete, of those assessed",
    "evidenced": "on whose completion evidence tells",
    "share_evidenced": "have evidence that tells how far they came",
    "share_kept_of_evidenced": "of those with such evidence are complete",
    "due": "whose last day is past",
    "kept_due": "complete, of those whose last day is past",
    "share_kept_of_due": "of those whose last day is past are complete",
    "independent_sources_none": "that rest on no independent publisher",
    "independent_sources_one": "that rest on one independent publisher",
    "independent_sources_two_or_more": "that rest on two or more independent publishers",
    "overdue": "overdue",
    "with_deadline": "with a deadline",
    "share_overdue": "of those with a deadline are overdue",
    "mean_days_overdue": "overdue on average",
    "longest_overdue_days": "overdue at the longest",
    "stale": "without any news for a year",
    "share_stale": "have had no news for a year",
    "unreported": "on which no stakeholder has reported",
    "verifiable": "that an outsider could check",
    "share_verifiable": "can be checked by an outsider",
    "mean_concreteness": "of 4 marks of a concrete promise, on average",
    "mean_slippage_days": "from the first deadline to the present one, of promises that were made again, on average",
}
"""What the figures of a scorecard are called under their numbers."""


@dataclass(frozen=True)
class Shown:
    """A figure of a scorecard: its number as people read it, and the page of the records behind it."""

    name: str
    text: str
    label: str
    definition: str
    href: str | None


def page_of(path: str | None) -> str | None:
    """The page of a list, given its path in the API: their queries are the same; what is overdue, the longest first."""
    if not path:
        return None
    page = path.removeprefix("/v1")
    return f"{page}&sort=-days_overdue" if "overdue=true" in page and "sort=" not in page else page


def shown(name: str, figure: Mapping[str, Any]) -> Shown:
    """A figure as a page shows it."""
    value = figure["value"]
    if name.startswith("share_") or name.endswith("_rate"):
        text = written.percent(value)
    elif name.endswith("_days") or name == "mean_days_overdue":
        text = written.duration(value)
    else:
        text = written.number(value)
    label = pgettext("figure", FIGURES.get(name, name.replace("_", " ")))
    return Shown(name, text, label, figure["definition"], page_of(figure["list"]))


def headlines(built: Mapping[str, Any]) -> list[Shown]:
    """The figures of a scorecard that stand out."""
    return [shown(name, built["figures"][name]) for name in HEADLINES]


def bar_of(built: Mapping[str, Any]) -> list[Part]:
    """The promises of a scorecard by how much of each is done."""
    return completion_bar({name: figure["value"] for name, figure in built["completion"].items()})


class PartnershipPage:
    """The page of a partnership."""

    def get_page(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """A partnership, as a person reads it."""
        if wants_data(read):
            return see_other(f"/v1/partnerships/{slug_or_id}", read.pairs)
        as_of = read.parameters(ViewParameters).as_of
        register = Register(read, as_of)
        reader = register.reader
        located = reader.locate(partnerships, slug_or_id)
        record = reader.one(partnerships, located.id)
        return html_response(
            "partnership.html",
            read,
            revision=located.revision,
            resource=partnerships,
            record=record,
            as_of=as_of,
            fields=list(fields_of(partnerships, record)),
            related=[],
            citations=promises.citations(register, "partnership", [record["slug"]]),
            data=self._as_data(read, located.slug),
            **self._scorecard(reader, record),
            **self._cited(register, record),
            **self._lists(register, record),
        )

    def _as_data(self, read: ReadRequest, slug: str) -> AsData:
        path = f"/v1/partnerships/{slug}"
        return AsData(
            (
                json_of(path, read.pairs),
                *(json_of(f"{path}/{each.name}", read.pairs, each.name) for each in VIEWS),
                changes_feed([("partnership", slug)]),
            )
        )

    def _scorecard(self, reader: Reader, record: Record) -> dict[str, Any]:
        """The scorecard: its figures, those that stand out apart, and the promises by grade."""
        built = scorecard.build(reader, record)
        return {
            "scorecard": built,
            "headlines": headlines(built),
            "figures": [shown(each, figure) for each, figure in built["figures"].items() if each not in HEADLINES],
            "bar": bar_of(built),
            "page_of": page_of,
        }

    def _cited(self, register: Register, record: Record) -> dict[str, Any]:
        """What it is called and says, how to cite it, and its pictures and frames for other sites."""
        name, slug, base = str(record["title"]), str(record["slug"]), register.context.public_url
        prose_field = "summary" if record["summary"] else "description"
        text = record[prose_field]
        path = f"/v1/partnerships/{slug}"
        return {
            "name": name,
            "text": text,
            "prose_field": prose_field,
            "pictures": {each.name: _picture(path, each.name) for each in VIEWS if each.draw},
            "embeds": embeds.of_partnership(slug, name),
            "cite_as": citing.files(register.context, partnerships, slug),
            "meta": citing.meta_tags(record, name, base),
            "described": citing.described(record, name, text, base),
            "citation": citing.citation("partnerships", record, name, register.reader.today, base or LOCAL),
        }

    def _lists(self, register: Register, record: Record) -> dict[str, Any]:
        """What happened lately and is to come, where the trace breaks, who promised, and the lists behind."""
        of_it = ("partnership", record["slug"])
        overdue = self._rows(register, "commitments", of_it, ("overdue", "true"), ("sort", "-days_overdue"))
        return {
            "past": list(islice(timeline.latest(register.reader, record), _MAX_EVENTS)),
            "to_come": list(islice(timeline.to_come(register.reader, record), _MAX_EVENTS)),
            "gaps": gaps.breaks(register.reader, record, _MAX_GAPS),
            "accountable": self._accountable(register, of_it),
            "overdue": overdue,
            "made_anew": self._promised_again(register, of_it, overdue["listed"].total),
            "disputed": register.counted("citations", ("intent", "disputes"), of_it),
            "lists": [self._rows(register, each, of_it) for each in SHOWN_LISTS],
            "plural_of": {each.singular: each.name for each in register.context.catalogue},
        }

    def _rows(self, register: Register, name: str, *pairs: tuple[str, str]) -> dict[str, Any]:
        resource = register.resource(name)
        listed = register.list(name, *pairs, limit=_MAX_ROWS, fields=row_fields(resource))
        return {"listed": listed, "rows": rows_of(register, resource, listed.records)}

    def _promised_again(self, register: Register, of_it: tuple[str, str], overdue: int) -> int:
        """How many of the overdue promises were made anew later; of very many nobody counts it by hand."""
        if not 0 < overdue <= _MAX_OVERDUE:
            return 0
        named = register.records("commitments", of_it, ("overdue", "true"), limit=_MAX_OVERDUE, fields=("slug",))
        return len(later_promises(register, named))

    def _accountable(self, register: Register, of_it: tuple[str, str]) -> list[tuple[str, int, str]]:
        """Who takes part in most promises: the name, how many, and their list."""
        counts = list(register.facet("commitments", "stakeholder", of_it).items())[:_MAX_STAKEHOLDERS]
        titles = register.titles("stakeholders", [slug for slug, _ in counts])
        return [
            (titles[slug], count, register.path("commitments", of_it, ("stakeholder", slug)))
            for slug, count in counts
            if slug in titles
        ]

    def register(self, router: APIRouter) -> None:
        """Add the route."""
        path = "/partnerships/{slug}"
        router.add_api_route(path, self.get_page, methods=["GET"], name="partnership page", response_model=None)


def _picture(path: str, name: str) -> str:
    """The address of a picture in the language of the page. The API goes by ``lang`` alone."""
    pairs = [] if current() == ORIGINAL else [("lang", current())]
    return with_query(f"{path}/{name}.svg", pairs)
