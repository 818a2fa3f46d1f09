"""The page of a list: search, filters with counts, order and paging as plain forms. Its query is the API's own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from app.api.context import Context
from app.api.read_request import Read, ReadRequest
from app.core.reading.grammar import Grammar
from app.core.reading.list_query import ListQuery
from app.core.relations import AnyOne
from app.core.resource import Resource
from app.formats.format import PROSE
from app.languages import written
from app.languages.texts import gettext, pgettext
from app.pages import labels
from app.pages.fields import NAMED_BY, ShownField, fields_of, name_of, prose_of, term_label, terms
from app.pages.html import html_response
from app.pages.names import with_subjects
from app.pages.register import Register
from app.pages.requests import list_as_data, see_other, wants_data, with_query, without_blanks
from app.pages.restated import later_promises

_MAX_VALUES = 12
"""How many values of a facet are offered: those with the most records, and those that are chosen."""

_OPEN_FACETS = 3
_NOT_A_FILTER = frozenset(("q", "sort", "limit", "cursor", "count", "facets", "include", "fields", "format", "as_of"))
_BOOLEAN = frozenset(("true", "false"))

FACETS: Mapping[str, tuple[str, ...]] = {
    "commitments": (
        "completion",
        "overdue",
        "partnership",
        "theme",
        "party",
        "kind",
        "stakeholder",
        "lifecycle",
        "verifiable",
        "concreteness",
        "source_independence",
    ),
    "recommendations": ("partnership", "status", "priority", "horizon", "theme", "stakeholder"),
    "sources": ("independence", "type", "publisher", "language", "link_status"),
    "updates": ("party", "score", "reported_by"),
    "citations": ("intent", "subject_type"),
}
"""What a list can be narrowed by on its page, the most useful first; a resource that is not here: all its facets."""

ROW_FIELDS: Mapping[str, tuple[str, ...]] = {
    "commitments": ("made_on", "due_on", "kind", "participants"),
    "challenges": ("severity", "status", "identified_on"),
    "recommendations": ("priority", "status", "participants"),
    "milestones": ("due_on", "met_on", "status", "commitment"),
    "updates": ("commitment", "party", "reported_by"),
    "indicators": ("unit", "reporter"),
    "observations": ("value", "status", "source"),
    "dialogues": ("level", "started_on", "partnership"),
    "meetings": ("held_on", "status", "dialogue"),
    "stakeholders": ("kind", "country", "parent"),
    "themes": ("parent",),
    "sources": ("publisher", "issued", "independence"),
    "citations": ("intent", "locator", "subject"),
    "partnerships": ("label", "parties", "established_on"),
}
"""The fields that a row of a list shows under its title."""

OPERATORS = {
    "": "%(field)s: %(value)s",
    "ne": "%(field)s: not %(value)s",
    "lt": "%(field)s: before %(value)s",
    "lte": "%(field)s: at most %(value)s",
    "gt": "%(field)s: after %(value)s",
    "gte": "%(field)s: from %(value)s",
    "contains": "%(field)s: contains %(value)s",
}
"""How a filter is said, by the way it compares."""


@dataclass(frozen=True)
class Row:
    """A record in a list."""

    href: str
    title: str
    record: Mapping[str, Any]
    fields: Sequence[ShownField]
    text: str | None
    prose_field: str = ""
    """The field that the text is of."""
    later: Mapping[str, Any] | None = None
    """The later promise that restates this one, where it is overdue."""


@dataclass(frozen=True)
class Choice:
    """A value that a list can be narrowed to."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A filter with its values."""

    name: str
    label: str
    choices: Sequence[Choice]
    single: bool
    """Whether only one value can be chosen."""
    is_open: bool


@dataclass(frozen=True)
class Applied:
    """A filter of the query, and the same page without it."""

    text: str
    without: str


def row_fields(resource: Resource) -> tuple[str, ...]:
    """The fields that a row is made of: no more is read for it, and above all no relation that it does not show."""
    wanted = {*_OF_A_ROW, *PROSE, *ROW_FIELDS.get(resource.name, ()), *NAMED_BY.get(resource.name, ())}
    return tuple(name for name in resource.fields if name in wanted)


