"""Idempotency-Key: a POST that is repeated with the same key has the first answer again, for 24 hours.

The answer is stored in the transaction that made it, so it exists exactly when the record does. Writers take turns
(see ``app.core.history``), so of several at once with one key, one writes and the others find its answer.
"""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Field, SQLModel

from app.core.columns import Document
from app.core.relations import table_of
from app.core.write import Writer
from app.errors import KeyReused, Malformed

KEPT = timedelta(hours=24)
_KEY = re.compile(r"[!-~]{1,255}")


class StoredAnswer(SQLModel, table=True):
    """The answer to a POST that came with an Idempotency-Key."""

    __tablename__ = "stored_answer"

    actor: str = Field(primary_key=True, description="Whose key it is: the same key of two clients is two keys.")
    key: str = Field(primary_key=True)
    fingerprint: str
    status: int
    headers: dict[str, str] = Field(sa_type=Document)
    body: bytes
    at: datetime = Field(index=True)


_answers = table_of(StoredAnswer)


def key_of(request: Request) -> str | None:
    """The request's key, or None; refuses one that is malformed."""
    keys = request.headers.getlist("idempotency-key")
    if len(keys) > 1:
        raise Malformed("Idempotency-Key is given more than once.")
    if keys and not _KEY.fullmatch(keys[0]):
        raise Malformed("Idempotency-Key must be 1 to 255 printable ASCII characters.")
    return keys[0] if keys else None


def _fingerprint(request: Request, raw: bytes) -> str:
    """What a repeated request must share with the first: method, path, query and body."""
    told = b"\0".join([request.method.encode(), request.url.path.encode(), request.url.query.encode(), raw])
    return hashlib.sha256(told).hexdigest()


class Repeatable:
    """A POST that may be repeated: its answer is looked up, or kept, within its own transaction."""

    def __init__(self, writer: Writer, actor: str, key: str | None, request: Request, raw: bytes) -> None:
        """Belong to whoever wrote: the same key of two clients is two keys. Without a key nothing is kept."""
        self._connection = writer.connection
        self._now = writer.history.at
        self._actor = actor
        self._key = key
        self._fingerprint = _fingerprint(request, raw)

    def answer(self) -> Response | None:
        """The answer given before, or None; refuses a key that was used for another request."""
        if self._key is None:
            return None
        self._connection.execute(sa.delete(_answers).where(_answers.c.at < self._now - KEPT))
        chosen = sa.select(_answers).where(_answers.c.actor == self._actor, _answers.c.key == self._key)
        row = self._connection.execute(chosen).first()
        if row is None:
            return None
        if row.fingerprint != self._fingerprint:
            raise KeyReused()
        return Response(row.body, row.status, {**row.headers, "Idempotency-Replayed": "true"})

    def keep(self, answer: Response) -> None:
        """Store an answer for whoever repeats the request."""
        if self._key is None:
            return
        headers: dict[str, Any] = {name: value for name, value in answer.headers.items() if name != "content-length"}
        self._connection.execute(
            sa.insert(_answers).values(
                actor=self._actor, key=self._key, fingerprint=self._fingerprint, status=answer.status_code,
                headers=headers, body=bytes(answer.body), at=self._now,
            )
        )  # fmt: skip
