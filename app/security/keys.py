"""API keys: made once, shown once, kept as a digest, and refused from the moment that they are revoked.

A key reads ``ft_<id>_<secret>``. The id is public: it names the key in the history and in the log. Of the secret only
the SHA-256 digest is stored; it has 256 random bits, so a slow hash would protect it no better.
"""

import hmac
import logging
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import anyio
import anyio.to_thread
import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.clock import now
from app.core.reading.spoiled import only_readable
from app.core.relations import table_of
from app.core.storage.database import Database
from app.core.visibility import Role, Viewer
from app.core.vocabulary import Vocabulary
from app.errors import NotFound, Unauthorized

log = logging.getLogger("followthrough.keys")

PREFIX = "ft_"
_TOKEN = re.compile(r"ft_([a-z0-9]{12})_([0-9a-f]{64})")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_INVALID = "The bearer token is not valid."


class KeyRole(Vocabulary):
    """What a key may do; each role includes those before it."""

    contributor = "contributor", "Writes drafts, and sees and changes those that it wrote."
    editor = "editor", "Sees and changes every record, publishes and withdraws."
    admin = "admin", "Makes and revokes keys as well."


class ApiKey(SQLModel, table=True):
    """A key: whose it is, what it may do, and how long."""

    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    name: str
    role: KeyRole
    digest: str = Field(description="SHA-256 of the secret, in hexadecimal.")
    created_at: datetime = Field(index=True)
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    last_used_at: datetime | None


_keys = table_of(ApiKey)
_SHOWN = tuple(column for column in _keys.c if column.name != "digest")


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


class Keys:
    """The keys of a register: making, finding, checking and revoking them."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        """Use the real time, whatever day the register is set to: a key expires when it expires."""
        self._database = database
        self._clock = clock
        self._used: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def create(
        self, connection: sa.Connection, name: str, role: KeyRole, by: str, expires_at: datetime | None = None
    ) -> tuple[dict[str, Any], str]:
        """Make a key. Gives what can be shown of it, and the token, which cannot be had again."""
        id_ = "".join(secrets.choice(_ALPHABET) for _ in range(12))
        secret = secrets.token_hex(32)
        values = {
            "id": id_,
            "name": name,
            "role": role,
            "digest": _digest(secret),
            "created_at": self._clock(),
            "created_by": by,
            "expires_at": expires_at,
            "revoked_at": None,
            "revoked_by": None,
            "last_used_at": None,
        }
        connection.execute(sa.insert(_keys).values(values))
        return self.get(connection, id_), f"{PREFIX}{id_}_{secret}"

    def revoke(self, connection: sa.Connection, id_: str, by: str) -> dict[str, Any]:
        """End a key, from its next request on; raises NotFound. A key that has ended stays as it is."""
        still = sa.update(_keys).where(_keys.c.id == id_, _keys.c.revoked_at.is_(None))
        connection.execute(still.values(revoked_at=self._clock(), revoked_by=by))
        return self.get(connection, id_)

    def get(self, connection: sa.Connection, id_: str) -> dict[str, Any]:
        """What can be shown of a key; raises NotFound."""
        row = connection.execute(sa.select(*_SHOWN).where(_keys.c.id == id_)).mappings().first()
        if row is None:
            raise NotFound("There is no such key.")
        return self._shown(row)

    def all(self, connection: sa.Connection) -> list[dict[str, Any]]:
        """What can be shown of all keys, the newest first."""
        chosen = sa.select(*_SHOWN).order_by(_keys.c.created_at.desc(), _keys.c.id)
        names = chosen.selected_columns.keys()
        return [
            self._shown(dict(zip(names, row, strict=True))) for row in only_readable(connection, chosen, {}, "keys")
        ]

    def any_usable(self) -> bool:
        """Whether there is a key that somebody could write with."""
        usable = sa.select(_keys.c.id).where(
            _keys.c.revoked_at.is_(None), sa.or_(_keys.c.expires_at.is_(None), _keys.c.expires_at > self._clock())
        )
        with self._database.reading() as connection:
            return connection.execute(usable.limit(1)).first() is not None

    def viewer(self, token: str) -> Viewer:
        """On whose behalf a request with this token comes; raises Unauthorized."""
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            raise Unauthorized(_INVALID, error="invalid_token")
        id_, secret = parts.groups()
        # The id comes first: where a row cannot be read, the log names it by that, and it is as if there were none.
        chosen = sa.select(_keys.c.id, _keys.c.digest, _keys.c.role, _keys.c.expires_at, _keys.c.revoked_at)
        with self._database.reading() as connection:
            found = only_readable(connection, chosen.where(_keys.c.id == id_), {}, "keys")
        # Without such a key something is compared all the same, so that the time taken does not tell.
        _, digest, role, expires_at, revoked_at = found[0] if found else (id_, _digest(""), None, None, None)
        right = hmac.compare_digest(_digest(secret).encode(), digest.encode())
        if not found or not right or revoked_at is not None:
            raise Unauthorized(_INVALID, error="invalid_token")
        moment = self._clock()
        if expires_at is not None and expires_at <= moment:
            raise Unauthorized("The key has expired.", error="invalid_token")
        with self._lock:
            self._used[id_] = moment
        return Viewer(Role[role], id_)

    def note_use(self) -> None:
        """Store when each key was last used, for all that were since the last time: not at every request."""
        with self._lock:
            used, self._used = self._used, {}
        if not used:
            return
        # A key that another process saw later keeps that.
        later = sa.or_(_keys.c.last_used_at.is_(None), _keys.c.last_used_at < sa.bindparam("moment"))
        noted = sa.update(_keys).where(_keys.c.id == sa.bindparam("key"), later)
        rows = [{"key": id_, "moment": moment} for id_, moment in used.items()]
        try:
            with self._database.writing() as connection:
                connection.execute(noted.values(last_used_at=sa.bindparam("moment")), rows)
        except sa.exc.SQLAlchemyError:
            with self._lock:
                self._used = {**used, **self._used}
            raise

    def _shown(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        with self._lock:
            noted_here = self._used.get(row["id"])
        stored = row["last_used_at"]
        return {**row, "last_used_at": max(filter(None, (noted_here, stored)), default=None)}


_PAUSE_SECONDS = 60


async def note_use_now_and_then(keys: Keys) -> None:
    """Store the last use of keys once a minute, until cancelled; what fails is tried again with the next."""
    while True:
        await anyio.sleep(_PAUSE_SECONDS)
        try:
            await anyio.to_thread.run_sync(keys.note_use)
        except sa.exc.SQLAlchemyError:
            log.warning("the last use of keys could not be stored")
