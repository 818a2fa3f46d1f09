"""Where sources disagree about what a page shows: each claim that the register keeps beside the one that it prefers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.languages import written
from app.languages.texts import gettext
from app.pages import labels
from app.pages.facts import period
from app.pages.promises import Entry, citations
from app.pages.register import Record, Register


@dataclass(frozen=True)
class Disagreement:
    """A source that contradicts a record, or one field of it."""

    about: str
    href: str
    citation: Record


def of_promise(register: Register, promise: Record, entries: Sequence[Entry]) -> list[Disagreement]:
    """What sources dispute of a promise: its own fields, and what its log tells."""
    own = (
        Disagreement(gettext("This promise"), "", citation)
        for citation in _disputing(register, "commitment", [promise["slug"]])
    )
    logged = (
        Disagreement(_entry(each.record), each.record["html_url"], citation)
        for each in entries
        for citation in each.citations
        if citation["intent"] == "disputes"
    )
    return [*own, *logged]


def of_measure(register: Register, indicator: Record, observations: Sequence[Record]) -> list[Disagreement]:
    """What sources dispute of an indicator: what it counts, and each of its values."""
    values = {each["slug"]: each for each in observations}
    found = [
        Disagreement(str(indicator["title"]), indicator["html_url"], citation)
        for citation in _disputing(register, "indicator", [indicator["slug"]])
    ]
    for citation in _disputing(register, "observation", list(values)):
        value = values[citation["subject"]["slug"]]
        found.append(Disagreement(_value(value, indicator), value["html_url"], citation))
    return found


def _disputing(register: Register, kind: str, slugs: Sequence[str]) -> Iterator[Record]:
    yield from citations(register, kind, slugs, ("intent", "disputes"))


def _entry(update: Record) -> str:
    said = gettext("%(entry)s of %(day)s")
    return said % {"entry": labels.heading(labels.one("updates")), "day": written.day(update["occurred_on"])}


def _value(observation: Record, indicator: Record) -> str:
    return f"{period(observation)}: {written.measured(observation['value'], indicator['unit'])}"
