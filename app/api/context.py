"""What every request needs, made once when the application starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from fastapi import Request

from app.core.reading.cursors import Cursors
from app.core.reading.grammar import Grammar, grammar_of
from app.core.reading.reader import Reader
from app.core.resource import Catalogue, Resource
from app.core.storage.database import Database
from app.core.storage.history import change_at
from app.core.storage.standbys import Reads
from app.core.visibility import Viewer
from app.core.writing.writer import Writer
from app.formats.format import Format
from app.languages.choice import of_records


@dataclass
class Context:
    """The register as an application serves it."""

    database: Database
    reads: Reads
    """Where what everybody may see is read; all else is read from the database itself, the primary."""
    catalogue: Catalogue
    cursors: Cursors
    authenticate: Callable[[Request], Viewer]
    """Says on whose behalf a request comes; refuses a bad credential. It may ask the database: call it in a thread."""
    demand_writer: Callable[[Viewer], None]
    """Refuses a viewer who may write nothing."""
    clock: Callable[[], datetime]
    """The moment that it is, in UTC: computed fields and changes are dated by it."""
    formats: Mapping[str, Format]
    """How a list can be streamed, beside JSON."""
    register_id: UUID
    """What tells this register from every other: the ids of feeds follow from it."""
    public_url: str = ""
    """Where the public finds the register, without a slash at its end; empty: links are paths."""

    def reader(self, connection: sa.Connection, viewer: Viewer, as_of: datetime | None = None) -> Reader:
        """A reader of the present, or of the register as it stood at a moment."""
        language = of_records()
        if as_of is None:
            return Reader(connection, self.catalogue, viewer, self.clock().date(), language=language)
        at = change_at(connection, as_of)
        return Reader(connection, self.catalogue, viewer, as_of.astimezone(UTC).date(), at, language)

    def writer(self, connection: sa.Connection, viewer: Viewer) -> Writer:
        """A writer; nobody else writes until its transaction ends."""
        return Writer(connection, self.catalogue, viewer, today=self.clock().date())

    def grammar(self, resource: Resource) -> Grammar:
        """The parameters of a resource."""
        return grammar_of(resource, self.catalogue)


def context_of(request: Request) -> Context:
    """The context of the application that a request came to."""
    context: Context = request.app.state.context
    return context
