"""Idempotency-Key: a POST that is repeated with the same key has the first response again, for 24 hours.

The response is stored in the transaction that made it, so it exists exactly when the record does. Writers take turns
(see ``app.core.storage.history``), so of several at once with one key, one writes and the others find its response.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Field, SQLModel

from app.api.write_request import WriteRequest
from app.core.relations import table_of
from app.core.storage.column_types import Document
from app.errors import KeyReused, Malformed

STORED_FOR = timedelta(hours=24)
_KEY = re.compile(r"[!-~]{1,255}")


class StoredResponse(SQLModel, table=True):
    """The response to a POST that came with an Idempotency-Key."""

    __tablename__ = "stored_answer"

    actor: str = Field(primary_key=True, description="Whose key it is: the same key of two clients is two keys.")
    key: str = Field(primary_key=True)
    fingerprint: str
    status: int
    headers: dict[str, str] = Field(sa_type=Document)
    body: bytes
    at: datetime = Field(index=True)


_stored = table_of(StoredResponse)


def idempotency_key(request: Request) -> str | None:
    """The request's Idempotency-Key, or None; refuses one that is malformed."""
    keys = request.headers.getlist("idempotency-key")
    if len(keys) > 1:
        raise Malformed("Idempotency-Key is given more than once.")
    if keys and not _KEY.fullmatch(keys[0]):
        raise Malformed("Idempotency-Key must be 1 to 255 printable ASCII characters.")
    return keys[0] if keys else None


def once(write: WriteRequest, raw: bytes, respond: Callable[[], Response]) -> Response:
    """The response given before to the same request with the same key; otherwise a new one, which is stored.

    Without a key, or in a dry run, nothing is looked up or stored. Refuses a key that was used for another request.
    """
    key = idempotency_key(write.request)
    if key is None or write.dry_run:
        return respond()
    now = write.writer.history.at
    fingerprint = _fingerprint(write.request, raw)
    stored = _find(write, key, now)
    if stored is None:
        response = respond()
        _store(write, key, fingerprint, now, response)
        return response
    if stored.fingerprint != fingerprint:
        raise KeyReused()
    return Response(stored.body, stored.status, {**stored.headers, "Idempotency-Replayed": "true"})


def _fingerprint(request: Request, raw: bytes) -> str:
    """What a repeated request must share with the first: method, path, query and body."""
    shared = b"\0".join([request.method.encode(), request.url.path.encode(), request.url.query.encode(), raw])
    return hashlib.sha256(shared).hexdigest()


def _find(write: WriteRequest, key: str, now: datetime) -> sa.Row[Any] | None:
    """What is stored under a key of this client: the same key of two clients is two keys."""
    write.connection.execute(sa.delete(_stored).where(_stored.c.at < now - STORED_FOR))
    chosen = sa.select(_stored).where(_stored.c.actor == write.viewer.actor, _stored.c.key == key)
    return write.connection.execute(chosen).first()


def _store(write: WriteRequest, key: str, fingerprint: str, now: datetime, response: Response) -> None:
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    write.connection.execute(
        sa.insert(_stored).values(
            actor=write.viewer.actor,
            key=key,
            fingerprint=fingerprint,
            status=response.status_code,
            headers=headers,
            body=bytes(response.body),
            at=now,
        )
    )
