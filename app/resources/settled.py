"""Where a record belongs is settled when it is published."""

from collections.abc import Callable, Iterable

from app.core.history import was_published
from app.core.resource import Change
from app.errors import Flaw


def stays(field: str) -> Callable[[Change], Iterable[Flaw]]:
    """Make the guard that keeps a record where it belongs, once everybody has seen it there.

    Whoever follows a partnership would otherwise keep what has left it, and what refers to the record within the
    partnership would refer to another.
    """

    def guard(change: Change) -> Iterable[Flaw]:
        column, before = f"{field}_id", change.before
        if before is None or before[column] == change.columns[column]:
            return
        if was_published(change.writer.connection, change.resource.table, change.id):
            detail = "It stays what it was when the record was published; withdraw the record, and make it anew."
            yield {"pointer": f"/{field}", "detail": detail}

    return guard
