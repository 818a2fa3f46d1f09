"""The history of a record over HTTP: its revisions, each as it then was, what changed between two, and going back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from app.core.answer import dump, json_answer
from app.core.body import flaws_of
from app.core.changing import By
from app.core.context import Context, context_of
from app.core.history import Action, change_at, revisions
from app.core.model import State
from app.core.query import read_parameters
from app.core.read import Located, Reader
from app.core.resource import Resource
from app.core.routes import answer_again, expected_revisions, redirected, shown, without_body
from app.core.visibility import Role, Viewer
from app.core.write import as_written
from app.errors import (
    BadQuery,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    PreconditionRequired,
    StaleRevision,
    Unauthorized,
    Unavailable,
    documented,
)

_READS: dict[str, Any] = {"security": [{}, {"bearer": []}]}
_BIGGEST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=_BIGGEST, description="The revision's number.", examples=[1])]


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
    """The changes of a record."""

    data: list[RevisionOut] = Field(description="The latest first.")


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


MODELS: tuple[type[BaseModel], ...] = (RevisionList, RevisionDiff)

_AGAINST = create_model(
    "DiffParameters",
    __config__=ConfigDict(extra="forbid"),
    against=(Annotated[int, Field(ge=1, le=_BIGGEST)] | None, None),
)
_NOTHING = create_model("NoParameters", __config__=ConfigDict(extra="forbid"))

_UNSAID = ("revision", "updated_at")
"""Every revision differs in these; to say so says nothing."""


def _visible(row: Mapping[str, Any], viewer: Viewer) -> bool:
    """Whether a viewer may know of a change: it was to something published, or made it so, or ended that."""
    if viewer.role >= Role.editor:
        return True
    return bool(State.published.value in (row["state"], row["state_before"]) or row["actor"] == viewer.key != "")


def _changes(connection: sa.Connection, record: UUID, viewer: Viewer) -> list[dict[str, Any]]:
    chosen = sa.select(revisions).where(revisions.c.record_id == record).order_by(revisions.c.seq.desc())
    found = (dict(row) for row in connection.execute(chosen).mappings())
    return [change for change in found if _visible(change, viewer)]


def _at(context: Context, connection: sa.Connection, viewer: Viewer, record: UUID, number: int) -> tuple[Reader, Any]:
    """A reader of the register as it stood when a revision was made, and the change; NotFound where there is none.

    What was changed together with it counts: a record is made first, and the citations given inside it come after.
    """
    chosen = sa.select(revisions.c.revision, revisions.c.seq).where(revisions.c.record_id == record)
    numbers: dict[int, int] = {row.revision: row.seq for row in connection.execute(chosen)}
    for change in _changes(connection, record, viewer):
        if change["revision"] == number:
            at = change_at(connection, change["at"])
            if number + 1 in numbers:
                at = min(at, numbers[number + 1] - 1)
            return Reader(connection, context.catalogue, viewer, change["at"].date(), at), change
    raise NotFound("There is no such revision.")


def _then(
    context: Context, connection: sa.Connection, viewer: Viewer, resource: Resource, id_: UUID, number: int
) -> Any:
    """A record as it was at a revision, with what was located."""
    reader, _ = _at(context, connection, viewer, id_, number)
    try:
        located = reader.locate(resource, str(id_))
    except Gone:
        raise NotFound("The record was not visible at this revision.") from None
    return located, reader.one(resource, id_)


def history_routes(router: APIRouter, resource: Resource) -> None:
    """Add the routes of a resource's history."""
    singular, plural = resource.singular, resource.name
    base = f"/{plural}/{{key}}/revisions"
    key_type = Annotated[
        str, Path(description=f"The {singular}'s slug or id.", examples=[resource.examples.get("key", "a-slug")])
    ]

    def list_revisions(request: Request, key: key_type) -> Response:
        context = context_of(request)
        viewer = context.authenticate(request)
        read_parameters(_NOTHING, request.query_params.multi_items())
        with context.database.reading() as connection:
            located = context.reader(connection, viewer).locate(resource, key)
            changes = _changes(connection, located.id, viewer)
        return json_answer({"data": [_told(each, plural, located, viewer) for each in changes]}, viewer)

    def get_revision(request: Request, key: key_type, number: Number) -> Response:
        context = context_of(request)
        viewer = context.authenticate(request)
        read_parameters(_NOTHING, request.query_params.multi_items())
        with context.database.reading() as connection:
            located = context.reader(connection, viewer).locate(resource, key)
            then, record = _then(context, connection, viewer, resource, located.id, number)
        return json_answer(record, viewer, revision=then.revision, modified=then.updated_at)

    def diff_revision(request: Request, key: key_type, number: Number) -> Response:
        context = context_of(request)
        viewer = context.authenticate(request)
        asked = read_parameters(_AGAINST, request.query_params.multi_items()).__dict__["against"]
        against = asked if asked is not None else number - 1
        with context.database.reading() as connection:
            located = context.reader(connection, viewer).locate(resource, key)
            _, after = _then(context, connection, viewer, resource, located.id, number)
            before: dict[str, Any] = {}
            if against:
                _, before = _then(context, connection, viewer, resource, located.id, against)
        changes = [
            {"field": name, "before": before.get(name), "after": after[name]}
            for name in resource.fields
            if name not in _UNSAID and before.get(name) != after[name]
        ]
        return json_answer({"against": against, "revision": number, "changes": changes}, viewer)

    def revert_record(request: Request, by: By, key: key_type, number: Number) -> Response:
        with by.writer() as writer:
            located = writer.reader.locate(resource, key)
            expected = expected_revisions(request)
            _, record = _then(by.context, writer.connection, by.viewer, resource, located.id, number)
            written = as_written(resource, record)
            # Going back is an edit: it changes what the record says, not who may see it or what it is called.
            written.pop("slug")
            written.pop("state")
            try:
                body = resource.create.model_validate_json(dump(written), strict=True)
            except ValidationError as error:
                raise Invalid(errors=flaws_of(error)) from None
            writer.replace(resource, located.id, body, expected, note=f"Reverted to revision {number}.")
            writer.close()
            return by.answer(answer_again(writer, resource, located))

    stem = resource.read.__name__.removesuffix("Read")
    reads = documented(BadQuery, Unauthorized, Forbidden, NotFound, Gone, Unavailable)
    router.add_api_route(
        base, list_revisions, methods=["GET"], operation_id=f"list_{singular}_revisions", response_class=Response,
        response_model=None, summary=f"Every change of the {singular}",
        description="What was done to the record, when, and where it can be read as it then was; the latest first.",
        responses={**shown("RevisionList", 200, "The changes."), **redirected(), **reads}, openapi_extra=_READS,
    )  # fmt: skip
    router.add_api_route(
        f"{base}/{{number}}", get_revision, methods=["GET"], operation_id=f"get_{singular}_revision",
        response_class=Response, response_model=None, summary=f"The {singular} as it was",
        description="The record at one of its revisions, with what it then referred to. To be cited: it never changes.",
        responses={**shown(f"{stem}Read", 200, "The record as it was."), **redirected(), **reads}, openapi_extra=_READS,
    )  # fmt: skip
    router.add_api_route(
        f"{base}/{{number}}/diff", diff_revision, methods=["GET"], operation_id=f"diff_{singular}_revision",
        response_class=Response, response_model=None, summary="What changed",
        description="Field by field, what differs between a revision and the one before it, or another one.",
        responses={**shown("RevisionDiff", 200, "The differences."), **redirected(), **reads},
        openapi_extra={
            **_READS,
            "parameters": [
                {
                    "name": "against", "in": "query", "required": False,
                    "description": "The revision to compare with; the one before, where it is left out.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": _BIGGEST},
                }
            ],
        },
    )  # fmt: skip
    router.add_api_route(
        f"{base}/{{number}}/revert", revert_record, methods=["POST"], operation_id=f"revert_{singular}",
        response_class=Response, response_model=None, summary=f"Let the {singular} say again what it said",
        description="Gives the record the values it had at a revision, as a new revision. Needs `If-Match`.",
        responses={
            **shown(f"{stem}Read", 200, "The record as it now is."), **without_body(), **redirected(),
            **documented(BadQuery, Unauthorized, Forbidden, NotFound, Gone, Conflict, StaleRevision, Invalid,
                         PreconditionRequired, Unavailable),
        },
        openapi_extra={"x-parameters": ["change", plural], "security": [{"bearer": []}]},
    )  # fmt: skip


def _told(change: Mapping[str, Any], plural: str, located: Located, viewer: Viewer) -> dict[str, Any]:
    seen = viewer.role >= Role.editor or change["state"] == State.published.value
    number = change["revision"]
    return {
        "revision": number,
        "seq": change["seq"],
        "action": change["action"],
        "state": change["state"],
        "at": change["at"],
        "actor": change["actor"] if viewer.role >= Role.editor else None,
        "note": change["note"],
        "url": f"/v1/{plural}/{located.slug}/revisions/{number}" if seen else None,
    }
