"""History: every version of every row, kept beside the present in the same shape.

Each table of records, and each table that links them, has a twin named ``<table>_past`` with the same columns and
two more: the change a version came with (``since``) and the one that ended it (``until``; null for what is still so).
The register as it stood after change N is therefore a plain selection of the twin, and the same queries and the same
serialisation serve the present and the past. Changes are numbered by one counter, which each writer locks for the
length of its transaction: numbers follow the order of commit, without gaps. Order is by number; a change is dated by
the clock.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.model import Record, State
from app.core.relations import table_of
from app.core.resource import Change, Resource
from app.core.storage.column_types import UnreadableValue
from app.core.vocabulary import Vocabulary
from app.errors import Unavailable


class Action(Vocabulary):
    """What a change did to a record, as the public saw it or not."""

    create = "create", "The record was made."
    update = "update", "The record was edited."
    publish = "publish", "The record became visible to everybody."
    unpublish = "unpublish", "The record went back to being a draft."
    withdraw = "withdraw", "The record was taken back."
    restore = "restore", "The record was brought back, as a draft."


MAX_SEQ = 2**53
"""The last number of a change: every number up to it is exact wherever JSON is read."""

MAX_CLOCK_LAG = timedelta(seconds=10)
"""Clocks of several machines differ by less, and so does one that is put right."""


class ClockBehind(Unavailable):
    """The clock is behind the last change of the register: it was put back, or ran ahead when that was made."""

    def __init__(self, last: datetime, now: datetime) -> None:
        """Say how far apart the two are."""
        moments = f"it is {now:%Y-%m-%d %H:%M:%S}, and the last change is dated {last:%Y-%m-%d %H:%M:%S} (UTC)"
        super().__init__(f"Nothing can be written while the server's clock is behind the register's: {moments}.")


class ChangeCounter(SQLModel, table=True):
    """The counter of changes: a single row, locked by whoever writes."""

    __tablename__ = "change_counter"

    id: int = Field(default=1, primary_key=True)
    seq: int = Field(default=0, sa_type=sa.BigInteger)


class Revision(SQLModel, table=True):
    """One change of one record. The record as it then was stands in the twin tables at ``seq``."""

    __table_args__ = (sa.UniqueConstraint("record_id", "revision"),)

    seq: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    resource: str = Field(index=True)
    record_id: UUID
    revision: int
    action: Action
    state: State
    state_before: State | None
    actor: str
    at: datetime = Field(index=True)
    note: str | None


class Refresh(SQLModel, table=True):
    """A record that reads differently because of a change of another one: see ``app.core.writing.refreshes``."""

    seq: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    resource: str
    record_id: UUID
    at: datetime


change_counter = table_of(ChangeCounter)
revisions = table_of(Revision)
refreshes = table_of(Refresh)

_LOCKED = sa.select(change_counter.c.seq).with_for_update()
_LAST = sa.select(revisions.c.at).order_by(revisions.c.seq.desc()).limit(1)
_COUNTED = sa.update(change_counter).values(seq=sa.bindparam("last"))


def twin(table: sa.Table) -> sa.Table:
    """The table that keeps every version of another table's rows."""
    name = f"{table.name}_past"
    if name in table.metadata.tables:
        return table.metadata.tables[name]
    columns = [sa.Column(column.name, column.type, nullable=column.nullable) for column in table.columns]
    owner = "id" if "id" in table.c else next(iter(table.primary_key.columns)).name
    created = sa.Table(
        name,
        table.metadata,
        *columns,
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=True),
        sa.Index(None, owner, "since"),
    )
    if "slug" in created.c:
        sa.Index(None, created.c.slug)
        # What belongs to a record is looked up by it in the past as well: its updates, its citations.
        for column in table.columns:
            if column.name.endswith("_id") and not column.nullable:
                sa.Index(None, created.c[column.name])
    return created


def as_of(table: sa.Table, seq: int) -> sa.FromClause:
    """A table as it stood after change ``seq``: the same columns, under the same name."""
    versions = twin(table)
    columns = [versions.c[column.name] for column in table.columns]
    still = sa.or_(versions.c.until.is_(None), versions.c.until > seq)
    return sa.select(*columns).where(versions.c.since <= seq, still).subquery(table.name)


def withdrawn_since(table: sa.Table, rows: sa.FromClause, seq: int) -> sa.ColumnElement[bool]:
    """Whether a row, as it stood after change ``seq``, was withdrawn later and has not been published again."""
    versions, present = twin(table).alias(), table.alias()
    taken_back = sa.select(sa.literal(1)).where(
        versions.c.id == rows.c.id, versions.c.since > seq, versions.c.state == State.withdrawn.value
    )
    public = sa.select(sa.literal(1)).where(present.c.id == rows.c.id, present.c.state == State.published.value)
    return sa.and_(taken_back.correlate(rows).exists(), sa.not_(public.correlate(rows).exists()))


