"""A writing request: on whose behalf it comes, whether it is only tried, and how much its response shows.

Its transaction opens when the handler first writes, when the body has been read and validated. It is committed when
the handler is done and before the response is sent, so that a failed commit is never reported as a success. No handler
closes a writer or commits, and none can forget to.

``?dry_run=true`` makes every check and takes everything back. ``Prefer: return=minimal`` (RFC 7240) leaves the body
out of the response. Both are dealt with here, for every route that changes something.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import Field

from app.api import etag
from app.api.context import Context, context_of
from app.api.responses import record_response
from app.core.model import RecordWrite
from app.core.reading.parameters import ParameterSet, read_parameters
from app.core.reading.reader import Located, Reader
from app.core.reading.value_types import Flag
from app.core.resource import Resource
from app.core.visibility import Viewer
from app.core.writing.bodies import validate_record, with_references
from app.core.writing.references import References
from app.core.writing.slugs import Slugs
from app.core.writing.writer import Writer
from app.errors import Invalid, PreconditionRequired

LOCK_WAIT = "followthrough.lock_wait"
"""Where in the scope of a request it stands how long it may still wait for another's lock, in seconds."""


class WriteParameters(ParameterSet):
    """The query of a writing request."""

    dry_run: Flag = Field(
        default=False,
        description="Make every check and respond as to the change itself, but store nothing. "
        "The response has `Dry-Run: true`.",
    )


class WriteRequest:
    """A request that changes something."""

    def __init__(
        self, request: Request, context: Context, viewer: Viewer, transaction: ExitStack, *, dry_run: bool
    ) -> None:
        """Write on behalf of a viewer; whoever made the transaction ends it."""
        self.request = request
        self.context = context
        self.viewer = viewer
        self.dry_run = dry_run
        self._transaction = transaction
        self._writer: Writer | None = None

    @cached_property
    def connection(self) -> sa.Connection:
        """The transaction of the request. Nobody else writes until it ends."""
        seconds_left = self.request.scope.get(LOCK_WAIT)
        return self._transaction.enter_context(
            self.context.database.writing(commit=not self.dry_run, lock_seconds=seconds_left)
        )

    @property
    def writer(self) -> Writer:
        """A writer within the transaction."""
        if self._writer is None:
            self._writer = self.context.writer(self.connection, self.viewer)
        return self._writer

    def finish(self) -> None:
        """Let all that follows from the changes be done; what is read afterwards is what will be stored."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def locate(self, resource: Resource, slug_or_id: str) -> Located:
        """The record that the path names; raises NotFound, Gone or Moved."""
        return self.writer.reader.locate(resource, slug_or_id)

    def validate(self, resource: Resource, raw: bytes, *, new: bool = False) -> RecordWrite:
        """A body as a record; raises Invalid that names every flaw, and every reference that leads nowhere.

        Of a ``new`` record it says as well that its slug is taken.
        """
        try:
            return validate_record(resource, raw)
        except Invalid as problem:
            # Nothing will be written: this need not wait for its turn to.
            with self.context.database.reading() as connection:
                references = References(lambda: connection, self.context.catalogue, self.viewer)
                slugs = Slugs(lambda: connection, secretive=False) if new else None
                raise with_references(problem, resource, raw, references, slugs) from None

    def expected_revisions(self) -> frozenset[str]:
        """The revisions that the client says it has seen; a change without them is refused."""
        header = self.request.headers.get("if-match")
        if header is None:
            raise PreconditionRequired()
        return etag.revisions(header)

    # -- responses ---------------------------------------------------------------------------------------------

    def created(self, resource: Resource, id_: UUID) -> Response:
        """A record that was created, whole: :meth:`respond` with it."""
        writer = self.writer
        self.finish()
        # Whoever wrote it sees it, and the writer knows what it stored.
        row = writer.row(resource, id_)
        located = Located(id_, row["slug"], row["revision"], row["updated_at"])
        return self._record(writer.reader, resource, located, 201, "Location")

    def changed(self, resource: Resource, id_: UUID) -> Response:
        """The response that shows a record that was changed, as it now is."""
        reader = self.writer.reader
        self.finish()
        located = reader.locate(resource, str(id_))
        return self.respond(self._record(reader, resource, located, 200, "Content-Location"))

    def _record(self, reader: Reader, resource: Resource, located: Located, status: int, address: str) -> Response:
        headers = {address: f"/v1/{resource.name}/{located.slug}"}
        return record_response(reader, resource, located, status=status, headers=headers)

    def no_content(self) -> Response:
        """The response to a change that leaves nothing to show: :meth:`respond` with it."""
        return self.respond(Response(status_code=204))

    def respond(self, response: Response, *, always_whole: bool = False) -> Response:
        """The response as the client wants it. One that is ``always_whole`` ignores ``Prefer: return=minimal``."""
        if self.dry_run:
            # Nothing of this name, version or date exists.
            for name in ("location", "content-location", "etag", "last-modified"):
                if name in response.headers:
                    del response.headers[name]
            if response.status_code == 201:
                response.status_code = 200
            response.headers["Dry-Run"] = "true"
        if not always_whole and response.status_code in (200, 201) and self._prefers_minimal():
            status = 201 if response.status_code == 201 else 204
            of_the_body = ("content-type", "content-length")
            headers = {name: value for name, value in response.headers.items() if name not in of_the_body}
            return Response(status_code=status, headers={**headers, "Preference-Applied": "return=minimal"})
        return response

    def _prefers_minimal(self) -> bool:
        """Whether the client prefers no body. What else it may prefer is left aside, as RFC 7240 wants it."""
        headers = self.request.headers.getlist("prefer")
        preferences = [part.strip() for header in headers for part in header.split(",")]
        # Of a preference that is given twice, the first counts.
        returns = [
            part.partition(";")[0].replace(" ", "").lower() for part in preferences if part.lower().startswith("return")
        ]
        return bool(returns) and returns[0] in ("return=minimal", 'return="minimal"')


def write_request(request: Request) -> Iterator[WriteRequest]:
    """A request that changes something, by somebody who may; comes before the body is read.

    Synchronous, so that the credential is looked up in a thread.
    """
    context = context_of(request)
    viewer = context.authenticate(request)
    context.demand_writer(viewer)
    found = read_parameters(WriteParameters, request.query_params.multi_items())
    assert isinstance(found, WriteParameters)
    with ExitStack() as transaction:
        write = WriteRequest(request, context, viewer, transaction, dry_run=found.dry_run)
        yield write
        write.finish()


Write = Annotated[WriteRequest, Depends(write_request, scope="function")]
