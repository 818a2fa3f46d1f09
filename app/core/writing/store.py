"""The rows that a change comes to: of the record, of its links, of its search document, and of its history.

New rows are gathered and inserted together; whoever asks the database something in between has them inserted first.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.core.model import State
from app.core.resource import Change
from app.core.storage.full_text import added, documents
from app.core.storage.history import History, revisions, twin
from app.core.writing.documents import document_of, new_document
from app.core.writing.inserts import insert
from app.core.writing.shelving import reshelve
from app.errors import StaleRevision

_MAX_GATHERED = 5000
"""What is gathered, by :func:`weight`."""
_ORDINARY = 2048


class Store:
    """Writes the changes of one transaction."""

    def __init__(self, connection: sa.Connection, history: History) -> None:
        """Write within the transaction of this connection."""
        self._connection = connection
        self._history = history
        self._gathered: dict[sa.Table, list[dict[str, Any]]] = {}
        self._number = 0

    def flush(self) -> None:
        """Insert what was gathered, what others refer to first."""
        gathered, self._gathered, self._number = self._gathered, {}, 0
        for table in sorted(gathered, key=_order_of):
            insert(self._connection, table, gathered[table])

    def insert(self, change: Change) -> int:
        """Store a new record. Gives the :func:`weight` of its row."""
        resource, row = change.resource, dict(change.columns)
        seq = self._history.number(change.seq)
        weighs = heavy = weight(row)
        self._gather(resource.rows, row, heavy)
        self._gather(twin(resource.rows), {**row, "since": seq, "until": None}, heavy)
        for relation in resource.linking:
            for place, link in enumerate(change.links.get(relation.field, ())):
                linked = {relation.owner: change.id, "position": place, **link}
                self._gather(relation.links, linked)
                self._gather(twin(relation.links), {**linked, "since": seq, "until": None})
        if resource.searchable:
            document = new_document(change.writer, resource, row)
            self._gather(documents, document, weight(document))
        self._gather(revisions, self._history.revision(seq, change))
        return weighs

    def update(self, change: Change) -> None:
        """Store a change of a record: only if it still is at the revision that was looked at."""
        self.flush()
        resource, rows = change.resource, change.resource.rows
        assert change.before is not None
        before, changed = change.before, change.changed
        done = self._connection.execute(
            sa.update(rows)
            .where(rows.c.id == change.id, rows.c.revision == before["revision"])
            .values({"updated_at": self._history.at, **changed, "revision": change.revision})
        )
        if done.rowcount != 1:
            raise StaleRevision()
        self._relink(change)
        self._update_document(change)
        seq = self._history.number()
        self._connection.execute(sa.insert(revisions), self._history.revision(seq, change))
        for table, owner in ((rows, "id"), *((each.links, each.owner) for each in resource.linking)):
            self._store_version(table, owner, change.id, seq)

    def amend(self, change: Change) -> None:
        """Store a change of a record as part of the one that this transaction has made of it already."""
        self.flush()
        rows, versions = change.resource.rows, twin(change.resource.rows)
        self._connection.execute(sa.update(rows).where(rows.c.id == change.id), change.changed)
        self._connection.execute(
            sa.update(versions).where(versions.c.id == change.id, versions.c.until.is_(None)), change.changed
        )

    def _gather(self, table: sa.Table, row: dict[str, Any], heavy: int = 1) -> None:
        if self._number >= _MAX_GATHERED:
            self.flush()
        self._gathered.setdefault(table, []).append(row)
        self._number += heavy

    def _relink(self, change: Change) -> None:
        for relation in change.resource.linking:
            if relation.field not in change.links:
                continue
            table = relation.links
            self._connection.execute(sa.delete(table).where(table.c[relation.owner] == change.id))
            rows = [
                {relation.owner: change.id, "position": place, **row}
                for place, row in enumerate(change.links[relation.field])
            ]
            if rows:
                self._connection.execute(sa.insert(table), rows)

    def _update_document(self, change: Change) -> None:
        resource, before = change.resource, change.before
        assert before is not None
        if not resource.searchable:
            return
        here = documents.c.record_id == change.id
        was, now = (each["state"] != State.withdrawn.value for each in (before, change.columns))
        if not now:
            self._connection.execute(sa.delete(documents).where(here))
        elif not was:
            self._connection.execute(added, new_document(change.writer, resource, change.columns))
        elif any(name in change.changed for name in (*resource.searchable, "translations")):
            self._connection.execute(sa.update(documents).where(here), document_of(resource, change.columns))
        if now and was:
            reshelve(self._connection, change)

    def _store_version(self, table: sa.Table, owner: str, id_: UUID, seq: int) -> None:
        """Keep the rows of a record as they now are, and end the version before."""
        for statement in _next_version(table, owner):
            self._connection.execute(statement, {"of": id_, "from": seq})


@cache
def _next_version(table: sa.Table, owner: str) -> Sequence[sa.Update | sa.Insert]:
    """What ends a version ``of`` a record, and what keeps the present one ``from`` a change on; built once."""
    versions, columns = twin(table), list(table.columns)
    of, seq = sa.bindparam("of", type_=table.c[owner].type), sa.bindparam("from", type_=sa.BigInteger())
    ended = sa.update(versions).where(versions.c[owner] == of, versions.c.until.is_(None)).values(until=seq)
    now = sa.select(*columns, seq).where(table.c[owner] == of)
    return ended, sa.insert(versions).from_select([*(column.name for column in columns), "since"], now)


def weight(row: Mapping[str, Any]) -> int:
    """How much memory a row takes: 1 for an ordinary one, and more for long texts, which a record may have in MiB."""
    return 1 + sum([len(value) for value in row.values() if isinstance(value, str)]) // _ORDINARY


@cache
def _orders() -> dict[sa.Table, int]:
    return {table: place for place, table in enumerate(SQLModel.metadata.sorted_tables)}


def _order_of(table: sa.Table) -> int:
    return _orders()[table]
