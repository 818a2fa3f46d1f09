"""Schemathesis makes requests from the description of the API, right and wrong ones, and finds nothing amiss.

It runs against a real server, each of its phases for a bounded time: a file of tests/fuzzing for each run, so that the
processes of a run of the suite can share them.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.databases import Databases, require_backend
from tests.support.server import running

_SUPPORT = Path(__file__).parent


def assert_nothing_found(
    databases: Databases, folder: Path, phases: str, *, on: str, anonymous: bool = False, seconds: int = 40
) -> None:
    """Run some of its phases on a server of its own, as anybody or with the token, and show what it finds.

    A run whose requests another one makes as well, and more, has fewer seconds.
    """
    require_backend(on)
    # What it writes is no other test's business.
    with running(databases.excerpt(on)) as server:
        # Made when it is first wanted, which takes longer than Schemathesis waits where the machine is busy.
        with server.client() as client:
            client.get("/openapi.json").raise_for_status()
        header = [] if anonymous else ["-H", f"Authorization: Bearer {server.token}"]
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "schemathesis.cli",
                "--config-file",
                str(_SUPPORT / "schemathesis.toml"),
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
                str(seconds),
                "--seed",
                "1",
                "--suppress-health-check",
                "all",
                "--continue-on-failure",
                "--no-color",
            ],
            cwd=folder,
            env=os.environ | {"SCHEMATHESIS_HOOKS": str(_SUPPORT / "schemathesis_hooks.py")},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
