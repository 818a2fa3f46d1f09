"""Tokens of an identity provider: a good one counts for what it says, and no other one for anything."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.visibility import Role, Viewer
from app.errors import Forbidden, Unauthorized
from app.security.tokens import MAX_TOKEN_BYTES, Issuer, role_in
from tests.support.generated import examples
from tests.support.identity_provider import (
    AUDIENCE,
    CONFIGURATION,
    KEYS,
    IdentityProvider,
    ec_key,
    identity_provider,
    rsa_key,
    sending,
)
from tests.support.tokens import Clock, accepting, encoded, part, part_of, refused, signed

# -- what a token says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.contributor, Role.editor, Role.admin])
@pytest.mark.parametrize("kid", ["rsa-1", "ec-1"])
def test_a_token_counts_for_its_role(provider: IdentityProvider, issuer: Issuer, role: Role, kid: str) -> None:
    key = next(each for each in provider.keys if each.kid == kid)
    viewer = issuer.viewer(provider.token(key, followthrough_role=role.name))
    name = sha256(provider.url.encode()).hexdigest()[:8]
    assert viewer == Viewer(role, f"oidc:{name}:f3a1c7")


def test_the_same_person_at_another_issuer_is_another_client(provider: IdentityProvider) -> None:
    """Otherwise whoever configures a new issuer would hand its people the drafts of others."""
    with identity_provider(rsa_key("rsa-1")) as other:
        actors = {Issuer(accepting(each)).viewer(each.token()).actor for each in (provider, other)}
    assert len(actors) == 2


@pytest.mark.parametrize(
    ("path", "claims", "role"),
    [
        ("role", {"role": "editor"}, Role.editor),
        ("roles", {"roles": ["offline_access", "contributor", "admin", "editor"]}, Role.admin),
        ("realm_access.roles", {"realm_access": {"roles": ["contributor"]}}, Role.contributor),
        ("https://x.example/role", {"https://x.example/role": "editor"}, Role.editor),
        ("resource_access.ft.example.roles", {"resource_access": {"ft.example": {"roles": ["editor"]}}}, Role.editor),
        ("a.b", {"a.b": "editor", "a": {"b": "admin"}}, Role.editor),
        ("role", {}, None),
        ("role", {"role": "anonymous"}, None),
        ("role", {"role": "Editor"}, None),
        ("role", {"role": "editor admin"}, None),
        ("role", {"role": ["owner", None, 3, {"admin": True}, ["admin"]]}, None),
        ("role", {"role": {"admin": True}}, None),
        ("role", {"role": 3}, None),
        ("role", {"role": True}, None),
        ("role", {"role": None}, None),
        ("role.name", {"role": "admin"}, None),
        ("role.0", {"role": ["admin"]}, None),
        ("a..b", {"a": {"b": "admin"}}, None),
    ],
)
def test_the_role_is_found_in_the_claim(path: str, claims: dict[str, Any], role: Role | None) -> None:
    assert role_in(claims, path) is role


def test_the_claim_of_the_role_can_be_chosen(provider: IdentityProvider) -> None:
    issuer = Issuer(accepting(provider, oidc_role_claim="realm_access.roles"))
    token = provider.token(followthrough_role="admin", realm_access={"roles": ["x", "contributor"]})
    assert issuer.viewer(token).role is Role.contributor


@pytest.mark.parametrize("role", [None, "reader", [], ["anonymous"], 1])
def test_a_valid_token_without_a_role_is_not_anonymous(provider: IdentityProvider, issuer: Issuer, role: Any) -> None:
    problem = refused(issuer, provider.token(followthrough_role=role), Forbidden)
    assert "followthrough_role" in problem.detail
    assert 'error="insufficient_scope"' in problem.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("claims", "reported"),
    [
        ({"exp": lambda now: now - 31}, "expired"),
        ({"exp": lambda now: now - 10**9}, "expired"),
        ({"nbf": lambda now: now + 60}, "not valid yet"),
        ({"iat": lambda now: now + 60}, "not valid yet"),
        ({"exp": None}, "lacks"),
        ({"aud": None}, "lacks"),
        ({"iss": None}, "lacks"),
        ({"sub": None}, "lacks"),
        ({"exp": "soon"}, "well-formed"),
        ({"exp": float("inf")}, "well-formed"),
        ({"exp": [1]}, "well-formed"),
        ({"nbf": {}}, "well-formed"),
        ({"iat": "x"}, "not valid"),
        ({"aud": "somebody-else"}, "audience"),
        ({"aud": ["a", "b"]}, "audience"),
        ({"aud": f"{AUDIENCE} "}, "audience"),
        ({"aud": [AUDIENCE, 3]}, "audience"),
        ({"aud": {AUDIENCE: 1}}, "audience"),
        ({"iss": "https://issuer.example"}, "another issuer"),
        ({"iss": lambda now: ""}, "another issuer"),
        ({"sub": ""}, "subject"),
        ({"sub": "x" * 256}, "subject"),
        ({"sub": "a\nb"}, "subject"),
        ({"sub": "a\x00b"}, "subject"),
        ({"sub": "한국"}, "subject"),
        ({"sub": "\ud800"}, "subject"),
    ],
)
def test_a_token_that_says_something_else_is_refused(
    provider: IdentityProvider, issuer: Issuer, claims: dict[str, Any], reported: str
) -> None:
    now = int(time.time())
    said = {name: value(now) if callable(value) else value for name, value in claims.items()}
    assert reported in refused(issuer, provider.token(**said)).detail


@pytest.mark.parametrize("claim", ["iss", "sub", "aud"])
@pytest.mark.parametrize("value", [7, ["x"], {}, True])
def test_claims_of_another_kind_are_refused(provider: IdentityProvider, issuer: Issuer, claim: str, value: Any) -> None:
    header, _, _ = provider.token().split(".")
    claims = {**part_of(provider.token(), 1), claim: value}
    refused(issuer, signed(provider, f"{header}.{part(claims)}"))


@pytest.mark.parametrize("claims", [{"exp": -5}, {"nbf": 5}, {"iat": 5}])
def test_clocks_may_differ_a_little(provider: IdentityProvider, issuer: Issuer, claims: dict[str, int]) -> None:
    now = int(time.time())
    assert issuer.viewer(provider.token(**{name: now + by for name, by in claims.items()})).role is Role.editor


def test_one_of_several_audiences_is_enough(provider: IdentityProvider, issuer: Issuer) -> None:
    assert issuer.viewer(provider.token(aud=["other", AUDIENCE])).role is Role.editor


# -- who signed it ---------------------------------------------------------------------------------------------------


def test_every_change_of_a_token_is_noticed(provider: IdentityProvider, issuer: Issuer) -> None:
    header, payload, signature = provider.token(followthrough_role="contributor").split(".")
    raised = {**part_of(f"{header}.{payload}.", 1), "followthrough_role": "admin"}
    assert "signature" in refused(issuer, f"{header}.{part(raised)}.{signature}").detail
    refused(issuer, f"{header}.{payload}.")
    refused(issuer, f"{header}.{payload}.{signature[:-4]}")
    refused(issuer, f"{header}.{payload}.{signature[::-1]}")
    other = provider.token(sub="somebody-else").split(".")
    refused(issuer, f"{header}.{other[1]}.{signature}")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, 7, [], ["RS256"], {"a": 1}])
def test_a_token_without_a_signature_is_refused(provider: IdentityProvider, issuer: Issuer, algorithm: Any) -> None:
    claims = part_of(provider.token(followthrough_role="admin"), 1)
    header = {"alg": algorithm, "kid": "rsa-1", "typ": "JWT"}
    for end in ("", provider.token().split(".")[2]):
        assert "signed with" in refused(issuer, f"{part(header)}.{part(claims)}.{end}").detail
    assert not provider.requests


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_the_public_key_is_no_secret(provider: IdentityProvider, issuer: Issuer, algorithm: str) -> None:
    """The well-known confusion: what everybody may have is used as the secret of a symmetric signature."""
    key = provider.keys[0]
    claims = part_of(provider.token(followthrough_role="admin"), 1)
    text = f"{part({'alg': algorithm, 'kid': key.kid, 'typ': 'JWT'})}.{part(claims)}"
    for secret in (key.pem, json.dumps(key.published).encode(), key.published["n"].encode()):
        created = encoded(hmac.digest(secret, text.encode(), "sha256"))
        refused(issuer, f"{text}.{created}")


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_only_the_chosen_algorithms_are_taken(provider: IdentityProvider, algorithm: str) -> None:
    key = rsa_key("rsa-1")
    claims = part_of(provider.token(), 1)
    token = jwt.encode(claims, key.private, algorithm, headers={"kid": key.kid})
    assert "RS256 or ES256" in refused(Issuer(accepting(provider)), token).detail
    # Chosen, it still does not fit the key, which says what it is for.
    chosen = Issuer(accepting(provider, oidc_algorithms=f"RS256,{algorithm}"))
    assert "does not list" in refused(chosen, token).detail
    published = {name: value for name, value in key.published.items() if name != "alg"}
    provider.responses[KEYS] = sending(json.dumps({"keys": [published]}).encode())
    chosen = Issuer(accepting(provider, oidc_algorithms=f"RS256,{algorithm}"))
    assert chosen.viewer(token).role is Role.editor
    assert chosen.viewer(provider.token(key)).role is Role.editor


def test_a_key_of_somebody_else_is_refused(provider: IdentityProvider, issuer: Issuer) -> None:
    """Under an id of the issuer's, and with the key, or where to find it, in the token itself."""
    stranger = rsa_key("rsa-of-a-stranger")
    with identity_provider(stranger) as elsewhere:
        where = f"{elsewhere.url}{KEYS}"
        for header in (
            {"kid": "rsa-1"},
            {"kid": "rsa-1", "jwk": stranger.published},
            {"kid": "rsa-1", "jku": where, "x5u": where},
            {"kid": where},
            {"kid": None},
            {"kid": stranger.kid, "jwk": stranger.published, "jku": where, "x5u": where, "x5c": ["MII"]},
            {"kid": "../../etc/passwd"},
            {"kid": "x" * 3000},
        ):
            claims = {**part_of(provider.token(), 1), "followthrough_role": "admin"}
            head = {"alg": "RS256", "typ": "JWT", **header}
            text = f"{part(head)}.{part(claims)}"
            signature = jwt.get_algorithm_by_name("RS256").sign(text.encode(), stranger.private)
            refused(issuer, f"{text}.{encoded(signature)}")
        assert not elsewhere.requests
    assert set(provider.requests) == {CONFIGURATION, KEYS}


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "b64", None, {}])
def test_extensions_are_refused(provider: IdentityProvider, issuer: Issuer, crit: Any) -> None:
    head = {"alg": "RS256", "typ": "JWT", "kid": "rsa-1", "crit": crit, "exp": 1, "b64": True}
    refused(issuer, signed(provider, f"{part(head)}.{provider.token().split('.')[1]}"))
    assert not provider.requests


