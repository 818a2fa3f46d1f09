"""Where sources disagree about what a page shows: each point once, with every source that says otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.languages import written
from app.languages.texts import gettext
from app.pages import labels
from app.pages.fields import Link, period
from app.pages.promises import Entry, citations
from app.pages.register import Record, Register


@dataclass
class Disagreement:
    """A point that sources dispute: a record or one field of it, or the values that are kept for one period."""

    of_field: str
    about: list[Link] = field(default_factory=list)
    citations: list[Record] = field(default_factory=list)


class _Points:
    """Gathers what is disputed by point, in the order in which it comes."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, ...], Disagreement] = {}

    def add(self, key: tuple[str, ...], about: Link, citation: Record) -> None:
        """Note that a source disputes a point."""
        name = citation["field"] or ""
        point = self.found.setdefault((*key, name), Disagreement(name))
        if about not in point.about:
            point.about.append(about)
        point.citations.append(citation)


def of_promise(register: Register, promise: Record, entries: Sequence[Entry]) -> list[Disagreement]:
    """What sources dispute of a promise: its own fields, and what its log tells."""
    points = _Points()
    for citation in _disputing(register, "commitment", [promise["slug"]]):
        points.add(("promise",), Link(gettext("This promise"), ""), citation)
    for each in entries:
        for citation in each.citations:
            if citation["intent"] == "disputes":
                points.add((each.record["slug"],), Link(_entry(each.record), each.record["html_url"]), citation)
    return list(points.found.values())


def of_measure(register: Register, indicator: Record, observations: Sequence[Record]) -> list[Disagreement]:
    """What sources dispute of an indicator: what it counts, and the values of each period.

    Of two values for one period each is disputed by the source of the other one. That is one point.
    """
    points = _Points()
    for citation in _disputing(register, "indicator", [indicator["slug"]]):
        points.add(("indicator",), Link(str(indicator["title"]), indicator["html_url"]), citation)
    values = {each["slug"]: each for each in observations}
    for citation in _disputing(register, "observation", list(values)):
        value = values[citation["subject"]["slug"]]
        key = (str(value["period_start"]), str(value["period_end"]), str(value["party"]))
        points.add(key, Link(_value(value, indicator), value["html_url"]), citation)
    return list(points.found.values())


def _disputing(register: Register, kind: str, slugs: Sequence[str]) -> Iterator[Record]:
    yield from citations(register, kind, slugs, ("intent", "disputes"))


def _entry(update: Record) -> str:
    said = gettext("%(entry)s of %(day)s")
    return said % {"entry": labels.heading(labels.one("updates")), "day": written.day(update["occurred_on"])}


def _value(observation: Record, indicator: Record) -> str:
    return f"{period(observation)}: {written.measured(observation['value'], indicator['unit'])}"
