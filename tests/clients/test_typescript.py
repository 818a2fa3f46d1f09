"""Clients in TypeScript: they compile under strict rules from the document alone, and work on a live server."""

from pathlib import Path

import pytest

from tests.clients.conftest import run
from tests.support.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.clients]


def test_a_front_end_on_openapi_fetch_compiles_and_runs(node: str, live: Server, workshop: Path) -> None:
    tools = workshop / "node_modules" / ".bin"
    run(workshop, tools / "openapi-typescript", "openapi.json", "--output", "schema.d.ts")
    run(workshop, tools / "tsc", "--project", "front_end.tsconfig.json")
    reported = run(workshop, node, "out/front_end.js", live.url, live.token)
    assert "overdue promises" in reported


def test_a_program_on_hey_api_compiles_and_runs(node: str, live: Server, workshop: Path) -> None:
    tools = workshop / "node_modules" / ".bin"
    run(workshop, tools / "openapi-ts", "-i", "openapi.json", "-o", "client", "-c", "@hey-api/client-fetch")
    run(workshop, tools / "tsc", "--project", "hey_api.tsconfig.json")
    assert "fine" in run(workshop, node, "out/hey_api.js", live.url, live.token)
