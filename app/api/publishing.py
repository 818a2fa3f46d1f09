"""Publishing, withdrawing and restoring a record as steps of their own, each with a note of why."""

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.documentation import (
    BODY_FAILS,
    IF_MATCH,
    IF_MATCH_OPTIONAL,
    PREFER,
    Body,
    record_changed,
    response,
)
from app.api.documented_router import DocumentedRouter
from app.api.record_models import RecordModels
from app.api.records import SlugOrId
from app.api.request_body import OptionalJsonBody
from app.api.write_request import Write, WriteRequest
from app.core.field_types import Prose
from app.core.resource import Resource
from app.core.strict_json import validate
from app.core.writing.writer import ANY_REVISION
from app.errors import Conflict, PreconditionRequired, Problem, StaleRevision


class ReviewNote(BaseModel):
    """Why a record is published, withdrawn or restored."""

    model_config = ConfigDict(extra="forbid")

    note: Prose | None = Field(
        default=None,
        max_length=2000,
        description="Why, for whoever reads the history.",
        examples=["Checked against the joint statement."],
    )


def _note(raw: bytes) -> str | None:
    """The note of a request, whose body may be left out."""
    return validate(ReviewNote, raw).note if raw else None


def _expected(write: WriteRequest) -> frozenset[str]:
    """If-Match where it is sent: publishing and restoring write over nobody's words, and do not demand it."""
    return write.expected_revisions() if "if-match" in write.request.headers else ANY_REVISION


class PublishingRoutes:
    """The steps that change who sees a record of one resource."""

    def __init__(self, resource: Resource, models: RecordModels) -> None:
        """Serve a resource."""
        self.resource = resource
        self.models = models

    def publish_record(self, write: Write, slug_or_id: SlugOrId, raw: OptionalJsonBody) -> Response:
        """Makes the record visible to everybody. What it cannot be without must be published already."""
        note = _note(raw)
        located = write.locate(self.resource, slug_or_id)
        write.writer.publish(self.resource, located.id, _expected(write), note)
        return write.changed(self.resource, located.id)

    def withdraw_with_note(self, write: Write, slug_or_id: SlugOrId, raw: OptionalJsonBody) -> Response:
        """The same as DELETE, with a note for whoever reads the history. Needs `If-Match`."""
        note = _note(raw)
        located = write.locate(self.resource, slug_or_id)
        write.writer.withdraw(self.resource, located.id, write.expected_revisions(), note)
        return write.no_content()

    def restore_record(self, write: Write, slug_or_id: SlugOrId, raw: OptionalJsonBody) -> Response:
        """Brings a withdrawn {singular} back as a draft. Editors find those with `state=withdrawn` in the list."""
        note = _note(raw)
        id_ = write.writer.restore(self.resource, slug_or_id, _expected(write), note)
        return write.changed(self.resource, id_)

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        routes = DocumentedRouter(router, self.resource)
        path, record = f"/{self.resource.name}/{{slug}}", self.models.record
        fails: tuple[type[Problem], ...] = (Conflict, StaleRevision, *BODY_FAILS)
        note = Body(model=ReviewNote, required=False)
        routes.write(
            "POST",
            f"{path}/publish",
            self.publish_record,
            "publish_{singular}",
            summary="Publish the {singular}",
            shows=record_changed(record, "The record, published."),
            fails=fails,
            headers=(IF_MATCH_OPTIONAL, PREFER),
            body=note,
        )
        routes.write(
            "POST",
            f"{path}/restore",
            self.restore_record,
            "restore_{singular}",
            summary="Restore the {singular}",
            shows=record_changed(record, "The record, a draft again."),
            fails=fails,
            headers=(IF_MATCH_OPTIONAL, PREFER),
            body=note,
            redirects=False,
        )
        routes.write(
            "POST",
            f"{path}/withdraw",
            self.withdraw_with_note,
            "withdraw_{singular}_with_note",
            summary="Withdraw the {singular} with a note",
            shows=response(204, "It was withdrawn."),
            fails=(*fails, PreconditionRequired),
            headers=(IF_MATCH,),
            body=note,
        )
