"""Promises by what became of them, by date, theme and party, each with the verdict and what that rests on."""

from typing import Annotated, Literal

from pydantic import Field

from app.assistants.evidence import Entry, verdicts_of
from app.assistants.tool import Call, QuestionAsOf, ToolResult, shortened, tool
from app.core.reading.parameters import SearchText
from app.core.reading.value_types import QueryDate
from app.pages.register import Record
from app.pages.requests import with_query
from app.resources.commitments import CommitmentKind, commitments
from app.resources.completion import Completion

_MAX_SOURCES = 3
_STATEMENT = 400

Order = Literal["made_on", "-made_on", "due_on", "-due_on", "days_overdue", "-days_overdue", "completion", "title"]


class CommitmentsQuestion(QuestionAsOf):
    """Which promises are wanted. What is left out does not matter."""

    q: SearchText | None = Field(
        default=None, description="Words that the promise must have. Not together with `as_of`.", examples=["CEPA"]
    )
    partnership: str | None = Field(default=None, description="By slug.", examples=["india-south-korea"])
    completion: list[Completion] = Field(
        default_factory=list, description="Any of these grades; `complete` is what was kept."
    )
    overdue: bool | None = Field(default=None, description="Whether its day is past and it is not complete.")
    kind: list[CommitmentKind] = Field(default_factory=list, description="Any of these kinds.")
    theme: list[str] = Field(default_factory=list, description="Any of these themes, by slug.", examples=[["trade"]])
    party: list[str] = Field(
        default_factory=list, description="Who answers for it, by ISO 3166 country code.", examples=[["KR"]]
    )
    stakeholder: list[str] = Field(default_factory=list, description="Who takes part in it, by slug.")
    meeting: str | None = Field(default=None, description="The meeting that it was made at, by slug.")
    made_from: QueryDate | None = Field(default=None, description="Made then or later: YYYY, YYYY-MM or YYYY-MM-DD.")
    made_until: QueryDate | None = Field(default=None, description="Made then or earlier.")
    due_from: QueryDate | None = Field(default=None, description="Due then or later.")
    due_until: QueryDate | None = Field(default=None, description="Due then or earlier.")
    sort: Order | None = Field(default=None, description="Unset: the latest first, or by relevance with `q`.")
    limit: Annotated[int, Field(ge=1, le=25)] = Field(default=10, description="At most this many promises.")
    cursor: str | None = Field(default=None, max_length=2000, description="Where to go on: a `next_cursor`.")


class Found(ToolResult):
    """A promise, with what became of it."""

    slug: str = Field(description="Its name in addresses, as `get_record` takes it with the type `commitment`.")
    title: str = Field(description="The promise in a line.")
    page: str = Field(description="Its page, to be cited.")
    statement: str | None = Field(default=None, description="What was promised.")
    completion: str = Field(description="How much of it is fulfilled.")
    overdue: bool = Field(description="Whether its day is past and it is not complete.")
    days_overdue: int | None = Field(default=None, description="Days since its day.")
    made_on: str | None = Field(default=None, description="When it was promised.")
    due_on: str | None = Field(default=None, description="By when.")
    accountable: list[str] = Field(description="Who answers for it.")
    independent_sources: int = Field(description="How many publishers that are no party stand behind it.")
    verdict: Entry | None = Field(default=None, description="Why it is judged so, and the sources of that.")


class FoundList(ToolResult):
    """The promises that match."""

    total: int = Field(description="How many match.")
    as_of: str = Field(description="The day that this is for, in UTC.")
    page: str = Field(description="The page that lists all of them.")
    commitments: list[Found] = Field(description="Some of them.")
    next_cursor: str | None = Field(default=None, description="Where to go on; left out at the end.")


_FILTERS = {
    "made_from": "made_on__gte",
    "made_until": "made_on__lte",
    "due_from": "due_on__gte",
    "due_until": "due_on__lte",
}
"""What the API calls those filters that have a name of their own here."""

_NOT_OF_THE_LIST = frozenset(("limit", "cursor", "as_of"))


@tool("find_commitments", "Find promises")
def run(call: Call, question: CommitmentsQuestion) -> FoundList:
    """Promises (commitments) by what became of them: kept, broken, overdue; by partnership, theme, country, date or
    words. Each comes with its deadline, who answers for it, the latest verdict with its reason, the sources of that,
    and the page to cite. One call answers questions such as: which promises of the trade agreement were kept? which
    are overdue on Korea's side?
    """
    wanted = list(_pairs(question))
    context, register = call.read.context, call.register
    more = [("limit", str(question.limit)), ("count", "true")]
    more += [("cursor", question.cursor)] if question.cursor else []
    more += [("as_of", question.as_of.isoformat())] if question.as_of else []
    query = context.grammar(commitments).list_query([*wanted, *more])
    page = register.page(commitments, query)
    cursor = context.cursors.write("commitments", query, page.after, call.read.viewer) if page.after else None
    verdicts = verdicts_of(call, [each["slug"] for each in page.records], _MAX_SOURCES)
    return FoundList(
        total=page.total or 0,
        as_of=str(register.reader.today),
        page=call.address(with_query("/commitments", wanted)),
        commitments=[_found(call, each, verdicts.get(each["slug"])) for each in page.records],
        next_cursor=cursor,
    )


def _pairs(question: CommitmentsQuestion) -> list[tuple[str, str]]:
    """What is wanted, as the API takes it."""
    pairs: list[tuple[str, str]] = []
    for name, value in question:
        if value is None or name in _NOT_OF_THE_LIST:
            continue
        for each in value if isinstance(value, list) else [value]:
            text = str(each).lower() if isinstance(each, bool) else str(getattr(each, "value", each))
            pairs.append((_FILTERS.get(name, name), text))
    return pairs


def _found(call: Call, promise: Record, verdict: Entry | None) -> Found:
    return Found(
        slug=promise["slug"],
        title=promise["title"],
        page=call.address(promise["html_url"]),
        statement=shortened(promise["statement"], _STATEMENT),
        completion=promise["completion"],
        overdue=promise["overdue"],
        days_overdue=promise["days_overdue"],
        made_on=promise["made_on"],
        due_on=promise["due_on"],
        accountable=[each["stakeholder"]["title"] for each in promise["participants"] if each["role"] == "accountable"],
        independent_sources=promise["independent_sources"],
        verdict=verdict,
    )
