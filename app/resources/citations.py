"""Citations: which source supports, disputes or explains which record, or one field of it, and where it says so."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Limits
from sqlmodel import Field, SQLModel

from app.core.field_types import FieldName, Line, Prose, SlugOrId, storable
from app.core.flaws import nearest
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite, Ref, TypedRef, Written
from app.core.relations import AnyOne, Many
from app.core.resource import Catalogue, Evidence, Inline, Resource
from app.core.storage.column_types import Document, indexed
from app.core.vocabulary import Vocabulary, after
from app.errors import Flaw
from app.resources.independence import refresh_promise_of_citation
from app.resources.progress import keeps_evidence
from app.resources.sources import Source


@after("CiTO, the Citation Typing Ontology", "https://purl.org/spar/cito")
class Intent(Vocabulary):
    """Why a source is cited."""

    evidence = "evidence", "The source bears out what the record says (citesAsEvidence)."
    data_source = "data_source", "Figures of the record come from the source (citesAsDataSource)."
    disputes = "disputes", "The source says otherwise (disputes)."
    confirms = "confirms", "A further source that says the same (confirms)."
    context = "context", "The source helps to understand the record (citesForInformation)."


class CitableType(Vocabulary):
    """The resources whose records can be cited for."""

    partnership = "partnership", "A partnership."
    theme = "theme", "A theme."
    stakeholder = "stakeholder", "A stakeholder."
    challenge = "challenge", "A challenge."
    recommendation = "recommendation", "A recommendation."
    dialogue = "dialogue", "A dialogue."
    meeting = "meeting", "A meeting."
    indicator = "indicator", "An indicator."
    observation = "observation", "An observation."
    commitment = "commitment", "A commitment."
    milestone = "milestone", "A milestone."
    update = "update", "An update."


class SubjectKey(BaseModel):
    """The record that a citation is for, as it is written."""

    model_config = ConfigDict(extra="forbid")

    type: CitableType = Limits(description="The record's resource, in the singular.", examples=["challenge"])
    slug: SlugOrId = Limits(description="The record's slug or id.", examples=["trade-imbalance"])


Beside = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(storable)]
"""Some of the text beside what is cited, with its spaces."""


class Quote(BaseModel):
    """The words cited, with enough before and after to find them (W3C Web Annotation, TextQuoteSelector)."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)

    exact: Prose = Limits(description="The words themselves.")
    prefix: Beside | None = Limits(default=None, description="The words just before.")
    suffix: Beside | None = Limits(default=None, description="The words just after.")


class CitationBase(SQLModel):
    """What is said of a citation, wherever it is written."""

    field: FieldName | None = Field(
        default=None,
        sa_type=sa.String(60),
        description="The one field of the record that the source is for; unset: the record as a whole.",
        schema_extra={"examples": ["summary"]},
    )
    quote: Quote | None = Field(default=None, sa_type=Document, description="The words cited.")
    locator: Line | None = Field(
        default=None,
        description="Where in the source: a page, paragraph, section or time.",
        schema_extra={"examples": ["paragraph 5"]},
    )
    intent: Intent = Field(default=Intent.evidence, description="Why the source is cited.")
    note: Prose | None = Field(default=None, description="What the source shows, and how sure that is.")


class Citation(CitationBase, Record, table=True):
    """The table of citations."""

    # What is cited for a record is read off the last one: a scorecard looks at the citations of thousands.
    __table_args__ = indexed(
        "field",
        "locator",
        ("state", "intent"),
        ("state", "subject_type"),
        ("subject_id", "subject_type", "source_id", "state", "intent"),
    )
    plural: ClassVar[str] = "citations"
    singular: ClassVar[str] = "citation"
    named_by: ClassVar[str] = "slug"

    given_inside: bool = Field(description="Given inside the record it is for, and published with it.")
    subject_type: CitableType
    subject_id: UUID
    source_id: UUID = Field(
        foreign_key="source.id", index=True, description="The source.", schema_extra={"examples": ["ipsc-kashyap"]}
    )


class InlineCitation(CitationBase, Written):
    """A citation given inside the record it is for."""

    model_config = ConfigDict(extra="forbid")  # type: ignore[assignment]

    source: SlugOrId = Field(description="The source, by slug or id.", schema_extra={"examples": ["ipsc-kashyap"]})


class CitationCreate(CitationBase, RecordWrite):
    """A citation as a client writes it."""

    subject: SubjectKey = Field(description="The record that the source is cited for.")


class CitationRead(CitationBase, RecordRead):
    """A citation as it is read."""

    subject: TypedRef = Field(description="The record that the source is cited for.")


class CitableWrite(SQLModel):
    """A record that can be given with its citations."""

    citations: list[InlineCitation] = Field(
        default_factory=list,
        max_length=50,
        description="Sources for this record, to become citations of it. The same ones again change nothing.",
    )


class CitableRead(SQLModel):
    """A record that is read with its sources."""

    sources: list[Ref] = Field(default_factory=list, description="The sources cited for this record, each once.")


_SUBJECT = AnyOne("subject")


def _names_a_field(catalogue: Catalogue, body: Any) -> Iterable[Flaw]:
    if body.field is None:
        return
    subject = catalogue.by_singular[body.subject.type.value]
    known = [name for name in subject.create.model_fields if name not in ("slug", "state", "citations")]
    if body.field not in known:
        yield {
            "pointer": "/field",
            "detail": f"A {subject.singular} has no such field.{nearest(body.field, known)}",
        }


def _described(body: Any) -> str:
    return f"{body['subject']['slug'][:60]} {body['source'][:50]}"


citations = Resource(
    table=Citation,
    create=CitationCreate,
    read=CitationRead,
    listing=Listing(
        filters=("field", "locator", "intent"),
        related={"subject": "subject", "partnership": "subject.partnership"},
        sort=("intent",),
        order=("slug",),
        facets=("intent", "subject_type", "source"),
    ),
    relations=(_SUBJECT,),
    searchable=("note", "locator"),
    given_inside="given_inside",
    describe=_described,
    checks=(_names_a_field,),
    effects=(keeps_evidence, refresh_promise_of_citation),
    examples={
        "key": "trade-imbalance-ipsc-kashyap",
        "subject": "trade-imbalance",
        "field": "description",
        "locator": "paragraph 5",
        "create": {
            "subject": {"type": "challenge", "slug": "trade-imbalance"},
            "source": "ipsc-kashyap",
            "locator": "paragraph 5",
            "intent": "context",
            "note": "Example: it puts the figures into their history.",
        },
        "patch": {"intent": "evidence"},
    },
)


def _sources_of(singular: str) -> Many:
    """The relation from a record to the sources cited for it; raises ValueError where no citation could name it."""
    if singular not in {each.value for each in CitableType}:
        raise ValueError(f'"{singular}" is citable, but no citation can name it: add it to CitableType.')
    return Many(
        "sources",
        Source,
        Citation,
        owner="subject_id",
        via="source_id",
        where={"subject_type": singular},
        writable=False,
    )


def _inline_citations(singular: str) -> Inline:
    """Citations given inside a new record of a resource."""

    def complete(slug: str, item: BaseModel, state: str) -> RecordWrite:
        given = item.model_dump(exclude_unset=True)
        return citations.create.model_validate({**given, "subject": {"type": singular, "slug": slug}, "state": state})

    return Inline("citations", citations, _SUBJECT, complete)


EVIDENCE = Evidence(CitableWrite, CitableRead, _sources_of, _inline_citations, parameter="source")
