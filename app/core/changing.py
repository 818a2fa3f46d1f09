"""A writing request: on whose behalf it comes, whether it is only tried, and how much its answer shows.

``?dry_run=true`` makes every check and takes everything back. ``Prefer: return=minimal`` (RFC 7240) leaves the body
out of the answer. Both are dealt with here, for every route that changes something.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.core.context import Context, context_of
from app.core.query import Flag, read_parameters
from app.core.visibility import Viewer
from app.core.write import Writer


class WriteParameters(BaseModel):
    """The query of a writing request."""

    model_config = ConfigDict(extra="forbid")

    dry_run: Flag = Field(
        default=False,
        description="Make every check and answer as the change would be answered, but store nothing.",
    )


def _wants_minimal(request: Request) -> bool:
    """Whether the client prefers an answer without a body; what else it may prefer is left aside, as RFC 7240 asks."""
    asked = [part.strip() for header in request.headers.getlist("prefer") for part in header.split(",")]
    # Of a preference that is given twice, the first counts.
    returns = [part.partition(";")[0].replace(" ", "").lower() for part in asked if part.lower().startswith("return")]
    return bool(returns) and returns[0] in ("return=minimal", 'return="minimal"')


@dataclass(frozen=True)
class Changing:
    """A request that changes something."""

    request: Request
    context: Context
    viewer: Viewer
    dry_run: bool
    minimal: bool

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """The transaction of the request: kept at the end of the block, unless it was only tried."""
        with self.context.database.writing(keep=not self.dry_run) as connection:
            yield connection

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """A writer within the transaction of the request, which the block closes before it answers."""
        with self.transaction() as connection:
            yield self.context.writer(connection, self.viewer)

    def answer(self, answer: Response, *, always_whole: bool = False) -> Response:
        """The answer as the client asked for it; what it cannot do without is there whatever it prefers."""
        if self.dry_run:
            # Nothing of this name, version or date exists.
            for name in ("location", "content-location", "etag", "last-modified"):
                if name in answer.headers:
                    del answer.headers[name]
            if answer.status_code == 201:
                answer.status_code = 200
        if self.minimal and not always_whole and answer.status_code in (200, 201):
            status = 201 if answer.status_code == 201 else 204
            of_the_body = ("content-type", "content-length")
            kept = {name: value for name, value in answer.headers.items() if name not in of_the_body}
            return Response(status_code=status, headers={**kept, "Preference-Applied": "return=minimal"})
        return answer


def changing_of(request: Request) -> Changing:
    """A request that changes something, by somebody who may; comes before the body is read.

    Synchronous, so that the credential is looked up in a thread.
    """
    context = context_of(request)
    viewer = context.authenticate(request)
    context.demand_writer(viewer)
    found = read_parameters(WriteParameters, request.query_params.multi_items())
    assert isinstance(found, WriteParameters)
    return Changing(request, context, viewer, found.dry_run, _wants_minimal(request))


By = Annotated[Changing, Depends(changing_of)]
