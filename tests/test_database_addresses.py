"""Addresses of PostgreSQL in settings."""

from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql import psycopg

from app import database_addresses
from app.settings import Settings


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("", []),
        (" , ", []),
        ("postgresql://a/r", ["postgresql://a/r"]),
        ("postgresql://a/r postgres://b/r", ["postgresql://a/r", "postgres://b/r"]),
        (" postgresql://a/r,\n postgresql+psycopg://b/r, ", ["postgresql://a/r", "postgresql+psycopg://b/r"]),
        ("postgresql://a,b:2/r,postgresql://c/r", ["postgresql://a,b:2/r", "postgresql://c/r"]),
    ],
)
def test_addresses_are_told_apart(text: str, addresses: list[str]) -> None:
    assert database_addresses.split(text) == addresses


@pytest.mark.parametrize(
    ("address", "connected"),
    [
        ("postgresql://u:p%40@a:6/r", {"user": "u", "password": "p@", "host": "a", "port": 6, "dbname": "r"}),
        ("postgresql://a,b:6432/r", {"host": "a,b", "port": "5432,6432", "dbname": "r"}),
        (
            "postgresql://u:p%40@a:1,[::1]:2,[fe80::1]/r?target_session_attrs=read-write",
            {
                "user": "u",
                "password": "p@",
                "host": "a,::1,fe80::1",
                "port": "1,2,5432",
                "dbname": "r",
                "target_session_attrs": "read-write",
            },
        ),
    ],
)
def test_an_address_may_name_several_servers(address: str, connected: dict[str, Any]) -> None:
    _, found = psycopg.dialect().create_connect_args(make_url(database_addresses.for_driver(address)))
    assert {name: value for name, value in found.items() if name != "context"} == connected


@pytest.mark.parametrize(
    ("settings", "reported"),
    [
        ({"read_database_url": "postgresql://secret@a/r"}, "SQLite has no standbys"),
        ({"read_database_url": "mysql://secret@a/r", "database_url": "postgresql://a/r"}, "must be postgresql://"),
    ],
)
def test_standbys_that_cannot_be_are_refused(settings: dict[str, Any], reported: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, **settings)
    assert reported in refused.value.errors()[0]["msg"]
    assert "secret" not in refused.value.errors()[0]["msg"]