class History:
    """The changes of one transaction: numbered in their order, dated by the clock."""

    def __init__(self, connection: sa.Connection, actor: str, now: Callable[[], datetime]) -> None:
        """Lock the counter: from here to the end of the transaction nobody else writes.

        Raises ClockBehind where the clock is clearly behind the last change: what is written now would be dated
        before what was known when it was written.
        """
        self._connection = connection
        self._actor = actor
        self._seq: int = connection.execute(_LOCKED).scalar_one()
        self._first = self._seq
        self.at = now()
        last = connection.execute(_LAST).scalar()
        if last is not None and last - self.at > MAX_CLOCK_LAG:
            raise ClockBehind(last, self.at)

    def number(self, carried: int | None = None) -> int:
        """The number of the next change; or one that is carried along into a register that had no change before."""
        # Looked at only here: who finds out what is damaged opens a transaction as well, and changes nothing.
        counted = number_of(self._seq)
        if carried is not None:
            self._seq = max(counted, carried)
            return carried
        self._seq = counted + 1
        return self._seq

    @property
    def untouched(self) -> bool:
        """Whether nothing was ever written to the register before this transaction."""
        return not self._first

    def revision(self, seq: int, change: Change) -> dict[str, Any]:
        """The row that says who changed what, and when."""
        before = change.before["state"] if change.before else None
        return {
            "seq": seq,
            "resource": change.resource.name,
            "record_id": change.id,
            "revision": change.revision,
            "action": _action(before, change.columns["state"]).value,
            "state": change.columns["state"],
            "state_before": before,
            "actor": self._actor,
            # A number that is carried along is that of a change which was made then.
            "at": self.at if change.seq is None else change.columns["updated_at"],
            "note": change.note,
        }

    def refresh(self, read_differently: Iterable[tuple[Resource, UUID]]) -> None:
        """Number the records that read differently because of the changes so far."""
        rows = []
        for resource, record in read_differently:
            rows.append({"seq": self.number(), "resource": resource.name, "record_id": record, "at": self.at})
        if rows:
            self._connection.execute(sa.insert(refreshes), rows)

    def close(self) -> None:
        """Store the counter; part of the transaction."""
        if self._seq != self._first:
            self._connection.execute(_COUNTED, {"last": self._seq})


def _action(before: str | None, after: str) -> Action:
    if before is None:
        return Action.create
    if before == after:
        return Action.update
    if before == State.withdrawn.value:
        return Action.restore
    return {"published": Action.publish, "draft": Action.unpublish, "withdrawn": Action.withdraw}[after]


def change_at(connection: sa.Connection, moment: datetime) -> int:
    """The number of the last change made at a moment or before it; 0 where there was none yet."""
    chosen = sa.select(sa.func.max(revisions.c.seq)).where(revisions.c.at <= moment)
    return number_of(connection.execute(chosen).scalar() or 0)


def number_of(stored: Any) -> int:
    """The number of a change as it is stored: SQLite has room for a text there, which sorts after every number."""
    if not isinstance(stored, int):
        raise UnreadableValue(f"{stored!r:.60} is no number of a change")
    return stored


def slugs_ever(connection: sa.Connection, resource: Resource) -> dict[str, UUID]:
    """Every slug that a record of a resource has, or once had, and the record."""
    versions = twin(resource.rows)
    return {row.slug: row.id for row in connection.execute(sa.select(versions.c.slug, versions.c.id).distinct())}


def was_published(connection: sa.Connection, table: type[Record], record: UUID, slug: str | None = None) -> bool:
    """Whether the public ever saw a record; where a slug is given, under this one."""
    versions = twin(table_of(table))
    public = sa.select(versions.c.id).where(versions.c.id == record, versions.c.state == State.published.value)
    if slug is not None:
        public = public.where(versions.c.slug == slug)
    return connection.execute(public.limit(1)).first() is not None


def as_published(resource: Resource, ids: Collection[UUID], *, withdrawn: bool) -> sa.Select[tuple[UUID, str, str]]:
    """Selects id, slug and title of some records as the public saw them, each time in order: the last counts.

    Of those that are ``withdrawn`` now only where that is wanted.
    """
    versions, present = twin(resource.rows), resource.rows
    chosen = sa.select(versions.c.id, versions.c.slug, versions.c[resource.label])
    public = versions.c.state == State.published.value
    if not withdrawn:
        still = sa.select(present.c.id).where(present.c.id.in_(ids), present.c.state != State.withdrawn.value)
        chosen = chosen.where(versions.c.id.in_(still))
    return chosen.where(versions.c.id.in_(ids), public).order_by(versions.c.since)


def prepare(resources: Iterable[Resource]) -> None:
    """Declare the twins of all tables of records and of links."""
    for resource in resources:
        twin(resource.rows)
        for relation in resource.linking:
            twin(relation.links)
