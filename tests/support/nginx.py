"""A real nginx with the configuration that the documentation gives."""

import re
import shutil
import ssl
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


def documented_tls() -> str:
    """What it has in place of `listen 80` with TLS."""
    found = re.search(
        r"```nginx\n    (listen 443 ssl;\n.*?)\n```", (ROOT / "docs" / "deploying.md").read_text(), re.DOTALL
    )
    assert found is not None
    return found[1]


@contextmanager
def in_front_of(server: Server, folder: Path, *, streaming: str) -> Iterator[Server]:
    """Run nginx before a server until the end of the block; gives the server as it is seen through it."""
    configuration = _changed(documented(), {"= /v1/changes": f"= {streaming}"})
    with _running(configuration, [server], folder, free_port()) as front:
        yield front


@contextmanager
def in_front_of_several(servers: Sequence[Server], folder: Path, port: int | None = None) -> Iterator[Server]:
    """Run a caching nginx before servers that serve the same."""
    with _running(_caching(folder), servers, folder, port or free_port()) as front:
        yield front


@contextmanager
def with_tls_in_front_of(server: Server, folder: Path) -> Iterator[httpx.Client]:
    """Run a caching nginx before a server until the end of the block; gives a client of it that speaks TLS."""
    port, certificate, key = free_port(), folder / "register.pem", folder / "register.key"
    made = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=localhost",
    ]
    named = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *made, *named], check=True, capture_output=True)
    changes = {"/etc/ssl/register.pem": str(certificate), "/etc/ssl/register.key": str(key), "443": f"127.0.0.1:{port}"}
    # Beside the port without TLS, by which is seen that it has started.
    configuration = _changed(_caching(folder), {"listen 80;": f"listen 80;\n{_changed(documented_tls(), changes)}"})
    trusting = ssl.create_default_context(cafile=str(certificate))
    with (
        _running(configuration, [server], folder, free_port()),
        httpx.Client(base_url=f"https://localhost:{port}", verify=trusting, timeout=120, trust_env=False) as client,
    ):
        yield client


def _caching(folder: Path) -> str:
    outside, inside = documented_cache()
    changes = {
        "server {\n": f"{outside}\nserver {{\n{inside}",
        "/var/cache/nginx/followthrough": f"{folder}/cache",
    }
    return _changed(documented(), changes)


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
