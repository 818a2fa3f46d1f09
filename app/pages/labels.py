"""What people read: the names of resources and fields in the language of the request."""

from collections.abc import Iterator

from app.languages.texts import npgettext, pgettext
from app.pictures.completion import LOOKS, Look, term

RESOURCES: dict[str, tuple[str, str]] = {
    "partnerships": ("partnership", "partnerships"),
    "challenges": ("challenge", "challenges"),
    "recommendations": ("recommendation", "recommendations"),
    "commitments": ("promise", "promises"),
    "milestones": ("milestone", "milestones"),
    "updates": ("log entry", "log entries"),
    "indicators": ("indicator", "indicators"),
    "observations": ("observation", "observations"),
    "dialogues": ("dialogue", "dialogues"),
    "meetings": ("meeting", "meetings"),
    "stakeholders": ("stakeholder", "stakeholders"),
    "themes": ("theme", "themes"),
    "sources": ("source", "sources"),
    "citations": ("citation", "citations"),
}
"""What a resource is called on pages, for one record and for several."""

_FIELDS = {
    "made_on": "Promised",
    "due_on": "Due",
    "met_on": "Met",
    "held_on": "Held",
    "occurred_on": "When",
    "recorded_on": "Recorded",
    "reported_by": "Reported by",
    "reporter": "Reported by",
    "identified_on": "Identified",
    "established_on": "Established",
    "started_on": "Started",
    "accessed_on": "Read by the editors",
    "link_checked_at": "Link checked",
    "party": "Party",
    "created_at": "Entered",
    "updated_at": "Last changed",
    "supersedes": "Restates",
    "days_since_update": "Days since the last event",
    "slippage_days": "Slippage in days",
    "days_overdue": "Days overdue",
    "expected_interval_months": "Months between meetings, as promised",
    "independent_sources": "Independent sources",
    "follow_through_rate": "Follow-through rate",
    "due": "Past their last day",
    "kept_due": "Complete, and past their last day",
    "share_kept_of_due": "Complete, of those past their last day",
    "evidenced": "With telling evidence",
    "share_evidenced": "Share with telling evidence",
    "share_kept_of_evidenced": "Complete, of those with telling evidence",
    "mean_days_overdue": "Overdue, on average",
    "longest_overdue_days": "Overdue the longest",
    "mean_slippage_days": "Slippage, on average",
    "stale": "No news for a year",
    "share_stale": "Share with no news for a year",
    "unreported": "No stakeholder has reported",
    "source_independence": "Kind of source",
    "other_name": "Other name",
    "q": "Search",
    "as_of": "As of",
    "doi": "DOI",
    "url": "Address",
    "archive_url": "Archived copy",
    "subject_type": "Cited for",
    "subject": "Cited for",
    "intent": "Why cited",
    "theme": "Theme",
    "issn": "ISSN",
    "ror": "ROR",
    "lei": "LEI",
    "isni": "ISNI",
}

_FILTERS = {("commitments", "party"): "Accountable country"}
"""Filters that need a name of their own: by a resource's list, and the parameter."""

UNITS = (
    "companies",
    "establishments",
    "flights a week",
    "INR trillion",
    "institutes",
    "JPY billion",
    "meetings",
    "per cent",
    "per cent of tariff lines",
    "percent",
    "persons",
    "schools",
    "services a week",
    "students",
    "tonnes",
    "USD billion",
    "USD million",
    "visas",
    "visitors",
)
"""The units of the bundled indicators. One that is not here is shown as it was entered."""

FORMATS = ("JSON (all)", "Calendar")
"""The labels of file formats that have a word in them. The others are the same in every language."""

RESOURCE, FIELD, UNIT = "resource", "field", "unit"
"""The contexts in which catalogues know these names."""


def one(resource: str) -> str:
    """What a record of a resource is called."""
    return several(resource, 1)


def several(resource: str, count: int | None = None) -> str:
    """What the records of a resource are called; with a count, as many as that."""
    singular, plural = RESOURCES.get(resource, (resource.rstrip("s"), resource))
    return npgettext(RESOURCE, singular, plural, 2 if count is None else count)


def heading(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def english_field(name: str) -> str:
    """The label of a field in English."""
    return _FIELDS.get(name) or name.replace("_", " ").capitalize()


def field(name: str) -> str:
    """The label of a field, a filter, a figure or a vocabulary."""
    return pgettext(FIELD, english_field(name))


def filtered(resource: str, name: str) -> str:
    """The label of a filter of a resource's list."""
    named_here = _FILTERS.get((resource, name))
    return pgettext(FIELD, named_here) if named_here else field(name)


def unit(text: str) -> str:
    """What an indicator counts in."""
    return pgettext(UNIT, text) if text else ""


def named() -> Iterator[str]:
    """The English labels that are said here."""
    yield from _FIELDS.values()
    yield from _FILTERS.values()


def look_of(completion: str | None) -> Look:
    """How a grade of completion is drawn."""
    return LOOKS[term(completion)]
