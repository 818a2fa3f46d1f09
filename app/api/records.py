"""The routes of a resource's records, made from its declaration: the same six for every one."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from app.api.context import Context
from app.api.documentation import (
    BODY_FAILS,
    CHANGE_FAILS,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_MATCH_OPTIONAL,
    IF_NONE_EXISTS,
    PREFER,
    Body,
    minimal,
    record_changed,
    record_shown,
    response,
)
from app.api.documented_router import DocumentedRouter
from app.api.files import FileRoutes
from app.api.idempotency import once
from app.api.negotiation import choose
from app.api.read_request import Read
from app.api.record_models import RecordModels
from app.api.request_body import MERGE_PATCH, JsonBody, PatchBody
from app.api.responses import page_response, record_response
from app.api.write_request import Write
from app.core.model import RecordWrite
from app.core.reading.list_query import ListQuery
from app.core.reading.parameters import bad_query
from app.core.reading.slug_or_id import as_id, is_slug_or_id
from app.core.resource import Resource
from app.core.strict_json import parse
from app.errors import BadCursor, Conflict, Flaw, Invalid, KeyReused, Malformed, NotFound, StaleRevision

SlugOrId = Annotated[str, Path(alias="slug")]
"""The path parameter of a record. The document gives each resource's own example of it."""

NewSlug = Annotated[
    str, Path(alias="slug", description="The slug (or, of an existing record, its id).", examples=["a-new-record"])
]


