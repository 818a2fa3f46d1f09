"""A real server: the command a person would run, as a process of its own, with a log that a failing test can show."""

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from app.settings import Settings
from tests.support.warm import WarmProcess

Process = WarmProcess | subprocess.Popen[bytes]

PREFIX = "FOLLOWTHROUGH_"
ROOT = Path(__file__).parents[2]
SECONDS_TO_START = 180
SECONDS_TO_STOP = 90

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Servers of the suite speak plain HTTP, and reading the certificates of the system takes a client long."""


@dataclass
class Server:
    """A running server: where it answers, what it runs on, and what it has logged."""

    url: str
    token: str
    settings: Settings
    log_file: Path
    process: Process

    @property
    def authorization(self) -> dict[str, str]:
        """The header of a client that may do everything."""
        return {"Authorization": f"Bearer {self.token}"}

    def client(self, **headers: str) -> httpx.Client:
        """A client of this server; to be closed by whoever asked for it."""
        return httpx.Client(base_url=self.url, headers=headers, timeout=120, trust_env=False, verify=NO_CERTIFICATES)

    def log(self, lines: int = 20) -> str:
        """The end of the log."""
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables that give a process these settings, and no others of ours."""
    stored = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    chosen = {f"{PREFIX}{name.upper()}": _as_text(value) for name, value in settings if value is not None}
    return {**stored, **chosen, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "error"}


def _as_text(value: Any) -> str:
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(settings: Settings, *arguments: str, port: int | None = None, **environment: str) -> Iterator[Server]:
    """Run a server on these settings until the end of the block; it is ready when the block begins.

    Further arguments are those of `followthrough serve`; with some it is a process from its very start. It listens on
    a port that is free, or on the one given.
    """
    port = port or free_port()
    log_file = settings.data_dir / "server.log"
    command = ["serve", "--host", "127.0.0.1", "--port", str(port), *arguments]
    # Not the repository: a developer's .env file is none of the suite's business.
    folder, variables = settings.data_dir, {**environment_of(settings), **environment}
    process: Process
    if arguments or environment:
        process = _cold(command, folder, variables, log_file)
    else:
        process = WarmProcess(command, folder, variables, log_file)
    url = f"http://127.0.0.1:{port}"
    server = Server(url, settings.admin_token.get_secret_value(), settings, log_file, process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        _end(process)


def _cold(command: Sequence[str], folder: Path, environment: Mapping[str, str], log_file: Path) -> Process:
    with log_file.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli", *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    with server.client() as client:
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if client.get("/readyz").status_code == 200:
                    return
            with suppress(subprocess.TimeoutExpired):
                ended = server.process.wait(timeout=0.1)
                raise RuntimeError(f"the server ended with {ended} instead of serving:\n{server.log()}")
    raise RuntimeError(f"the server was not ready after {SECONDS_TO_START} s:\n{server.log()}")


def _end(process: Process) -> None:
    process.terminate()
    try:
        process.wait(timeout=SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise RuntimeError(f"the server did not end within {SECONDS_TO_STOP} s of being asked to") from None
