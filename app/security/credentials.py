"""From the ``Authorization`` header to the viewer a request is carried out for."""

import hmac
import re
from collections.abc import Callable
from concurrent.futures import Future
from hashlib import sha256
from typing import Protocol

from fastapi import Request

from app.core.visibility import ANONYMOUS, Role, Viewer
from app.errors import Unauthorized
from app.security.keys import PREFIX, Keys
from app.settings import Settings

ADMIN = Viewer(Role.admin, "admin")

_SIGNED = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
"""The form of a signed token: three parts in base64url, the last of which may be empty."""


def _same(given: str, expected: str) -> bool:
    """Compare secrets by their digests, in a time that says nothing about either."""
    return hmac.compare_digest(
        sha256(given.encode("utf-8", "surrogateescape")).digest(), sha256(expected.encode()).digest()
    )


class TokenIssuer(Protocol):
    """What makes viewers of the tokens of an identity provider."""

    def viewer(self, token: str) -> Viewer:
        """On whose behalf a request with this token comes."""

    def pending(self, token: str) -> Future[None] | None:
        """What is to be waited for before that can be said, if anything."""


def authenticator(settings: Settings, keys: Keys, issuer: TokenIssuer | None = None) -> Callable[[Request], Viewer]:
    """Make the function that says on whose behalf a request comes; a bad credential is never taken for none.

    It may ask the database, so it is called in a thread, never on the event loop.
    """
    admin_token = settings.admin_token.get_secret_value()

    def verified(header: str) -> Viewer:
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized("The Authorization header is not of the form `Bearer <token>`.")
        if admin_token and _same(token, admin_token):
            return ADMIN
        if token.startswith(PREFIX):
            return keys.viewer(token)
        if issuer is not None and _SIGNED.fullmatch(token):
            return issuer.viewer(token)
        raise Unauthorized("The bearer token is not valid.", error="invalid_token")

    def viewer(request: Request) -> Viewer:
        headers = request.headers.getlist("authorization")
        if not headers:
            return ANONYMOUS
        if len(headers) > 1:
            raise Unauthorized("The Authorization header is given more than once.")
        found = verified(headers[0])
        request.state.key_id = found.actor
        return found

    return viewer


def pending_at(issuer: TokenIssuer) -> Callable[[str], Future[None] | None]:
    """What a request with an ``Authorization`` header waits for before its token can be looked at, if anything."""

    def pending(header: str) -> Future[None] | None:
        token = header.partition(" ")[2].strip()
        return issuer.pending(token) if _SIGNED.fullmatch(token) else None

    return pending


def issuer_in(settings: Settings) -> TokenIssuer | None:
    """What makes viewers of the tokens of the configured identity provider, where there is one."""
    if not settings.oidc_issuer:
        return None
    # The cryptography takes a good part of a second to import, which only those who use it shall wait for.
    from app.security.tokens import Issuer

    return Issuer.configured(settings)


def demand_writer(viewer: Viewer, settings: Settings, keys: Keys) -> None:
    """Refuse a change by somebody who may change nothing."""
    if viewer.role >= Role.contributor:
        return
    if not settings.admin_token.get_secret_value() and not settings.oidc_issuer and not keys.any_usable():
        raise Unauthorized(
            "This server is read-only: it has no key. Make one with `followthrough keys create`, or set "
            "FOLLOWTHROUGH_ADMIN_TOKEN, and send it as a bearer token."
        )
    raise Unauthorized("This needs `Authorization: Bearer <key>`.")
