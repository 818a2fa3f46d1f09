"""What every test can ask for: a server on either database, clients of it, and the application in this process.

A test that takes `server`, `anonymous`, `editor` or `register` runs once on SQLite and once on PostgreSQL. All start
with the bundled register. Servers are shared by the tests of a run, so a test makes the records it changes.
"""

import gc
import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app.settings import Settings
from tests.support.as_needed import AsNeeded
from tests.support.chromium import find_chromium, launch_arguments
from tests.support.databases import BACKENDS, Databases, require, require_backend
from tests.support.lanes import assign, is_needed
from tests.support.order import places
from tests.support.register import Register, application
from tests.support.server import Server, running
from tests.support.skips import reasons_of, summary

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Thousands of tests are collected and stay to the end: nothing of that is garbage, and looking for some takes seconds.
gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage from now on, but not among the tests."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the slow lane what only proves again what the fast one proves."""
    items[:] = [item for item in items if is_needed(item)]
    for item in items:
        assign(item)


@pytest.hookimpl(specname="pytest_collection_modifyitems", trylast=True)
def pytest_put_files_in_order(items: list[pytest.Item]) -> None:
    """Let the processes of a run have work until its end. The tests of a file stay as pytest has them."""
    names = {item: item.path.relative_to(item.config.rootpath / "tests").as_posix() for item in items}
    place = places(names.values())
    items.sort(key=lambda item: (place[names[item]], names[item]))


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Databases of either kind, as many as are asked for."""
    whole_run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        whole_run = whole_run.parent
    shared = whole_run / "shared"
    shared.mkdir(exist_ok=True)
    created = Databases(tmp_path_factory.mktemp("databases"), shared)
    yield created
    created.close()


@pytest.fixture(scope="session")
def servers(databases: Databases) -> Iterator[dict[str, Server]]:
    """The servers that run, by database, with the bundled registers."""
    with ExitStack() as until_end:
        yield AsNeeded(until_end, lambda backend: running(databases.bundled(backend)))


@pytest.fixture(scope="session")
def small_servers(databases: Databases) -> Iterator[dict[str, Server]]:
    """The same, with a part of the bundled registers: for what does not depend on how much there is."""
    with ExitStack() as until_end:
        yield AsNeeded(until_end, lambda backend: running(databases.excerpt(backend)))


@pytest.fixture(scope="session")
def registers(databases: Databases) -> Iterator[dict[str, Register]]:
    """The applications in this process, by database. Nobody changes what they hold: the bundled registers."""
    with ExitStack() as until_end:
        yield AsNeeded(until_end, lambda backend: application(without_cache(databases.bundled(backend))))


@pytest.fixture(scope="session")
def small_registers(databases: Databases) -> Iterator[dict[str, Register]]:
    """The same, with a part of the bundled registers."""
    with ExitStack() as until_end:
        yield AsNeeded(until_end, lambda backend: application(without_cache(databases.excerpt(backend))))


def without_cache(settings: Settings) -> Settings:
    """Settings with which every answer is worked out."""
    return settings.model_copy(update={"cache_bytes": 0})


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


@pytest.fixture(scope="session")
def scratch_server(databases: Databases) -> Iterator[Server]:
    """A server with the bundled register whose records these tests may change, as the examples do."""
    with running(databases.bundled("sqlite")) as server:
        yield server


@pytest.fixture(scope="session")
def scratch(scratch_server: Server) -> Iterator[httpx.Client]:
    """A client that may write there."""
    with scratch_server.client(**scratch_server.authorization) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium, until the end of the module: while it runs, its thread has a loop, and later tests want their own."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = find_chromium()
    require(program is not None, "Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(executable_path=program, args=launch_arguments())
        except sync_api.Error as error:
            require(False, f"Chromium does not start: {error.message.splitlines()[0]}")
            raise
        yield launched
        launched.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of the server's log with a test that failed on it."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(server, Server):
        report.sections.append(("End of the server's log", server.log()))
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in a few lines what this machine could not test, and what was left to the slow lane."""
    slow = sum("slow" in each.keywords for each in terminalreporter.stats.get("deselected", ()))
    if slow:
        terminalreporter.write_line(f"The slow lane is run by itself: make test-slow ({slow} tests).")
    for line in summary(reasons_of(terminalreporter.stats.get("skipped", ()))):
        terminalreporter.write_line(f"NOT TESTED HERE. {line}.", yellow=True, bold=True)
