"""Where the trace of a partnership breaks: what nobody owns, dates, measures, reports or proves."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from app.assistants.tool import Call, Named, ToolResult, tool
from app.assistants.tools.scorecard import PartnershipQuestion
from app.languages.texts import gettext
from app.resources.partnerships import partnerships
from app.views import gaps
from app.views.gap_kinds import KINDS

if TYPE_CHECKING:
    GapName = str
else:
    GapName = Literal[tuple(each.name for each in KINDS)]


class GapsQuestion(PartnershipQuestion):
    """Which partnership, and which kinds of gap."""

    kind: list[GapName] = Field(
        default_factory=list, description="Show the records of these kinds. Without any, only numbers come."
    )
    limit: Annotated[int, Field(ge=1, le=100)] = Field(default=25, description="At most this many records.")


class GapKindOut(ToolResult):
    """A kind of gap."""

    kind: str = Field(description="Its name, as `kind` takes it.")
    missing: str = Field(description="What is missing.")
    closes: str = Field(description="What would close it.")
    count: int = Field(description="How many there are.")


class GapOut(Named):
    """A record that something is missing from."""

    kind: str = Field(description="The kind of gap.")


class GapsOut(ToolResult):
    """The gaps of a partnership."""

    partnership: str = Field(description="The partnership.")
    page: str = Field(description="Its page, which lists them too.")
    as_of: str = Field(description="The day that this is for, in UTC.")
    total: int = Field(description="How many gaps there are.")
    kinds: list[GapKindOut] = Field(description="The kinds that there are some of, the most frequent first.")
    records: list[GapOut] = Field(description="The records of the kinds that were asked for.")


@tool("gaps", "Where the trace breaks")
def run(call: Call, question: GapsQuestion) -> GapsOut:
    """What is missing between a challenge and the proof that something was done about it: promises without an owner, a
    deadline, a measure, a report or independent evidence; recommendations that nobody took up; dialogues that do not
    meet. First come the numbers by kind; name kinds to get the records.
    """
    _, record = call.find(partnerships, question.partnership)
    reader = call.register.reader
    breaks = gaps.breaks(reader, record, question.limit)
    found = [(each.kind, broken) for each in breaks if each.kind.name in question.kind for broken in each.records]
    kinds = sorted((each for each in breaks if each.count), key=lambda each: -each.count)
    return GapsOut(
        partnership=record["title"],
        page=call.address(record["html_url"]),
        as_of=str(reader.today),
        total=sum(each.count for each in breaks),
        kinds=[
            GapKindOut(
                kind=each.kind.name,
                missing=gettext(each.kind.title),
                closes=gettext(each.kind.closes),
                count=each.count,
            )
            for each in kinds
        ],
        records=[
            GapOut(**call.named(kind.resource, broken), kind=kind.name) for kind, broken in found[: question.limit]
        ],
    )
