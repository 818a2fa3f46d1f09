"""Servers that start in a third of the time: processes that begin with the program already imported.

One process a run imports it (multiprocessing's fork server), and each server is a copy of that process, in which the
command then runs from its start. What depends on how a process begins is tested with real commands.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

PRELOADED = [
    *("app.cli", "app.main", "app.server.run", "app.server.logs", "app.operations.bundle", "uvicorn", __name__),
    # What a server imports when it is first wanted.
    *("app.core.storage.bounded_connection", "icalendar", "jinja2.ext", "markdown_it", "pydantic.v1", "xlsxwriter"),
]


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


class WarmProcess:
    """A process that runs the command, with as much of the face of subprocess.Popen as servers need."""

    def __init__(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> None:
        """Start it in a folder, with these environment variables and no others; what it says goes into a file."""
        work = (list(arguments), str(folder), dict(environment), str(log))
        self._process = _context().Process(target=run_command, args=work)
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """What it ended with: minus the signal where one ended it; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; gives what it ended with. Raises subprocess.TimeoutExpired where it goes on."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("followthrough", timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, as long as it runs."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def run_command(arguments: list[str], folder: str, environment: dict[str, str], log: str) -> None:
    """What such a process does: the command, as if it had just been started."""
    with Path(log).open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.stderr.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    warnings.simplefilter("error")
    sys.argv = ["followthrough", *arguments]
    from app.cli import main

    main()
