"""How records refer to each other. A relation is declared once; reading, writing, filtering and export follow it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlmodel import SQLModel

from app.core.model import Record


def table_of(model: type[SQLModel]) -> sa.Table:
    """The table of a SQLModel class."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    return table


@dataclass(frozen=True)
class One:
    """A reference to one record, kept in the column ``<field>_id``. Required where that column is.

    One that is ``binding`` can be left out, but where it is given the record depends on it as on a required one.
    """

    field: str
    target: type[Record]
    binding: bool = False
    description: str = ""
    example: Any = None

    @property
    def column(self) -> str:
        """The column that holds the target's id."""
        return f"{self.field}_id"


@dataclass(frozen=True)
class Many:
    """References to several records, kept in a linking table, in the order they were given in.

    ``through`` is the linking table's class, or the table's name where the class is declared later. With ``item``,
    each entry is an object: the reference stands under that name, beside the ``extras``, columns of the linking table
    such as a role. ``where`` fixes columns of the linking table. A relation that is not ``writable`` is the other side
    of something written elsewhere.
    """

    field: str
    target: type[Record]
    through: type[SQLModel] | str
    owner: str
    via: str
    item: str | None = None
    extras: tuple[str, ...] = ()
    where: Mapping[str, str] = dataclasses.field(default_factory=dict)
    writable: bool = True
    description: str = ""
    example: Any = None
    item_write: type[BaseModel] | None = None
    item_read: type[BaseModel] | None = None

    @property
    def links(self) -> sa.Table:
        """The linking table."""
        if isinstance(self.through, str):
            return SQLModel.metadata.tables[self.through]
        return table_of(self.through)


@dataclass(frozen=True)
class AnyOne:
    """A reference to one record of any of several resources, kept as a type and an id: ``{"type", "slug"}``."""

    field: str
    description: str = ""
    example: Any = None

    @property
    def type_column(self) -> str:
        """The column that holds the target's resource, in the singular."""
        return f"{self.field}_type"

    @property
    def column(self) -> str:
        """The column that holds the target's id."""
        return f"{self.field}_id"


Relation = One | Many | AnyOne


def reference_slugs(record: Mapping[str, Any], relation: Relation) -> Any:
    """A relation of a record that was read, as a client would write it."""
    value = record[relation.field]
    if isinstance(relation, One):
        return value["slug"] if value else None
    if isinstance(relation, AnyOne):
        return {"type": value["type"], "slug": value["slug"]} if value else None
    if relation.item is None:
        return [each["slug"] for each in value]
    return [{**each, relation.item: each[relation.item]["slug"]} for each in value]
