"""Sources: the publications behind every statement, described as citation styles describe them (CSL)."""

from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from pydantic import Field as Limits
from sqlmodel import Field, SQLModel

from app.core.field_types import Doi, FullDate, Language, Line, LongLine, PartialDate, WebAddress
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite
from app.core.resource import Resource
from app.core.storage.column_types import Document, indexed
from app.core.vocabulary import Vocabulary, after
from app.resources.independence import refresh_promises_of_source


@after("CSL 1.0.2, item types", "https://docs.citationstyles.org/en/stable/specification.html#appendix-iii-types")
class SourceType(Vocabulary):
    """What kind of publication a source is."""

    article = "article", "A preprint or working paper that no journal has published."
    article_journal = "article-journal", "An article in a scholarly journal."
    article_magazine = "article-magazine", "An article in a magazine."
    article_newspaper = "article-newspaper", "An article in a newspaper or by a news agency."
    bill = "bill", "A law that is proposed."
    book = "book", "A book, as a whole."
    broadcast = "broadcast", "A programme on radio, television or a podcast."
    chapter = "chapter", "A part of a book."
    classic = "classic", "A classical or ancient work with a fixed way to cite it."
    collection = "collection", "An archival or museum collection."
    dataset = "dataset", "Data, published as such."
    document = "document", "A document that no other type fits."
    entry = "entry", "An entry in a database or catalogue."
    entry_dictionary = "entry-dictionary", "An entry in a dictionary."
    entry_encyclopedia = "entry-encyclopedia", "An entry in an encyclopedia."
    event = "event", "Something that took place, cited itself."
    figure = "figure", "A figure or diagram."
    graphic = "graphic", "A picture, photograph or other still image."
    hearing = "hearing", "A hearing before a parliament or committee."
    interview = "interview", "An interview."
    legal_case = "legal_case", "A decision of a court."
    legislation = "legislation", "A law in force."
    manuscript = "manuscript", "Writing that was not published."
    map = "map", "A map."
    motion_picture = "motion_picture", "A film or video."
    musical_score = "musical_score", "Written music."
    pamphlet = "pamphlet", "A leaflet or brochure."
    paper_conference = "paper-conference", "A paper given at a conference."
    patent = "patent", "A patent."
    performance = "performance", "A performance."
    periodical = "periodical", "A journal, magazine or newspaper, as a whole."
    personal_communication = "personal_communication", "A letter, message or conversation."
    post = "post", "A post on a forum or social network."
    post_weblog = "post-weblog", "A post on a weblog."
    regulation = "regulation", "An administrative order or rule."
    report = "report", "A report by an organisation."
    review = "review", "A review of something other than a book."
    review_book = "review-book", "A review of a book."
    software = "software", "A program."
    song = "song", "A recording of music or sound."
    speech = "speech", "A speech, statement or talk."
    standard_document = "standard", "A technical standard."
    thesis = "thesis", "A thesis for a degree."
    treaty = "treaty", "A treaty or another agreement between states."
    webpage = "webpage", "A page of a website."


class Independence(Vocabulary):
    """How far a source stands from those who made the promise."""

    party = "party", "A party to the partnership, or a body of its government."
    intergovernmental = "intergovernmental", "An organisation of governments, beyond the parties alone."
    press = "press", "A newspaper, magazine, broadcaster or news agency."
    academic = "academic", "A university, or research that was reviewed by peers."
    think_tank = "think_tank", "A research institute that works on policy."
    audit = "audit", "An auditor or other body whose task is to check."


class LinkStatus(Vocabulary):
    """What was found when the source's address was last tried."""

    unchecked = "unchecked", "It has not been tried yet."
    ok = "ok", "It answers."
    redirected = "redirected", "It answers from another address."
    broken = "broken", "It does not answer, or says that there is nothing."
    blocked = "blocked", "It refuses to be tried by a program."


class PersonName(BaseModel):
    """A person's name in its two parts."""

    model_config = ConfigDict(extra="forbid")

    family: Line = Limits(description="Family name.", examples=["Kashyap"])
    given: Line = Limits(description="Given names.", examples=["Anshika"])


class LiteralName(BaseModel):
    """A name that has no parts: of an organisation, or of a person known by one name."""

    model_config = ConfigDict(extra="forbid")

    literal: Line = Limits(description="The name as it stands.", examples=["Ministry of External Affairs"])


