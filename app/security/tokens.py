"""Tokens of the configured identity provider: signed statements (RFC 7519) become viewers."""

import re
import time
from collections.abc import Callable
from concurrent.futures import Future
from hashlib import sha256
from typing import Any

import jwt
from jwt import PyJWK
from jwt.exceptions import (
    DecodeError,
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    MissingRequiredClaimError,
    PyJWTError,
)

from app.core.visibility import Role, Viewer
from app.errors import Forbidden, Unauthorized, challenge
from app.security.discovery import Discovery
from app.security.issuer_keys import IssuerKeys
from app.setting_values import networks
from app.settings import Settings

MAX_TOKEN_BYTES = 8 * 1024
"""The longest token that is looked at, in characters."""
LEEWAY = 30.0
"""How far the issuer's clock may be from ours, in seconds."""
MAX_SECONDS = 5.0
"""Longest time that the issuer may take to tell its keys."""

_TYPES = ("jwt", "at+jwt", "application/at+jwt")
_CLAIMS = ("iss", "aud", "exp", "sub")
_SUBJECT = re.compile(r"[ -~]{1,255}")
"""What OpenID Connect allows as a subject. It is stored with each change and shown to editors."""

_REASONS: tuple[tuple[type[PyJWTError], str], ...] = (
    (ExpiredSignatureError, "The token has expired."),
    (ImmatureSignatureError, "The token is not valid yet."),
    (InvalidAudienceError, "The token is meant for another audience."),
    (InvalidIssuerError, "The token is from another issuer."),
    (MissingRequiredClaimError, "The token lacks one of the claims iss, aud, exp and sub."),
    (InvalidSignatureError, "The signature of the token is not right."),
    (DecodeError, "The token is not well-formed."),
)
"""What a client is reasons: never in the words of the library, which may repeat the token."""


class Issuer:
    """The one identity provider whose tokens are accepted. Made once, and used by all threads."""

    def __init__(
        self, settings: Settings, *, clock: Callable[[], float] = time.monotonic, seconds: float = MAX_SECONDS
    ) -> None:
        """Accept the tokens of the issuer in the settings; nothing is asked of it before the first token comes."""
        self._issuer = settings.oidc_issuer
        self._audience = settings.oidc_audience
        self._role_claim = settings.oidc_role_claim
        self._algorithms = settings.token_algorithms
        discovery = Discovery(self._issuer, self._algorithms, seconds, networks(settings.oidc_networks))
        self._keys = IssuerKeys(discovery.read, seconds, clock)
        self._name = sha256(self._issuer.encode()).hexdigest()[:8]

    @classmethod
    def configured(cls, settings: Settings) -> "Issuer | None":
        """The issuer in the settings; None where there is none."""
        return cls(settings) if settings.oidc_issuer else None

    def viewer(self, token: str) -> Viewer:
        """On whose behalf a request with this token comes.

        Raises Unauthorized for a token that is not valid, Forbidden for a valid one without a role, and Unavailable
        where the issuer cannot be asked for its keys. May wait for that where nobody did before
        (:meth:`pending`): not to be called on the event loop.
        """
        claims = self._verified(token, self._key(token))
        subject = claims["sub"]
        if not _SUBJECT.fullmatch(subject):
            raise _refused("The subject (sub) of the token is not one to 255 printable ASCII characters.")
        role = role_in(claims, self._role_claim)
        if role is None:
            raise Forbidden(
                f"The token is valid, but names no role: its claim {self._role_claim} must be contributor, editor or "
                "admin, or a list with one of them.",
                headers=challenge("insufficient_scope"),
            )
        # A subject is only unique at its issuer: one of another, configured later, must not inherit its drafts.
        return Viewer(role, f"oidc:{self._name}:{subject}")

    def pending(self, token: str) -> Future[None] | None:
        """What is to be waited for before it can be said whose this token is, if anything. Does not wait itself."""
        try:
            return self._keys.pending(*self._signed_with(token))
        except Unauthorized:
            return None  # the request will be told so

    def _key(self, token: str) -> PyJWK:
        key = self._keys.find(*self._signed_with(token))
        if key is None:
            raise _refused("The token is signed with a key that its issuer does not list.")
        return key

    def _signed_with(self, token: str) -> tuple[str | None, str]:
        """The id of the key that the token says it is signed with, and the algorithm.

        Keys and addresses of keys that come with a token (jwk, jku, x5c, x5u) are not looked at.
        """
        if len(token) > MAX_TOKEN_BYTES:
            raise _refused(f"The token is longer than {MAX_TOKEN_BYTES} characters.")
        try:
            # The header alone: the rest is read when there is a key to check it with, and reading takes time.
            header = jwt.get_unverified_header(f"{token.partition('.')[0]}..")
        except PyJWTError:
            raise _refused("The token is not well-formed.") from None
        # None of the extensions that a token can insist on is understood here.
        if "crit" in header:
            raise _refused("The token demands an extension (crit) that is not supported.")
        kind, algorithm = header.get("typ", "JWT"), header.get("alg")
        if not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise _refused("The token is of a type (typ) that gives no access.")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms:
            raise _refused(f"The token must be signed with {' or '.join(self._algorithms)}.")
        return header.get("kid"), algorithm

    def _verified(self, token: str, key: PyJWK) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=self._algorithms,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": list(_CLAIMS), "enforce_minimum_key_length": True},
            )
        except PyJWTError as error:
            reasons = (detail for kind, detail in _REASONS if isinstance(error, kind))
            raise _refused(next(reasons, "The token is not valid.")) from None


def _refused(detail: str) -> Unauthorized:
    return Unauthorized(detail, error="invalid_token")


def role_in(claims: dict[str, Any], path: str) -> Role | None:
    """The highest role that a claim names, as a string or in a list; None where it names none.

    A path leads into objects by dots. As names of claims can have dots themselves, the longest name is tried first.
    """
    value = _claim(claims, path)
    names = value if isinstance(value, list) else [value]
    roles = [role for role in Role if role is not Role.anonymous and role.name in names]
    return max(roles, default=None)


def _claim(within: Any, path: str) -> Any:
    if not isinstance(within, dict):
        return None
    if path in within:
        return within[path]
    words = path.split(".")
    for many in range(len(words) - 1, 0, -1):
        found = _claim(within.get(".".join(words[:many])), ".".join(words[many:]))
        if found is not None:
            return found
    return None
