"""Themes: the controlled vocabulary that challenges, recommendations and promises are sorted by."""

from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.model import Draft, Record, Ref, Stamped
from app.core.relations import One
from app.core.resource import Listing, Resource
from app.core.text import Key, Line, Prose
from app.resources.citations import CitableDraft, CitableRead, evidence, inline_citations


class ThemeBase(SQLModel):
    """What is said of a theme."""

    name: Line = Field(description="What the theme is called.", schema_extra={"examples": ["Trade"]})
    description: Prose | None = Field(default=None, description="What belongs under it.")


class Theme(ThemeBase, Record, table=True):
    """The table of themes."""

    __tablename__ = "theme"
    plural: ClassVar[str] = "themes"
    singular: ClassVar[str] = "theme"
    named_by: ClassVar[str] = "name"

    parent_id: UUID | None = Field(default=None, foreign_key="theme.id", index=True)


class ThemeCreate(CitableDraft, ThemeBase, Draft):
    """A theme as a client writes it."""

    parent: Key | None = Field(default=None, description="The wider theme it belongs to, by slug or id.")


class ThemeRead(CitableRead, ThemeBase, Stamped):
    """A theme as it is read."""

    parent: Ref | None = Field(default=None, description="The wider theme it belongs to.")


themes = Resource(
    table=Theme,
    create=ThemeCreate,
    read=ThemeRead,
    listing=Listing(related={"parent": "parent"}, order=("name",), facets=("parent",)),
    relations=(One("parent", Theme), evidence("theme")),
    inline=(inline_citations("theme"),),
    searchable=("name", "description"),
    examples={
        "key": "trade",
        "name__contains": "trade",
        "create": {
            "name": "Space",
            "description": "Satellites, launchers and what is learned from them.",
            "parent": "technology",
        },
        "patch": {"description": "Exchange of goods, services and capital, and the rules it runs under."},
    },
)
