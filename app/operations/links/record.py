"""Which links are due, and what was found at them: where it is news, as part of the history of each source."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.core.clock import now
from app.core.model import State
from app.core.resource import Catalogue
from app.core.storage.database import Database
from app.core.visibility import Role, Viewer
from app.core.writing.writer import Writer
from app.operations.links import looks
from app.operations.links.check import Finding, Link
from app.resources.sources import sources

CHECKER = Viewer(Role.admin, "check-links")
OLD = timedelta(days=28)
"""The age at which the moment that a source says it was looked at is brought up to date, though nothing was news."""


def due(database: Database, before: datetime | None = None, most: int | None = None) -> list[Link]:
    """The links of published sources that were not tried since a moment, those never tried first."""
    rows, look = sources.rows, looks.looks
    looked = sa.and_(look.c.source_id == rows.c.id, look.c.url == rows.c.url, rows.c.link_checked_at.is_not(None))
    # What came with a bundle or from a mirrored register was looked at elsewhere.
    last = sa.func.coalesce(look.c.at, rows.c.link_checked_at)
    chosen = sa.select(rows.c.id, rows.c.slug, rows.c.url, rows.c.archive_url.is_not(None).label("archived"))
    chosen = chosen.outerjoin_from(rows, look, looked).where(
        rows.c.state == State.published.value, rows.c.url.is_not(None)
    )
    if before is not None:
        chosen = chosen.where(sa.or_(last.is_(None), last < before))
    # SQLite and PostgreSQL do not agree on where null stands.
    chosen = chosen.order_by(last.is_not(None), last, rows.c.id).limit(most)
    with database.reading(seconds=0) as connection:
        return [Link(row.id, row.slug, row.url, bool(row.archived)) for row in connection.execute(chosen)]


def store(database: Database, catalogue: Catalogue, findings: Sequence[Finding], at: datetime | None = None) -> int:
    """Note what was found, in one short transaction. Gives how many sources it says something of.

    Where it is what was found before, the source stays as it is, but for once a month: its history tells of changes,
    not of looks. A source whose address was changed meanwhile, or that was taken back, is left alone.
    """
    noted, moment = 0, at or now()
    with database.writing() as connection:
        writer = Writer(connection, catalogue, CHECKER, today=database.settings.today)
        for finding in findings:
            row = writer.row(sources, finding.link.source)
            if finding.status is None or row["url"] != finding.link.url or row["state"] != State.published.value:
                continue
            news = looks.note(connection, finding, row["link_status"], moment)
            if news or row["link_checked_at"] is None or moment - row["link_checked_at"] >= OLD:
                values: dict[str, Any] = {"link_status": finding.status.value, "link_checked_at": moment}
                writer.project(sources, finding.link.source, values, note=_note(finding))
            noted += 1
        writer.close()
    return noted


def _note(finding: Finding) -> str:
    copy = f"; archived copy: {finding.archive_url}" if finding.archive_url else ""
    return f"Link checked: {finding.detail}{copy}"
