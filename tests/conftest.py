"""What every test can ask for: a server on either database, clients of it, and the application in this process.

A test that takes `server`, `anonymous`, `editor` or `register` runs once on SQLite and once on PostgreSQL. All start
with the bundled register. Servers are shared by the tests of a run, so a test makes the records it changes.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.support.databases import BACKENDS, Databases, require_backend
from tests.support.register import Register, application
from tests.support.server import Server, running

OPTIONAL = {"postgresql": "PostgreSQL", "browser": "Chromium", "redis": "Redis", "nginx": "nginx"}
"""What a machine may be without: the marker of the tests that need it, and its name."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what is heavy to the slow lane where it only proves on PostgreSQL what it proves on SQLite as well."""
    for item in items:
        if item.get_closest_marker("heavy") and item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Databases of either kind, as many as are asked for."""
    whole_run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        whole_run = whole_run.parent
    shared = whole_run / "shared"
    shared.mkdir(exist_ok=True)
    made = Databases(tmp_path_factory.mktemp("databases"), shared)
    yield made
    made.close()


@pytest.fixture(scope="session")
def servers(databases: Databases) -> Iterator[dict[str, Server]]:
    """The servers that run, by database. Each is started when first asked for and ends with the run."""
    with ExitStack() as until_end:

        class Started(dict[str, Server]):
            def __missing__(self, backend: str) -> Server:
                self[backend] = until_end.enter_context(running(databases.bundled(backend)))
                return self[backend]

        yield Started()


@pytest.fixture(scope="session")
def registers(databases: Databases) -> Iterator[dict[str, Register]]:
    """The applications in this process, by database. Nobody changes what they hold: the bundled register."""
    with ExitStack() as until_end:

        class Made(dict[str, Register]):
            def __missing__(self, backend: str) -> Register:
                settings = databases.bundled(backend).model_copy(update={"cache_bytes": 0})
                self[backend] = until_end.enter_context(application(settings))
                return self[backend]

        yield Made()


@pytest.fixture(
    scope="session",
    params=[pytest.param(each, marks=[pytest.mark.postgresql] if each == "postgresql" else []) for each in BACKENDS],
)
def backend(request: pytest.FixtureRequest) -> str:
    """The database that a test runs on: "sqlite", then "postgresql" where there is one."""
    backend: str = request.param
    require_backend(backend)
    return backend


@pytest.fixture(scope="session")
def server(backend: str, servers: dict[str, Server]) -> Server:
    """A real server with the bundled register."""
    return servers[backend]


@pytest.fixture(scope="session")
def anonymous(server: Server) -> Iterator[httpx.Client]:
    """A client that shows no credential."""
    with server.client() as client:
        yield client


@pytest.fixture(scope="session")
def editor(server: Server) -> Iterator[httpx.Client]:
    """A client that may write and publish."""
    with server.client(**server.authorization) as client:
        yield client


@pytest.fixture(scope="session")
def register(backend: str, registers: dict[str, Register]) -> Register:
    """The application in this process, with the bundled register, which is left as it is."""
    return registers[backend]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of the server's log with a test that failed on it."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(server, Server):
        report.sections.append(("End of the server's log", server.log()))
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in one line what this machine could not test."""
    skipped = terminalreporter.stats.get("skipped", ())
    counts = {name: sum(marker in each.keywords for each in skipped) for marker, name in OPTIONAL.items()}
    slow = sum("slow" in each.keywords for each in terminalreporter.stats.get("deselected", ()))
    if slow:
        terminalreporter.write_line(f"The slow lane is run by itself: make test-slow ({slow} tests).")
    told = [f"{name} is missing: {count} tests skipped" for name, count in counts.items() if count]
    if told:
        terminalreporter.write_line(f"NOT TESTED HERE. {'; '.join(told)}.", yellow=True, bold=True)