class RecordRoutes:
    """Reading and writing the records of one resource."""

    def __init__(self, resource: Resource, context: Context) -> None:
        """Serve a resource."""
        self.resource = resource
        self.context = context
        self.models = RecordModels(resource, context.grammar(resource))
        self.files = FileRoutes(resource, context)

    # -- handlers ----------------------------------------------------------------------------------------------

    def list_records(self, read: Read) -> Response:
        """{Plural}, page by page: filtered, searched, sorted, counted. Follow `next` to go on. `/v1/{plural}.csv` and
        the like give all records at once.
        """
        grammar = self.context.grammar(self.resource)
        query = read.query(grammar, grammar.list_query)
        form = choose(read.request.headers.get("accept"), tuple(self.files.media_types), self.files.media_types)
        if form != "json":
            _refuse_what_no_file_shows(query)
            return self.files.stream(read, self.files.formats[form], query)
        page = read.reader(query.as_of).page(grammar, query, self.context.cursors)
        cursor = None
        if page.after is not None:
            cursor = self.context.cursors.write(self.resource.name, query, page.after, read.viewer)
        more: dict[str, Any] = {"total": page.total, "facets": page.facets}
        if query.include:
            more["included"] = page.included
        if page.unreadable:
            more["unreadable"] = page.unreadable
        return page_response(read.pairs, f"/v1/{self.resource.name}", page.records, cursor, read.viewer, more)

    def get_record(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """One {singular}, by slug or id. A former slug answers with a redirect to the present one."""
        query = self.context.grammar(self.resource).record_query(read.pairs)
        read.choose("json")
        reader = read.reader(query.as_of)
        located = reader.locate(self.resource, slug_or_id)
        return record_response(reader, self.resource, located, query, self.context.cursors)

    def create_record(self, write: Write, raw: JsonBody) -> Response:
        """Makes {one}: a draft, unless `state` says `published`. With an `Idempotency-Key`, a repeated request has the
        first response again.
        """
        body = write.validate(self.resource, raw, new=True)

        def create() -> Response:
            return write.created(self.resource, write.writer.create(self.resource, body))

        return write.respond(once(write, raw, create))

    def replace_record(self, write: Write, slug_or_id: NewSlug, raw: JsonBody) -> Response:
        """Creates the record under this slug where there is none (201). Otherwise gives it exactly the values of the
        body (200), what is left out going back to its default, except `state`; this needs `If-Match`.
        """
        body = write.validate(self.resource, raw)
        try:
            located = write.locate(self.resource, slug_or_id)
        except NotFound:
            self._may_be_created(write.request, slug_or_id, body)
            id_ = write.writer.create(self.resource, body, slug=slug_or_id)
            return write.respond(write.created(self.resource, id_))
        if write.request.headers.get("if-none-match") is not None:
            raise StaleRevision()
        if body.slug is not None and body.slug != located.slug:
            detail = "It differs from the slug in the path; PATCH renames a record."
            raise Invalid(errors=[{"pointer": "/slug", "detail": detail}])
        write.writer.replace(self.resource, located.id, body, write.expected_revisions())
        return write.changed(self.resource, located.id)

    def _may_be_created(self, request: Request, slug_or_id: str, body: RecordWrite) -> None:
        """Whether a PUT to a path with no record may make one there."""
        if not is_slug_or_id(slug_or_id) or as_id(slug_or_id) is not None:
            raise NotFound()
        if "if-match" in request.headers:
            raise StaleRevision()
        if body.slug is not None and body.slug != slug_or_id:
            raise Invalid(errors=[{"pointer": "/slug", "detail": "It differs from the slug in the path."}])

    def update_record(self, write: Write, slug_or_id: SlugOrId, raw: PatchBody) -> Response:
        """A JSON Merge Patch (RFC 7396): fields that are left out stay, `null` puts one back to its default. Needs
        `If-Match`, so that nobody else's change is lost.
        """
        patch = parse(raw)
        located = write.locate(self.resource, slug_or_id)
        write.writer.patch(self.resource, located.id, patch, write.expected_revisions())
        return write.changed(self.resource, located.id)

    def withdraw_record(self, write: Write, slug_or_id: SlugOrId) -> Response:
        """Takes the record back: it answers 410 from now on, and its history is kept. Needs `If-Match`."""
        located = write.locate(self.resource, slug_or_id)
        write.writer.withdraw(self.resource, located.id, write.expected_revisions())
        return write.no_content()

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        self.files.register(router)
        routes = DocumentedRouter(router, self.resource)
        list_path, path = f"/{self.resource.name}", f"/{self.resource.name}/{{slug}}"
        self._register_reading(routes, list_path, path)
        self._register_creating(routes, list_path, path)
        self._register_changing(routes, path)

    def _register_reading(self, routes: DocumentedRouter, list_path: str, path: str) -> None:
        grammar = self.context.grammar(self.resource)
        routes.read(
            list_path,
            self.list_records,
            "list_{plural}",
            summary="List {plural}",
            shows=response(200, "A part of the list.", lambda: self.models.list, "Link"),
            fails=(BadCursor,),
            query=lambda: grammar.list_parameters,
        )
        routes.read(
            path,
            self.get_record,
            "get_{singular}",
            summary="Get {one}",
            shows=record_shown(lambda: self.models.with_included, 200, f"The {self.resource.singular}."),
            query=lambda: grammar.record_parameters,
        )

    def _register_creating(self, routes: DocumentedRouter, list_path: str, path: str) -> None:
        record = self.models.record
        routes.write(
            "POST",
            list_path,
            self.create_record,
            "create_{singular}",
            summary="Create {one}",
            shows={
                **record_shown(record, 201, "It was created.", "Location", "Idempotency-Replayed"),
                **response(200, "What would have been created, in a dry run.", record),
            },
            fails=(*BODY_FAILS, KeyReused, Conflict, Malformed),
            headers=(IDEMPOTENCY_KEY, PREFER),
            body=self._body("create"),
        )
        routes.write(
            "PUT",
            path,
            self.replace_record,
            "replace_{singular}",
            summary="Create or replace {one}",
            shows={
                **record_shown(record, 200, "It was replaced.", "Content-Location"),
                **record_shown(record, 201, "It was created.", "Location"),
                **minimal(),
            },
            fails=(*BODY_FAILS, *CHANGE_FAILS, Malformed),
            headers=(IF_MATCH_OPTIONAL, IF_NONE_EXISTS, PREFER),
            body=self._body("create"),
        )

    def _register_changing(self, routes: DocumentedRouter, path: str) -> None:
        routes.write(
            "PATCH",
            path,
            self.update_record,
            "update_{singular}",
            summary="Update {one}",
            shows=record_changed(self.models.record, f"The {self.resource.singular} as it now is."),
            fails=(*BODY_FAILS, *CHANGE_FAILS),
            headers=(IF_MATCH, PREFER),
            body=self._body("patch"),
        )
        routes.write(
            "DELETE",
            path,
            self.withdraw_record,
            "withdraw_{singular}",
            summary="Withdraw {one}",
            shows=response(204, "It was withdrawn."),
            fails=CHANGE_FAILS,
            headers=(IF_MATCH,),
        )

    def _body(self, example: str) -> Body:
        """The body of an operation that writes a record, with one of the resource's examples."""
        patch = example == "patch"
        return Body(
            model=self.resource.create,
            patch=patch,
            media_type=MERGE_PATCH if patch else "application/json",
            example=self.resource.examples.get(example),
        )


def _refuse_what_no_file_shows(query: ListQuery) -> None:
    flaws: list[Flaw] = [
        {"parameter": name, "detail": "A file shows none of it; leave it out, or accept application/json."}
        for name, given in (("include", query.include), ("facets", query.facets), ("count", query.count))
        if given
    ]
    if flaws:
        raise bad_query(flaws)
