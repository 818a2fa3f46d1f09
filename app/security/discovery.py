"""The keys that an identity provider publishes: OpenID Connect Discovery, and the key set (RFC 7517) it leads to."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import anyio
import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from app.outbound import NotPublic, Outbound, OutboundError, agent
from app.outbound.addresses import Network
from app.setting_values import loopback, secure_address

log = logging.getLogger("followthrough.security")

MAX_BYTES = 256 * 1024
"""The longest document that is read; those of large providers have about 20 KiB."""

_RSA, _EC = {"kty": "RSA"}, {"kty": "EC"}
_FITTING: Mapping[str, Mapping[str, str]] = {
    "RS256": _RSA,
    "RS384": _RSA,
    "RS512": _RSA,
    "PS256": _RSA,
    "PS384": _RSA,
    "PS512": _RSA,
    "ES256": {**_EC, "crv": "P-256"},
    "ES384": {**_EC, "crv": "P-384"},
    "ES512": {**_EC, "crv": "P-521"},
    "EdDSA": {"kty": "OKP"},
}
"""What a key must be for each algorithm."""

_PUBLIC = ("kty", "crv", "n", "e", "x", "y")
"""The members of a key that check a signature; should a provider publish more than it meant to, it is not taken in."""

Json: TypeAlias = dict[str, Any]


class KeysUnreadable(Exception):
    """The keys cannot be had from the issuer at the moment; the message says why, in words of ours."""


@dataclass(frozen=True)
class KeySet:
    """The keys of an issuer at a moment, by their id and the algorithm they are used with."""

    keys: Mapping[tuple[str | None, str], PyJWK]

    def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """The key that a token says it is signed with; one that names none means the only key that there is."""
        if kid is not None:
            return self.keys.get((kid, algorithm))
        fitting = [key for (_, name), key in self.keys.items() if name == algorithm]
        return fitting[0] if len(fitting) == 1 else None


_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass
class Discovery:
    """Reads the keys of one issuer, over the network, each time it is asked."""

    issuer: str
    algorithms: tuple[str, ...]
    seconds: float
    """Longest time of both requests together, from looking up the host to the last byte."""
    networks: Sequence[Network] = ()
    """Where the issuer may be beside the public network; loopback is added for one that is named so."""
    outbound: Callable[..., Outbound] = field(default=Outbound)

    def read(self) -> KeySet:
        """Ask the issuer for its keys; needs a thread without an event loop. Raises :class:`KeysUnreadable`."""
        return anyio.run(self._read)

    async def _read(self) -> KeySet:
        allowed = (*self.networks, *(_LOOPBACK if loopback(urlsplit(self.issuer).hostname or "") else ()))
        try:
            with anyio.fail_after(self.seconds):
                async with self.outbound(agent(), allowed=allowed) as outbound:
                    document = await self._fetch(
                        outbound, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
                    )
                    return key_set(await self._fetch(outbound, self._address_of_keys(document)), self.algorithms)
        except TimeoutError:
            raise KeysUnreadable(f"it did not answer within {self.seconds:g} s") from None
        except NotPublic as error:
            raise KeysUnreadable(f"{error}; FOLLOWTHROUGH_OIDC_NETWORKS says where it may be") from None
        except OutboundError as error:
            raise KeysUnreadable(str(error)) from None

    def _address_of_keys(self, document: Json) -> str:
        if document.get("issuer") != self.issuer:
            raise KeysUnreadable("its configuration is that of another issuer")
        address = str(document.get("jwks_uri"))
        try:
            secure_address(address)
        except ValueError:
            raise KeysUnreadable("the address of its keys (jwks_uri) is missing or not secure") from None
        # Only an issuer on this very machine may lead to it.
        if urlsplit(self.issuer).scheme == "https" and urlsplit(address).scheme != "https":
            raise KeysUnreadable("the address of its keys (jwks_uri) is not secure")
        return address

    async def _fetch(self, outbound: Outbound, address: str) -> Json:
        """A JSON object from exactly this address: a redirect, or too much, is a failure."""
        headers = {"Accept": "application/json, application/jwk-set+json"}
        reply = await outbound.request("GET", address, headers=headers, seconds=self.seconds, most_bytes=MAX_BYTES)
        if reply.status != 200:
            raise KeysUnreadable(f"it answered {reply.status}")
        return _object(reply.body)


def _object(body: bytes) -> Json:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise KeysUnreadable("it answered with something that is no JSON object")
    return document


def key_set(document: Json, algorithms: tuple[str, ...]) -> KeySet:
    """The keys of a JSON Web Key Set that check signatures made with these algorithms.

    An empty set is valid: the issuer has withdrawn all its keys. Anything else raises KeysUnreadable.
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise KeysUnreadable("it answered with something that is no key set")
    keys: dict[tuple[str | None, str], PyJWK] = {}
    for each in listed:
        if not isinstance(each, dict) or not _signs(each):
            continue
        kid = each.get("kid")
        for algorithm in algorithms:
            if isinstance(kid, str | None) and (key := _key(each, algorithm)) is not None:
                keys.setdefault((kid, algorithm), key)
    if not keys:
        log.warning("the identity provider lists no key that fits the algorithms %s", ", ".join(algorithms))
    return KeySet(keys)


def _signs(given: Json) -> bool:
    """Whether a key is there for signatures, as far as it says."""
    operations = given.get("key_ops")
    return given.get("use", "sig") == "sig" and (not isinstance(operations, list) or "verify" in operations)


def _key(given: Json, algorithm: str) -> PyJWK | None:
    if given.get("alg", algorithm) != algorithm:
        return None
    if any(given.get(name) != value for name, value in _FITTING[algorithm].items()):
        return None
    try:
        key = PyJWK({name: given[name] for name in _PUBLIC if name in given}, algorithm)
    except PyJWTError:
        return None
    return None if key.Algorithm.check_key_length(key.key) else key
