"""What the views of a partnership share: their head, and the condition under which a record belongs to it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.core.model import Ref
from app.core.reading.reader import Reader
from app.core.relations import One
from app.core.resource import Resource

PARTNERSHIP: sa.BindParameter[UUID] = sa.bindparam("partnership", type_=sa.Uuid())
"""The partnership of a statement that is built once: its id is bound at each run."""


class PartnershipView(BaseModel):
    """The head of a view of one partnership."""

    partnership: Ref = Field(description="The partnership.")
    as_of: date = Field(description="The day it is computed for, in UTC.")


def head(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """The head, from the record of a partnership."""
    reference = {"id": partnership["id"], "slug": partnership["slug"], "title": partnership["name"]}
    return {"partnership": reference, "as_of": reader.today}


def inside(
    reader: Reader, resource: Resource, row: sa.FromClause, partnership: UUID | sa.ColumnElement[UUID]
) -> sa.ColumnElement[bool]:
    """The condition under which a row belongs to a partnership, by itself or by what it cannot be without."""
    if "partnership_id" in row.c:
        return sa.and_(row.c.partnership_id == partnership)
    required = (each for each in resource.relations if isinstance(each, One) and resource.required(each))
    relation = next(required)
    owner, visible = reader.tables.visible_alias(relation.target)
    owners = sa.select(owner.c.id).where(owner.c.partnership_id == partnership, visible)
    return sa.and_(row.c[relation.column].in_(owners))
