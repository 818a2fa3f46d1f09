"""No record leads back to itself: where records refer to others of their own kind, they form no circle."""

from collections.abc import Iterator

import sqlalchemy as sa

from app.core.relations import One
from app.core.resource import Change
from app.errors import Flaw


def cycles(change: Change) -> Iterator[Flaw]:
    """The references of a change that would lead back to the record itself, directly or through others."""
    if change.before is None:
        # Nothing refers to a record that is not there yet, and to follow a chain of 5,000 for each takes minutes.
        return
    rows = change.resource.rows
    for relation in change.resource.relations:
        if not isinstance(relation, One) or relation.target is not change.resource.table:
            continue
        target = change.columns[relation.column]
        if target is None or change.before[relation.column] == target:
            continue
        column = rows.c[relation.column]
        chain = sa.select(rows.c.id, column).where(rows.c.id == target).cte("chain", recursive=True)
        chain = chain.union(sa.select(rows.c.id, column).where(rows.c.id == chain.c[relation.column]))
        found = change.writer.connection.execute(sa.select(chain.c.id).where(chain.c.id == change.id))
        if found.first() is not None:
            detail = f"A {change.resource.singular} cannot come back to itself, directly or through others."
            yield {"pointer": f"/{relation.field}", "detail": detail}
