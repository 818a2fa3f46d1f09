"""Which database a server of PostgreSQL has: a name that it has in common with its standbys, and with no other."""

import sqlalchemy as sa

Identity = tuple[int, int]

_IDENTITY = "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"


def identity(connection: sa.Connection) -> Identity | None:
    """What a database and its streaming standbys have in common, and no other; None where the server keeps it back."""
    try:
        found = connection.exec_driver_sql(_IDENTITY).one()
    except sa.exc.ProgrammingError:
        return None
    return found[0], found[1]
