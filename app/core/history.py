"""History: every version of every row, kept beside the present in the same shape.

Each table of records, and each table that links them, has a twin named ``<table>_past`` with the same columns and
two more: the change a version came with (``since``) and the one that ended it (``until``; null for what is still so).
The register as it stood after change N is therefore a plain selection of the twin, and the same queries and the same
serialisation serve the present and the past. Changes are numbered by one counter, which each writer locks for the
length of its transaction: numbers follow the order of commit, without gaps.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.model import Record, State
from app.core.relations import table_of
from app.core.resource import Resource
from app.core.vocabulary import Vocabulary


class Action(Vocabulary):
    """What a change did to a record, as the public saw it or not."""

    create = "create", "The record was made."
    update = "update", "The record was edited."
    publish = "publish", "The record became visible to everybody."
    unpublish = "unpublish", "The record went back to being a draft."
    withdraw = "withdraw", "The record was taken back."


class Clock(SQLModel, table=True):
    """The counter of changes: a single row, locked by whoever writes."""

    __tablename__ = "change_counter"

    id: int = Field(default=1, primary_key=True)
    seq: int = Field(default=0, sa_type=sa.BigInteger)


class Revision(SQLModel, table=True):
    """One change of one record. The record as it then was stands in the twin tables at ``seq``."""

    __tablename__ = "revision"
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


class Ripple(SQLModel, table=True):
    """A record that reads differently because of a change of another one: see ``app.core.ripples``."""

    __tablename__ = "ripple"

    seq: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    resource: str
    record_id: UUID
    at: datetime


clock = table_of(Clock)
revisions = table_of(Revision)
ripples = table_of(Ripple)


def twin(table: sa.Table) -> sa.Table:
    """The table that keeps every version of another table's rows."""
    name = f"{table.name}_past"
    if name in table.metadata.tables:
        return table.metadata.tables[name]
    columns = [sa.Column(column.name, column.type, nullable=column.nullable) for column in table.columns]
    owner = "id" if "id" in table.c else next(iter(table.primary_key.columns)).name
    made = sa.Table(
        name,
        table.metadata,
        *columns,
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=True),
        sa.Index(None, owner, "since"),
    )
    if "slug" in made.c:
        sa.Index(None, made.c.slug)
    return made


def as_of(table: sa.Table, seq: int) -> sa.FromClause:
    """A table as it stood after change ``seq``: the same columns, under the same name."""
    past = twin(table)
    columns = [past.c[column.name] for column in table.columns]
    still = sa.or_(past.c.until.is_(None), past.c.until > seq)
    return sa.select(*columns).where(past.c.since <= seq, still).subquery(table.name)


class History:
    """The changes of one transaction."""

    def __init__(self, connection: sa.Connection, actor: str, now: Callable[[], datetime]) -> None:
        """Lock the counter: from here to the end of the transaction nobody else writes."""
        self._connection = connection
        self._actor = actor
        self._seq: int = connection.execute(sa.select(clock.c.seq).with_for_update()).scalar_one()
        self._first = self._seq
        # Moments follow the order of the changes, even where the clock was put back or the lock was waited for.
        last = connection.execute(sa.select(sa.func.max(revisions.c.at))).scalar()
        self.at = max(now(), last) if last is not None else now()

    def record(
        self, resource: Resource, record: UUID, revision: int, before: str | None, after: str, note: str | None = None
    ) -> int:
        """Keep a record as it now is, and how its state changed. Gives the number of the change."""
        self._seq += 1
        self._connection.execute(
            sa.insert(revisions),
            {
                "seq": self._seq,
                "resource": resource.name,
                "record_id": record,
                "revision": revision,
                "action": _action(before, after).value,
                "state": after,
                "state_before": before,
                "actor": self._actor,
                "at": self.at,
                "note": note,
            },
        )
        self._keep(resource.rows, "id", record, new=before is None)
        for relation in resource.linking:
            self._keep(relation.links, relation.owner, record, new=before is None)
        return self._seq

    def _keep(self, table: sa.Table, owner: str, record: UUID, *, new: bool) -> None:
        past = twin(table)
        if not new:
            ended = sa.update(past).where(past.c[owner] == record, past.c.until.is_(None))
            self._connection.execute(ended, {"until": self._seq})
        columns = list(table.columns)
        now = sa.select(*columns, sa.literal(self._seq, sa.BigInteger)).where(table.c[owner] == record)
        self._connection.execute(sa.insert(past).from_select([*(column.name for column in columns), "since"], now))

    def ripple(self, reached: Iterable[tuple[Resource, UUID]]) -> None:
        """Number the records that read differently because of the changes so far."""
        rows = []
        for resource, record in reached:
            self._seq += 1
            rows.append({"seq": self._seq, "resource": resource.name, "record_id": record, "at": self.at})
        if rows:
            self._connection.execute(sa.insert(ripples), rows)

    def close(self) -> None:
        """Store the counter; part of the transaction."""
        if self._seq != self._first:
            self._connection.execute(sa.update(clock).values(seq=self._seq))


def _action(before: str | None, after: str) -> Action:
    if before is None:
        return Action.create
    if before == after:
        return Action.update
    return {"published": Action.publish, "draft": Action.unpublish, "withdrawn": Action.withdraw}[after]


def change_at(connection: sa.Connection, moment: datetime) -> int:
    """The number of the last change made at a moment or before it; 0 where there was none yet."""
    chosen = sa.select(sa.func.max(revisions.c.seq)).where(revisions.c.at <= moment)
    return int(connection.execute(chosen).scalar() or 0)


def slugs_ever(connection: sa.Connection, resource: Resource) -> set[str]:
    """Every slug that a record of a resource has, or once had."""
    return set(connection.execute(sa.select(twin(resource.rows).c.slug).distinct()).scalars())


def was_published(connection: sa.Connection, table: type[Record], record: UUID) -> bool:
    """Whether the public ever saw a record."""
    past = twin(table_of(table))
    seen = sa.select(past.c.id).where(past.c.id == record, past.c.state == "published").limit(1)
    return connection.execute(seen).first() is not None


def prepare(resources: Iterable[Resource]) -> None:
    """Declare the twins of all tables of records and of links."""
    for resource in resources:
        twin(resource.rows)
        for relation in resource.linking:
            twin(relation.links)
