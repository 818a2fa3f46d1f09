"""What a server makes and imports when it starts: not what few requests need, which these then wait for once."""

import json
import subprocess
import sys

import pytest

from app.operations.prepare import migrate
from tests.support.databases import Databases, opened
from tests.support.server import environment_of

_LATER = ("alembic", "citeproc", "icalendar", "jinja2", "markdown_it", "mcp", "psycopg", "pydantic.v1", "xlsxwriter")
"""Libraries that take a noticeable part of a start to import, and what they are for can wait: a page, a file."""

_START = """
import json, sys
from fastapi.routing import APIRoute
from app.main import create_app
from app.resources import CATALOGUE
routes = [route for route in create_app().routes if isinstance(route, APIRoute)]
print(json.dumps({
    "modules": sorted(sys.modules),
    "routes": len(routes),
    "made": [route.path for route in routes if "dependant" in vars(route)],
    "written": [each.name for each in CATALOGUE if each.create.__pydantic_complete__],
    "shown": [each.name for each in CATALOGUE if each.read.__pydantic_complete__],
    "stored": [each.name for each in CATALOGUE if each.table.__pydantic_complete__],
    "all": [each.name for each in CATALOGUE],
}))
"""


@pytest.fixture(scope="module")
def started(databases: Databases) -> dict[str, list[str]]:
    settings = databases.empty("sqlite")
    with opened(settings) as database:
        migrate(database)
    command = [sys.executable, "-c", _START]
    done = subprocess.run(command, env=environment_of(settings), check=True, capture_output=True, text=True)
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_libraries_are_imported_when_what_they_are_for_is_wanted(started: dict[str, list[str]]) -> None:
    assert {"fastapi", "sqlmodel", "app.main"} <= set(started["modules"])
    assert [name for name in _LATER if name in started["modules"]] == []


def test_routes_are_made_when_a_request_comes_near_them(started: dict[str, list[str]]) -> None:
    assert started["routes"]
    # Those of the document, which the application has by itself.
    assert started["made"] == ["/openapi.json", "/openapi-reading.json"]


def test_models_that_only_document_are_built_with_the_document(started: dict[str, list[str]]) -> None:
    assert (started["shown"], started["stored"]) == ([], [])


def test_models_of_what_is_written_are_built_before_two_requests_may_want_them_at_once(
    started: dict[str, list[str]],
) -> None:
    assert started["written"] == started["all"]
