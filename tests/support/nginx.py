"""A real nginx with the configuration that the documentation gives."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.support.server import ROOT, Server, free_port

PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
_SECONDS_TO_START = 10
_FRAME = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {configuration}
}}
"""


def documented() -> str:
    """The configuration in docs/deploying.md."""
    found = re.search(r"```nginx\n(.*?)```", (ROOT / "docs" / "deploying.md").read_text(), re.DOTALL)
    assert found is not None
    return found[1]


@contextmanager
def in_front_of(server: Server, folder: Path, *, streaming: str) -> Iterator[Server]:
    """Run nginx before a server until the end of the block; gives the server as it is seen through it."""
    assert PROGRAM is not None
    port = free_port()
    changes = {
        "127.0.0.1:8000": urlsplit(server.url).netloc,
        "listen 80": f"listen 127.0.0.1:{port}",
        "= /v1/changes": f"= {streaming}",
    }
    configuration = documented()
    for before, after in changes.items():
        assert before in configuration
        configuration = configuration.replace(before, after)
    file = folder / "nginx.conf"
    file.write_text(_FRAME.format(folder=folder, configuration=configuration))
    process = subprocess.Popen([PROGRAM, "-c", str(file), "-e", f"{folder}/error.log"], stdin=subprocess.DEVNULL)
    front = Server(f"http://127.0.0.1:{port}", server.token, server.settings, folder / "error.log", process)
    try:
        _wait(front)
        yield front
    finally:
        process.terminate()
        process.wait()


def _wait(front: Server) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError), front.client() as client:
            if client.get("/healthz").status_code == 200:
                return
        with suppress(subprocess.TimeoutExpired):
            raise RuntimeError(f"nginx ended with {front.process.wait(timeout=0.1)}:\n{front.log()}")
    raise RuntimeError(f"nginx did not start:\n{front.log()}")
