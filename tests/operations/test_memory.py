"""Memory: what a file of 64 MiB takes to load, beside a small one. Measured in a process of its own."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.support.databases import Databases
from tests.support.server import environment_of

MIB = 2**20
_PEAK = """
import pathlib, re, sys
from app.cli import main
sys.argv = ["followthrough", "load", sys.argv[1]]
try:
    main()
finally:
    # Not ru_maxrss, which a process has from the one that started it.
    print(re.search(r"VmHWM:\\s*(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1])
"""


def bundle(file: Path, size: int, text: str) -> Path:
    """A bundle of promises with long texts, of so many bytes."""
    partnership = {"slug": "p", "name": "P", "summary": "S.", "parties": ["IN", "KR"], "state": "published"}
    common = {"partnership": "p", "kind": "deliverable", "made_on": "2020", "state": "published"}
    with file.open("wb") as out:
        out.write(orjson.dumps({"format": "followthrough-bundle/1", "title": "Large"}) + b"\n")
        out.write(orjson.dumps({"resource": "partnerships", **partnership}) + b"\n")
        number = 0
        while out.tell() < size:
            promise = {"slug": f"c{number}", "title": f"Promise {number}", "statement": (text * 20_000)[:19_000]}
            out.write(orjson.dumps({"resource": "commitments", **promise, **common}) + b"\n")
            number += 1
    return file


def peak(file: Path, environment: dict[str, str]) -> float:
    """What loading a file took at most, in MiB."""
    command = [sys.executable, "-c", _PEAK, file]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return int(done.stdout.split()[-1]) / 1024


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says what a process took at most")
def test_loading_64_mib_takes_little_more_than_loading_some(databases: Databases, tmp_path: Path) -> None:
    """Whether it is all new or all changes: what has been dealt with is in the database, and not in memory."""
    few, many = (environment_of(databases.empty("sqlite")) for _ in range(2))
    ordinary = peak(bundle(tmp_path / "few.jsonl", MIB, "steel and ports. "), few)
    assert peak(bundle(tmp_path / "new.jsonl", 64 * MIB, "steel and ports. "), many) - ordinary < 80
    assert peak(bundle(tmp_path / "changed.jsonl", 64 * MIB, "chips and ships. "), many) - ordinary < 80
