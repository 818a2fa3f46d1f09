"""Spans of statements: what a request that is traced asks of the database, and for how long.

A span has the text of its statement, in which values are bound: of what a client sent there is nothing in it. What the
server looks at by itself, beside requests, has no span to belong to and gets none.
"""

from typing import Any

import sqlalchemy as sa
from opentelemetry import trace
from sqlalchemy import event

from app.core.storage.database import WATCHED


def trace_statements(engine: sa.Engine, provider: trace.TracerProvider) -> None:
    """Make a span of each statement that an engine runs for a request that is traced."""
    tracer = provider.get_tracer("followthrough.database")

    def begin(
        connection: sa.Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if not trace.get_current_span().is_recording():
            return
        operation = statement.lstrip("( \n").partition(" ")[0].upper()
        described = {
            "db.system.name": connection.dialect.name,
            "db.operation.name": operation,
            "db.query.text": statement,
        }
        context.span = tracer.start_span(operation, kind=trace.SpanKind.CLIENT, attributes=described)

    # Statements that are run past SQLAlchemy would pass by its events as well.
    engine.update_execution_options(**{WATCHED: True})
    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", _fail)


def _end(connection: sa.Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    _span_of(context).end()


def _fail(error: sa.engine.ExceptionContext) -> None:
    span = _span_of(error.execution_context)
    # The message of the driver may quote a value.
    span.set_status(trace.StatusCode.ERROR, type(error.original_exception).__name__)
    span.end()


def _span_of(context: Any) -> trace.Span:
    span: trace.Span = getattr(context, "span", trace.INVALID_SPAN)
    return span
