"""Which links are due, and what was found at them, as part of the history of each source."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.core.clock import now
from app.core.model import State
from app.core.resource import Catalogue
from app.core.storage.database import Database
from app.core.visibility import Role, Viewer
from app.core.writing.writer import Writer
from app.operations.links.check import Finding, Link
from app.resources.sources import sources

CHECKER = Viewer(Role.admin, "check-links")


def due(database: Database, before: datetime | None = None, most: int | None = None) -> list[Link]:
    """The links of published sources that were not tried since a moment, those never tried first."""
    rows = sources.rows
    chosen = sa.select(rows.c.id, rows.c.slug, rows.c.url, rows.c.archive_url.is_not(None).label("archived"))
    chosen = chosen.where(rows.c.state == State.published.value, rows.c.url.is_not(None))
    if before is not None:
        chosen = chosen.where(sa.or_(rows.c.link_checked_at.is_(None), rows.c.link_checked_at < before))
    # SQLite and PostgreSQL do not agree on where null stands.
    chosen = chosen.order_by(rows.c.link_checked_at.is_not(None), rows.c.link_checked_at, rows.c.id).limit(most)
    with database.reading(seconds=0) as connection:
        return [Link(row.id, row.slug, row.url, bool(row.archived)) for row in connection.execute(chosen)]


def store(database: Database, catalogue: Catalogue, findings: Sequence[Finding], at: datetime | None = None) -> int:
    """Write what was found into the sources, in one short transaction. Gives how many were written.

    A source whose address was changed meanwhile, or that was taken back, is left alone.
    """
    written = 0
    with database.writing() as connection:
        writer = Writer(connection, catalogue, CHECKER, today=database.settings.today)
        for finding in findings:
            row = writer.row(sources, finding.link.source)
            if finding.status is None or row["url"] != finding.link.url or row["state"] != State.published.value:
                continue
            values: dict[str, Any] = {"link_status": finding.status.value, "link_checked_at": at or now()}
            writer.project(sources, finding.link.source, values, note=_note(finding))
            written += 1
        writer.close()
    return written


def _note(finding: Finding) -> str:
    copy = f"; archived copy: {finding.archive_url}" if finding.archive_url else ""
    return f"Link checked: {finding.detail}{copy}"
