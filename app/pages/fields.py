"""What a record says of itself, field by field, in the form that the templates show it in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.core.relations import AnyOne, Many, One
from app.core.resource import Resource
from app.formats.format import PROSE
from app.languages import written
from app.languages.choice import current
from app.languages.texts import gettext, pgettext
from app.pages import labels
from app.resources import CATALOGUE
from app.views import vocabularies

_ELSEWHERE = frozenset(
    (
        "id",
        "slug",
        "title",
        "name",
        "html_url",
        "state",
        "revision",
        "created_at",
        "updated_at",
        "sources",
        "lang",
        "translations",
    )
)
"""Fields that a page shows in a place of their own, or not at all."""

_COUNTRIES = ("country", "party", "parties")


@dataclass(frozen=True)
class Link:
    """Where a value leads to."""

    text: str
    href: str
    note: str = ""
    role: str = ""
    """The term of the role that whoever it leads to has."""


@dataclass(frozen=True)
class ShownField:
    """A field with its value: links, or a text with what it means."""

    name: str
    label: str
    text: str = ""
    meaning: str = ""
    links: tuple[Link, ...] = ()
    address: str = ""
    """A page at another host."""


@cache
def _terms(language: str) -> dict[str, dict[str, tuple[str, str]]]:
    """The terms of every vocabulary by the field that takes them: their labels and definitions in a language."""
    return {
        field: {term["value"]: (term["label"], term["definition"]) for term in vocabulary["terms"]}
        for vocabulary in vocabularies.every(CATALOGUE).values()
        for field in vocabulary["fields"]
    }


def terms(resource: str, field: str) -> Mapping[str, tuple[str, str]]:
    """The terms that a field takes, each with its label and its definition; empty for a field of another kind."""
    return _terms(current()).get(f"{resource}.{field}", {})


def term_label(resource: str, field: str, value: Any) -> str:
    """How a term is called."""
    return terms(resource, field).get(str(value), (labels.heading(str(value).replace("_", " ")), ""))[0]


def action_label(action: str) -> str:
    """What a revision did."""
    return pgettext("action", action)


NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "updates": ("slug", "title", "narrative", "occurred_on", "commitment"),
    "observations": ("slug", "title", "indicator", "period_start", "period_end"),
    "citations": ("slug", "title", "source", "subject"),
}
"""The resources whose records have nothing but their slug for a title, and the fields that they are named by."""


def name_of(kind: str, record: Mapping[str, Any]) -> str:
    """What a record of a resource is called on a page: one without a title is called by what it says."""
    if kind == "updates" and record.get("narrative"):
        return f"{written.day(record['occurred_on'])}: {record['commitment']['title']}" if record["commitment"] else ""
    if kind == "observations" and record.get("indicator"):
        return f"{record['indicator']['title']}, {period(record)}"
    if kind == "citations" and record.get("source"):
        subject = record.get("subject")
        source = str(record["source"]["title"])
        if subject is None:
            return source
        return gettext("%(source)s, cited for “%(subject)s”") % {"source": source, "subject": subject["title"]}
    return str(record["title"])


def period(record: Mapping[str, Any]) -> str:
    """The period of an observation: a year where it is one, else its first and last day."""
    start, end = str(record.get("period_start") or ""), str(record.get("period_end") or "")
    if start[5:] == "01-01" and end[5:] == "12-31" and start[:4] == end[:4]:
        return start[:4]
    if start[5:] == "04-01" and end[5:] == "03-31" and int(end[:4]) == int(start[:4]) + 1:
        return gettext("fiscal year %(years)s") % {"years": f"{start[:4]}/{end[2:4]}"}
    if start in ("", end):
        return written.day(end)
    return gettext("%(start)s to %(end)s") % {"start": written.day(start), "end": written.day(end)}


def prose_of(record: Mapping[str, Any]) -> tuple[str, str | None]:
    """The text that says what a record is about, after the field that it stands in."""
    return next(((name, record[name]) for name in PROSE if record.get(name)), ("", None))


def fields_of(resource: Resource, record: Mapping[str, Any], leave_out: tuple[str, ...] = ()) -> Iterator[ShownField]:
    """The fields of a record that have a value, in the order of the resource."""
    for name in resource.fields:
        if name in _ELSEWHERE or name in PROSE or name in leave_out:
            continue
        value = record.get(name)
        if value is None or value in ([], {}, ""):
            continue
        item = _shown_field(resource, name, value)
        if item.text or item.links:
            yield item


def _shown_field(resource: Resource, name: str, value: Any) -> ShownField:
    label = labels.field(name)
    relation = resource.by_field.get(name)
    if relation is not None:
        return ShownField(name, label, links=tuple(_links(resource, relation, value)))
    if terms(resource.name, name) and isinstance(value, str):
        shown, meaning = terms(resource.name, name)[value]
        return ShownField(name, label, shown, meaning)
    if isinstance(value, str) and re.match(r"https?://", value):
        return ShownField(name, label, re.sub(r"^https?://(www\.)?", "", value), address=value)
    if name == "doi":
        return ShownField(name, label, value, address=f"https://doi.org/{value}")
    return ShownField(name, label, labels.unit(value) if name == "unit" else _text(name, value))


def _links(resource: Resource, relation: One | Many | AnyOne, value: Any) -> Iterator[Link]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(relation, AnyOne):
            plural = CATALOGUE.by_singular[each["type"]].name
            yield Link(each["title"], f"/{plural}/{each['slug']}", labels.one(plural))
            continue
        plural = relation.target.plural
        reference = each[relation.item] if isinstance(relation, Many) and relation.item else each
        role = str(each.get("role", ""))
        note = term_label(resource.name, relation.field, role).lower() if role else ""
        yield Link(reference["title"], f"/{plural}/{reference['slug']}", note, role)


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, (int, float)):
        return written.number(value)
    if isinstance(value, list):
        return ", ".join(_text(name, each) for each in value)
    if isinstance(value, Mapping):
        return person(value) or "; ".join(f"{labels.field(k)}: {_text(k, v)}" for k, v in value.items() if v)
    if name in _COUNTRIES:
        return written.country(str(value))
    return written.day(value)


def person(value: Mapping[str, Any]) -> str:
    """A name as sources have it."""
    if value.get("literal"):
        return str(value["literal"])
    return " ".join(str(value[part]) for part in ("given", "family") if value.get(part))


def text_of(resource: Resource, name: str, value: Any) -> str:
    """A field's value as plain text."""
    if value is None or value in ([], {}, ""):
        return gettext("nothing")
    item = _shown_field(resource, name, value)
    return item.text or ", ".join(f"{link.text} ({link.note})" if link.note else link.text for link in item.links)
