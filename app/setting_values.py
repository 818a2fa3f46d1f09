"""What the values of settings must be: each kind refuses what is none, and says what it must be."""

import re
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

import limits
from pydantic import AfterValidator, BeforeValidator, SecretStr

TOKEN_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""How a token may be signed: only ways in which whoever can check a signature cannot make one."""


def secure_address(address: str) -> str:
    """Refuse an address whose responses somebody on the way could change: https, or http to this very machine.

    Raises ValueError, with what the address must be.
    """
    wanted = "must be an https:// address, or http:// on a loopback host, without user and fragment"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(wanted) from None
    plain = address.isascii() and address.isprintable() and " " not in address
    if not plain or not host or "@" in parts.netloc or "#" in address:
        raise ValueError(wanted)
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback(host)):
        raise ValueError(wanted)
    return address


def loopback(host: str) -> bool:
    """Whether a host is spelled as this very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


MIN_TOKEN_LENGTH = 16
MIN_SECRET_BYTES = 32
_MAKES_ONE = "`openssl rand -hex 32` makes a good one"

_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]")
_STORES = ("redis", "rediss", "valkey", "valkeys")


def listed(text: str) -> list[str]:
    """What stands between commas."""
    return [each.strip() for each in text.split(",") if each.strip()]


def networks(text: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks, separated by commas; raises ValueError."""
    return [ip_network(each) for each in listed(text)]


def _level(value: str) -> str:
    if value.lower() not in ("debug", "info", "warning", "error"):
        raise ValueError("must be one of debug, info, warning, error")
    return value.lower()


def _day(value: object) -> object:
    # Left to itself, digits are read as seconds since 1970: `20261130` would be a day of that year.
    if isinstance(value, str) and not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("must be a day, such as 2026-11-30")
    return value


def _public_address(value: str) -> str:
    parts = urlsplit(value)
    plain = value.isascii() and value.isprintable() and not set(value) & set(' "<>')
    if value and not (plain and parts.scheme in ("http", "https") and parts.hostname and not parts.query):
        raise ValueError("must be an http:// or https:// address without a query")
    return value.rstrip("/")


def _admin_token(value: SecretStr) -> SecretStr:
    if 0 < len(value.get_secret_value()) < MIN_TOKEN_LENGTH:
        raise ValueError(f"must have at least {MIN_TOKEN_LENGTH} characters; {_MAKES_ONE}")
    return value


def _secret(value: SecretStr) -> SecretStr:
    if 0 < len(value.get_secret_value().encode()) < MIN_SECRET_BYTES:
        raise ValueError(f"must have at least {MIN_SECRET_BYTES} bytes, or be unset; {_MAKES_ONE}")
    return value


def _issuer(value: str) -> str:
    if value and "?" in secure_address(value):
        raise ValueError("must be an address without a query")
    return value


def _algorithms(value: str) -> str:
    names = [name.strip() for name in value.split(",")]
    if not all(name in TOKEN_ALGORITHMS for name in names):
        raise ValueError(f"must be one or more of {', '.join(TOKEN_ALGORITHMS)}, set apart by commas")
    return ",".join(names)


def _rate(value: str) -> str:
    try:
        rates = limits.parse_many(value) if value.strip() else []
        usable = len(rates) <= 1 and all(rate.amount and rate.multiples for rate in rates)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("must be one rate, such as 100/minute or 5 per second, or empty for none")
    return value.strip()


def _store(value: SecretStr) -> SecretStr:
    # What is wrong is said without the address, which may hold a password.
    wrong = "must be an address such as redis://host:6379/0 or valkey://host:6379/0, or empty"
    try:
        parts = urlsplit(value.get_secret_value())
        usable = parts.scheme in _STORES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if value.get_secret_value() and not usable:
        raise ValueError(wrong)
    return value


def _hosts(value: str) -> str:
    if not all(_HOST.fullmatch(each) for each in listed(value)):
        raise ValueError("must be host names such as register.example, without scheme, port and path")
    return value


def _networks(value: str) -> str:
    try:
        networks(value)
    except ValueError as error:
        raise ValueError(f"must be addresses or networks, separated by commas: {error}") from None
    return value


LogLevel = Annotated[str, AfterValidator(_level)]
Day = Annotated[date, BeforeValidator(_day)]
PublicAddress = Annotated[str, AfterValidator(_public_address)]
AdminToken = Annotated[SecretStr, AfterValidator(_admin_token)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
IssuerAddress = Annotated[str, AfterValidator(_issuer)]
Algorithms = Annotated[str, AfterValidator(_algorithms)]
Rate = Annotated[str, AfterValidator(_rate)]
StoreAddress = Annotated[SecretStr, AfterValidator(_store)]
HostNames = Annotated[str, AfterValidator(_hosts)]
Networks = Annotated[str, AfterValidator(_networks)]
"""Addresses and networks, separated by commas."""
