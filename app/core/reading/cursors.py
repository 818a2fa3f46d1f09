"""Cursors: where the next page begins. Unreadable, and bound to the query and the role they were made for.

A cursor holds the sort values and the id of the last record shown (keyset), so records that come or go elsewhere in
the list neither repeat nor hide others. It is encrypted, as these values may be those of a draft, and always in the
same way, so that equal responses have equal bytes (AES-SIV, RFC 5297).
"""

import base64
import hashlib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from app.core.reading.list_query import ListQuery
from app.core.visibility import ANONYMOUS, Role, Viewer
from app.errors import BadCursor, Flaw

_KEY_BYTES = 64


def _plain(value: Any) -> Any:
    """A sort value as JSON can hold it, with its type."""
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, UUID):
        return ["u", value.hex]
    if isinstance(value, Decimal):
        return ["n", str(value)]
    return value


def _typed(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, text = value
    read: dict[str, Callable[[str], Any]] = {
        "t": datetime.fromisoformat,
        "d": date.fromisoformat,
        "u": UUID,
        "n": Decimal,
    }
    return read[kind](text)


def _fingerprint(resource: str, query: ListQuery, viewer: Viewer) -> str:
    """What a cursor is bound to: everything that decides which records there are, and in what order."""
    terms = [(term.filter.parameter, [str(value) for value in term.values]) for term in query.terms]
    own = viewer.actor if viewer.role is Role.contributor else ""
    bound = repr((resource, terms, query.sort, query.q, query.as_of, viewer.role.name, own))
    return hashlib.blake2b(bound.encode(), digest_size=9).hexdigest()


class Cursors:
    """Makes and reads cursors with the server's secret."""

    def __init__(self, secret: str) -> None:
        """Take the secret that every worker of this register shares."""
        key = hashlib.blake2b(secret.encode(), digest_size=_KEY_BYTES, person=b"ft.cursor").digest()
        self._cipher = AESSIV(key)

    def write(self, resource: str, query: ListQuery, values: list[Any], viewer: Viewer = ANONYMOUS) -> str:
        """A cursor that goes on after the record with these sort values (its id last)."""
        text = orjson.dumps([_fingerprint(resource, query, viewer), [_plain(value) for value in values]])
        return base64.urlsafe_b64encode(self._cipher.encrypt(text, None)).rstrip(b"=").decode()

    def flaws_of(self, cursor: str) -> list[Flaw]:
        """What is wrong with a cursor whatever the query, for a query that is wrong itself."""
        try:
            self._opened(cursor)
        except BadCursor as problem:
            return problem.errors
        return []

    def _opened(self, cursor: str) -> tuple[str, list[Any]]:
        try:
            raw = cursor.encode("ascii")
            text = self._cipher.decrypt(base64.b64decode(raw + b"=" * (-len(raw) % 4), b"-_", validate=True), None)
            fingerprint, values = orjson.loads(text)
        except (InvalidTag, ValueError, TypeError):
            raise _refused("It is not a cursor that this server made.") from None
        return fingerprint, values

    def read(self, resource: str, query: ListQuery, viewer: Viewer = ANONYMOUS) -> list[Any]:
        """The sort values that the request's cursor holds."""
        fingerprint, values = self._opened(query.cursor or "")
        if fingerprint != _fingerprint(resource, query, viewer):
            raise _refused("It was made for another query or another client: filters, order and role must stay.")
        return [_typed(value) for value in values]


def _refused(detail: str) -> BadCursor:
    return BadCursor(f"cursor: {detail}", errors=[{"parameter": "cursor", "detail": detail}])
