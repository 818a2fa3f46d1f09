"""A real nginx with the configuration that the documentation gives."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.support.server import ROOT, Server, free_port

PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
_SECONDS_TO_START = 60
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


def documented_cache() -> tuple[str, str]:
    """What docs/scaling.md adds to it for a cache: outside of the server, and inside."""
    found = re.search(r"```nginx\n(.*?)\n\n(.*?)```", (ROOT / "docs" / "scaling.md").read_text(), re.DOTALL)
    assert found is not None
    return found[1], found[2]


@contextmanager
def in_front_of(server: Server, folder: Path, *, streaming: str) -> Iterator[Server]:
    """Run nginx before a server until the end of the block; gives the server as it is seen through it."""
    configuration = _changed(documented(), {"= /v1/changes": f"= {streaming}"})
    with _running(configuration, [server], folder, free_port()) as front:
        yield front


@contextmanager
def in_front_of_several(servers: Sequence[Server], folder: Path, port: int | None = None) -> Iterator[Server]:
    """Run a caching nginx before servers that serve the same."""
    outside, inside = documented_cache()
    changes = {
        "server {\n": f"{outside}\nserver {{\n{inside}",
        "/var/cache/nginx/followthrough": f"{folder}/cache",
    }
    with _running(_changed(documented(), changes), servers, folder, port or free_port()) as front:
        yield front


def _changed(text: str, changes: Mapping[str, str]) -> str:
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    return text


@contextmanager
def _running(configuration: str, servers: Sequence[Server], folder: Path, port: int) -> Iterator[Server]:
    assert PROGRAM is not None
    upstream = "".join(f"server {urlsplit(each.url).netloc};\n" for each in servers)
    configuration = _changed(
        configuration, {"server 127.0.0.1:8000;\n": upstream, "listen 80": f"listen 127.0.0.1:{port}"}
    )
    file = folder / "nginx.conf"
    file.write_text(_FRAME.format(folder=folder, configuration=configuration))
    process = subprocess.Popen([PROGRAM, "-c", str(file), "-e", f"{folder}/error.log"], stdin=subprocess.DEVNULL)
    server = servers[0]
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
