"""SQLite plans a statement that is run again and again once, not each time that it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def plannings(engine: sa.Engine) -> Iterator[list[object]]:
    """The columns that SQLite asks leave to read: it does so when it plans a statement, and at no other time."""
    asked: list[object] = []
    watched: list[Any] = []

    def authorize(action: int, *what: object) -> int:
        # FTS5 looks up its own table by itself, each time that its words are looked at.
        if action == sqlite.SQLITE_READ and what[0] != "search_index":
            asked.append(what)
        return sqlite.SQLITE_OK

    def watch(driver: Any, *_: object) -> None:
        if driver not in watched:
            watched.append(driver)
            driver.set_authorizer(authorize)

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
        for limit in (20, 21):  # every connection that is used is known by then
            register.get(path.format(limit))
        assert asked
        asked.clear()
        for limit in (20, 30, 25):
            assert register.get(path.format(limit)).json()
        assert asked == []
