"""Schemathesis makes requests from the description of the API, right and wrong ones, and finds nothing amiss.

It runs against a real server, as anybody and with the token, for a bounded time: longer in the slow lane.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.server import running

SUPPORT = Path(__file__).parent / "support"


@pytest.mark.heavy
@pytest.mark.parametrize("seconds", [8, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.parametrize("credential", ["anonymous", "token"])
def test_schemathesis_finds_nothing(
    databases: Databases, backend: str, credential: str, seconds: int, tmp_path: Path
) -> None:
    # A server of its own: what it writes is no other test's business.
    with running(databases.bundled(backend)) as server:
        header = [] if credential == "anonymous" else ["-H", f"Authorization: Bearer {server.token}"]
        done = subprocess.run(
            [
                sys.executable, "-m", "schemathesis.cli", "--config-file", str(SUPPORT / "schemathesis.toml"),
                "run", f"{server.url}/openapi.json", *header, "--checks", "all", "--phases", "examples,fuzzing",
                "--max-examples", "3" if seconds < 10 else "20", "--max-time", str(seconds),
                "--seed", "1",
                "--suppress-health-check", "all",
                "--continue-on-failure", "--no-color",
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(SUPPORT), "SCHEMATHESIS_HOOKS": "schemathesis_hooks"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
