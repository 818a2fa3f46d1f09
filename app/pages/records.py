"""The page of a record: what it says, what refers to it, what is cited for it, its history, and how to cite it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from app.api.context import Context
from app.api.read_request import Read
from app.api.records import SlugOrId
from app.core.resource import Resource
from app.languages.texts import gettext
from app.pages import citing, disagreements, embeds, labels, promises
from app.pages.fields import fields_of, name_of, prose_of
from app.pages.html import html_response
from app.pages.lists import Row, row_fields, rows_of
from app.pages.names import with_subjects
from app.pages.register import Listed, Record, Register
from app.pages.requests import LOCAL, record_as_data, see_other, wants_data
from app.views.routes import ViewParameters

_MAX_RELATED = 12


@dataclass(frozen=True)
class Related:
    """Records that refer to the one of the page."""

    title: str
    rows: Sequence[Row]
    listed: Listed


class RecordPage:
    """The page of one resource's records."""

    def __init__(self, resource: Resource, context: Context) -> None:
        """Serve a resource."""
        self.resource = resource
        self.referring = context.grammar(resource).referring

    def get_page(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """A record, as a person reads it."""
        resource = self.resource
        if wants_data(read):
            return see_other(f"/v1/{resource.name}/{slug_or_id}", read.pairs)
        as_of = read.parameters(ViewParameters).as_of
        register = Register(read, as_of)
        located = register.reader.locate(resource, slug_or_id)
        (record,) = with_subjects(register, [register.reader.one(resource, located.id)])
        name = name_of(resource.name, record)
        prose_field, text = prose_of(record)
        cited = promises.citations(register, resource.singular, [record["slug"]]) if resource.citable else []
        own: dict[str, Any] = self._own(register, record, cited)
        base, today = register.context.public_url, register.reader.today
        return html_response(
            f"{resource.singular}.html" if resource.name in _OWN_TEMPLATE else "record.html",
            read,
            revision=located.revision,
            resource=resource,
            record=record,
            name=name,
            text=text,
            prose_field=prose_field,
            as_of=as_of,
            fields=list(fields_of(resource, record, _LEFT_OUT.get(resource.name, ()))),
            citations=cited,
            related=list(self._related(register, record)),
            embeds=embeds.of_promise(located.slug, name) if resource.name == "commitments" else (),
            cite_as=citing.files(register.context, resource, located.slug),
            meta=citing.meta_tags(record, name, base),
            described=citing.described(record, name, text, base),
            citation=citing.citation(resource.name, record, name, today, base or LOCAL),
            data=record_as_data(read.context, resource.name, located.slug, read.pairs),
            **own,
        )

    def _related(self, register: Register, record: Record) -> Iterator[Related]:
        left_out = ("citations", *_SHOWN_ALREADY.get(self.resource.name, ()))
        for name, parameter in self.referring.items():
            if name in left_out:
                continue
            resource = register.resource(name)
            pair = (parameter, record["slug"])
            listed = register.list(name, pair, limit=_MAX_RELATED, fields=row_fields(resource))
            if listed.total:
                rows = rows_of(register, resource, listed.records)
                yield Related(self._title(name, parameter), rows, listed)

    def _title(self, name: str, parameter: str) -> str:
        """How what refers to a record is called, such as "Promises" or "Log entries (reported by)"."""
        title = labels.heading(labels.several(name))
        plain = parameter in (self.resource.singular, "parent")
        if plain:
            return title
        return gettext("%(records)s (%(relation)s)") % {
            "records": title,
            "relation": labels.field(parameter).lower(),
        }

    def _own(self, register: Register, record: Record, cited: Sequence[Record]) -> dict[str, Any]:
        """What only the pages of this resource show."""
        if self.resource.name == "commitments":
            return self._of_promise(register, record, cited)
        if self.resource.name == "indicators":
            drawn, observations = promises.indicator_chart(register, record)
            disputed = disagreements.of_measure(register, record, observations.records)
            return {
                "indicator": record,
                "chart": drawn,
                "observations": observations,
                "disagreements": disputed,
                "alike": promises.alike(register, record),
            }
        if self.resource.name == "sources":
            listed = register.list("citations", ("source", record["slug"]), limit=100)
            return {
                "cited_for": replace(listed, records=with_subjects(register, listed.records)),
                "plural_of": {each.singular: each.name for each in register.context.catalogue},
            }
        return {}

    def _of_promise(self, register: Register, promise: Record, cited: Sequence[Record]) -> dict[str, Any]:
        entries, log = promises.log(register, promise)
        chain = promises.chain(register, promise)
        indicator = drawn = observations = None
        alike: list[Record] = []
        disputed = disagreements.of_promise(register, promise, entries)
        if promise["indicator"]:
            found = register.reader.several(register.resource("indicators"), [promise["indicator"]["id"]])
            indicator = next(iter(found.values()), None)
            if indicator is not None:
                drawn, observations = promises.indicator_chart(register, indicator)
                alike = promises.alike(register, indicator)
                disputed += disagreements.of_measure(register, indicator, observations.records)
        return {
            "disagreements": disputed,
            "chain": chain,
            "later": chain[-1].record if chain and not chain[-1].is_this else None,
            "goal_moved": promises.goal_moved(chain),
            "publishers": promises.publishers(cited, entries),
            "entries": entries,
            "reason": next(
                (each for each in entries if each.verdicts and each.verdicts[0].field == "completion"), None
            ),
            "log": log,
            "milestones": register.list("milestones", ("commitment", promise["slug"])),
            "answers": promises.answers(register, promise),
            "indicator": indicator,
            "chart": drawn,
            "observations": observations,
            "alike": alike,
        }

    def register(self, router: APIRouter) -> None:
        """Add the route."""
        name = self.resource.name
        path = f"/{name}/{{slug}}"
        router.add_api_route(path, self.get_page, methods=["GET"], name=f"{name} record page", response_model=None)


_OWN_TEMPLATE = ("commitments", "indicators", "sources")

_LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "commitments": (
        "completion",
        "overdue",
        "partnership",
        "recommendations",
        "supersedes",
        "reporters",
        "made_on",
        "meeting",
        "due_on",
        "participants",
        "concreteness",
        "slippage_days",
        "days_overdue",
        "independent_sources",
        "indicator",
        "baseline_value",
        "target_value",
    ),
}
"""The fields that a page shows in a place of their own."""

_SHOWN_ALREADY: Mapping[str, tuple[str, ...]] = {
    "commitments": ("updates", "milestones", "commitments"),
    "indicators": ("observations",),
    "sources": ("observations",),
}
"""The lists that a page shows in a place of their own."""
