"""Stamps: what the register gives a record by itself, carried along from another register (or an earlier state).

A client never writes them. A bundle does: with its ids, revisions and moments, a register that is loaded elsewhere is
the same register.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model

from app.core.reading.value_types import Moment
from app.core.resource import Resource
from app.core.storage.column_types import plain
from app.core.storage.history import MAX_SEQ
from app.core.strict_json import dump, validate
from app.errors import Flaw, Invalid

COMMON = ("id", "revision", "seq", "created_at", "updated_at")
_CLOCKS_DIFFER = timedelta(seconds=10)
_Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
_Seq = Annotated[int, Field(ge=1, le=MAX_SEQ)]


class _Common(BaseModel):
    """The stamps that any record can have."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    id: UUID | None = Field(default=None, description="The record's permanent identifier.")
    revision: _Number | None = Field(default=None, description="Counts the changes of the record.")
    seq: _Seq | None = Field(default=None, description="The number of its last change among all of the register.")
    created_at: Moment | None = Field(default=None, description="When the record was created.")
    updated_at: Moment | None = Field(default=None, description="When the record last changed.")


@dataclass(frozen=True, slots=True)
class Stamps:
    """What is carried along for a record: each None, or left out, where the register is to give it."""

    id: UUID | None = None
    revision: int | None = None
    seq: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    """Columns of the resource that no body says: whether it was given inside another record, what is carried."""

    @property
    def moments(self) -> bool:
        """Whether they say which version of the record it is, and when that was made."""
        return None not in (self.revision, self.created_at, self.updated_at)

    def of_new(self) -> dict[str, Any]:
        """The columns of a new record."""
        own = {"id": self.id, "revision": self.revision, "created_at": self.created_at, "updated_at": self.updated_at}
        return {name: value for name, value in own.items() if value is not None} | dict(self.columns)

    def of_newer(self) -> dict[str, Any]:
        """The columns of a record that is brought to this version."""
        return {"revision": self.revision, "updated_at": self.updated_at, **self.columns}


NONE = Stamps()


@cache
def model_of(resource: Resource) -> type[BaseModel]:
    """The stamps of a resource's records."""
    fields: dict[str, Any] = {}
    if resource.given_inside is not None:
        text = "Given inside the record it is for, and published with it."
        fields[resource.given_inside] = (bool | None, Field(default=None, description=text))
    for name in resource.carried:
        info = resource.read.model_fields[name]
        kind: Any = Moment if name.endswith("_at") else info.annotation
        fields[name] = (kind | None, Field(default=None, description=info.description))
    model: type[BaseModel] = create_model(f"{resource.table.__name__}Stamps", __base__=_Common, **fields)
    return model


def apart(resource: Resource, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record of a bundle as what a client would write, and its stamps."""
    names = model_of(resource).model_fields
    body = {name: value for name, value in fields.items() if name not in names}
    return body, {name: value for name, value in fields.items() if name in names}


def read_stamps(resource: Resource, given: Mapping[str, Any], now: datetime) -> Stamps:
    """Stamps as they stand in a bundle; raises Invalid with every flaw."""
    if not given:
        return NONE
    found = validate(model_of(resource), dump(given))
    values = {name: getattr(found, name) for name in COMMON}
    flaws: list[Flaw] = []
    for name in ("created_at", "updated_at"):
        if values[name] is not None and values[name] > now + _CLOCKS_DIFFER:
            flaws.append({"pointer": f"/{name}", "detail": "It lies in the future."})
    if values["created_at"] and values["updated_at"] and values["updated_at"] < values["created_at"]:
        flaws.append({"pointer": "/updated_at", "detail": "It lies before the record was created."})
    if flaws:
        raise Invalid(errors=flaws)
    columns = {name: plain(getattr(found, name)) for name in found.model_fields_set - set(COMMON)}
    given = {name: value for name, value in columns.items() if value is not None}
    return Stamps(**values, columns=given)
