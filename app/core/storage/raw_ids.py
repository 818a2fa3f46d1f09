"""Ids as the driver gives them, for views that read tens of thousands and show few of them, or only their text."""

from collections.abc import Hashable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

RawId = Hashable
"""An id as the driver gives it: 32 hexadecimal digits on SQLite, a UUID on PostgreSQL. Making UUIDs of the digits takes
longer than reading them."""


def raw(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A column of ids, which are not to be made UUIDs."""
    return sa.type_coerce(column, sa.types.NullType())


def id_text(id_: str | UUID) -> str:
    """An id as JSON has it."""
    if isinstance(id_, UUID):
        return str(id_)
    return f"{id_[:8]}-{id_[8:12]}-{id_[12:16]}-{id_[16:20]}-{id_[20:]}"
