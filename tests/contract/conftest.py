"""The contract suite: every promise of the API's grammar, over every resource there is.

A test that takes `resource` runs once for each resource of `app.resources.ALL` and, through its clients, once on each
database. Nothing here names a resource, so whoever adds one adds its tests with it.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from app.core.resource import Resource
from app.resources import ALL
from tests.support.as_needed import AsNeeded
from tests.support.databases import Databases
from tests.support.library import Library, library_on, prepare, stock
from tests.support.operations import SPECIFICATION
from tests.support.samples import Samples
from tests.support.server import Server
from tests.support.spec import Specification


@pytest.fixture(params=ALL, ids=lambda resource: resource.name)
def resource(request: pytest.FixtureRequest) -> Resource:
    """Each resource in turn."""
    found: Resource = request.param
    return found


@pytest.fixture(scope="session")
def server(backend: str, small_servers: dict[str, Server]) -> Server:
    """A real server with a part of the bundled registers."""
    return small_servers[backend]


@pytest.fixture(scope="session")
def anonymous(server: Server) -> Iterator[httpx.Client]:
    """A client that shows no credential; whatever error it meets must be a problem as RFC 9457 has it."""
    with server.client() as client:
        prepare(client)
        yield client


@pytest.fixture(scope="session")
def editor(server: Server) -> Iterator[httpx.Client]:
    """A client that may write and publish; whatever error it meets must be a problem as RFC 9457 has it."""
    with server.client(**server.authorization) as client:
        prepare(client)
        yield client


@pytest.fixture(scope="session")
def samples(editor: httpx.Client) -> Samples:
    """Makes valid records of any resource, for a test to change."""
    return Samples(editor)


@pytest.fixture(scope="session")
def libraries(databases: Databases) -> Iterator[dict[str, Library]]:
    """The registers that are only read, by database."""
    with ExitStack() as until_end:
        yield AsNeeded(until_end, lambda backend: library_on(databases.stocked(backend, "library", stock)))


@pytest.fixture(scope="session")
def library(backend: str, libraries: dict[str, Library]) -> Library:
    """A register with records of every resource in every state, that is only read."""
    return libraries[backend]


@pytest.fixture(scope="session")
def specification() -> Specification:
    """The OpenAPI document: the committed one, which tests/api/test_openapi.py holds equal to what is served."""
    return SPECIFICATION
