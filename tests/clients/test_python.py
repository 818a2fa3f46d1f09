"""A client in Python, made by openapi-python-client: it lists, pages, filters, creates and patches."""

from pathlib import Path

import pytest

from tests.clients.conftest import HERE, run
from tests.support.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.clients]


def test_a_generated_client_does_its_work(python: str, live: Server, document: Path, tmp_path: Path) -> None:
    generator = Path(python).with_name("openapi-python-client")
    run(tmp_path, generator, "generate", "--path", document, "--meta", "none", "--output-path", "followthrough_client")
    environment = {"PYTHONPATH": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    reported = run(tmp_path, python, HERE / "python_client.py", live.url, live.token, environment=environment)
    assert "overdue promises" in reported
