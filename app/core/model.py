"""What every record has in common: in its table, when it is written and when it is read."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Field, SQLModel

import app.core.storage.column_types  # noqa: F401 (before any table is made, so that all get the column types of the register)
from app.core.field_types import LongLine, Slug
from app.core.vocabulary import Vocabulary


class State(Vocabulary):
    """Who can see a record."""

    draft = "draft", "Being written: visible only to who may edit it."
    published = "published", "Visible to everybody."
    withdrawn = "withdrawn", "Taken back: answers 410 Gone; its history is kept."


class WritableState(Vocabulary):
    """The states that a body can ask for. A record is withdrawn by DELETE, not by a field."""

    draft = State.draft.value, State.draft.definition
    published = State.published.value, State.published.definition


class Record(SQLModel):
    """The columns that every table of records has. Never shown as it is: reading goes through the read model."""

    # Rows are no objects: nothing is ever validated by it.
    model_config = ConfigDict(defer_build=True)  # type: ignore[assignment]

    plural: ClassVar[str]
    """The resource's name in paths: challenges."""
    singular: ClassVar[str]
    """The resource's name for one record: challenge."""
    named_by: ClassVar[str] = "title"
    """The column that names the record to a person; references show it as their title."""

    id: UUID = Field(primary_key=True)
    slug: str = Field(unique=True)
    # Not indexed: nearly every row has the same state, and a database that has no statistics yet believes otherwise.
    state: State
    revision: int
    created_at: datetime = Field(index=True)
    updated_at: datetime = Field(index=True)
    created_by: str = Field(description="The key that created the record; a contributor sees the drafts of its own.")


class Link(SQLModel):
    """The columns that every table linking a record to several others has: the order the client gave them in."""

    model_config = ConfigDict(defer_build=True)  # type: ignore[assignment]

    position: int = Field(default=0)


class Written(SQLModel):
    """What is read from a body, exactly as strictly as it is asked to be.

    SQLModel's own way to make an object validates anew, and loosely: "7" would be 7 and "yes" true.
    """

    __init__ = BaseModel.__init__


class RecordWrite(Written):
    """What a client can say of any record, beside the fields of its resource."""

    # Built once it has all fields, by the catalogue.
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True)  # type: ignore[assignment]

    slug: Slug | None = Field(
        default=None,
        description=(
            "The record's name in URLs, unique within its resource. Left out, it is derived from the title or name. "
            "A former slug keeps answering, with a redirect to the new one."
        ),
    )
    state: WritableState = Field(
        default=WritableState.draft,
        description="A record starts as a draft unless a client that may publish says otherwise.",
    )


class RecordRead(SQLModel):
    """What every record reads with, beside the fields of its resource."""

    # It documents: records are shown as they are read. What documents it builds it.
    model_config = ConfigDict(json_schema_serialization_defaults_required=True, defer_build=True)  # type: ignore[assignment]

    id: UUID = Field(description="The record's permanent identifier, a UUIDv7.")
    slug: Slug = Field(description="The record's name in URLs, unique within its resource.")
    title: LongLine = Field(description="What the record is called, in a line: its title or name.")
    html_url: str = Field(description="The path of the record's page for people, at the same host.")
    lang: str = Field(
        description=(
            "The language that its title, or where that is not its own, its text is in: `en`, or the language that the "
            "request asked for (`lang`) where there is a translation."
        ),
        schema_extra={"examples": ["en"]},
    )
    state: State = Field(description="Who can see the record.")
    revision: int = Field(ge=1, description="Counts the changes of the record: 1 when it is created.")
    created_at: datetime = Field(description="When the record was created, in UTC.")
    updated_at: datetime = Field(description="When the record last changed, in UTC.")


class Ref(BaseModel):
    """Another record, with enough of it to show without a second request."""

    model_config = ConfigDict(json_schema_extra={"description": "Another record: enough of it to show and to find it."})

    id: UUID = Field(description="The record's id.")
    slug: Slug = Field(description="The record's slug, which its address is made of.")
    title: LongLine = Field(
        description=(
            "The record's title or name. Where it cannot be told, as the record was withdrawn since or is no draft of "
            "the client's, it is `(not public)`, and the id stands for the slug."
        )
    )


class TypedRef(Ref):
    """A record of any resource, with enough of it to show without a second request."""

    model_config = ConfigDict(
        json_schema_extra={"description": "A record of any resource: enough of it to show and to find it."}
    )

    type: str = Field(description="Its resource, in the singular.", schema_extra={"examples": ["commitment"]})
