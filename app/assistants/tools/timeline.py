"""What happened in a partnership, and what is to come, by date."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from app.assistants.tool import Call, Named, ToolResult, shortened, tool
from app.assistants.tools.scorecard import PartnershipQuestion
from app.core.field_types import first_day, last_day
from app.core.reading.value_types import QueryDate
from app.resources import CATALOGUE
from app.resources.partnerships import partnerships
from app.views.events import EventKind, Found, details_of, events_of

_TEXT = 300


class TimelineQuestion(PartnershipQuestion):
    """Which partnership, which time, and what."""

    since: QueryDate | None = Field(default=None, description="Then or later: YYYY, YYYY-MM or YYYY-MM-DD.")
    until: QueryDate | None = Field(default=None, description="Then or earlier.")
    kind: list[EventKind] = Field(default_factory=list, description="Only events of these kinds.")
    latest_first: bool = Field(default=True, description="Whether to begin at the end.")
    limit: Annotated[int, Field(ge=1, le=100)] = Field(default=20, description="At most this many events.")


class EventOut(Named):
    """Something at a time, and the record that it is about."""

    date: str = Field(description="When, as far as it is known.")
    kind: str = Field(description="What happened, or was to happen.")
    status: str | None = Field(default=None, description="How that stands.")
    text: str | None = Field(default=None, description="What is said of it.")
    promise: str | None = Field(default=None, description="The promise that it belongs to.")


class TimelineOut(ToolResult):
    """The events of a partnership."""

    partnership: str = Field(description="The partnership.")
    page: str = Field(description="Its page, to be cited.")
    as_of: str = Field(description="Today, in UTC: what is dated later is to come.")
    total: int = Field(description="How many events match.")
    events: list[EventOut] = Field(description="Some of them.")


@tool("timeline", "What happened when")
def run(call: Call, question: TimelineQuestion) -> TimelineOut:
    """The dated events of a partnership, the latest first: meetings, promises made and restated, log entries,
    milestones, deadlines past and to come. Narrow it by date and kind.
    """
    _, record = call.find(partnerships, question.partnership)
    reader = call.register.reader
    found = [each for each in events_of(reader, record["id"], None, None) if _matches(question, each)]
    if question.latest_first:
        found.reverse()
    return TimelineOut(
        partnership=record["title"],
        page=call.address(record["html_url"]),
        as_of=str(reader.today),
        total=len(found),
        events=[_event(call, each) for each in details_of(reader, found[: question.limit])],
    )


def _matches(question: TimelineQuestion, event: Found) -> bool:
    date = event.date
    if question.kind and event.kind not in question.kind:
        return False
    if question.since is not None and last_day(date) < first_day(str(question.since)):
        return False
    return question.until is None or first_day(date) <= last_day(str(question.until))


def _event(call: Call, event: Mapping[str, Any]) -> EventOut:
    promise = event["commitment"]
    named = call.named(CATALOGUE.by_singular[event["record"]["type"]], event["record"])
    if event["kind"] == EventKind.update and promise:
        named["title"] = promise["title"]
    return EventOut(
        **named,
        date=str(event["date"]),
        kind=event["kind"],
        status=event["status"],
        text=shortened(event["text"], _TEXT),
        promise=call.address(f"/commitments/{promise['slug']}") if promise else None,
    )
