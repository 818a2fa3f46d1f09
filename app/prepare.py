"""Making a database ready: its schema brought up to date, and the bundled register loaded into an empty one."""

import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.relations import table_of
from app.db import Database

log = logging.getLogger("followthrough.prepare")

MIGRATIONS = Path(__file__).parent.parent / "migrations"
BUNDLED = Path(__file__).parent / "datasets" / "india-south-korea.yaml"


class Setting(SQLModel, table=True):
    """What a register knows of itself."""

    __tablename__ = "setting"

    name: str = Field(primary_key=True)
    value: str


_settings = table_of(Setting)


def known_revisions() -> frozenset[str]:
    """Every schema that this version of the code can migrate from, by the files of the migrations."""
    return frozenset(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    """The schema that this version of the code needs; the files of the migrations are named in their order."""
    return max(known_revisions())


def schema_revision(database: Database) -> str | None:
    """The schema that the database has, or None where it has none yet."""
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return found


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the schema up to date (or to a revision, up or down; base is none at all), in one transaction."""
    # Alembic takes a noticeable part of a second to import; a start that has nothing to migrate goes without it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        current = (
            sa.inspect(connection).has_table("alembic_version")
            and connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        )
        if revision == "base" or (revision != "head" and current and revision < str(current)):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def secret_of(database: Database) -> str:
    """The secret that signs cursors: made once, and shared by every process on this database."""
    return _kept(database, "secret", lambda: secrets.token_urlsafe(32))


def register_id(database: Database) -> UUID:
    """What tells this register from every other: made once."""
    return UUID(_kept(database, "register", lambda: str(uuid4())))


def _kept(database: Database, name: str, make: Callable[[], str]) -> str:
    chosen = sa.select(_settings.c.value).where(_settings.c.name == name)
    with database.reading() as connection:
        found: str | None = connection.execute(chosen).scalar()
    if found is not None:
        return found
    with database.writing() as connection:
        # Another process may have been first: it holds the counter until its value is committed.
        connection.execute(sa.text("UPDATE change_counter SET seq = seq"))
        found = connection.execute(chosen).scalar()
        if found is None:
            found = make()
            connection.execute(sa.insert(_settings).values(name=name, value=found))
    return found


def is_empty(database: Database) -> bool:
    """Whether nothing was ever written to the register."""
    with database.reading() as connection:
        return bool(connection.execute(sa.text("SELECT seq FROM change_counter")).scalar_one() == 0)
