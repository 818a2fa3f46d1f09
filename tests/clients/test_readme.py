"""The lines of README for other languages run as they stand; only the address is that of the test's own server."""

import re
import shutil
from pathlib import Path

import pytest

from tests.clients.conftest import run
from tests.support.databases import require
from tests.support.server import ROOT, Server

pytestmark = [pytest.mark.slow, pytest.mark.clients]

ADDRESS = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def lines_for(language: str, server: Server) -> list[str]:
    """What README has in a language that asks the server something."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = [block for name, block in BLOCK.findall(text) if name == language and f"{ADDRESS}/v1" in block]
    assert found, f"README has nothing for {language}"
    return [block.replace(ADDRESS, server.url) for block in found]


def test_javascript(node: str, live: Server, tmp_path: Path) -> None:
    for block in lines_for("js", live):
        script = tmp_path / "lines.mjs"
        script.write_text(block)
        assert len(run(tmp_path, node, script).splitlines()) > 1


def test_pandas(python: str, live: Server, tmp_path: Path) -> None:
    for block in lines_for("python", live):
        script = tmp_path / "lines.py"
        script.write_text(block)
        assert "completion" in run(tmp_path, python, script)


def test_r(live: Server, tmp_path: Path) -> None:
    if shutil.which("Rscript") is None:
        # Of all programs the largest: `.ci/run` installs it where it can, and does without where not.
        pytest.skip("R is not installed")
    for block in lines_for("r", live):
        script = tmp_path / "lines.R"
        script.write_text(block)
        assert "completion" in run(tmp_path, "Rscript", script)


def test_curl(live: Server, tmp_path: Path) -> None:
    require(shutil.which("curl") is not None, "curl is not installed")
    for block in lines_for("sh", live):
        script = tmp_path / "lines.sh"
        script.write_text(block.replace("curl ", "curl --fail-with-body --silent --show-error --globoff "))
        assert '"data"' in run(tmp_path, "sh", "-e", script)
