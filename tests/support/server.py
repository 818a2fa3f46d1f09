"""A real server: the command a person would run, as a process of its own, with a log that a failing test can show."""

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from app.settings import Settings

PREFIX = "FOLLOWTHROUGH_"
ROOT = Path(__file__).parents[2]
SECONDS_TO_START = 60
SECONDS_TO_STOP = 30

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Servers of the suite speak plain HTTP, and reading the certificates of the system takes a client long."""


@dataclass
class Server:
    """A running server: where it answers, what it runs on, and what it has logged."""

    url: str
    token: str
    settings: Settings
    log_file: Path
    process: subprocess.Popen[bytes]

    @property
    def authorization(self) -> dict[str, str]:
        """The header of a client that may do everything."""
        return {"Authorization": f"Bearer {self.token}"}

    def client(self, **headers: str) -> httpx.Client:
        """A client of this server; to be closed by whoever asked for it."""
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False, verify=NO_CERTIFICATES)

    def log(self, lines: int = 20) -> str:
        """The end of the log."""
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables that give a process these settings, and no others of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    chosen = {f"{PREFIX}{name.upper()}": _as_text(value) for name, value in settings if value is not None}
    return {**kept, **chosen, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "error"}


def _as_text(value: Any) -> str:
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(settings: Settings, *arguments: str, **environment: str) -> Iterator[Server]:
    """Run a server on these settings until the end of the block; it is ready when the block begins.

    Further arguments are those of `followthrough serve`.
    """
    port = free_port()
    log_file = settings.data_dir / "server.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--host", "127.0.0.1", "--port", str(port), *arguments],
            # Not the repository: a developer's .env file is none of the suite's business.
            cwd=settings.data_dir,
            env={**environment_of(settings), **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    server = Server(url, settings.admin_token.get_secret_value(), settings, log_file, process)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        _end(process)


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


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise RuntimeError(f"the server did not end within {SECONDS_TO_STOP} s of being asked to") from None
