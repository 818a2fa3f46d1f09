"""A reading request: on whose behalf it comes, and the transaction that it reads in.

The transaction opens when the handler first asks for a reader, in the handler's thread, and it ends with the
dependency, before the response is sent. A handler can neither forget to authenticate nor leave a connection open.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Annotated, TypeVar

import sqlalchemy as sa
from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from app.api.context import Context, context_of
from app.api.negotiation import choose
from app.core.reading.grammar import Grammar
from app.core.reading.list_query import ListQuery
from app.core.reading.parameters import ParameterSet, bad_query, read_parameters
from app.core.reading.reader import Reader
from app.core.storage.standbys import Attempt
from app.core.visibility import ANONYMOUS, Viewer
from app.errors import BadQuery, Flaw

Pairs = Sequence[tuple[str, str]]
"""The parameters of a query as they came, repetitions included."""


ATTEMPT = "attempt"
"""Where in the state of a request its Attempt is, if there is somebody who makes another one."""


Parameters = TypeVar("Parameters", bound=BaseModel)


class ReadRequest:
    """A request that changes nothing."""

    def __init__(
        self,
        request: Request,
        context: Context,
        viewer: Viewer,
        transaction: ExitStack,
        attempt: Attempt | None = None,
    ) -> None:
        """Read on behalf of a viewer; who made the transaction ends it, and who made the attempt makes another one."""
        self.request = request
        self.context = context
        self.viewer = viewer
        self._transaction = transaction
        self._connection: sa.Connection | None = None
        # A key is shown what it has just written, and drafts, which the numbers of changes do not tell of.
        self._attempt = (attempt or request.scope.get("state", {}).get(ATTEMPT)) if viewer.public else None

    @property
    def connection(self) -> sa.Connection:
        """The transaction of the request, which sees one moment of the register."""
        if self._connection is None:
            self._connection = self._transaction.enter_context(self.context.reads.reading(self._attempt))
        return self._connection

    @property
    def opened(self) -> bool:
        """Whether there is a transaction to end."""
        return self._connection is not None

    def reader(self, as_of: datetime | None = None) -> Reader:
        """A reader of the present, or of the register as it stood at a moment."""
        if as_of is not None and not self.context.reads.has_all_until(as_of, self.context.clock()):
            # It must read tomorrow as it does today, so nothing may be missing from it.
            self._attempt = None
        return self.context.reader(self.connection, self.viewer, as_of)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query parameters as they came, repetitions included."""
        return self.request.query_params.multi_items()

    def parameters(self, model: type[Parameters], pairs: Pairs | None = None) -> Parameters:
        """The query as a parameter set; raises BadQuery with every flaw, that of the cursor among them."""
        try:
            return read_parameters(model, self.pairs if pairs is None else pairs)
        except BadQuery as problem:
            if not problem.errors or "cursor" not in model.model_fields:
                raise
            raise bad_query([*problem.errors, *self._cursor_flaws(problem.errors)]) from None

    def _cursor_flaws(self, flaws: Sequence[Flaw]) -> list[Flaw]:
        """What is wrong with the cursor of a query that has other flaws, unless they name it already."""
        cursor = dict(self.pairs).get("cursor")
        if cursor is None or any(flaw.get("parameter") == "cursor" for flaw in flaws):
            return []
        return self.context.cursors.flaws_of(cursor)

    def query(self, grammar: Grammar, read: Callable[[Pairs], ListQuery], pairs: Pairs | None = None) -> ListQuery:
        """The query of a list, as one of the grammar's ways to read it has it.

        Raises BadQuery with every flaw: where the form of one parameter is wrong, what leads nowhere is named as well.
        """
        pairs = self.pairs if pairs is None else pairs
        try:
            return read(pairs)
        except BadQuery as problem:
            if not problem.errors:
                raise
            flaws = list(problem.errors)
        naming = grammar.naming_query(pairs, {flaw.get("parameter", "") for flaw in flaws})
        misnamed = self.reader(naming.as_of).misnamed(grammar, naming)
        raise bad_query([*flaws, *misnamed, *self._cursor_flaws(flaws)])

    def choose(self, *available: str) -> str:
        """Which of the formats that there are the ``Accept`` header prefers; raises NotAcceptable."""
        return choose(self.request.headers.get("accept"), available)


async def read_request(request: Request) -> AsyncIterator[ReadRequest]:
    """A reading request; a bad credential is refused, never taken for none."""
    context = context_of(request)
    viewer = ANONYMOUS
    if "authorization" in request.headers:
        viewer = await run_in_threadpool(context.authenticate, request)
    transaction = ExitStack()
    read = ReadRequest(request, context, viewer, transaction)
    try:
        yield read
    except BaseException as error:
        await _end(read, transaction, error)
        raise
    await _end(read, transaction)


async def _end(read: ReadRequest, transaction: ExitStack, error: BaseException | None = None) -> None:
    if not read.opened:
        return
    # Not a thread that handlers take turns for: they may all be waiting for the connection that is given back here.
    reason = (type(error), error, error.__traceback__) if error is not None else (None, None, None)
    with CancelScope(shield=True):
        await to_thread.run_sync(transaction.__exit__, *reason, limiter=CapacityLimiter(1))


Read = Annotated[ReadRequest, Depends(read_request, scope="function")]


def refuse_parameters(request: Request) -> None:
    """Refuse any query parameter: for what takes none."""
    read_parameters(ParameterSet, request.query_params.multi_items())


async def refuse_bad_credentials(request: Request) -> None:
    """Refuse a bad credential where none is needed: it is never taken for none. Without one, no thread is taken."""
    if "authorization" in request.headers:
        await run_in_threadpool(context_of(request).authenticate, request)
