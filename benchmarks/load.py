"""Load on a server: how many requests a second it answers, and the processor time that each takes it.

``wrk`` makes the load where it is installed, and otherwise threads of this process, which are slower than most servers:
of these the processor time alone says something.
"""

import http.client
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx

CLIENTS = 16
HAS_WRK = shutil.which("wrk") is not None
_FEW = 2
_MAX_SECONDS = 30
"""Seconds: where there was no answer within a round, a longer one is tried, up to this."""
_TICK = os.sysconf("SC_CLK_TCK")
_SCRIPT = """
local n = 0
local body = %s
wrk.method = "%s"
request = function()
  n = n + 1
  return wrk.format(nil, nil, nil, (body:gsub("@", "%s-" .. n)))
end
"""


@dataclass(frozen=True)
class Request:
    """What is sent over and over. An ``@`` in the body is replaced by something that is different in each request."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True)
class Measured:
    """What came of one round."""

    per_second: float
    """Requests that were answered a second."""
    cpu: float
    """Milliseconds of processor time that each took the server."""


def cpu_seconds(process: int) -> float:
    """The processor time that a process has used so far, all of its threads together (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def warm(request: Request) -> None:
    """Send a request a few times: the first one makes what later ones find made."""
    with httpx.Client(trust_env=False, timeout=120) as client:
        for _ in range(20):
            body = None if request.body is None else request.body.replace("@", _unique())
            client.request(request.method, request.url, headers=dict(request.headers), content=body)


def measure(process: int, request: Request, seconds: float, clients: int = CLIENTS) -> Measured:
    """Send a request from as many clients, for some seconds, to the server that this process is.

    Where it refuses them because they are too many, fewer are tried.

    Raises SystemExit where it was answered with an error, or not at all.
    """
    before, begun = cpu_seconds(process), time.perf_counter()
    number, refused = (_by_wrk if HAS_WRK else _by_threads)(request, seconds, clients)
    spent, cpu = time.perf_counter() - begun, cpu_seconds(process) - before
    if refused and clients > _FEW:
        return measure(process, request, seconds, _FEW)
    if not number and seconds < _MAX_SECONDS:
        return measure(process, request, 3 * seconds, clients)
    if not number or refused:
        raise SystemExit(f"{request.method} {request.url}: {number} answers and {refused} refusals")
    return Measured(number / spent, 1000 * cpu / number)


def _by_wrk(request: Request, seconds: float, clients: int) -> tuple[int, int]:
    """How many requests were answered, and how many refused."""
    arguments = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "--timeout", "30s"]
    for name, value in request.headers.items():
        arguments += ["-H", f"{name}: {value}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if request.body is not None:
            script.write(_SCRIPT % (f"[==[{request.body}]==]", request.method, _unique()))
            script.flush()
            arguments += ["-s", script.name]
        told = subprocess.run([*arguments, request.url], capture_output=True, text=True, check=True).stdout
    answered, refused = (re.search(line, told) for line in (r"(\d+) requests in", r"Non-2xx or 3xx responses: (\d+)"))
    errors = int(refused[1]) if refused else 0
    return int(answered[1]) - errors if answered else 0, errors


def _by_threads(request: Request, seconds: float, clients: int) -> tuple[int, int]:
    """How many requests were answered, and how many refused."""
    parts = urlsplit(request.url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    end, unique, numbers = time.monotonic() + seconds, _unique(), count(1)
    answered, refused = count(), count()

    def ask() -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        while time.monotonic() < end:
            body = None if request.body is None else request.body.replace("@", f"{unique}-{next(numbers)}")
            connection.request(request.method, path, body, dict(request.headers))
            response = connection.getresponse()
            response.read()
            next(answered if response.status < 400 else refused)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return next(answered), next(refused)


def _unique() -> str:
    return os.urandom(6).hex()
