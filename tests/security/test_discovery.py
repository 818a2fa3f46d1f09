"""Where the keys of an identity provider are found, which are taken, and who may be one at all."""

import json
from typing import Any

import pytest
from jwt.algorithms import RSAAlgorithm
from pydantic import ValidationError

from app.core.visibility import Role
from app.errors import Unavailable
from app.security.discovery import MAX_BYTES, Discovery, KeysUnreadable
from app.security.tokens import Issuer
from app.setting_values import networks
from app.settings import Settings
from tests.support.identity_provider import (
    AUDIENCE,
    CONFIGURATION,
    KEYS,
    IdentityProvider,
    rsa_key,
    sending,
)
from tests.support.outside import Outside, canary, page, site
from tests.support.tokens import accepting, refused


def test_weak_foreign_and_broken_keys_are_left_out(provider: IdentityProvider) -> None:
    good, weak = provider.keys[0], rsa_key("rsa-weak", 1024)
    published = good.published
    listed = [
        7,
        None,
        [],
        {},
        {"kty": "RSA"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "rsa-1", "alg": "HS256"},
        {**published, "kid": "for-encryption", "use": "enc"},
        {**published, "kid": "for-signing", "key_ops": ["sign"]},
        {**published, "kid": ["x"]},
        {**published, "kid": "broken", "n": 7},
        {**published, "kid": "odd", "e": "!"},
        {**published, "kid": "curve", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "alg": "ES256"},
        weak.published,
        published,
    ]
    provider.responses[KEYS] = sending(json.dumps({"keys": listed}).encode())
    issuer = Issuer(accepting(provider, oidc_algorithms="RS256,ES256"))
    assert issuer.viewer(provider.token()).role is Role.editor
    for kid in ("for-encryption", "for-signing", "broken", "odd", "curve"):
        refused(issuer, provider.token(header={"kid": kid}))
    with pytest.warns(match="1024 bits"):
        token = provider.token(weak)
    refused(issuer, token)


def test_a_private_key_that_slipped_out_is_not_taken_in(provider: IdentityProvider) -> None:
    key = provider.keys[0]
    whole = {**RSAAlgorithm.to_jwk(key.private, as_dict=True), "key_ops": ["verify"], "kid": key.kid}
    provider.responses[KEYS] = sending(json.dumps({"keys": [whole]}).encode())
    found = Discovery(provider.url, ("RS256",), 5).read().find(key.kid, "RS256")
    assert found is not None
    assert not hasattr(found.key, "private_numbers")
    assert Issuer(accepting(provider)).viewer(provider.token()).role is Role.editor


GOOD = {"keys": [rsa_key("rsa-1").published]}


@pytest.mark.parametrize(
    ("path", "response"),
    [
        (KEYS, sending(json.dumps({**GOOD, "x": "x" * MAX_BYTES}).encode())),
        (KEYS, sending(json.dumps(GOOD).encode(), 302, Location="http://127.0.0.1:9/keys")),
        (KEYS, sending(json.dumps(GOOD).encode(), 307, Location="/moved")),
        (KEYS, sending(json.dumps(GOOD).encode(), 201)),
        (KEYS, sending(json.dumps(GOOD).encode(), Content_Encoding="gzip")),
        (KEYS, sending(b"")),
        (KEYS, sending(b"<html>")),
        (KEYS, sending(b"[]")),
        (KEYS, sending(b"{}")),
        (KEYS, sending(b'{"keys": {"a": 1}}')),
        (KEYS, sending(b"[" * 100_000)),
        (KEYS, sending(b'{"keys": "\xff"}')),
        (KEYS, sending(b"", 404)),
        (KEYS, lambda handler: handler.wfile.write(b"not HTTP\r\n\r\n")),
        (KEYS, lambda handler: handler.connection.close()),
        (CONFIGURATION, sending(b"{}")),
        (CONFIGURATION, sending(b"null")),
        (CONFIGURATION, sending(b"", 301, Location="/elsewhere")),
    ],
)
def test_an_issuer_that_answers_wrongly_is_as_good_as_none(
    provider: IdentityProvider, issuer: Issuer, path: str, response: Any
) -> None:
    provider.responses["/moved"] = sending(json.dumps(GOOD).encode())
    provider.responses[path] = response
    refused(issuer, provider.token(), Unavailable)
    assert set(provider.requests) <= {CONFIGURATION, KEYS}


@pytest.mark.parametrize(
    "more",
    [
        {"issuer": "https://issuer.example"},
        {"issuer": None},
        {"issuer": 7},
        {"jwks_uri": None},
        {"jwks_uri": 7},
        {"jwks_uri": "http://keys.example/"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "//127.0.0.1/keys"},
        {"jwks_uri": "http://user:secret@127.0.0.1/"},
        {"jwks_uri": "http://[::1"},
        {"jwks_uri": "http://127.0.0.1:x/"},
        {"jwks_uri": "http://2130706433/"},
        {"jwks_uri": "http://127.0.0.1.example/"},
    ],
)
def test_a_configuration_that_leads_astray_is_refused(provider: IdentityProvider, more: dict[str, Any]) -> None:
    provider.responses[CONFIGURATION] = sending(json.dumps({**provider.configuration, **more}).encode())
    with pytest.raises(KeysUnreadable):
        Discovery(provider.url, ("RS256",), 5).read()
    assert provider.requests == [CONFIGURATION]


