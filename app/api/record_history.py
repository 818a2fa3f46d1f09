"""What happened to a record: its changes as far as a viewer may know of them, and the record as it was after each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.api.read_request import ReadRequest
from app.api.write_request import WriteRequest
from app.core.model import State
from app.core.reading.reader import Located, Reader
from app.core.resource import Resource
from app.core.storage.history import Action, change_at, revisions
from app.core.visibility import Role, Viewer
from app.errors import Gone, NotFound


class RevisionOut(BaseModel):
    """One change of a record."""

    revision: int = Field(description="Its number: 1 when the record was created.")
    seq: int = Field(description="Its number among all changes of the register.")
    action: Action = Field(description="What it did.")
    state: State = Field(description="The record's state since.")
    at: datetime = Field(description="When, in UTC.")
    actor: str | None = Field(description="The key that made it; shown to editors.")
    note: str | None = Field(description="What whoever made it said about it.")
    url: str | None = Field(description="The record as it then was; null where it was not visible then.")


class RevisionList(BaseModel):
    """A part of the changes of a record."""

    data: list[RevisionOut] = Field(description="The latest first.")
    next: str | None = Field(description="The path of the next page; null on the last.")
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last.")


class FieldChange(BaseModel):
    """A field that differs between two revisions."""

    field: str = Field(description="The field.")
    before: Any = Field(description="Its value in the earlier one.")
    after: Any = Field(description="Its value in the later one.")


class RevisionDiff(BaseModel):
    """What differs between two revisions of a record."""

    against: int = Field(description="The revision compared with.")
    revision: int = Field(description="The revision.")
    changes: list[FieldChange] = Field(description="The fields that differ, in the order of the resource.")


_UNSAID = ("revision", "updated_at")
"""Every revision differs in these; to say so says nothing."""


def _visible(viewer: Viewer) -> sa.ColumnElement[bool]:
    """The changes a viewer may know of: to something published, or that made it so, or ended that."""
    if viewer.role >= Role.editor:
        return sa.true()
    public = State.published.value
    known = sa.or_(revisions.c.state == public, revisions.c.state_before == public)
    return known if viewer.public else sa.or_(known, revisions.c.actor == viewer.actor)


def revisions_of(read: ReadRequest, resource: Resource, located: Located) -> list[dict[str, Any]]:
    """The changes of a record that the viewer can see, the latest first."""
    changes = read.connection.execute(changes_of(located.id, read.viewer)).mappings()
    return [as_shown(dict(each), resource, located, read.viewer) for each in changes]


def differences(resource: Resource, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields in which two readings of a record differ."""
    return [
        {"field": name, "before": before.get(name), "after": after[name]}
        for name in resource.fields
        if name not in _UNSAID and before.get(name) != after[name]
    ]


def changes_of(record: UUID, viewer: Viewer) -> sa.Select[Any]:
    """The changes of a record that a viewer may know of, the latest first."""
    chosen = sa.select(revisions).where(revisions.c.record_id == record, _visible(viewer))
    return chosen.order_by(revisions.c.seq.desc())


def record_at(
    request: ReadRequest | WriteRequest, resource: Resource, id_: UUID, number: int
) -> tuple[Located, Mapping[str, Any]]:
    """A record as it was at a revision, with what was located; NotFound where it was not visible then."""
    reader = _reader_at(request, id_, number)
    try:
        located = reader.locate(resource, str(id_))
    except Gone:
        raise NotFound("The record was not visible at this revision.") from None
    return located, reader.one(resource, id_)


def _reader_at(request: ReadRequest | WriteRequest, record: UUID, number: int) -> Reader:
    """A reader of the register as it stood when a revision was made; NotFound where there is none.

    What was changed together with it counts: a record is made first, and the citations given inside it come after.
    """
    connection, viewer = request.connection, request.viewer
    change = connection.execute(changes_of(record, viewer).where(revisions.c.revision == number)).mappings().first()
    if change is None:
        raise NotFound("There is no such revision.")
    at = change_at(connection, change["at"])
    following = sa.select(revisions.c.seq).where(revisions.c.record_id == record, revisions.c.revision == number + 1)
    if (next_change := connection.execute(following).scalar()) is not None:
        at = min(at, next_change - 1)
    return Reader(connection, request.context.catalogue, viewer, change["at"].date(), at)


def as_shown(change: Mapping[str, Any], resource: Resource, located: Located, viewer: Viewer) -> dict[str, Any]:
    """A change as the API shows it to a viewer."""
    visible = viewer.role >= Role.editor or change["state"] == State.published.value
    number = change["revision"]
    return {
        "revision": number,
        "seq": change["seq"],
        "action": change["action"],
        "state": change["state"],
        "at": change["at"],
        "actor": change["actor"] if viewer.role >= Role.editor else None,
        "note": change["note"],
        "url": f"/v1/{resource.name}/{located.slug}/revisions/{number}" if visible else None,
    }