_OF_A_ROW = ("id", "slug", "title", "html_url", "lang", "translations", "completion", "overdue", "days_overdue")


def row_of(resource: Resource, record: Mapping[str, Any]) -> Row:
    """A record as a row of a list."""
    wanted = ROW_FIELDS.get(resource.name, ())
    by_name = {item.name: item for item in fields_of(resource, record)}
    shown = [_accountable(by_name[name]) for name in wanted if name in by_name]
    field, text = prose_of(record)
    return Row(record["html_url"], name_of(resource.name, record), record, shown, text, field)


def rows_of(register: Register, resource: Resource, records: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Records as rows of a list; an overdue promise says which later one it was made anew by."""
    rows = [row_of(resource, record) for record in with_subjects(register, records)]
    overdue = [record for record in records if record.get("overdue")]
    if not overdue:
        return rows
    later = later_promises(register, overdue)
    return [replace(row, later=later.get(row.record["slug"]) if row.record.get("overdue") else None) for row in rows]


def _accountable(item: ShownField) -> ShownField:
    """Of those who take part in something, a row names who answers for it; else all."""
    links = tuple(replace(link, note="") for link in item.links if link.role == "accountable")
    label = term_label("commitments", "participants", "accountable")
    return replace(item, label=label, links=links) if links else item


class ListPage:
    """The page of one resource's list."""

    def __init__(self, resource: Resource, context: Context) -> None:
        """Serve a resource."""
        self.resource = resource
        self.grammar: Grammar = context.grammar(resource)

    def get_page(self, read: Read) -> Response:
        """The records that match."""
        name = self.resource.name
        if (redirect := without_blanks(read)) is not None:
            return redirect
        if wants_data(read):
            return see_other(f"/v1/{name}", read.pairs)
        query = read.query(self.grammar, self.grammar.list_query)
        register = Register(read, query.as_of)
        # The past is read from the history, which takes long for each count.
        offered = () if query.as_of is not None else FACETS.get(name, self.resource.listing.facets)
        shown = row_fields(self.resource)
        page = register.page(self.resource, replace(query, facets=offered, count=True, include=(), fields=shown))
        found = {**(page.facets or {}), **self._of_chosen(register, query, offered)}
        return html_response(
            "list.html",
            read,
            resource=self.resource,
            rows=rows_of(register, self.resource, page.records),
            total=page.total or 0,
            query=query,
            facets=[self._facet(register, each, found[each], query, place) for place, each in enumerate(offered)],
            applied=list(self._applied(register, read, query)),
            hidden=[p for p in read.pairs if p[0] not in offered and p[0] not in ("q", "sort", "cursor", "limit")],
            orders=list(self._orders(read)),
            following=self._following(read, query, page.after),
            first=with_query(f"/{name}", _without(read, "cursor")) if query.cursor else None,
            data=list_as_data(read.context, name, read.pairs),
            as_of=query.as_of,
        )

    def _following(self, read: ReadRequest, query: ListQuery, after: list[Any] | None) -> str | None:
        if after is None:
            return None
        cursor = read.context.cursors.write(self.resource.name, query, after, read.viewer)
        return with_query(f"/{self.resource.name}", [*_without(read, "cursor"), ("cursor", cursor)])

    def _of_chosen(self, register: Register, query: ListQuery, offered: Sequence[str]) -> dict[str, dict[str, int]]:
        """The counts of the facets that are chosen from, as if they were not: what else could be chosen."""
        found: dict[str, dict[str, int]] = {}
        for name in {term.filter.parameter for term in query.terms} & set(offered):
            others = tuple(term for term in query.terms if term.filter.parameter != name)
            counted = replace(query, terms=others, facets=(name,), limit=1, cursor=None, include=(), fields=("slug",))
            found |= register.page(self.resource, counted).facets or {}
        return found

    def _facet(self, register: Register, name: str, counts: Mapping[str, int], query: ListQuery, place: int) -> Facet:
        chosen = {_text(value) for term in query.terms if term.filter.parameter == name for value in term.values}
        values = [*list(counts)[:_MAX_VALUES], *(each for each in chosen if each not in list(counts)[:_MAX_VALUES])]
        named = self._value_labels(register, name, values)
        order = list(terms(self.resource.name, name))
        if order:
            values.sort(key=lambda value: order.index(value) if value in order else len(order))
        choices = [Choice(each, named.get(each, each), counts.get(each, 0), each in chosen) for each in values]
        single = bool(values) and set(values) <= _BOOLEAN
        label = labels.filtered(self.resource.name, name)
        return Facet(name, label, choices, single, bool(chosen) or place < _OPEN_FACETS)

    def _value_labels(self, register: Register, name: str, values: Sequence[str]) -> dict[str, str]:
        """What the values of a filter are called."""
        filter_ = self.grammar.filters[name]
        if filter_.how == "related" and "." not in filter_.target:
            relation = self.resource.by_field[filter_.target]
            if not isinstance(relation, AnyOne):
                return register.titles(relation.target.plural, values)
        owner, field = self.resource.name, filter_.target
        if filter_.how == "through":
            through = self.resource.listing.through[filter_.target]
            relation = self.resource.by_field[through.relation]
            assert not isinstance(relation, AnyOne)
            owner, field = relation.target.plural, through.field
        if terms(owner, field):
            return {value: term_label(owner, field, value) for value in values}
        if field in ("country", "party", "parties"):
            return {value: written.country(value) for value in values}
        if name == "subject_type":
            by_singular = register.context.catalogue.by_singular
            return {each: labels.heading(labels.one(by_singular[each].name)) for each in values if each in by_singular}
        words = {"true": gettext("Yes"), "false": gettext("No")}
        return {value: words.get(value, value) for value in values}

    def _applied(self, register: Register, read: ReadRequest, query: ListQuery) -> Iterator[Applied]:
        """The filters of the query in words."""
        values: dict[str, list[str]] = {}
        for parameter, value in read.pairs:
            if parameter not in _NOT_A_FILTER and not parameter.endswith("__isnull"):
                values.setdefault(parameter, []).append(value)
        named = {name: self._value_labels(register, name, given) for name, given in values.items()}
        for place, (parameter, value) in enumerate(read.pairs):
            if parameter in _NOT_A_FILTER and parameter not in ("q", "as_of"):
                continue
            name, _, operator = parameter.partition("__")
            if parameter in _NOT_A_FILTER:
                label = value
            elif operator == "isnull":
                label = gettext("not set") if value == "true" else gettext("set")
            else:
                label = named[parameter].get(value, value)
            said = pgettext("filter", OPERATORS.get(operator, OPERATORS[""]))
            text = said % {"field": labels.filtered(self.resource.name, name), "value": label}
            rest = [pair for at, pair in enumerate(read.pairs) if at != place and pair[0] != "cursor"]
            yield Applied(text, with_query(f"/{self.resource.name}", rest))

    def _orders(self, read: ReadRequest) -> Iterator[tuple[str, str, bool]]:
        """The orders that a list can have: the value of ``sort``, its name, and whether it is the present one."""
        present = dict(read.pairs).get("sort", "")
        offered = [f"{sign}{name}" for name in self.grammar.sortable if name != "slug" for sign in ("", "-")]
        yield "", gettext("Usual order"), present == ""
        for value in offered if present in ("", *offered) else [present, *offered]:
            said = gettext("%(field)s, descending") if value.startswith("-") else gettext("%(field)s, ascending")
            yield value, said % {"field": labels.field(value.lstrip("-"))}, value == present

    def register(self, router: APIRouter) -> None:
        """Add the route."""
        name = self.resource.name
        router.add_api_route(f"/{name}", self.get_page, methods=["GET"], name=f"{name} page", response_model=None)


def _without(read: ReadRequest, *names: str) -> list[tuple[str, str]]:
    return [pair for pair in read.pairs if pair[0] not in names]


def _text(value: Any) -> str:
    """A value as it is written in a query."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(getattr(value, "value", value))
