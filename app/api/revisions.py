"""The history of a record over HTTP: its revisions, each as it then was, what changed between two, and going back."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BeforeValidator, Field

from app.api.context import Context
from app.api.documentation import CHANGE_FAILS, IF_MATCH, PREFER, record_changed, record_shown, response
from app.api.documented_router import DocumentedRouter
from app.api.read_request import Read, ReadRequest
from app.api.record_history import RevisionDiff, RevisionList, as_shown, changes_of, differences, record_at
from app.api.record_models import RecordModels
from app.api.records import SlugOrId
from app.api.responses import json_response, page_response
from app.api.write_request import Write
from app.core.reading.list_query import LIMIT, MAX_LIMIT, ListQuery
from app.core.reading.parameters import ParameterSet
from app.core.reading.reader import Located
from app.core.reading.value_types import digits, whole_number
from app.core.resource import Resource
from app.core.storage.history import revisions
from app.core.writing.bodies import as_written, validate_record
from app.errors import BadCursor, Invalid

_MAX_REVISION = 2**31 - 1
Number = Annotated[
    int,
    Field(ge=1, le=_MAX_REVISION),
    BeforeValidator(digits),
    Path(description="The revision's number.", examples=[1]),
]


class RevisionParameters(ParameterSet):
    """The query of a list of revisions."""

    limit: whole_number(1, MAX_LIMIT) = Field(  # type: ignore[valid-type]
        default=LIMIT, description=f"At most this many revisions; {LIMIT} by default."
    )
    cursor: Annotated[str, Field(max_length=2000)] | None = Field(
        default=None, description="Where to go on, as given in `next_cursor`."
    )


class DiffParameters(ParameterSet):
    """The query of a comparison."""

    against: Annotated[int, Field(ge=1, le=_MAX_REVISION), BeforeValidator(digits)] | None = Field(
        default=None, description="The revision to compare with; the one before, where it is left out."
    )


class RevisionRoutes:
    """The history of the records of one resource."""

    def __init__(self, resource: Resource, context: Context, models: RecordModels) -> None:
        """Serve a resource."""
        self.resource = resource
        self.context = context
        self.models = models

    # -- handlers ----------------------------------------------------------------------------------------------

    def list_revisions(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """What was done to the record, when, and where it can be read as it then was; the latest first."""
        read.choose("json")
        query = read.parameters(RevisionParameters)
        located = read.reader().locate(self.resource, slug_or_id)
        bound = ListQuery(cursor=query.cursor)
        name = f"{self.resource.name}/{located.id}/revisions"
        wanted = changes_of(located.id, read.viewer).limit(query.limit + 1)
        if query.cursor is not None:
            (before,) = self.context.cursors.read(name, bound, read.viewer)
            wanted = wanted.where(revisions.c.seq < before)
        found = read.connection.execute(wanted).mappings().all()
        shown = found[: query.limit]
        cursor = (
            self.context.cursors.write(name, bound, [shown[-1]["seq"]], read.viewer)
            if len(found) > len(shown)
            else None
        )
        data = [as_shown(dict(each), self.resource, located, read.viewer) for each in shown]
        path = f"/v1/{self.resource.name}/{located.slug}/revisions"
        return page_response(read.pairs, path, data, cursor, read.viewer)

    def get_revision(self, read: Read, slug_or_id: SlugOrId, number: Number) -> Response:
        """The record at one of its revisions, with what it then referred to. To be cited: it never changes."""
        read.choose("json")
        read.parameters(ParameterSet)
        then, record = self._at(read, slug_or_id, number)
        return json_response(record, read.viewer, revision=then.revision, modified=then.updated_at)

    def diff_revision(self, read: Read, slug_or_id: SlugOrId, number: Number) -> Response:
        """Field by field, what differs between a revision and the one before it, or another one."""
        read.choose("json")
        against = read.parameters(DiffParameters).against
        against = against if against is not None else number - 1
        _, after = self._at(read, slug_or_id, number)
        before: Mapping[str, Any] = self._at(read, slug_or_id, against)[1] if against else {}
        changes = differences(self.resource, before, after)
        return json_response({"against": against, "revision": number, "changes": changes}, read.viewer)

    def revert_record(self, write: Write, slug_or_id: SlugOrId, number: Number) -> Response:
        """Gives the record the values it had at a revision, as a new revision. Needs `If-Match`."""
        located = write.locate(self.resource, slug_or_id)
        expected = write.expected_revisions()
        _, record = record_at(write, self.resource, located.id, number)
        written = as_written(self.resource, record)
        # Going back is an edit: it changes what the record says, not who may see it or what it is called.
        written.pop("slug")
        written.pop("state")
        body = validate_record(self.resource, written)
        write.writer.replace(self.resource, located.id, body, expected, note=f"Reverted to revision {number}.")
        return write.changed(self.resource, located.id)

    def _at(self, read: ReadRequest, slug_or_id: str, number: int) -> tuple[Located, Mapping[str, Any]]:
        located = read.reader().locate(self.resource, slug_or_id)
        return record_at(read, self.resource, located.id, number)

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        routes = DocumentedRouter(router, self.resource)
        path = f"/{self.resource.name}/{{slug}}/revisions"
        routes.read(
            path,
            self.list_revisions,
            "list_{singular}_revisions",
            summary="List the revisions of the {singular}",
            shows=response(200, "The changes.", RevisionList, "Link"),
            fails=(BadCursor,),
            query=RevisionParameters,
        )
        routes.read(
            f"{path}/{{number}}",
            self.get_revision,
            "get_{singular}_revision",
            summary="Get the {singular} as it was at this revision",
            shows=record_shown(self.models.record, 200, "The record as it was."),
        )
        routes.read(
            f"{path}/{{number}}/diff",
            self.diff_revision,
            "diff_{singular}_revision",
            summary="Compare this revision with another one",
            shows=response(200, "The differences.", RevisionDiff),
            query=DiffParameters,
        )
        routes.write(
            "POST",
            f"{path}/{{number}}/revert",
            self.revert_record,
            "revert_{singular}",
            summary="Revert the {singular} to this revision",
            shows=record_changed(self.models.record, "The record as it now is."),
            fails=(*CHANGE_FAILS, Invalid),
            headers=(IF_MATCH, PREFER),
        )
