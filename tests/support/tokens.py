"""What tests of tokens are made with: settings, a clock, and parts of tokens that no library would make."""

import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import jwt
import pytest

from app.errors import Problem, Unauthorized
from app.security.tokens import Issuer
from app.settings import Settings
from tests.support.identity_provider import AUDIENCE, SECONDS, IdentityProvider


class Clock:
    """A clock that stands still until it is put forward; tells how often it was looked at."""

    def __init__(self) -> None:
        """Start anywhere: only differences count."""
        self.now = 1000.0
        self._looks = 0
        self._looked = threading.Condition()

    def __call__(self) -> float:
        """The time, in seconds."""
        with self._looked:
            self._looks += 1
            self._looked.notify_all()
            return self.now

    def wait_for(self, looks: int) -> None:
        """Wait until it has been looked at so often."""
        with self._looked:
            assert self._looked.wait_for(lambda: self._looks >= looks, SECONDS)


def accepting(provider: IdentityProvider, **more: Any) -> Settings:
    """Settings that name an issuer, with nothing from the environment."""
    return Settings(_env_file=None, oidc_issuer=provider.url, oidc_audience=AUDIENCE, **more)


def refused(issuer: Issuer, token: str, kind: type[Problem] = Unauthorized) -> Problem:
    """How a token is refused; no part of it may be repeated."""
    with pytest.raises(kind) as raised:
        issuer.viewer(token)
    problem = raised.value
    reported = f"{problem.detail} {problem.headers}"
    assert not any(each in reported for each in token.split(".") if len(each) > 3)
    if kind is Unauthorized:
        assert problem.headers["WWW-Authenticate"] == 'Bearer realm="followthrough", error="invalid_token"'
    return problem


def encoded(raw: bytes) -> str:
    """Bytes as they stand in a token."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def part(value: Any) -> str:
    """A part of a token that says this."""
    return encoded(json.dumps(value).encode())


def part_of(token: str, number: int) -> dict[str, Any]:
    """What a part of a token says."""
    raw = token.split(".")[number]
    read: dict[str, Any] = json.loads(urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    return read


def signed(provider: IdentityProvider, text: str) -> str:
    """A token of any content, rightly signed by the first key of an issuer, which must be RSA."""
    signature = jwt.get_algorithm_by_name("RS256").sign(text.encode(), provider.keys[0].private)
    return f"{text}.{encoded(signature)}"
