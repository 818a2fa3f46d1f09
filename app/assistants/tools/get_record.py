"""One record with all that is known of it: its fields, its evidence, and what refers to it."""

from collections.abc import Iterator

from pydantic import Field

from app.api.context import Context
from app.assistants.evidence import Entry, Evidence, cited_for, entry_of, evidence_of
from app.assistants.tool import Call, Kind, Named, QuestionAsOf, ToolResult, shortened, tool
from app.core.resource import Resource
from app.pages import citing, promises
from app.pages.fields import fields_of, name_of, period, prose_of
from app.pages.register import Record
from app.resources import CATALOGUE

_TEXT = 4000
_MAX_UPDATES = 10
_MAX_CITATIONS = 20
_MAX_SOURCES = 4
_MAX_VALUES = 40
_MAX_RELATED = 5


class RecordQuestion(QuestionAsOf):
    """Which record."""

    type: Kind = Field(description="The kind of record; a promise is a `commitment`.", examples=["commitment"])
    slug: str = Field(min_length=1, max_length=120, description="Its slug or id.", examples=["trade-target-50bn-2030"])


class FieldOut(ToolResult):
    """A field that has a value."""

    name: str = Field(description="The field, as the API names it.")
    value: str = Field(description="Its value, as people read it.")
    meaning: str | None = Field(default=None, description="What a term means.")


class Restated(Named):
    """A promise in a chain of restatements."""

    made_on: str | None = Field(default=None, description="When it was made.")
    due_on: str | None = Field(default=None, description="By when.")
    completion: str = Field(description="How much of it is fulfilled.")


class Value(ToolResult):
    """A value of an indicator."""

    period: str = Field(description="What it is for.")
    value: float = Field(description="The value, in the indicator's unit.")
    party: str | None = Field(default=None, description="The country, where it is of one.")
    status: str = Field(description="actual, provisional, …")
    rank: str = Field(description="preferred, normal, or deprecated where a better one is known.")
    source: str | None = Field(default=None, description="The source's name.")
    page: str = Field(description="Its page.")


class Measure(ToolResult):
    """What is measured, with its values."""

    title: str = Field(description="The indicator.")
    page: str = Field(description="Its page.")
    unit: str | None = Field(default=None, description="The unit of values.")
    values: list[Value] = Field(description="The latest first.")


class Related(ToolResult):
    """Records that refer to this one."""

    type: str = Field(description="Their kind.")
    total: int = Field(description="How many there are.")
    page: str = Field(description="The page that lists them.")
    first: list[Named] = Field(description="The first of them.")


class RecordOut(Named):
    """A record."""

    text: str | None = Field(default=None, description="What it says.")
    fields: list[FieldOut] = Field(description="Its other fields.")
    chain: list[Restated] = Field(
        default_factory=list, description="For a promise that was restated: every one, the first of them first."
    )
    log: list[Entry] = Field(default_factory=list, description="For a promise: what came of it, the latest first.")
    measure: Measure | None = Field(default=None, description="For an indicator, or a promise measured by one.")
    evidence: list[Evidence] = Field(description="What is cited for it.")
    related: list[Related] = Field(description="What refers to it.")
    cite_as: str = Field(description="How to cite it.")
    data: str = Field(description="The same in the API.")


@tool("get_record", "Get a record with its evidence")
def run(call: Call, question: RecordQuestion) -> RecordOut:
    """All that is known of one record: what it says, its fields, the evidence with quotes, locators and who stands
    behind each source, what refers to it, and how to cite it. For a promise also its log with each verdict's reason,
    the chain of restatements, and the values of what it is measured by. Get slugs from `search` or `find_commitments`.
    """
    resource = CATALOGUE.by_singular[question.type]
    located, record = call.find(resource, question.slug)
    cited = cited_for(call, resource.singular, [located.slug]) if resource.citable else {}
    today, base = call.register.reader.today, call.base
    name = name_of(resource.name, record)
    return RecordOut(
        **{**call.named(resource, record), "title": name},
        text=shortened(prose_of(record)[1], _TEXT),
        fields=list(_fields(resource, record)),
        chain=list(_chain(call, record)) if resource.name == "commitments" else [],
        log=_log(call, record) if resource.name == "commitments" else [],
        measure=_measure(call, resource, record),
        evidence=[evidence_of(call, each) for each in cited.get(located.slug, ())[:_MAX_CITATIONS]],
        related=list(_related(call, call.read.context, resource, record)),
        cite_as=citing.citation(resource.name, record, name, today, base),
        data=call.address(f"/v1/{resource.name}/{located.slug}"),
    )


def _fields(resource: Resource, record: Record) -> Iterator[FieldOut]:
    for item in fields_of(resource, record):
        names = (f"{link.text} ({link.note})" if link.note else link.text for link in item.links)
        yield FieldOut(
            name=item.name, value=item.address or item.text or ", ".join(names), meaning=item.meaning or None
        )


def _chain(call: Call, promise: Record) -> Iterator[Restated]:
    resource = call.register.resource("commitments")
    for link in promises.chain(call.register, promise):
        each = link.record
        yield Restated(
            **call.named(resource, each), made_on=each["made_on"], due_on=each["due_on"], completion=each["completion"]
        )


def _log(call: Call, promise: Record) -> list[Entry]:
    entries, _ = promises.log(call.register, promise)
    return [entry_of(call, each.record, each.citations, _MAX_SOURCES) for each in entries[:_MAX_UPDATES]]


def _measure(call: Call, resource: Resource, record: Record) -> Measure | None:
    """The indicator that a record is, or is measured by, with its values."""
    indicator = record if resource.name == "indicators" else record.get("indicator")
    if indicator is None:
        return None
    pairs = (("indicator", indicator["slug"]), ("sort", "-period_end"))
    listed = call.register.list("observations", *pairs, limit=_MAX_VALUES)
    _, whole = call.find(call.register.resource("indicators"), indicator["slug"])
    return Measure(
        title=whole["title"],
        page=call.address(whole["html_url"]),
        unit=whole["unit"],
        values=[
            Value(
                period=period(each),
                value=each["value"],
                party=each["party"],
                status=each["status"],
                rank=each["rank"],
                source=each["source"]["title"] if each["source"] else None,
                page=call.address(each["html_url"]),
            )
            for each in listed.records
            if each["value"] is not None
        ],
    )


_SHOWN_ALREADY = {"commitments": ("citations", "updates"), "indicators": ("citations", "observations")}


def _related(call: Call, context: Context, resource: Resource, record: Record) -> Iterator[Related]:
    for name, parameter in context.grammar(resource).referring.items():
        if name in _SHOWN_ALREADY.get(resource.name, ("citations",)) and resource.name != "sources":
            continue
        listed = call.register.list(name, (parameter, record["slug"]), limit=_MAX_RELATED)
        if not listed.total:
            continue
        other = call.register.resource(name)
        first = [Named(**{**call.named(other, each), "title": name_of(name, each)}) for each in listed.records]
        yield Related(type=other.singular, total=listed.total, page=f"{call.base}{listed.path}", first=first)
