"""The figures of a partnership, each with its definition and the page of the records behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from app.assistants.tool import Call, QuestionAsOf, ToolResult, tool
from app.resources.partnerships import partnerships
from app.views import scorecard

_MAX_GROUPS = 12


class PartnershipQuestion(QuestionAsOf):
    """Which partnership."""

    partnership: str = Field(
        min_length=1, max_length=120, description="Its slug or id.", examples=["india-south-korea"]
    )


class FigureOut(ToolResult):
    """A figure."""

    name: str = Field(description="Its name.")
    value: int | float | None = Field(default=None, description="The number; shares are from 0 to 1.")
    definition: str = Field(description="What it counts.")
    page: str | None = Field(default=None, description="The page of exactly the records behind it.")


class GroupOut(ToolResult):
    """The promises that share something."""

    title: str = Field(description="What they share.")
    key: str = Field(description="That, as filters take it.")
    promises: int = Field(description="How many there are.")
    complete: int = Field(description="How many were kept.")
    overdue: int = Field(description="How many are overdue.")
    page: str = Field(description="The page that lists them.")


class ScorecardOut(ToolResult):
    """The scorecard of a partnership."""

    partnership: str = Field(description="The partnership.")
    page: str = Field(description="Its page, to be cited.")
    picture: str = Field(description="The scorecard as an SVG picture.")
    as_of: str = Field(description="The day that it is for, in UTC.")
    figures: list[FigureOut] = Field(description="The figures of all promises.")
    completion: list[FigureOut] = Field(description="Promises by grade.")
    independent_sources: list[FigureOut] = Field(description="Promises by the independent publishers behind them.")
    by_theme: list[GroupOut] = Field(description="By theme, the largest first.")
    by_party: list[GroupOut] = Field(description="By the country that answers for them.")


@tool("scorecard", "The scorecard of a partnership")
def run(call: Call, question: PartnershipQuestion) -> ScorecardOut:
    """How much of what two countries promised each other was kept: promises by grade, the follow-through rate, what is
    overdue or went quiet, how concrete promises are, how many independent publishers stand behind them; also by theme
    and country. Every figure has its definition and the page of the records behind it.
    """
    located, record = call.find(partnerships, question.partnership)
    built = scorecard.build(call.register.reader, record)
    return ScorecardOut(
        partnership=record["title"],
        page=call.address(record["html_url"]),
        picture=call.address(f"/v1/partnerships/{located.slug}/scorecard.svg"),
        as_of=str(built["as_of"]),
        figures=_figures(call, built["figures"]),
        completion=_figures(call, built["completion"]),
        independent_sources=_figures(call, built["independent_sources"]),
        by_theme=_groups(call, built["by_theme"]),
        by_party=_groups(call, built["by_party"]),
    )


def _figures(call: Call, figures: Mapping[str, Mapping[str, Any]]) -> list[FigureOut]:
    return [
        FigureOut(
            name=name,
            value=figure["value"],
            definition=figure["definition"],
            page=call.page_of_list(figure["list"]) if figure["list"] else None,
        )
        for name, figure in figures.items()
    ]


def _groups(call: Call, groups: Sequence[Mapping[str, Any]]) -> list[GroupOut]:
    return [
        GroupOut(
            title=each["title"],
            key=each["key"],
            promises=int(each["figures"]["promises"]["value"]),
            complete=int(each["figures"]["kept"]["value"]),
            overdue=int(each["figures"]["overdue"]["value"]),
            page=call.page_of_list(each["figures"]["promises"]["list"]),
        )
        for each in groups[:_MAX_GROUPS]
    ]