def test_an_issuer_may_end_in_a_slash(provider: IdentityProvider) -> None:
    """Its name is exactly as it is configured; only the way to its configuration is not to have two slashes."""
    named = f"{provider.url}/"
    provider.responses[CONFIGURATION] = sending(json.dumps({**provider.configuration, "issuer": named}).encode())
    issuer = Issuer(Settings(_env_file=None, oidc_issuer=named, oidc_audience=AUDIENCE))
    assert issuer.viewer(provider.token(iss=named)).role is Role.editor
    refused(issuer, provider.token(iss=provider.url))


# -- where it may be -------------------------------------------------------------------------------------------------


def test_an_issuer_that_leads_into_the_private_network_is_not_asked() -> None:
    outside = Outside()
    with canary() as hidden:
        outside.names["login.example"] = [["127.0.0.1"]]
        discovery = Discovery(f"https://login.example:{hidden.port}", ("RS256",), 5, outbound=outside.outbound)
        with pytest.raises(KeysUnreadable, match="FOLLOWTHROUGH_OIDC_NETWORKS"):
            discovery.read()
        assert hidden.visits == 0


def test_an_issuer_does_not_lead_into_the_private_network() -> None:
    outside = Outside()
    with canary() as hidden, site() as issuer:
        outside.serve("login.example", issuer.port)
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"):
            document = {"issuer": "http://login.example", "jwks_uri": f"https://{host}:{hidden.port}/"}
            issuer.pages[CONFIGURATION] = page(200, json.dumps(document).encode())
            with pytest.raises(KeysUnreadable, match="not public"):
                Discovery("http://login.example", ("RS256",), 5, outbound=outside.outbound).read()
        assert hidden.visits == 0
        assert issuer.methods_of(CONFIGURATION) == ["GET"] * 4


def test_an_issuer_in_a_network_of_the_operator_is_asked(provider: IdentityProvider) -> None:
    """A private one is named by FOLLOWTHROUGH_OIDC_NETWORKS; one that is spelled as loopback names itself."""
    outside = Outside(names={"login.lan": [["127.0.0.1"]]})
    named = provider.url.replace("127.0.0.1", "login.lan")
    provider.responses[CONFIGURATION] = sending(json.dumps({**provider.configuration, "issuer": named}).encode())
    allowed = networks("10.0.0.0/8, 127.0.0.1/32")
    found = Discovery(named, ("RS256",), 5, allowed, outside.outbound).read()
    assert found.find(provider.keys[0].kid, "RS256") is not None


# -- settings --------------------------------------------------------------------------------------------------------

GIVEN = {"oidc_issuer": "https://login.example.org/realms/x", "oidc_audience": "followthrough"}


def test_without_an_issuer_there_is_none() -> None:
    assert Issuer.configured(Settings(_env_file=None)) is None
    assert Issuer.configured(Settings(_env_file=None, **GIVEN)) is not None


@pytest.mark.parametrize(
    "issuer", ["http://localhost:8080/realms/x", "http://127.0.0.1", "http://[::1]:99/a", "https://a/b/"]
)
def test_issuers_that_can_be_named(issuer: str) -> None:
    assert Settings(_env_file=None, oidc_issuer=issuer, oidc_audience="a").oidc_issuer == issuer


@pytest.mark.parametrize(
    "wrong",
    [
        {"oidc_issuer": "http://login.example.org"},
        {"oidc_issuer": "login.example.org"},
        {"oidc_issuer": "ftp://a"},
        {"oidc_issuer": "https://a:b@login.example.org"},
        {"oidc_issuer": "https://a/?x"},
        {"oidc_issuer": "https://a#x"},
        {"oidc_issuer": "https:///x"},
        {"oidc_issuer": "https://a:99999"},
        {"oidc_issuer": "https://a b"},
        {"oidc_issuer": "https://a\n"},
        {"oidc_issuer": "http://localhost.example.org"},
        {"oidc_issuer": "http://0.0.0.0"},
        {"oidc_audience": ""},
        {"oidc_issuer": ""},
        {"oidc_role_claim": ""},
        {"oidc_algorithms": ""},
        {"oidc_algorithms": "none"},
        {"oidc_algorithms": "HS256"},
        {"oidc_algorithms": "RS256,HS256"},
        {"oidc_algorithms": "RS256,none"},
        {"oidc_algorithms": "rs256"},
        {"oidc_algorithms": "RS256,"},
        {"oidc_networks": "10.0.0.1/8"},
        {"oidc_networks": "login.lan"},
    ],
)
def test_settings_that_are_refused_at_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, **{**GIVEN, **wrong})
    # The command line names the variable.
    assert all(str(each["loc"][0]).startswith("oidc_") for each in refused.value.errors())
