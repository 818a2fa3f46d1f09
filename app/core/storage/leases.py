"""Leases: of several processes, one does a thing at a time.

A lease ends by itself, so that what a process had that was killed is soon somebody else's. Whoever may take longer than
its lease must be ready for another who does the same.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.clock import now
from app.core.relations import table_of
from app.core.storage.database import Database


class Lease(SQLModel, table=True):
    """Who does a thing, and until when it is nobody else's."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime


_leases = table_of(Lease)


def take(database: Database, name: str, holder: str, seconds: float) -> bool:
    """Take a lease, or keep it for longer. Says whether it is the holder's."""
    moment = now()
    until = moment + timedelta(seconds=seconds)
    free = sa.or_(_leases.c.until <= moment, _leases.c.holder == holder)
    taking = sa.update(_leases).where(_leases.c.name == name, free).values(holder=holder, until=until)
    try:
        with database.writing() as connection:
            if connection.execute(taking).rowcount:
                return True
            if connection.execute(sa.select(_leases.c.name).where(_leases.c.name == name)).first():
                return False
            connection.execute(sa.insert(_leases).values(name=name, holder=holder, until=until))
            return True
    except sa.exc.IntegrityError:
        # Another process was first.
        return False


def give_back(database: Database, name: str, holder: str) -> None:
    """End a lease before its time."""
    with database.writing() as connection:
        connection.execute(sa.delete(_leases).where(_leases.c.name == name, _leases.c.holder == holder))