@pytest.mark.parametrize("kind", ["at+jwt", "AT+JWT", "application/at+jwt", "jwt"])
def test_types_of_access_tokens_are_taken(provider: IdentityProvider, issuer: Issuer, kind: str) -> None:
    assert issuer.viewer(provider.token(header={"typ": kind})).role is Role.editor


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", 7, []])
def test_tokens_for_other_ends_are_refused(provider: IdentityProvider, issuer: Issuer, kind: Any) -> None:
    head = {"alg": "RS256", "kid": "rsa-1", "typ": kind}
    assert "typ" in refused(issuer, signed(provider, f"{part(head)}.{provider.token().split('.')[1]}")).detail


def test_a_token_may_leave_the_only_key_unnamed(provider: IdentityProvider, issuer: Issuer) -> None:
    head = {"alg": "RS256", "typ": "JWT"}
    token = signed(provider, f"{part(head)}.{provider.token().split('.')[1]}")
    assert issuer.viewer(token).role is Role.editor
    provider.keys.append(rsa_key("rsa-2"))
    refused(Issuer(accepting(provider)), token)


# -- anything else ---------------------------------------------------------------------------------------------------

parts = st.text(st.sampled_from("abcXYZ019-_"), max_size=30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
made_up = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk"]), json_values)
plausible = st.fixed_dictionaries(
    {"alg": st.sampled_from(["RS256", "ES256", "HS256", "none"]), "kid": st.sampled_from(["rsa-1", "ec-1", "x"])}
)


@pytest.fixture(scope="module")
def lasting() -> Iterator[Issuer]:
    """What checks the tokens of an issuer that all examples of a property share."""
    with identity_provider(rsa_key("rsa-1"), ec_key("ec-1")) as created:
        yield Issuer(accepting(created), clock=Clock())


@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(parts, min_size=1, max_size=6).map(".".join),
        st.tuples((made_up | plausible).map(part), json_values.map(part), parts).map(".".join),
        st.builds(lambda raw, end: f"{urlsafe_b64encode(raw).decode()}.{end}.", st.binary(max_size=40), parts),
    )
)
@examples(400)
def test_garbage_is_refused(lasting: Issuer, token: str) -> None:
    with pytest.raises(Unauthorized):
        lasting.viewer(token)


@pytest.mark.parametrize(
    "token",
    [
        f"{'e' * MAX_TOKEN_BYTES}.e.e",
        f"{encoded(b'[' * 5000)}.e30.",
        f"{part({'alg': 'RS256', 'kid': 'rsa-1'})}.{encoded(b'[' * 3000)}.AAAA",
        f"{encoded(b'9' * 5000)}.e30.",
    ],
    ids=["long", "deep header", "deep payload", "long number"],
)
def test_what_libraries_choke_on_is_refused(lasting: Issuer, token: str) -> None:
    refused(lasting, token)
