"""Looking for damage in a register: what no request could have done, and what other programs may have.

Nothing is changed. Each finding is a line that names the record, or the change, and what is wrong with it.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import PositiveInt, TypeAdapter

from app.core.clock import now
from app.core.model import State
from app.core.reading.spoiled import any_text
from app.core.relations import AnyOne
from app.core.resource import Catalogue, Resource
from app.core.storage.database import Database
from app.core.storage.history import MAX_CLOCK_LAG, change_counter, refreshes, revisions, twin
from app.core.visibility import Role, Viewer
from app.core.writing.writer import Writer
from app.operations.check_beside import beside, links_unlike_history, misfiled_records
from app.operations.check_rows import flaws_of, keys_of, readers_of
from app.resources.progress import rebuild

_SHOWN = 18
"""Findings of one kind that are listed; more are counted. Three kinds of them fit in 60 lines."""


def check(database: Database, catalogue: Catalogue, moment: datetime | None = None) -> Iterator[str]:
    """Everything that is wrong with a register, a line each."""
    moment = moment or now()
    with database.reading(seconds=0) as connection, any_text(connection):
        if database.dialect == "sqlite":
            yield from _file(connection)
        yield from _clock(connection, moment)
        yield from _counter(connection)
        spoiled = False
        for resource in catalogue:
            for finding in _shortened(_spoiled(connection, resource), f"rows of {resource.name}"):
                spoiled = True
                yield finding
            yield from _shortened(_dangling(connection, catalogue, resource), f"references of {resource.name}")
            yield from _shortened(_unlike_history(connection, resource), f"records of {resource.name}")
            yield from _shortened(links_unlike_history(connection, resource), f"links of {resource.name}")
        yield from beside(connection, catalogue, _shortened)
    if spoiled:
        yield (
            "whether promises agree with their updates, and whether search finds records by what they say, "
            "cannot be said before the rows above are mended"
        )
    else:
        yield from _drifted(database, catalogue, moment)


def _shortened(findings: Iterator[str], what: str) -> Iterator[str]:
    more = 0
    for number, finding in enumerate(findings):
        if number < _SHOWN:
            yield finding
        else:
            more += 1
    if more:
        yield f"… and {more} more {what}"


def _file(connection: sa.Connection) -> Iterator[str]:
    """What SQLite itself finds wrong with its file."""
    for (found,) in connection.exec_driver_sql(f"PRAGMA integrity_check({_SHOWN})"):
        if found != "ok":
            yield f"the database file is damaged: {found}; restore a backup"
    for table, _, target, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"a row of {table} refers to one of {target} that is not there"


def _clock(connection: sa.Connection, moment: datetime) -> Iterator[str]:
    """Changes that are dated after now, or before one that came earlier: the clock was wrong."""
    ordered = sa.select(
        revisions.c.seq, revisions.c.at, sa.func.max(revisions.c.at).over(order_by=revisions.c.seq).label("latest")
    ).subquery()
    ahead = sa.select(sa.func.count(), sa.func.min(ordered.c.seq)).where(ordered.c.at > moment + MAX_CLOCK_LAG)
    many, first = connection.execute(ahead).one()
    if many:
        yield f"{many} changes, from number {first} on, are dated after this moment: the clock ran ahead, or is behind"
    behind = sa.select(sa.func.count(), sa.func.min(ordered.c.seq)).where(
        # Both as they are stored: text that sorts on SQLite, moments on PostgreSQL.
        ordered.c.at < ordered.c.latest
    )
    many, first = connection.execute(behind).one()
    if many:
        yield (
            f"{many} changes, from number {first} on, are dated before one that came earlier: the clock was put back; "
            "the order of the numbers holds"
        )


def _counter(connection: sa.Connection) -> Iterator[str]:
    counted = connection.execute(sa.select(change_counter.c.seq)).scalars().all()
    if len(counted) != 1:
        yield f"the changes are counted in {len(counted)} rows instead of one"
        return
    if not isinstance(counted[0], int):
        yield f"the counter of changes is no number: {counted[0]!r:.60}"
        return
    for table in (revisions, refreshes):
        last = connection.execute(sa.select(sa.func.max(table.c.seq))).scalar() or 0
        if isinstance(last, int) and last > counted[0]:
            yield f"the counter of changes stands at {counted[0]}, below change {last} in {table.name}"


# -- rows ------------------------------------------------------------------------------------------------------------


def _spoiled(connection: sa.Connection, resource: Resource) -> Iterator[str]:
    """Rows with a value that no record could have: a date that is none, a word of no vocabulary, a malformed id."""
    fields = {**resource.table.model_fields, **resource.create.model_fields}
    readers = readers_of(resource.rows, fields) | {name: TypeAdapter(kind) for name, kind in _OF_ALL.items()}
    versions = twin(resource.rows)
    for table, columns in ((resource.rows, ("id",)), (versions, ("id", "since"))):
        slug = sa.type_coerce(table.c.slug, sa.String)
        for found, named in keys_of(connection, table, columns):
            if any(isinstance(part, bytes) for part in found):
                yield f"a {resource.singular} has bytes in the place of its id: {found[0]!r:.60}"
                continue
            then = f" (as of change {found[1]})" if table is versions else ""
            for flaw in flaws_of(connection, table, named, readers):
                known = connection.execute(sa.select(slug).where(named)).scalar()
                yield f"{resource.singular} {known if isinstance(known, str) else found[0]}{then}: {flaw}"


_OF_ALL: dict[str, Any] = {"state": State, "revision": PositiveInt}


def _dangling(connection: sa.Connection, catalogue: Catalogue, resource: Resource) -> Iterator[str]:
    """References to one record of several resources, which no database checks by itself."""
    table = resource.rows
    for relation in resource.by_field.values():
        if not isinstance(relation, AnyOne):
            continue
        kind, target = table.c[relation.type_column], table.c[relation.column]
        for other in catalogue:
            there = sa.select(other.rows.c.id).where(other.rows.c.id == target).exists()
            chosen = sa.select(table.c.slug).where(kind == other.singular, ~there)
            for slug in connection.execute(chosen.order_by(table.c.slug)).scalars():
                yield f"{resource.singular} {slug}: its {relation.field} is a {other.singular} that is not there"
        unknown = sa.select(table.c.slug).where(kind.not_in([other.singular for other in catalogue]))
        for slug in connection.execute(unknown.order_by(table.c.slug)).scalars():
            yield f"{resource.singular} {slug}: its {relation.field} is of no resource"


def _unlike_history(connection: sa.Connection, resource: Resource) -> Iterator[str]:
    """Records whose last version in the history is not what they are, or is not there."""
    table, versions = resource.rows, twin(resource.rows)
    columns = [column for column in table.columns if column.name != "id"]
    differs = sa.or_(*(_text(column).is_distinct_from(_text(versions.c[column.name])) for column in columns))
    present = sa.and_(versions.c.id == table.c.id, versions.c.until.is_(None))
    joined = table.outerjoin(versions, present)
    chosen = (
        sa.select(table.c.slug, versions.c.since).select_from(joined).where(sa.or_(versions.c.since.is_(None), differs))
    )
    for slug, since in connection.execute(chosen.order_by(table.c.slug)):
        what = "is not in the history" if since is None else "differs from its last revision"
        yield f"{resource.singular} {slug} {what}: it was changed by something else than this program"


def _text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """A value as it is stored, to compare: JSON has no equality on PostgreSQL."""
    return sa.cast(column, sa.Text)


def _drifted(database: Database, catalogue: Catalogue, moment: datetime) -> Iterator[str]:
    """Promises that say otherwise than their updates. Worked out in a transaction that is not kept."""
    today: date = moment.date()
    with database.writing(commit=False) as connection:
        writer = Writer(connection, catalogue, Viewer(Role.admin, "check"), lambda: moment, today=today)
        drifted = rebuild(writer)
        yield from misfiled_records(connection, catalogue, _shortened)
    if drifted:
        yield f"{drifted} records say otherwise than the updates: `followthrough rebuild` mends them"
