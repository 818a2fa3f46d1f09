"""Themes: the controlled vocabulary that challenges, recommendations and promises are sorted by."""

from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.field_types import Line, Prose
from app.core.listing import Listing
from app.core.model import Record, RecordRead, RecordWrite
from app.core.resource import Resource
from app.core.translations import DescriptionTranslations, translated


class ThemeBase(SQLModel):
    """What is said of a theme."""

    name: Line = Field(description="What the theme is called.", schema_extra={"examples": ["Trade"]})
    description: Prose | None = Field(default=None, description="What belongs under it.")
    translations: DescriptionTranslations = translated(DescriptionTranslations)


class Theme(ThemeBase, Record, table=True):
    """The table of themes."""

    plural: ClassVar[str] = "themes"
    singular: ClassVar[str] = "theme"
    named_by: ClassVar[str] = "name"

    parent_id: UUID | None = Field(
        default=None, foreign_key="theme.id", index=True, description="The wider theme it belongs to."
    )


class ThemeCreate(ThemeBase, RecordWrite):
    """A theme as a client writes it."""


class ThemeRead(ThemeBase, RecordRead):
    """A theme as it is read."""


themes = Resource(
    table=Theme,
    create=ThemeCreate,
    read=ThemeRead,
    citable=True,
    listing=Listing(order=("name",), facets=("parent",)),
    searchable=("name", "description"),
    examples={
        "key": "trade",
        "source": None,
        "name__contains": "trade",
        "create": {
            "name": "Space",
            "description": "Satellites, launchers and what is learned from them.",
            "parent": "technology",
        },
        "patch": {"description": "Exchange of goods, services and capital, and the rules it runs under."},
    },
)
