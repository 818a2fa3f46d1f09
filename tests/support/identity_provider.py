"""A real OpenID Connect issuer on this machine: real keys, real signatures, real HTTP, and faults on demand."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.support.small_server import Handler, serving

AUDIENCE = "followthrough-of-the-suite"
CONFIGURATION = "/.well-known/openid-configuration"
KEYS = "/keys"
SECONDS = 20
"""Longest time to wait for what must happen."""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Respond = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class SigningKey:
    """A key of the issuer: what it signs with, and under which id it is published."""

    kid: str
    algorithm: str
    private: PrivateKey

    @property
    def published(self) -> dict[str, Any]:
        """The public half, as a JSON Web Key."""
        public = self.private.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            key = RSAAlgorithm.to_jwk(public, as_dict=True)
        else:
            key = ECAlgorithm.to_jwk(public, as_dict=True)
        return {**key, "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    @property
    def pem(self) -> bytes:
        """The public half as everybody can have it."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@cache
def rsa_key(kid: str, bits: int = 2048) -> SigningKey:
    """An RSA key; the same for the same id, as making one takes long."""
    return SigningKey(kid, "RS256", rsa.generate_private_key(65537, bits))


@cache
def ec_key(kid: str) -> SigningKey:
    """A key on the curve P-256."""
    return SigningKey(kid, "ES256", ec.generate_private_key(ec.SECP256R1()))


@dataclass
class IdentityProvider:
    """A running issuer. What it publishes can be changed at any time."""

    url: str
    keys: list[SigningKey]
    requests: list[str] = field(default_factory=list)
    """The paths that were asked for, in order."""
    responses: dict[str, Respond] = field(default_factory=dict)
    """What to do at a path instead of what an issuer does there."""
    _requested: threading.Condition = field(default_factory=threading.Condition)

    @property
    def configuration(self) -> dict[str, Any]:
        """What it says of itself."""
        return {"issuer": self.url, "jwks_uri": f"{self.url}{KEYS}", "id_token_signing_alg_values_supported": ["RS256"]}

    def token(self, key: SigningKey | None = None, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token as it issues them: of an editor, valid for five minutes, but for what is asked to be otherwise.

        A claim of None is left out.
        """
        signing = key or self.keys[0]
        now = int(time.time())
        all_claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "f3a1c7",
            "iat": now,
            "exp": now + 300,
            "followthrough_role": "editor",
            **claims,
        }
        stored = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode(stored, signing.private, signing.algorithm, headers={"kid": signing.kid, **(header or {})})

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return self.requests.count(path)

    def wait_for(self, path: str, times: int = 1) -> None:
        """Wait until a path has been asked for so often."""
        with self._requested:
            assert self._requested.wait_for(lambda: self.count(path) >= times, SECONDS), f"{path} was not asked for"

    def response(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a request, and take it down."""
        with self._requested:
            self.requests.append(handler.path)
            self._requested.notify_all()
        documents = {CONFIGURATION: self.configuration, KEYS: {"keys": [key.published for key in self.keys]}}
        if handler.path in self.responses:
            self.responses[handler.path](handler)
        elif handler.path in documents:
            send(handler, json.dumps(documents[handler.path]).encode())
        else:
            send(handler, b"{}", 404)


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    """Answer with JSON, or what is meant to look like it."""
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def sending(body: bytes, status: int = 200, **headers: str) -> Respond:
    """What always answers the same."""
    return lambda handler: send(handler, body, status, **headers)


@contextmanager
def identity_provider(*keys: SigningKey, port: int = 0) -> Iterator[IdentityProvider]:
    """Run an issuer with these keys until the end of the block."""

    class Issuing(Handler):
        def do_GET(self) -> None:  # noqa: N802 (the name that http.server calls)
            """Respond as the issuer is told to."""
            provider.response(self)

    with serving(Issuing, port) as found:
        provider = IdentityProvider(f"http://127.0.0.1:{found}", list(keys))
        yield provider
