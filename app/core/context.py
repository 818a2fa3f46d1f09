"""What every request needs, made once when the application starts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa
from fastapi import Request
from pydantic import BaseModel

from app.core.format import Format
from app.core.history import change_at
from app.core.page import Cursors
from app.core.query import Grammar
from app.core.read import Reader
from app.core.resource import Catalogue, Resource
from app.core.visibility import Viewer
from app.core.write import Writer
from app.db import Database


@dataclass
class Context:
    """The register as an application serves it."""

    database: Database
    catalogue: Catalogue
    cursors: Cursors
    authenticate: Callable[[Request], Viewer]
    """Says on whose behalf a request comes; refuses a bad credential."""
    demand_writer: Callable[[Viewer], None]
    """Refuses a viewer who may write nothing."""
    clock: Callable[[], datetime]
    """The moment that it is, in UTC: computed fields and changes are dated by it."""
    formats: Mapping[str, type[Format]]
    """How a list can be streamed, beside JSON."""
    answers: Sequence[type[BaseModel]] = ()
    """The models of answers other than lists and records."""
    bodies: Sequence[type[BaseModel]] = ()
    """The models of bodies other than records."""
    grammars: dict[str, Grammar] = field(default_factory=dict)

    def reader(self, connection: sa.Connection, viewer: Viewer, as_of: datetime | None = None) -> Reader:
        """A reader of the present, or of the register as it stood at a moment."""
        if as_of is None:
            return Reader(connection, self.catalogue, viewer, self.clock().date())
        at = change_at(connection, as_of)
        return Reader(connection, self.catalogue, viewer, as_of.astimezone(UTC).date(), at)

    def writer(self, connection: sa.Connection, viewer: Viewer) -> Writer:
        """A writer; nobody else writes until its transaction ends."""
        return Writer(connection, self.catalogue, viewer, self.clock)

    def grammar(self, resource: Resource) -> Grammar:
        """The parameters of a resource."""
        if resource.name not in self.grammars:
            self.grammars[resource.name] = Grammar(resource, self.catalogue)
        return self.grammars[resource.name]


def context_of(request: Request) -> Context:
    """The context of the application that a request came to."""
    context: Context = request.app.state.context
    return context
