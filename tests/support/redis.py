"""A Redis (or Valkey) of the suite's own, on a port of its own, with nothing kept on disk."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.server import free_port

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")
_SECONDS_TO_START = 60


@dataclass
class Store:
    """A running store."""

    port: int
    process: subprocess.Popen[bytes]

    def url(self, scheme: str = "redis") -> str:
        """Its address."""
        return f"{scheme}://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """End it, as a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def redis_running(folder: Path, port: int | None = None) -> Iterator[Store]:
    """Run a store until the end of the block."""
    assert PROGRAM is not None
    port = port or free_port()
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    store = Store(port, process)
    try:
        _wait(store)
        yield store
    finally:
        store.stop()


def _wait(store: Store) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", store.port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            if connection.recv(16).startswith(b"+PONG"):
                return
    raise RuntimeError("the store did not start")
