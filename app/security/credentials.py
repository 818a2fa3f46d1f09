"""From the ``Authorization`` header to the viewer a request is carried out for."""

import hmac
from collections.abc import Callable
from hashlib import sha256

from fastapi import Request

from app.core.visibility import ANONYMOUS, Role, Viewer
from app.errors import Unauthorized
from app.security.tokens import Issuer, looks_signed
from app.settings import Settings

ADMIN = Viewer(Role.admin, "admin")


def _same(given: str, expected: str) -> bool:
    """Compare secrets by their digests, in a time that says nothing about either."""
    return hmac.compare_digest(
        sha256(given.encode("utf-8", "surrogateescape")).digest(), sha256(expected.encode()).digest()
    )


def authenticator(settings: Settings) -> Callable[[Request], Viewer]:
    """Make the function that says on whose behalf a request comes; a bad credential is never taken for none."""
    admin_token = settings.admin_token.get_secret_value()
    issuer = Issuer.configured(settings)

    def viewer(request: Request) -> Viewer:
        header = request.headers.get("authorization")
        if header is None:
            return ANONYMOUS
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthorized("The Authorization header is not of the form `Bearer <token>`.")
        if admin_token and _same(token.strip(), admin_token):
            return ADMIN
        if issuer is not None and looks_signed(token.strip()):
            return issuer.viewer(token.strip())
        raise Unauthorized("The bearer token is not valid.", error="invalid_token")

    return viewer


def demand_writer(viewer: Viewer, settings: Settings) -> None:
    """Refuse a change by somebody who may change nothing."""
    if viewer.role >= Role.contributor:
        return
    if not settings.admin_token.get_secret_value() and not settings.oidc_issuer:
        raise Unauthorized(
            "This server is read-only: no FOLLOWTHROUGH_ADMIN_TOKEN is set. Set one, and send it as a bearer token."
        )
    raise Unauthorized("Writing needs `Authorization: Bearer <token>`.")
