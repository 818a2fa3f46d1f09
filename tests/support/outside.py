"""An internet of the test's own: its names, its hosts, and a canary in the private network that nobody may reach."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from typing import Any

import httpcore

from app.outbound import Outbound
from app.outbound.addresses import Address
from app.outbound.transport import dial, resolve
from tests.support.small_server import Handler, serving

PUBLIC = "93.184.215.14"
"""A public address, behind which the tests put a server of this machine."""


@dataclass
class Outside:
    """Names and hosts. What is in neither is looked up and dialled for real, so that a leak does reach the canary."""

    names: dict[str, list[list[str]]] = field(default_factory=dict)
    """The answers for a name, in turn; the last one stays."""
    hosts: dict[str, int] = field(default_factory=dict)
    """The port on this machine that a public address leads to."""
    looked_up: list[str] = field(default_factory=list)
    dialled: list[str] = field(default_factory=list)

    def serve(self, name: str, port: int) -> None:
        """Let a name lead to a server of this machine, by a public address."""
        self.names[name] = [[PUBLIC]]
        self.hosts[PUBLIC] = port

    def outbound(self, user_agent: str = "test", **options: Any) -> Outbound:
        """What goes out into this internet."""
        return Outbound(user_agent, resolve=self.resolve, dial=self.dial, **options)

    async def resolve(self, host: str) -> Sequence[Address]:
        """Look a name up."""
        self.looked_up.append(host)
        if host not in self.names:
            return await resolve(host)
        answers = self.names[host]
        return [ip_address(each) for each in (answers.pop(0) if len(answers) > 1 else answers[0])]

    async def dial(self, address: Address, port: int) -> httpcore.AsyncNetworkStream:
        """Connect."""
        self.dialled.append(str(address))
        if str(address) in self.hosts:
            return await dial(ip_address("127.0.0.1"), self.hosts[str(address)])
        return await dial(address, port)


@dataclass
class Canary:
    """Somebody in the private network, who counts who comes."""

    port: int
    visits: int = 0

    @property
    def urls(self) -> list[str]:
        """Its address, in every spelling that leads there."""
        hosts = (
            "127.0.0.1",
            "localhost",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::127.0.0.1]",
            "[2002:7f00:1::]",
            "[::127.0.0.1]",
            "127.0.0.1.",
            "\N{FULLWIDTH DIGIT ONE}27.0.0.1",
            "127\N{IDEOGRAPHIC FULL STOP}0.0.1",
        )
        return [f"http://{host}:{self.port}/" for host in hosts]


@contextmanager
def canary() -> Iterator[Canary]:
    """Listen on the loopback of both kinds, until the end of the block."""
    with socket.socket() as four:
        four.bind(("127.0.0.1", 0))
        four.listen()
        found = Canary(four.getsockname()[1])
        listening = [four]
        with suppress(OSError):
            six = socket.socket(socket.AF_INET6)
            six.bind(("::1", found.port))
            six.listen()
            listening.append(six)

        def count(listener: socket.socket) -> None:
            with suppress(OSError):
                while True:
                    visitor, _ = listener.accept()
                    found.visits += 1
                    visitor.close()

        threads = [threading.Thread(target=count, args=(each,), daemon=True) for each in listening]
        for thread in threads:
            thread.start()
        try:
            yield found
        finally:
            for each in listening:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            for thread in threads:
                thread.join(5)


@dataclass
class Request:
    """A request that a site got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """A site: what it answers at each path, and what it was asked."""

    port: int
    pages: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def methods_of(self, path: str) -> list[str]:
        """The methods with which a path was asked for, in order."""
        return [each.method for each in self.requests if each.path == path]


def page(status: int = 200, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """What always answers the same; a header ``Retry_After`` stands for ``Retry-After``."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return answer


@contextmanager
def site() -> Iterator[Site]:
    """Run a site until the end of the block; a path without a page is 404."""

    class Pages(Handler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            found.requests.append(Request(self.command, self.path, dict(self.headers), self.rfile.read(length)))
            found.pages.get(self.path, page(404))(self)

        do_GET = do_HEAD = do_POST = _answer  # noqa: N815 (the names that http.server calls)

    with serving(Pages) as port:
        found = Site(port)
        yield found
