"""Looking for damage in what stands beside the records: links, search documents, and the rows of the server itself."""

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.api.idempotency import StoredResponse
from app.core.relations import table_of
from app.core.resource import Catalogue, Resource
from app.core.storage.full_text import documents, index_agrees
from app.core.storage.history import Refresh, Revision, twin
from app.core.storage.leases import Lease
from app.core.writing.documents import misfiled, ownerless
from app.operations.check_rows import flaws_of, keys_of, readers_of
from app.operations.links.looks import Look
from app.operations.prepare import Setting
from app.operations.webhooks.store import Delivery, Webhook
from app.security.keys import ApiKey

Shortened = Callable[[Iterator[str], str], Iterator[str]]
"""Lists the first findings of a kind, and counts the others."""

OWN: tuple[tuple[type[SQLModel], str], ...] = (
    (ApiKey, "key"),
    (Webhook, "webhook"),
    (Delivery, "delivery of a webhook"),
    (StoredResponse, "response kept for its Idempotency-Key"),
    (Look, "look at the address of a source"),
    (Lease, "lease"),
    (Setting, "setting"),
    (Revision, "change"),
    (Refresh, "refresh"),
)
"""The tables that are no resource's, and what a row of each is."""


def beside(connection: sa.Connection, catalogue: Catalogue, shortened: Shortened) -> Iterator[str]:
    """What is wrong with the server's own rows: keys, webhooks, changes and the like."""
    for model, singular in OWN:
        table = table_of(model)
        yield from shortened(_unreadable(connection, table, model, singular), f"rows of {table.name}")


def _unreadable(connection: sa.Connection, table: sa.Table, model: type[SQLModel], singular: str) -> Iterator[str]:
    readers = readers_of(table, model.model_fields)
    names = tuple(column.name for column in table.primary_key.columns)
    for found, named in keys_of(connection, table, names):
        if any(isinstance(part, bytes) for part in found):
            yield f"a {singular} has bytes in the place of its key: {found[-1]!r:.60}"
            continue
        for flaw in flaws_of(connection, table, named, readers):
            yield f"{singular} {found[-1]!s:.60}: {flaw}"


def links_unlike_history(connection: sa.Connection, resource: Resource) -> Iterator[str]:
    """Records whose links to others are not those of their last revision."""
    for relation in resource.linking:
        table, versions = relation.links, twin(relation.links)
        owner = table.c[relation.owner]
        now = sa.select(*_texts(table, table))
        last = sa.select(*_texts(table, versions)).where(versions.c.until.is_(None))
        apart = sa.union(*(sa.select(one.except_(other).subquery()) for one, other in ((now, last), (last, now))))
        found = apart.subquery()
        rows = resource.rows
        named = sa.select(found.c[owner.name], rows.c.slug).distinct()
        joined = found.outerjoin(rows, _text(rows.c.id) == found.c[owner.name])
        for id_, slug in connection.execute(named.select_from(joined).order_by(rows.c.slug)):
            yield f"{resource.singular} {slug or id_}: its {relation.field} differ from its last revision"


def _texts(table: sa.Table, columns_of: sa.Table) -> Iterator[sa.ColumnElement[str]]:
    return (_text(columns_of.c[column.name]).label(column.name) for column in table.columns)


def _text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.cast(column, sa.Text)


def misfiled_records(connection: sa.Connection, catalogue: Catalogue, shortened: Shortened) -> Iterator[str]:
    """Records that search does not find by what they say. Comes where every row can be read, in a writing transaction:
    to compare its index with what it is made from is a write to SQLite.
    """
    found = False
    for resource in catalogue:
        named = (
            f"{resource.singular} {slug} is searched by other words than it has"
            for _, slug in misfiled(connection, resource)
        )
        for finding in shortened(named, f"{resource.name} of which the same is so"):
            found = True
            yield finding
    ownerless_ = connection.execute(
        sa.select(sa.func.count()).select_from(documents).where(ownerless(catalogue))
    ).scalar_one()
    if ownerless_:
        yield f"{ownerless_} search documents are of no record"
    agrees = index_agrees(connection)
    if not agrees:
        yield "the search index differs from the documents that it is made from"
    if found or ownerless_ or not agrees:
        yield "`followthrough rebuild` lets search find every record by what it says"
