"""What the page of a promise shows beside its fields: its chain of restatements, its log, and what it answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.field_types import last_day
from app.pages.charts import Chart, chart
from app.pages.fields import term_label
from app.pages.register import Listed, Record, Register
from app.resources.independence import COUNTED_INTENTS

_MAX_CHAIN = 50
_MAX_UPDATES = 200
_SUBJECTS_A_QUERY = 40


@dataclass(frozen=True)
class Link:
    """A promise in a chain of restatements."""

    record: Record
    is_this: bool
    slippage_days: int | None
    """Days from the deadline of the first promise to this one's; None where either has none."""


@dataclass(frozen=True)
class Verdict:
    """What an entry of the log says of how far a promise has come."""

    field: str
    value: str
    label: str


@dataclass(frozen=True)
class Entry:
    """An entry of the log with its evidence."""

    record: Record
    verdicts: Sequence[Verdict]
    citations: Sequence[Record]

    @property
    def judges(self) -> bool:
        """Whether it says how much of the promise has been fulfilled."""
        return any(verdict.field == "completion" for verdict in self.verdicts)


def chain(register: Register, promise: Record) -> list[Link]:
    """The promises that restate each other, the first of them first; empty where there is only the one."""
    resource = register.resource("commitments")
    found = [promise]
    while found[0]["supersedes"] is not None and len(found) < _MAX_CHAIN:
        earlier = register.reader.several(resource, [found[0]["supersedes"]["id"]])
        found.insert(0, *earlier.values())
    while len(found) < _MAX_CHAIN:
        later = register.list("commitments", ("supersedes", found[-1]["slug"]), ("sort", "made_on"), limit=10).records
        if not later:
            break
        found += later
    first = found[0]["due_on"]
    return [
        Link(each, each["id"] == promise["id"], _days_between(each["due_on"], first) if place else None)
        for place, each in enumerate(found)
        if len(found) > 1
    ]


def _days_between(later: str | None, earlier: str | None) -> int | None:
    if not later or not earlier:
        return None
    return (last_day(str(later)) - last_day(str(earlier))).days


def goal_moved(links: Sequence[Link]) -> bool:
    """Whether the promises of a chain aim at different figures, so that a later deadline is not only a delay."""
    return len({link.record["target_value"] for link in links} - {None}) > 1


@dataclass(frozen=True)
class Publisher:
    """An independent publisher that stands behind a promise, with the sources by which it does."""

    name: str
    sources: Sequence[Record]


def publishers(own: Sequence[Record], entries: Sequence[Entry]) -> list[Publisher]:
    """Who is counted as an independent source of a promise: by what is cited for it and in its log."""
    found: dict[str, dict[str, Record]] = {}
    for citation in [*own, *(each for entry in entries for each in entry.citations)]:
        source = citation["cited"]
        name = source["original_publisher"] or source["publisher"]
        if name and citation["intent"] in COUNTED_INTENTS and source["independence"] not in (None, "party"):
            found.setdefault(name, {})[source["slug"]] = source
    return [Publisher(name, list(sources.values())) for name, sources in sorted(found.items())]


def log(register: Register, promise: Record) -> tuple[list[Entry], Listed]:
    """The log of a promise, the latest entry first, each with what is cited for it."""
    listed = register.list("updates", ("commitment", promise["slug"]), limit=_MAX_UPDATES)
    cited: dict[str, list[Record]] = {}
    for citation in citations(register, "update", [each["slug"] for each in listed.records]):
        cited.setdefault(citation["subject"]["slug"], []).append(citation)
    entries = [Entry(each, list(_verdicts(each)), cited.get(each["slug"], ())) for each in listed.records]
    return entries, listed


def _verdicts(update: Mapping[str, Any]) -> Iterator[Verdict]:
    owners = {"completion": ("commitments", "completion"), "lifecycle": ("commitments", "lifecycle")}
    for name, value in update["sets"].items():
        if value:
            owner, field = owners.get(name, ("milestones", "status"))
            yield Verdict(name, value, term_label(owner, field, value))


def citations(
    register: Register, subject_type: str, slugs: Sequence[str], *filters: tuple[str, str]
) -> list[dict[str, Any]]:
    """What is cited for some records of a resource, each with its whole source under ``cited``."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(slugs), _SUBJECTS_A_QUERY):
        subjects = [("subject", slug) for slug in slugs[start : start + _SUBJECTS_A_QUERY]]
        listed = register.list("citations", ("subject_type", subject_type), *filters, *subjects, include="sources")
        sources = {each["id"]: each for each in listed.included.get("sources", ())}
        # A source that cannot be read is not there, though what cites it still names it.
        known = [each for each in listed.records if each["source"] and each["source"]["id"] in sources]
        found += [{**each, "cited": sources[each["source"]["id"]]} for each in known]
    return found


def answers(register: Register, promise: Record) -> list[tuple[Record, Sequence[Record]]]:
    """The recommendations that a promise answers, each with the challenges that it meets."""
    resource = register.resource("recommendations")
    found = register.reader.several(resource, [each["id"] for each in promise["recommendations"]])
    return [(each, each["challenges"]) for each in found.values()]


def alike(register: Register, indicator: Record) -> list[Record]:
    """The other indicators that count the same, by other reporters or in another kind of year.

    The bundled registers name such indicators alike up to the first comma: "Two-way trade in goods, Indian figures".
    """
    about = _begins(indicator)
    pairs = (("partnership", indicator["partnership"]["slug"]),) if indicator["partnership"] else ()
    others = [each for each in register.list("indicators", *pairs).records if each["id"] != indicator["id"]]
    return [
        each
        for each in others
        if each["unit"] == indicator["unit"]
        and (f"{_begins(each)} ".startswith(f"{about} ") or f"{about} ".startswith(f"{_begins(each)} "))
    ]


def _begins(indicator: Record) -> str:
    return str(indicator["title"]).partition(",")[0]


def indicator_chart(register: Register, indicator: Record) -> tuple[Chart | None, Listed]:
    """The chart of an indicator, and the values that it is drawn from."""
    pairs = ("indicator", indicator["slug"])
    listed = register.list("observations", pairs, ("sort", "period_end"), include="sources")
    reporters = {
        each["slug"]: each["publisher"] or each["container_title"] or each["title"]
        for each in listed.included.get("sources", ())
    }
    promises = register.list("commitments", pairs, ("sort", "due_on")).records
    return chart(indicator, listed.records, promises, reporters), listed