class SourceBase(SQLModel):
    """What is said of a source."""

    type: SourceType = Field(
        description="What kind of publication it is.", schema_extra={"examples": ["article-newspaper"]}
    )
    title: LongLine = Field(
        description="Its title, as printed; or what it is about, where `title_is_description`.",
        schema_extra={"examples": ["India-South Korea-US Trilateral Technology Cooperation"]},
    )
    title_is_description: bool = Field(
        default=False,
        description="The printed title is not known, and `title` describes it: cited in square brackets.",
    )
    authors: list[PersonName | LiteralName] = Field(
        default_factory=list,
        max_length=100,
        sa_type=Document,
        description="Who wrote it, in the order it names them.",
    )
    publisher: Line | None = Field(default=None, description="Who published it.")
    original_publisher: Line | None = Field(
        default=None,
        description="The agency or body whose text this is a copy of (CSL's original-publisher).",
        schema_extra={"examples": ["Yonhap"]},
    )
    container_title: LongLine | None = Field(
        default=None, description="What it appeared in: the newspaper, magazine, journal or site."
    )
    issued: PartialDate | None = Field(
        default=None,
        description="When it was published, as far as known: YYYY, YYYY-MM or YYYY-MM-DD.",
        schema_extra={"examples": ["2024-04"]},
    )
    url: WebAddress | None = Field(default=None, description="Where it can be read.")
    doi: Doi | None = Field(
        default=None,
        sa_type=sa.String(250),
        description="Its DOI, without an address.",
        schema_extra={"examples": ["10.1000/182"]},
    )
    language: Language | None = Field(
        default=None, description="The language it is in, as a BCP 47 tag.", schema_extra={"examples": ["en"]}
    )
    accessed_on: FullDate | None = Field(default=None, description="When it was last read for this register.")
    archive_url: WebAddress | None = Field(default=None, description="Where an archived copy of it can be read.")
    license: Line | None = Field(
        default=None,
        description="The licence it can be reused under, as an SPDX identifier where one exists.",
    )
    independence: Independence | None = Field(
        default=None,
        description="How far it stands from those who made the promise.",
        schema_extra={"examples": ["press"]},
    )


class Source(SourceBase, Record, table=True):
    """The table of sources."""

    __table_args__ = indexed(
        "title", "issued", ("state", "type"), "publisher", "original_publisher", ("state", "independence"), "url", "doi"
    )
    plural: ClassVar[str] = "sources"
    singular: ClassVar[str] = "source"

    link_status: LinkStatus = Field(sa_column_kwargs={"server_default": LinkStatus.unchecked.value})
    link_checked_at: datetime | None = Field(default=None)


class SourceCreate(SourceBase, RecordWrite):
    """A source as a client writes it."""


class SourceRead(SourceBase, RecordRead):
    """A source as it is read."""

    link_status: LinkStatus = Field(description="What was found when its address was last tried.")
    link_checked_at: datetime | None = Field(
        default=None, description="When that was found first, in UTC: another look that finds the same changes nothing."
    )


sources = Resource(
    table=Source,
    create=SourceCreate,
    read=SourceRead,
    listing=Listing(
        filters=(
            "type",
            "title_is_description",
            "publisher",
            "original_publisher",
            "container_title",
            "issued",
            "url",
            "doi",
            "language",
            "accessed_on",
            "independence",
            "link_status",
        ),
        sort=("issued", "type", "publisher", "accessed_on"),
        order=("-issued", "title"),
        facets=(
            "type",
            "independence",
            "language",
            "publisher",
            "original_publisher",
            "container_title",
            "link_status",
        ),
    ),
    resets={"url": ("link_status", "link_checked_at")},
    effects=(refresh_promises_of_source,),
    carried=("link_status", "link_checked_at"),
    searchable=("title", "authors", "publisher", "original_publisher", "container_title"),
    examples={
        "key": "aaj-2026",
        "title__contains": "trade",
        "publisher": "Yonhap",
        "original_publisher": None,
        "container_title": "Business Standard",
        "issued": "2018-07-10",
        "issued__gte": "2024",
        "url__contains": "mea.gov.in",
        "language": "en",
        "accessed_on": "2026-11-22",
        "create": {
            "type": "treaty",
            "title": "India-Korea Comprehensive Economic Partnership Agreement",
            "authors": [{"literal": "Government of India"}, {"literal": "Government of the Republic of Korea"}],
            "issued": "2009-08-07",
            "language": "en",
            "independence": "party",
        },
        "patch": {"independence": "press"},
    },
)
