"""Where views are looked at: the bundled register and a generated one. Fixtures, for the conftest that wants them."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date

import pytest

from app.operations.prepare import migrate
from tests.support.databases import Databases, opened
from tests.support.generated_register import TINY, Generator, Size
from tests.support.lists import Lists
from tests.support.register import Register, application

TODAY = date(2026, 11, 22)
"""The day that generated registers are looked at."""


@pytest.fixture(scope="session")
def generated_registers(databases: Databases) -> Iterator[dict[tuple[str, Size], Register]]:
    """The applications on generated registers, by database and size. Nobody changes what they hold."""
    with ExitStack() as until_end:

        class Created(dict[tuple[str, Size], Register]):
            def __missing__(self, key: tuple[str, Size]) -> Register:
                backend, size = key
                settings = databases.empty(backend).model_copy(update={"cache_bytes": 0, "today": TODAY})
                with opened(settings) as database:
                    migrate(database)
                    Generator(size).fill(database)
                self[key] = until_end.enter_context(application(settings))
                return self[key]

        yield Created()


@pytest.fixture(scope="session")
def generated(backend: str, generated_registers: dict[tuple[str, Size], Register]) -> Register:
    """A generated register with 60 promises in two partnerships."""
    return generated_registers[backend, TINY]


@pytest.fixture(scope="session", params=["bundled", "generated"])
def place(request: pytest.FixtureRequest, register: Register, generated: Register) -> tuple[Lists, str]:
    """The lists of a register, and the partnership to look at: of the bundled one, and of a generated one."""
    if request.param == "bundled":
        return Lists(register), "india-south-korea"
    return Lists(generated), "partnership-0"
