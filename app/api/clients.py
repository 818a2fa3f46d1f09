"""Whose a request is: by what those are told apart who share turns, places and limits."""

from typing import Protocol

from starlette.types import Scope

COUNT = "rate_limit"
"""Where in the state of a request it is noted; put there by ``app.middleware.rate_limits``."""


class Client(Protocol):
    """What is noted of a request."""

    address: str
    key: str | None
    """Once it is known to be good."""


def address_of(scope: Scope) -> str:
    """By which address a request is counted; nobody's in particular where none is."""
    client: Client | None = scope.get("state", {}).get(COUNT)
    return "unknown" if client is None else client.address


def key_or_address_of(scope: Scope) -> str:
    """Whose a request is by its key, once that is known to be good, and otherwise by its address."""
    client: Client | None = scope.get("state", {}).get(COUNT)
    return address_of(scope) if client is None or client.key is None else f"key/{client.key}"
