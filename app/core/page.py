"""Cursors: where a page walk goes on. Opaque, signed, and bound to the query they were made for.

A cursor holds the sort values and the id of the last record shown (keyset), so records that come or go elsewhere in
the list neither repeat nor hide others.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import itsdangerous

from app.core.query import Ask
from app.errors import BadCursor


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


def fingerprint(resource: str, ask: Ask) -> str:
    """What a cursor is bound to: everything that decides which records there are, and in what order."""
    terms = [(term.filter.parameter, [str(value) for value in term.values]) for term in ask.terms]
    told = repr((resource, terms, ask.sort, ask.q, ask.as_of))
    return hashlib.blake2b(told.encode(), digest_size=9).hexdigest()


class Cursors:
    """Makes and reads cursors with the server's secret."""

    def __init__(self, secret: str) -> None:
        """Take the secret that every worker of this register shares."""
        self._serializer = itsdangerous.URLSafeSerializer(
            secret, salt="followthrough.cursor", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def write(self, resource: str, ask: Ask, values: list[Any]) -> str:
        """A cursor that goes on after the record with these sort values (its id last)."""
        return str(self._serializer.dumps([fingerprint(resource, ask), [_plain(value) for value in values]]))

    def read(self, resource: str, ask: Ask) -> list[Any]:
        """The sort values that the request's cursor holds."""
        try:
            bound, values = self._serializer.loads(ask.cursor or "")
        except (itsdangerous.BadData, ValueError, TypeError):
            raise _refused("It is not a cursor that this server made.") from None
        if bound != fingerprint(resource, ask):
            raise _refused("It was made for another query: filters and order must stay the same.")
        return [_typed(value) for value in values]


def _refused(detail: str) -> BadCursor:
    return BadCursor(f"cursor: {detail}", errors=[{"parameter": "cursor", "detail": detail}])
