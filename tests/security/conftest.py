"""What tests of credentials can ask for."""

from collections.abc import Iterator

import pytest

from app.security.tokens import Issuer
from tests.support.identity_provider import IdentityProvider, ec_key, identity_provider, rsa_key
from tests.support.tokens import Clock, accepting


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """An identity provider with a key of either kind."""
    with identity_provider(rsa_key("rsa-1"), ec_key("ec-1")) as created:
        yield created


@pytest.fixture
def clock() -> Clock:
    """The clock that the ages of keys go by."""
    return Clock()


@pytest.fixture
def issuer(provider: IdentityProvider, clock: Clock) -> Issuer:
    """What checks the tokens of that provider; it has not asked it for anything yet."""
    return Issuer(accepting(provider), clock=clock)
