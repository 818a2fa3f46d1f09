"""The plan of an import: what becomes of each record, and why."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from app.core.importing.items import Place
from app.core.vocabulary import Vocabulary
from app.errors import Problem


class Outcome(Vocabulary):
    """What becomes of a record of a file."""

    created = "created", "The register has no such record: it is made."
    changed = "changed", "The register has it, and gets its values."
    unchanged = "unchanged", "The register has it, and it says the same."
    withdrawn = "withdrawn", "The register has it and the file does not: it is withdrawn, where a mirror is wanted."
    refused = "refused", "It cannot be taken. Then nothing of the file is."


class FieldChange(TypedDict):
    """A field that gets another value; both as a body writes them."""

    field: str
    old: Any
    new: Any


class Refusal(TypedDict):
    """What is wrong with a record, and where: the pointer leads into the record, the column is that of a table."""

    pointer: NotRequired[str]
    column: NotRequired[str]
    detail: str


@dataclass(slots=True)
class Entry:
    """What becomes of one record."""

    resource: str
    slug: str | None
    outcome: Outcome
    place: Place
    changes: list[FieldChange] = field(default_factory=list)
    errors: list[Refusal] = field(default_factory=list)

    @property
    def described(self) -> str:
        """Which record it is, where it stands, and what is wrong with it, in a line."""
        flaws = "; ".join(
            " ".join(part for part in (error.get("column") or error.get("pointer"), error["detail"]) if part)
            for error in self.errors
        )
        place = f"{self.place.file} line {self.place.row}".strip() if self.place.row is not None else ""
        return ": ".join(part for part in (place, self.resource, self.slug, flaws) if part)


@dataclass
class Plan:
    """What becomes of every record, in the order of the resources; atomic: with one refused, nothing is stored."""

    entries: list[Entry] = field(default_factory=list)
    stored: bool = False
    """Whether it was carried out."""

    @property
    def totals(self) -> dict[str, int]:
        """How many records have each outcome, those included that none has."""
        counted = Counter(entry.outcome.value for entry in self.entries)
        return {outcome.value: counted[outcome.value] for outcome in Outcome}

    @property
    def refused(self) -> list[Entry]:
        """The records that cannot be taken."""
        return [entry for entry in self.entries if entry.outcome is Outcome.refused]


def refusals(problem: Problem, place: Place) -> list[Refusal]:
    """What a problem says of a record."""
    if not problem.errors:
        return [{"detail": problem.detail}]
    found: list[Refusal] = []
    for flaw in problem.errors:
        refusal: Refusal = {"detail": flaw["detail"]}
        if "pointer" in flaw:
            refusal["pointer"] = flaw["pointer"]
            if (column := place.column(flaw["pointer"])) is not None:
                refusal["column"] = column
        found.append(refusal)
    return found
