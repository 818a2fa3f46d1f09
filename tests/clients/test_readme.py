"""The lines of README for other languages run as they stand; only the address is that of the test's own server."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from app.resources import ALL
from tests.clients.conftest import run
from tests.support.databases import require
from tests.support.server import NO_CERTIFICATES, ROOT, SECONDS_TO_STOP, Server, environment_of, free_port
from tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.clients]

ADDRESS = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^    .*\n)+", re.MULTILINE)


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


# -- one machine's export on another one -------------------------------------------------------------------------------


def lines_of_a_copy(server: Server, port: int) -> str:
    """The lines that take a register to another machine, with the addresses of the test's own servers."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (lines,) = [block for block in INDENTED.findall(text) if "/v1/export.jsonl" in block]
    for written, own in (("localhost:8000", server.url.removeprefix("http://")), ("--port 8001", f"--port {port}")):
        assert lines.count(written) == 1, written
        lines = lines.replace(written, own)
    return lines


@contextmanager
def shell(folder: Path, lines: str, server: Server, copy: httpx.Client) -> Iterator[None]:
    """Run lines whose last one serves, until the end of the block, which begins when it does."""
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "lines.sh").write_text(lines)
    own = {"FOLLOWTHROUGH_DATA_DIR", "FOLLOWTHROUGH_DATABASE_URL", "FOLLOWTHROUGH_BUNDLED"}
    environment = {name: value for name, value in environment_of(server.settings).items() if name not in own}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            ["sh", "-e", "lines.sh"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def serves() -> bool:
        assert process.poll() is None, (folder / "said").read_text(errors="replace")[-6000:]
        with suppress(httpx.TransportError):
            return copy.get("/readyz").status_code == 200
        return False

    try:
        eventually(serves, within=300)
        yield
    finally:
        # The shell, and what it has started.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(SECONDS_TO_STOP)


def test_an_export_makes_an_equal_register_on_another_machine(live: Server, tmp_path: Path) -> None:
    require(shutil.which("curl") is not None, "curl is not installed")
    port = free_port()
    copying = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False, verify=NO_CERTIFICATES)
    with copying as copy, live.client() as original, shell(tmp_path, lines_of_a_copy(live, port), live, copy):
        paths = ["/v1/export.jsonl", *(f"/v1/{resource.name}.json" for resource in ALL)]
        for path in paths:
            first, second = original.get(path), copy.get(path)
            assert first.status_code == second.status_code == 200
            assert first.content == second.content, path
        # A cursor is signed with a secret of each register's own: all else of a page is the same.
        for resource in ALL:
            pages = [client.get(f"/v1/{resource.name}?limit=200&count=true").json() for client in (original, copy)]
            assert pages[0]["data"] == pages[1]["data"]
            assert pages[0]["total"] == pages[1]["total"] > 0
            slug = pages[0]["data"][0]["slug"]
            records = [client.get(f"/v1/{resource.name}/{slug}") for client in (original, copy)]
            assert records[0].content == records[1].content
            assert records[0].headers["etag"] == records[1].headers["etag"], "revisions are carried along"
