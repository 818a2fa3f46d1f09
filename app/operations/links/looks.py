"""The last look at each link: when it was, and what was found beyond the record.

It stands beside the source and not in it: that somebody looked again and found the same is no change of the register,
so it is no revision, nor an entry of the feed.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.relations import table_of
from app.operations.links.check import Finding


class Look(SQLModel, table=True):
    """The last look at the address of a source."""

    __tablename__ = "link_look"

    source_id: UUID = Field(primary_key=True, foreign_key="source.id")
    url: str = Field(description="The address: what was found at another one says nothing of the source's.")
    final_url: str | None = Field(description="From where it answered, where that was another address.")
    archive_url: str | None = Field(description="The archived copy that was proposed.")
    at: datetime


looks = table_of(Look)


def note(connection: sa.Connection, finding: Finding, status: str, at: datetime) -> bool:
    """Note a look. Says whether it found other than the source and the look before: state, final address or copy.

    An archive that knows of no copy, or was not asked, takes back none that was proposed.
    """
    assert finding.status is not None
    own = looks.c.source_id == finding.link.source
    before = connection.execute(sa.select(looks).where(own, looks.c.url == finding.link.url)).first()
    same = finding.status.value == status
    final, archive = (before.final_url, before.archive_url) if same and before is not None else (None, None)
    found = {"final_url": finding.final_url, "archive_url": finding.archive_url or archive}
    connection.execute(sa.delete(looks).where(own))
    connection.execute(sa.insert(looks).values(source_id=finding.link.source, url=finding.link.url, **found, at=at))
    return not same or found != {"final_url": final, "archive_url": archive}
