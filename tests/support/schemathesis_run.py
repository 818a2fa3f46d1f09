"""Schemathesis makes requests from the description of the API, right and wrong ones, and finds nothing amiss.

It runs against a real server, as anybody and with the token, each of its phases for a bounded time.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import Databases, require_backend
from tests.support.server import running

SUPPORT = Path(__file__).parent / "support"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("on", "credential", "phases"),
    [
        ("sqlite", "anonymous", "examples,fuzzing"),
        ("sqlite", "token", "examples,fuzzing"),
        ("sqlite", "token", "coverage"),
        ("sqlite", "token", "stateful"),
        pytest.param("postgresql", "token", "examples,fuzzing", marks=pytest.mark.postgresql),
    ],
)
def test_schemathesis_finds_nothing(
    databases: Databases, on: str, credential: str, phases: str, tmp_path: Path
) -> None:
    require_backend(on)
    # A server of its own: what it writes is no other test's business.
    with running(databases.excerpt(on)) as server:
        # Made when it is first wanted, which takes longer than Schemathesis waits where the machine is busy.
        with server.client() as client:
            client.get("/openapi.json").raise_for_status()
        header = [] if credential == "anonymous" else ["-H", f"Authorization: Bearer {server.token}"]
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "schemathesis.cli",
                "--config-file",
                str(SUPPORT / "schemathesis.toml"),
                "run",
                f"{server.url}/openapi.json",
                *header,
                "--checks",
                "all",
                "--phases",
                phases,
                "--max-examples",
                "20",
                "--max-time",
                "40",
                "--seed",
                "1",
                "--suppress-health-check",
                "all",
                "--continue-on-failure",
                "--no-color",
            ],
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": str(SUPPORT / "schemathesis_hooks.py")},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
