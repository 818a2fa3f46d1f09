"""What the register holds: where an assistant begins."""

from typing import Any

from pydantic import Field

from app import LICENCE, LICENCE_URL
from app.api.index import count_records
from app.assistants.tool import Call, QuestionAsOf, ToolResult, tool
from app.pages.register import Record
from app.resources.completion import Completion
from app.views import scorecard

_MAX_PARTNERSHIPS = 20
_MAX_THEMES = 40


class PartnershipOut(ToolResult):
    """A partnership with its headline figures."""

    slug: str = Field(description="Its name in addresses, as the other tools take it.")
    title: str = Field(description="What it is called.")
    parties: list[str] = Field(description="The countries, by ISO 3166 code.")
    page: str = Field(description="Its page, to be cited.")
    promises: int = Field(description="How many promises are recorded.")
    complete: int = Field(description="How many of them were kept.")
    assessed: int = Field(description="How many somebody has looked at.")
    follow_through_rate: float | None = Field(default=None, description="Complete, of those assessed, from 0 to 1.")
    overdue: int = Field(description="How many are past their day and not complete.")


class Grade(ToolResult):
    """A grade of completion."""

    value: str = Field(description="As records have it.")
    definition: str = Field(description="What it means.")


class Overview(ToolResult):
    """What there is."""

    about: str = Field(description="What the register is.")
    as_of: str = Field(description="The day that figures are for, in UTC.")
    partnerships: list[PartnershipOut] = Field(description="Every partnership.")
    records: dict[str, int] = Field(description="How many records there are of each kind.")
    grades: list[Grade] = Field(description="How much of a promise can be fulfilled, from nothing known to all of it.")
    themes: list[str] = Field(description="The themes that most promises have, as `find_commitments` takes them.")
    method: str = Field(description="The page that says how the register judges, and what it does not know.")
    licence: str = Field(description="What the records can be reused under.")


@tool("overview", "What the register holds")
def run(call: Call, question: QuestionAsOf) -> Overview:
    """Start here: every partnership with its headline figures, how many records there are of each kind, what the
    grades of completion mean, and the themes to filter by.
    """
    register = call.register
    listed = register.list("partnerships", limit=_MAX_PARTNERSHIPS)
    return Overview(
        about=(
            "An open register of what partner countries promised each other, by when, and what came of it, with the "
            "source behind every statement. Cite the `page` of a record for what you take from it."
        ),
        as_of=str(register.reader.today),
        partnerships=[_partnership(call, each) for each in listed.records],
        records=count_records(register.reader),
        grades=[Grade(value=term.value, definition=term.definition) for term in Completion],
        themes=list(register.facet("commitments", "theme"))[:_MAX_THEMES] if call.as_of is None else [],
        method=call.address("/methodology"),
        licence=f"{LICENCE} ({LICENCE_URL})",
    )


def _partnership(call: Call, record: Record) -> PartnershipOut:
    figures: dict[str, dict[str, Any]] = scorecard.build(call.register.reader, record)["figures"]
    counted = {name: int(figures[name]["value"] or 0) for name in ("promises", "kept", "assessed", "overdue")}
    return PartnershipOut(
        slug=record["slug"],
        title=record["title"],
        parties=list(record["parties"]),
        page=call.address(record["html_url"]),
        promises=counted["promises"],
        complete=counted["kept"],
        assessed=counted["assessed"],
        follow_through_rate=figures["follow_through_rate"]["value"],
        overdue=counted["overdue"],
    )
