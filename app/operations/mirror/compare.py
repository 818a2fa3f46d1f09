"""Comparing: whether both registers show the same, record by record, computed fields included."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import anyio.to_thread
import orjson
import sqlalchemy as sa

from app.core.clock import clock_of
from app.core.model import State
from app.core.reading.reader import Reader
from app.core.resource import Catalogue, Resource
from app.core.storage.database import Database
from app.core.strict_json import dump
from app.core.visibility import ANONYMOUS
from app.operations.mirror.remote import Remote, shown


@dataclass(frozen=True)
class Difference:
    """A record that both registers do not show alike."""

    resource: str
    slug: str
    detail: str


async def compare(
    database: Database, catalogue: Catalogue, remote: Remote, counted: dict[str, int]
) -> AsyncIterator[Difference]:
    """What differs, and how many records of each resource were compared. Means something while nothing changes."""
    for resource in catalogue:
        found: set[UUID] = set()
        async for page in remote.records(resource.name):
            ours = await anyio.to_thread.run_sync(partial(_ours, database, catalogue, resource, _ids(page)))
            for record in page:
                id_ = UUID(record["id"])
                found.add(id_)
                if id_ not in ours:
                    yield Difference(resource.name, shown(record["slug"]), "is missing here")
                elif names := sorted(name for name, value in record.items() if ours[id_].get(name, ...) != value):
                    yield Difference(resource.name, shown(record["slug"]), f"differs in {shown(', '.join(names))}")
        counted[resource.name] = len(found)
        for id_, slug in await anyio.to_thread.run_sync(_published, database, resource):
            if id_ not in found:
                yield Difference(resource.name, slug, "is here alone")


def _ids(page: list[dict[str, Any]]) -> set[UUID]:
    return {UUID(record["id"]) for record in page}


def _ours(database: Database, catalogue: Catalogue, resource: Resource, ids: set[UUID]) -> dict[UUID, dict[str, Any]]:
    today = clock_of(database.settings.today)().date()
    with database.reading(seconds=0) as connection:
        found = Reader(connection, catalogue, ANONYMOUS, today).several(resource, ids)
        return {id_: orjson.loads(dump(record)) for id_, record in found.items()}


def _published(database: Database, resource: Resource) -> list[tuple[UUID, str]]:
    rows = resource.rows
    with database.reading(seconds=0) as connection:
        chosen = sa.select(rows.c.id, rows.c.slug).where(rows.c.state == State.published.value)
        return [(row.id, row.slug) for row in connection.execute(chosen)]
