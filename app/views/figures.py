"""The figures of a scorecard: each declared once, with its definition, its arithmetic and the list of its records.

``filters`` are parameters of the list of commitments, as they stand in a query, each with its ``&``. A list returns
exactly the records that its figure counts or averages.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Any, Protocol

from pydantic import BaseModel, Field

from app.languages.texts import gettext
from app.resources.completion import Completion
from app.views.promises import Promise

STALE_DAYS = 365


class Figure(BaseModel):
    """A number, what it means, and where its records are."""

    value: float | None = Field(description="The number; null where there is nothing to compute it from.")
    definition: str = Field(description="What exactly it counts or averages.")
    list: str | None = Field(
        description=(
            "The list of exactly the records that are counted or averaged; of a scorecard as of a moment, add the same "
            "`as_of` to it."
        )
    )
    of: str | None = Field(default=None, description="For a share: the list of the records it is a share of.")


def figure(value: float | None, definition: str, list_: str | None, of: str | None = None) -> dict[str, Any]:
    """A figure as its model has it, its definition in the language of the request."""
    return {"value": value, "definition": gettext(definition), "list": list_, "of": of}


class Declared(Protocol):
    """A figure as it is declared."""

    @property
    def name(self) -> str:
        """Its name in the scorecard."""

    def compute(self, promises: Sequence[Promise], address: str) -> dict[str, Any]:
        """The figure of some promises; ``address`` is the list of just these."""


@dataclass(frozen=True)
class Count:
    """How many promises satisfy a condition."""

    name: str
    definition: str
    matches: Callable[[Promise], bool]
    filters: str

    def number(self, promises: Sequence[Promise]) -> int:
        """How many there are."""
        return sum(map(self.matches, promises))

    def compute(self, promises: Sequence[Promise], address: str) -> dict[str, Any]:
        """The figure of some promises; ``address`` is the list of just these."""
        return figure(self.number(promises), self.definition, address + self.filters)


@dataclass(frozen=True)
class Share:
    """One count as a share of another, between 0 and 1."""

    name: str
    definition: str
    part: Count
    whole: Count

    def compute(self, promises: Sequence[Promise], address: str) -> dict[str, Any]:
        """The figure of some promises; ``address`` is the list of just these."""
        whole = self.whole.number(promises)
        value = round(self.part.number(promises) / whole, 4) if whole else None
        return figure(value, self.definition, address + self.part.filters, address + self.whole.filters)


@dataclass(frozen=True)
class Mean:
    """The mean of a number that promises have, over those that have it."""

    name: str
    definition: str
    number: Callable[[Promise], float | None]
    filters: str

    def compute(self, promises: Sequence[Promise], address: str) -> dict[str, Any]:
        """The figure of some promises; ``address`` is the list of just these."""
        values = _known(self.number, promises)
        return figure(round(fmean(values), 2) if values else None, self.definition, address + self.filters)


@dataclass(frozen=True)
class Most:
    """The highest of a number that promises have. The list is of those that have just it."""

    name: str
    definition: str
    number: Callable[[Promise], float | None]
    parameter: str

    def compute(self, promises: Sequence[Promise], address: str) -> dict[str, Any]:
        """The figure of some promises; ``address`` is the list of just these."""
        most = max(_known(self.number, promises), default=None)
        list_ = None if most is None else f"{address}&{self.parameter}={most}"
        return figure(most, self.definition, list_)


def _known(number: Callable[[Promise], float | None], promises: Sequence[Promise]) -> list[float]:
    return [value for each in promises if (value := number(each)) is not None]


def compute(declared: Sequence[Declared], promises: Sequence[Promise], address: str) -> dict[str, Any]:
    """Figures by name."""
    return {each.name: each.compute(promises, address) for each in declared}


# -- the figures -----------------------------------------------------------------------------------------------------

PROMISES = Count("promises", "Promises in the register.", lambda each: True, "")
ASSESSED = Count(
    "assessed",
    "Promises whose completion somebody has looked at.",
    lambda each: each.completion != "not_assessed",
    "&completion__ne=not_assessed",
)
KEPT = Count("kept", "Promises that are complete.", lambda each: each.completion == "complete", "&completion=complete")
REPORTED = tuple(each for each in Completion if each not in (Completion.not_assessed, Completion.no_evidence_available))
EVIDENCED = Count(
    "evidenced",
    "Promises on whose completion evidence tells: not started, limited, substantial or complete.",
    lambda each: each.completion in REPORTED,
    "".join(f"&completion={each.value}" for each in REPORTED),
)
OVERDUE = Count(
    "overdue",
    "Promises whose last day is past and which are neither complete nor cancelled.",
    lambda each: each.overdue,
    "&overdue=true",
)
WITH_DEADLINE = Count(
    "with_deadline",
    "Promises that have a last day.",
    lambda each: each.due_on is not None,
    "&due_on__isnull=false",
)
STALE = Count(
    "stale",
    f"Promises with no event in their log for {STALE_DAYS} days or more.",
    lambda each: each.days_since_update is not None and each.days_since_update >= STALE_DAYS,
    f"&days_since_update__gte={STALE_DAYS}",
)
VERIFIABLE = Count(
    "verifiable",
    "Promises of which an outsider could tell whether they were kept.",
    lambda each: each.verifiable is True,
    "&verifiable=true",
)

CORE: tuple[Declared, ...] = (
    PROMISES,
    ASSESSED,
    KEPT,
    Share("follow_through_rate", "Complete promises as a share of those assessed.", KEPT, ASSESSED),
    OVERDUE,
)
"""What every group of promises has."""


def overall(today: date) -> tuple[Declared, ...]:
    """The figures of all promises together, on a day."""
    return (*CORE, *_EVIDENCE, *_due(today), *_REST)


def _due(today: date) -> tuple[Declared, ...]:
    """The figures of the promises whose last day is past on a day: those that can be said to be kept or not."""
    until_today = f"&due_on__lt={today}"
    due = Count("due", "Promises whose last day is past.", lambda each: each.due, until_today)
    kept = Count(
        "kept_due",
        "Complete promises whose last day is past, done in time or late.",
        lambda each: each.due and KEPT.matches(each),
        KEPT.filters + until_today,
    )
    return (
        due,
        kept,
        Share("share_kept_of_due", "Complete promises as a share of those whose last day is past.", kept, due),
    )


_EVIDENCE: tuple[Declared, ...] = (
    EVIDENCED,
    Share("share_evidenced", "Promises on whose completion evidence tells as a share of all.", EVIDENCED, PROMISES),
    Share(
        "share_kept_of_evidenced",
        "Complete promises as a share of those on whose completion evidence tells.",
        KEPT,
        EVIDENCED,
    ),
)
_REST: tuple[Declared, ...] = (
    WITH_DEADLINE,
    Share("share_overdue", "Overdue promises as a share of those that have a last day.", OVERDUE, WITH_DEADLINE),
    Mean(
        "mean_days_overdue",
        "Mean days from the last day of overdue promises until today.",
        lambda each: each.days_overdue,
        "&overdue=true",
    ),
    Most(
        "longest_overdue_days",
        "Days until today from the last day of the promise longest overdue.",
        lambda each: each.days_overdue,
        "days_overdue",
    ),
    STALE,
    Share("share_stale", "Stale promises as a share of all.", STALE, PROMISES),
    Count(
        "unreported",
        "Promises on which no stakeholder has ever reported: what their log says is the editors' own.",
        lambda each: not each.reported,
        "&reporter__isnull=true",
    ),
    VERIFIABLE,
    Share("share_verifiable", "Verifiable promises as a share of all.", VERIFIABLE, PROMISES),
    Mean(
        "mean_concreteness",
        "Mean of how many a promise has of: accountable stakeholder, deadline, measure, evidence.",
        lambda each: each.concreteness,
        "",
    ),
    Mean(
        "mean_slippage_days",
        "Mean days from the first deadline of promises that restate others to the one they have.",
        lambda each: each.slippage_days,
        "&slippage_days__isnull=false",
    ),
)


def _of_completion(term: Completion) -> Count:
    return Count(term.value, term.definition, lambda each: each.completion == term.value, f"&completion={term.value}")


def _of_concreteness(marks: int) -> Count:
    definition = f"Promises with {marks} of the four: accountable stakeholder, deadline, measure, evidence."
    return Count(str(marks), definition, lambda each: each.concreteness == marks, f"&concreteness={marks}")


COMPLETION = tuple(_of_completion(term) for term in Completion)
CONCRETENESS = tuple(_of_concreteness(marks) for marks in range(5))

_INDEPENDENT = "independent publisher: one that is no party, cited for the promise or its updates"
INDEPENDENT_SOURCES = (
    Count(
        "none",
        f"Promises that rest on no {_INDEPENDENT}.",
        lambda each: each.independent_sources == 0,
        "&independent_sources=0",
    ),
    Count(
        "one",
        f"Promises that rest on one {_INDEPENDENT}.",
        lambda each: each.independent_sources == 1,
        "&independent_sources=1",
    ),
    Count(
        "two_or_more",
        f"Promises that rest on two or more, each an {_INDEPENDENT}.",
        lambda each: each.independent_sources >= 2,
        "&independent_sources__gte=2",
    ),
)
