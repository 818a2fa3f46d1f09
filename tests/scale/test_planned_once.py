"""SQLite plans a statement that is run again and again once, not each time that it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.core.storage.sqlite import sqlite
from tests.support.generated_register import TINY, Size
from tests.support.register import Register

PATHS = (
    "/v1/commitments?limit={}",
    "/v1/commitments.json?fields=slug,due_on&sort=-due_on&limit={}",
    "/v1/commitments?limit={}&q=trade",
    "/v1/search?limit={}&q=trade",
    "/v1/search?limit={}&q=trade&partnership=partnership-1",
)

_BY_THEMSELVES = ("search_index", "webhook", "webhook_delivery", "lease")
"""What is read at other times too: by FTS5 itself whenever its words are looked at, by the server for its webhooks."""


@contextmanager
def plannings(engine: sa.Engine) -> Iterator[list[tuple[Any, object]]]:
    """The columns that SQLite asks leave to read, and the connection: it does so when it plans a statement only."""
    asked: list[tuple[Any, object]] = []
    watched: list[Any] = []

    def authorize(driver: Any, action: int, *what: object) -> int:
        if action == sqlite.SQLITE_READ and what[0] not in _BY_THEMSELVES:
            asked.append((driver, what))
        return sqlite.SQLITE_OK

    def watch(driver: Any, *_: object) -> None:
        if driver not in watched:
            watched.append(driver)
            driver.set_authorizer(partial(authorize, driver))

    event.listen(engine, "checkout", watch)
    try:
        yield asked
    finally:
        event.remove(engine, "checkout", watch)
        for driver in watched:
            driver.set_authorizer(None)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_another_length_is_not_planned_anew(
    generated_registers: dict[tuple[str, Size], Register], path: str
) -> None:
    register = generated_registers["sqlite", TINY]
    with plannings(register.engine) as asked:
        for limit in (20, 21):
            register.get(path.format(limit))
        assert asked
        # Where the connection is busy, another one comes in its place, and plans all of its own.
        known = {id(driver) for driver, _ in asked}
        asked.clear()
        for limit in (20, 30, 25):
            assert register.get(path.format(limit)).json()
        assert [what for driver, what in asked if id(driver) in known] == []
