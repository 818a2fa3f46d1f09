"""Whether a register can be read and written, told in time whatever has become of its database."""

import shutil
from pathlib import Path

import anyio
import anyio.to_thread
import sqlalchemy as sa

from app.core.storage.database import Database
from app.core.storage.standbys import Reads
from app.errors import Unavailable

SECONDS = 1.7
"""Who watches a server wants to know within 2 s."""

SPACE = 10 * 1024 * 1024
"""Bytes that must be free beside an SQLite database for it to take changes."""


def is_full(folder: Path) -> bool:
    """Whether the disk of a folder has no room for the changes of a register."""
    return shutil.disk_usage(folder).free < SPACE


class ReadinessProbe:
    """Looks at one database."""

    def __init__(self, database: Database, reads: Reads) -> None:
        """Look with a few threads of its own, so that no request is waited for, and none waits for these."""
        self._database = database
        self._reads = reads
        self._threads = anyio.CapacityLimiter(2)

    async def demand(self) -> bool:
        """Whether the register takes changes; raises Unavailable, or what the driver raises, where it cannot serve.

        While the primary is away and a standby is there, everybody can read, and so while a PostgreSQL has no room.
        """
        try:
            await self._demand_primary()
        except (Unavailable, sa.exc.SQLAlchemyError):
            if not self._reads.usable:
                raise
            return False
        return not self._database.was_full

    async def _demand_primary(self) -> None:
        with anyio.move_on_after(SECONDS) as scope:
            # What hangs is left to itself: its own deadlines end it.
            await anyio.to_thread.run_sync(self._look, abandon_on_cancel=True, limiter=self._threads)
        if scope.cancelled_caught:
            raise Unavailable("The database does not answer.")

    def _look(self) -> None:
        with self._database.reading(seconds=SECONDS) as connection:
            connection.execute(sa.text("SELECT seq FROM change_counter")).scalar_one()
        if self._database.dialect == "sqlite" and is_full(self._database.settings.data_dir):
            raise Unavailable("The disk of the database is full: it can be read, and takes no changes.")
