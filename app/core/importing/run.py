"""An import from its file to the commit: read, planned, and carried out as a whole or not at all."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from app.core.clock import now
from app.core.importing.importer import Importer, Mode, Progress
from app.core.importing.items import Items
from app.core.importing.plan import Plan
from app.core.importing.spool import Spool
from app.core.resource import Catalogue
from app.core.storage.database import Database
from app.core.storage.private_copy import can_be_copied, private_copy
from app.core.visibility import Viewer
from app.core.writing.writer import Writer

_MANY = 500
"""More records than this are tried in a copy of the register, where there can be one: fewer hold nobody up for long."""


class Abandoned(Exception):
    """Nobody waits for the import any more. Nothing was stored."""


class _RolledBack(Exception):
    """Takes back what an import has done."""


def import_records(
    database: Database,
    catalogue: Catalogue,
    viewer: Viewer,
    items: Items,
    *,
    mode: Mode = Mode.upsert,
    dry_run: bool = False,
    today: date | None = None,
    progress: Progress = lambda name, done, of: None,
    by_field: bool = True,
    clock: Callable[[], datetime] = now,
    wanted: Callable[[], bool] = lambda: True,
) -> Plan:
    """Plan what becomes of some items and, unless it is a dry run or one is refused, carry it out: all or nothing.

    The file is gone through before the transaction opens. Without ``by_field`` the plan does not say what changes in a
    record: old and new values of a whole register take memory. Raises Unreadable where the file cannot be read on, and
    Abandoned as soon as it is not ``wanted`` any more, up to the commit.
    """

    def look_up() -> None:
        if not wanted():
            raise Abandoned

    with Spool(catalogue) as spool:
        spool.take(items.every, look_up)
        run = _Run(database, catalogue, viewer, items, spool, mode, today, progress, by_field, clock, look_up)
        if dry_run and (mode is Mode.mirror or spool.number > _MANY) and can_be_copied(database):
            return run.tried()
        return run.carried_out(dry_run=dry_run)


@dataclass(frozen=True)
class _Run:
    """One import whose items are all known."""

    database: Database
    catalogue: Catalogue
    viewer: Viewer
    items: Items
    spool: Spool
    mode: Mode
    today: date | None
    progress: Progress
    by_field: bool
    clock: Callable[[], datetime]
    look_up: Callable[[], None]

    def planned(self, connection: sa.Connection) -> Plan:
        """Make every change within a transaction, and tell what was made."""
        plan = Plan()
        writer = Writer(connection, self.catalogue, self.viewer, self.clock, self.today)
        importer = Importer(writer, self.mode, self.spool, plan, self.look_up, by_field=self.by_field)
        importer.run(self.progress)
        if self.mode is Mode.mirror and self.items.whole:
            importer.withdraw_others(self.items.head)
        importer.finish()
        self.look_up()
        return plan

    def tried(self) -> Plan:
        """The plan of a dry run that takes long: made in a copy of the register, so that others write meanwhile."""
        with private_copy(self.database, self.catalogue, self.look_up) as connection:
            return self.planned(connection)

    def carried_out(self, *, dry_run: bool) -> Plan:
        """The plan, which is stored as well unless one is refused."""
        with suppress(_RolledBack), self.database.writing() as connection:
            plan = self.planned(connection)
            if plan.refused or dry_run:
                raise _RolledBack
            if self.database.dialect == "postgresql" and len(plan.entries) > _MANY:
                # It would gather statistics by itself, after a while in which it guesses badly; this is read at once.
                connection.execute(sa.text("ANALYZE"))
            self.look_up()
            plan.stored = True
        return plan
