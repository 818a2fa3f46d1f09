"""The servers that are measured, each one process on a port of its own, with its log thrown away."""

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.settings import Settings
from tests.support.server import environment_of, free_port

HERE = Path(__file__).parent
PEERS = HERE / ".venv" / "bin"
OURS, HOT, BARE = "ours", "ours, cached", "bare ASGI"
TUTORIAL, EAGER, DATASETTE = "tutorial", "tutorial, eager", "Datasette"
_SECONDS_TO_START = 120


@dataclass(frozen=True)
class Running:
    """A server: its process, and where it answers."""

    process: int
    url: str


@contextmanager
def _process(arguments: list[str], environment: Mapping[str, str], port: int) -> Iterator[Running]:
    server = subprocess.Popen(
        arguments,
        env={**environment, "PYTHONPATH": str(HERE.parent)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield Running(server.pid, f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"{server.args!r} does not start; `make bench` installs what it needs.")


@contextmanager
def ours(settings: Settings) -> Iterator[Running]:
    """The register."""
    port = free_port()
    environment = {**environment_of(settings), "HOST": "127.0.0.1", "PORT": str(port)}
    with _process([sys.executable, "-m", "app.cli", "serve"], environment, port) as running:
        yield running


@contextmanager
def all_on(settings: Settings, folder: Path, hot: Mapping[str, str]) -> Iterator[dict[str, Running]]:
    """Every contestant, on the rows of one register; the bare application sends what ``hot`` is answered with."""
    source = settings.sqlite_file
    with ExitStack() as until_end:
        cold = settings.model_copy(update={"cache_bytes": 0})
        found = {OURS: until_end.enter_context(ours(cold)), HOT: until_end.enter_context(ours(settings))}
        for name, eager in ((TUTORIAL, ""), (EAGER, "1")):
            copy = folder / f"tutorial{eager}.sqlite3"
            shutil.copy(source, copy)
            variables = {"TUTORIAL_DATABASE": str(copy), "TUTORIAL_EAGER": eager}
            found[name] = until_end.enter_context(_uvicorn("tutorial", variables))
        answers = folder / "answers.json"
        answers.write_text(json.dumps({url: _answer(found[HOT], url) for url in hot.values()}))
        found[BARE] = until_end.enter_context(_uvicorn("bare", {"BARE_ANSWERS": str(answers)}))
        found[DATASETTE] = until_end.enter_context(_datasette(source, folder))
        yield found


def _answer(server: Running, url: str) -> tuple[list[tuple[str, str]], str]:
    answer = httpx.get(server.url + url, headers={"Accept-Encoding": "identity"}, trust_env=False).raise_for_status()
    return [(name, value) for name, value in answer.headers.items() if name not in ("date", "server")], answer.text


@contextmanager
def _uvicorn(peer: str, variables: Mapping[str, str]) -> Iterator[Running]:
    port = free_port()
    arguments = [str(PEERS / "uvicorn"), f"benchmarks.peers.{peer}:app", "--port", str(port)]
    quiet = ["--no-access-log"] if peer == "bare" else []
    with _process([*arguments, *quiet], dict(variables), port) as running:
        yield running


@contextmanager
def _datasette(source: Path, folder: Path) -> Iterator[Running]:
    """Datasette on a copy of the rows, with a full-text index of the promises alone."""
    copy, port = folder / "register.db", free_port()
    shutil.copy(source, copy)
    with sqlite3.connect(copy) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE commitment_fts USING fts5(title, statement, content=\"commitment\", prefix='2 3')"
        )
        connection.execute("INSERT INTO commitment_fts(commitment_fts) VALUES ('rebuild')")
    options = ["--port", str(port), "--setting", "suggest_facets", "off", "--setting", "facet_time_limit_ms", "1000"]
    with _process([str(PEERS / "datasette"), "serve", str(copy), *options], {}, port) as running:
        yield running
