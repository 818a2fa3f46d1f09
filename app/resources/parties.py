"""Parties: a country that a record is about must be one of the partnership it belongs to."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.resource import Change
from app.errors import Flaw


def party_flaws(change: Change, partnership: sa.Select[tuple[UUID]]) -> Iterable[Flaw]:
    """The flaw of a ``party`` that is not among those of the partnership that the query finds."""
    party = change.columns["party"]
    if party is None:
        return
    rows = change.writer.catalogue.by_name["partnerships"].rows
    found: list[Any] | None = change.writer.connection.execute(
        sa.select(rows.c.parties).where(rows.c.id.in_(partnership))
    ).scalar()
    if found is not None and party not in found:
        yield {"pointer": "/party", "detail": f"It is not a party of the partnership, which has {', '.join(found)}."}
