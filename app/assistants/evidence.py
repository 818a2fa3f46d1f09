"""The evidence as a tool gives it: sources, what each is cited for, and the verdicts that rest on them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from app.assistants.tool import Call, ToolResult, shortened
from app.pages import promises
from app.pages.register import Record

_NARRATIVE = 600
_QUOTE = 500


class Evidence(ToolResult):
    """A source that is cited for something."""

    title: str = Field(description="What the source is called.")
    page: str = Field(description="The source's page in the register.")
    publisher: str | None = Field(default=None, description="Who published it.")
    issued: str | None = Field(default=None, description="When, as far as it is known.")
    independence: str | None = Field(
        default=None, description="Who stands behind it: party (to the promise), press, academic, …"
    )
    url: str | None = Field(default=None, description="Where it is to be read.")
    archive_url: str | None = Field(default=None, description="A copy that does not change.")
    intent: str | None = Field(default=None, description="Why it is cited; `disputes` says that it disagrees.")
    field: str | None = Field(default=None, description="The field that it is cited for; the whole record if left out.")
    locator: str | None = Field(default=None, description="Where in the source.")
    quote: str | None = Field(default=None, description="What it says, in its own words.")
    note: str | None = Field(default=None, description="What the editors say of it.")


class Entry(ToolResult):
    """An entry of a promise's log."""

    date: str = Field(description="When it happened, as far as it is known.")
    completion: str | None = Field(default=None, description="How much of the promise it finds fulfilled.")
    text: str | None = Field(default=None, description="What happened, or why the promise is judged so.")
    reported_by: str | None = Field(default=None, description="Who reports it; left out: the register's editors.")
    page: str = Field(description="The entry's page.")
    evidence: list[Evidence] = Field(default_factory=list, description="What it rests on.")


def evidence_of(call: Call, citation: Mapping[str, Any]) -> Evidence:
    """A citation with its source."""
    source = citation["cited"]
    quote = citation.get("quote")
    return Evidence(
        title=source["title"],
        page=call.address(f"/sources/{source['slug']}"),
        publisher=source["publisher"] or source["container_title"],
        issued=source["issued"],
        independence=source["independence"],
        url=source["url"],
        archive_url=source["archive_url"],
        intent=citation["intent"],
        field=citation["field"],
        locator=citation["locator"],
        quote=shortened(quote["exact"], _QUOTE) if quote else None,
        note=shortened(citation["note"], _QUOTE),
    )


def entry_of(call: Call, update: Record, citations: Sequence[Record], most: int) -> Entry:
    """An entry of a log with the first of its sources."""
    reporter = update["reported_by"]
    return Entry(
        date=str(update["occurred_on"]),
        completion=update["sets"].get("completion"),
        text=shortened(update["narrative"], _NARRATIVE),
        reported_by=reporter["title"] if reporter else None,
        page=call.address(update["html_url"]),
        evidence=[evidence_of(call, each) for each in citations[:most]],
    )


def cited_for(call: Call, type_: str, slugs: Sequence[str]) -> dict[str, list[Record]]:
    """What is cited for some records of a kind, by their slugs."""
    found: dict[str, list[Record]] = {}
    for each in promises.citations(call.register, type_, slugs):
        found.setdefault(each["subject"]["slug"], []).append(each)
    return found


def verdicts_of(call: Call, slugs: Sequence[str], most: int) -> dict[str, Entry]:
    """For each of some promises, the entry of its log that its completion follows from."""
    latest: dict[str, Record] = {}
    listed = call.register.list("updates", *(("commitment", slug) for slug in slugs)) if slugs else None
    for each in listed.records if listed else ():
        _take(latest, each)
    if listed is not None and listed.more:
        for slug in slugs:
            if slug not in latest:
                for each in call.register.list("updates", ("commitment", slug)).records:
                    _take(latest, each)
    cited = cited_for(call, "update", [each["slug"] for each in latest.values()])
    return {slug: entry_of(call, each, cited.get(each["slug"], ()), most) for slug, each in latest.items()}


def _take(latest: dict[str, Record], update: Record) -> None:
    """Lists of updates begin with the latest."""
    if update["commitment"] and update["sets"].get("completion"):
        latest.setdefault(update["commitment"]["slug"], update)
