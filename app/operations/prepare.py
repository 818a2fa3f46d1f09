"""Making a database ready: its schema brought up to date, and the bundled register loaded into an empty one."""

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.relations import table_of
from app.core.storage.database import Database

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
_DATASETS = Path(__file__).parent.parent / "datasets"
BUNDLED = tuple(
    path for name in ("shared", "india-south-korea", "india-japan") if (path := _DATASETS / f"{name}.yaml").exists()
)
"""The files of the bundled register, which are loaded as one; each may refer to those before it."""


class Setting(SQLModel, table=True):
    """What a register knows of itself."""

    name: str = Field(primary_key=True)
    value: str


_settings = table_of(Setting)


class UnknownSchema(Exception):
    """A database whose schema this version of the program has no way from; says what to do."""


class UnusableSetting(Exception):
    """Something that a register knows of itself cannot be used; says what to do."""


def known_revisions() -> tuple[str, ...]:
    """Every schema that this version of the code can migrate from, the newest last."""
    files = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
    return tuple(found[1] for path in files if (found := re.search(r'^revision = "(.+)"', path.read_text(), re.M)))


def newest_revision() -> str:
    """The schema that this version of the code needs."""
    return known_revisions()[-1]


def schema_revision(database: Database) -> str | None:
    """The schema that the database has, or None where it has none yet."""
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return found


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the schema up to date (or to a revision, up or down; base is none at all), in one transaction.

    Raises UnknownSchema where the database was made by a program that has another history.
    """
    # Alembic takes a noticeable part of a second to import; a start that has nothing to migrate goes without it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        current = (
            connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
            if sa.inspect(connection).has_table("alembic_version")
            else None
        )
        known = known_revisions()
        if current is not None and current not in known:
            raise UnknownSchema(
                f"the database has the schema {current}, which this program does not know: another version made it. "
                "Use that version; or export the register with it (`followthrough export --drafts`), move the database "
                "away, and load the export with this one."
            )
        backwards = current in known and revision in known and known.index(revision) < known.index(current)
        if revision == "base" or backwards:
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def secret_of(database: Database) -> str:
    """The secret that signs cursors: made once, and shared by every process on this database."""
    secret = _stored(database, "secret", lambda: secrets.token_urlsafe(32))
    demand_usable("secret", secret)
    return secret


def register_id(database: Database) -> UUID:
    """What tells this register from every other: made once."""
    text = _stored(database, "register", lambda: str(uuid4()))
    demand_usable("register", text)
    return UUID(text)


def demand_usable(name: str, value: object) -> None:
    """Refuse what a register knows of itself where no server could start with it; raises UnusableSetting."""
    if name == "secret" and not (value and isinstance(value, str)):
        raise UnusableSetting(
            "the secret of this register is empty, and anybody could sign cursors with it: "
            "DELETE FROM setting WHERE name = 'secret', and the next start makes a new one"
        )
    if name == "register":
        try:
            UUID(str(value))
        except ValueError:
            raise UnusableSetting(
                "the id of this register is no UUID: take it from a backup (in the table setting, name = 'register'), "
                "or delete the row, and the next start makes a new one, which feed readers take for another register"
            ) from None


def _stored(database: Database, name: str, make: Callable[[], str]) -> str:
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


def setting(database: Database, name: str) -> str | None:
    """What the register knows of itself by a name."""
    with database.reading() as connection:
        found: str | None = connection.execute(sa.select(_settings.c.value).where(_settings.c.name == name)).scalar()
    return found


def store_setting(database: Database, name: str, value: str) -> None:
    """Let the register know something of itself."""
    with database.writing() as connection:
        known = sa.update(_settings).where(_settings.c.name == name).values(value=value)
        if not connection.execute(known).rowcount:
            connection.execute(sa.insert(_settings).values(name=name, value=value))


def is_empty(database: Database) -> bool:
    """Whether nothing was ever written to the register."""
    with database.reading() as connection:
        return bool(connection.execute(sa.text("SELECT seq FROM change_counter")).scalar_one() == 0)
