"""Addresses of PostgreSQL: several in one setting, and one of several servers."""

import re
from urllib.parse import quote

_SCHEME = re.compile(r"(?:postgres|postgresql)(?:\+\w+)?://")


def split(text: str) -> list[str]:
    """Addresses that are set apart by spaces or commas. One may hold commas itself, between its servers."""
    text = text.strip(" ,\t\r\n")
    return re.split(rf"[\s,]+(?={_SCHEME.pattern})", text) if text else []


def usable(address: str) -> bool:
    """Whether it is one of PostgreSQL."""
    return _SCHEME.match(address) is not None


def for_driver(address: str) -> str:
    """An address as SQLAlchemy wants it, which takes several servers only in the query. Raises ValueError."""
    found = _SCHEME.match(address)
    if found is None:
        raise ValueError("FOLLOWTHROUGH_DATABASE_URL must be a postgresql:// address, or unset for SQLite")
    rest = address[found.end() :]
    authority, _, path = rest.partition("/")
    user, at, servers = authority.rpartition("@")
    if "," not in servers:
        return f"postgresql+psycopg://{rest}"
    pairs = [re.fullmatch(r"(.*?)(?::(\d*))?", each, re.DOTALL) for each in servers.split(",")]
    names = ",".join(pair[1].strip("[]") for pair in pairs if pair)
    ports = ",".join(pair[2] or "5432" for pair in pairs if pair)
    database, _, query = path.partition("?")
    several = f"host={quote(names, safe='')}&port={quote(ports, safe='')}"
    return f"postgresql+psycopg://{user}{at}/{database}?{several}{f'&{query}' if query else ''}"
