"""The search across all kinds of record."""

import html
import re
from typing import Annotated

from pydantic import Field

from app.assistants.tool import Call, Kind, Named, Question, ToolResult, tool
from app.core.reading.parameters import SearchText
from app.resources import CATALOGUE
from app.views.search import search_register


class SearchQuestion(Question):
    """What to look for."""

    q: SearchText = Field(
        description=(
            "Words to look for, in any case, with or without accents; the start of a word is enough, and words in "
            'double quotes must stand together: `"trade target" 2030`. Where no record has all of them, those with '
            "most of them are found."
        ),
        examples=["shipbuilding"],
    )
    type: list[Kind] = Field(default_factory=list, description="Look only among records of these kinds.")
    partnership: str | None = Field(default=None, description="Look only at this partnership, by slug.")
    limit: Annotated[int, Field(ge=1, le=50)] = Field(default=10, description="At most this many hits.")
    cursor: str | None = Field(default=None, max_length=2000, description="Where to go on: a `next_cursor`.")


class Hit(Named):
    """A record that was found."""

    text: str | None = Field(default=None, description="Some words around those that were found.")


class Hits(ToolResult):
    """What was found."""

    total: int = Field(description="How many records there are.")
    words: int = Field(description="How many words were looked for; those in double quotes count as one.")
    words_matched: int = Field(description="How many of them each hit has: less than `words` where none has all.")
    by_type: dict[str, int] = Field(description="How many of each kind.")
    hits: list[Hit] = Field(description="The most relevant first.")
    next_cursor: str | None = Field(default=None, description="Where to go on; left out at the end.")


@tool("search", "Search the register")
def run(call: Call, question: SearchQuestion) -> Hits:
    """Full text search across every kind of record: promises, challenges, recommendations, log entries, sources,
    stakeholders, meetings. Use it to find the slug of something. To filter promises by grade, date or party, use
    `find_commitments`.
    """
    pairs = [("q", question.q), ("limit", str(question.limit)), ("count", "true")]
    pairs += [("type", each) for each in question.type]
    pairs += [(name, value) for name in ("partnership", "cursor") if (value := getattr(question, name)) is not None]
    found = search_register(call.read, pairs)
    return Hits(
        total=found["total"],
        words=found["words"],
        words_matched=found["words_matched"],
        by_type={name: count for name, count in found["facets"].items() if count},
        hits=[
            Hit(**call.named(CATALOGUE.by_singular[each["record"]["type"]], each["record"]), text=_plain(each))
            for each in found["data"]
        ],
        next_cursor=found["next_cursor"],
    )


def _plain(hit: dict[str, str | None]) -> str | None:
    snippet = hit["snippet"]
    return html.unescape(re.sub(r"</?mark>", "", snippet)) if snippet else None
