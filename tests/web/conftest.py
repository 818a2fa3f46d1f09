"""What the tests of the documentation share: a server of their own, and a browser that looks at it."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests.support.chromium import find_chromium, launch_arguments
from tests.support.databases import Databases, require
from tests.support.server import Server, running


@pytest.fixture(scope="session")
def desk(databases: Databases) -> Iterator[Server]:
    """A server with the bundled register whose records these tests may change, as the examples do."""
    with running(databases.bundled("sqlite")) as server:
        yield server


@pytest.fixture(scope="session")
def scratch(desk: Server) -> Iterator[httpx.Client]:
    """A client that may write there."""
    with desk.client(**desk.authorization) as client:
        yield client


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    program = find_chromium()
    require(program is not None, "Chromium is not installed")
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(executable_path=program, args=launch_arguments())
        except Error as error:
            require(False, f"Chromium does not start: {error.message.splitlines()[0]}")
            raise
        yield launched
        launched.close()
