"""What goes out reaches public addresses and no others, whatever an address looks like and a name leads to."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.outbound import NoResponse, NotPublic, OutboundError, Reply, TooLong, transport
from app.outbound.addresses import is_public
from app.security.discovery import Discovery, KeysUnreadable
from tests.support.asgi import run
from tests.support.outside import PUBLIC, Canary, Outside, Site, canary, page, site
from tests.support.waiting import LATE


@pytest.fixture(name="canary")
def fixture_canary() -> Iterator[Canary]:
    """Somebody in the private network."""
    with canary() as found:
        yield found


@pytest.fixture(name="site")
def fixture_site() -> Iterator[Site]:
    """A public site."""
    with site() as found:
        yield found


@pytest.fixture
def outside(site: Site) -> Outside:
    """An internet in which the site is public.example."""
    found = Outside()
    found.serve("public.example", site.port)
    return found


def ask(outside: Outside, *urls: str, method: str = "GET", allowed: Any = (), **options: Any) -> Reply:
    """Ask for some addresses in turn; gives the last reply."""
    options = {"seconds": 5, "most_bytes": 1000, **options}

    async def replied() -> Reply:
        async with outside.outbound(allowed=allowed) as outbound:
            for url in urls:
                reply = await outbound.request(method, url, **options)
            return reply

    return run(replied())


def test_no_spelling_of_a_private_address_is_dialled(canary: Canary, outside: Outside) -> None:
    for url in canary.urls:
        with pytest.raises(OutboundError):
            ask(outside, url)
    assert outside.dialled == []
    assert canary.visits == 0


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        [PUBLIC, "127.0.0.1"],
        ["fd00::1", PUBLIC],
    ],
)
def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(
    canary: Canary, outside: Outside, answers: list[str]
) -> None:
    outside.names["inside.example"] = [answers]
    with pytest.raises(NotPublic):
        ask(outside, f"http://inside.example:{canary.port}/")
    assert outside.looked_up == ["inside.example"]
    assert outside.dialled == []
    assert canary.visits == 0


def test_a_name_that_is_given_another_address_later_is_refused_then(canary: Canary, outside: Outside) -> None:
    """The address that was checked is the one that is dialled; the next connection is checked again."""
    outside.names["public.example"] = [[PUBLIC], ["127.0.0.1"]]
    with pytest.raises(NotPublic):
        ask(outside, f"http://public.example:{canary.port}/", f"http://public.example:{canary.port + 1}/")
    assert outside.looked_up == ["public.example"] * 2
    assert outside.dialled == [PUBLIC]
    assert canary.visits == 0


def test_an_operator_can_allow_a_network(site: Site, outside: Outside) -> None:
    site.pages["/"] = page(200, b"here")
    reply = ask(outside, f"http://127.0.0.1:{site.port}/", allowed=[ip_network("127.0.0.0/8")])
    assert reply.body == b"here"
    with pytest.raises(NotPublic):
        ask(outside, f"http://127.0.0.1:{site.port}/", allowed=[ip_network("10.0.0.0/8")])


def test_the_name_is_what_the_site_is_asked_by(site: Site, outside: Outside) -> None:
    site.pages["/a?b=c"] = page(302, b"", Location="http://127.0.0.1/", Set_Cookie="a=b")
    url = "http://public.example/a?b=c"
    assert ask(outside, url, url).status == 302, "redirects are the caller's business"
    assert [(each.path, each.headers["Host"]) for each in site.requests] == [("/a?b=c", "public.example")] * 2
    assert all("Cookie" not in each.headers for each in site.requests)
    assert all(each.headers["User-Agent"] == "test" for each in site.requests)
    assert outside.dialled == [PUBLIC], "the connection is used again"


def test_bytes_and_time_are_bounded(site: Site, outside: Outside) -> None:
    site.pages["/long"] = page(200, b"x" * 2000)
    site.pages["/coded"] = page(200, b"x", Content_Encoding="gzip")
    waits = threading.Event()
    site.pages["/slow"] = lambda handler: (waits.wait(10), None)[1]
    with pytest.raises(TooLong):
        ask(outside, "http://public.example/long")
    assert len(ask(outside, "http://public.example/long", cut=True).body) == 1000
    with pytest.raises(NoResponse):
        ask(outside, "http://public.example/coded")
    with pytest.raises(NoResponse, match=r"within 0\.2 s"):
        ask(outside, "http://public.example/slow", seconds=0.2)
    waits.set()


def test_a_look_up_that_hangs_is_waited_for_no_longer_than_for_a_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the loop ends with the request, as it does with each look at an identity provider."""
    answer, ended = threading.Event(), threading.Event()

    def hang(*_: Any, **__: Any) -> list[Any]:
        answer.wait(LATE)
        ended.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with pytest.raises(KeysUnreadable, match=r"did not answer within 0\.2 s"):
            Discovery("https://login.example", ("RS256",), 0.2).read()
        assert not ended.is_set()
    finally:
        answer.set()
    assert ended.wait(LATE)


@pytest.mark.parametrize(
    "url", ["ftp://public.example/", "http://a:b@public.example/", "http:///", "http://[::1", "file:///etc/passwd", ""]
)
def test_what_is_no_address_is_not_asked(outside: Outside, url: str) -> None:
    with pytest.raises(NoResponse):
        ask(outside, url)
    assert outside.dialled == []


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"])
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


NOT_PUBLIC = """
    0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 168.63.129.16 169.254.169.254 172.31.0.1 192.0.0.8 192.0.2.1 192.88.99.1
    192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:10.0.0.1
    64:ff9b::10.0.0.1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254
    fe80::1 fe80::1%1 2606:4700::1111%1 fec0::1 ff02::1"""


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


# -- certificates ----------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> Path:
    """A certificate for a name that nobody vouches for but itself, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    file = folder / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
    return file


def test_certificates_are_checked_against_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path, "public.example")
    names: list[str | None] = []
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    serving.sni_callback = lambda socket, name, context: names.append(name)
    trusting = ssl.create_default_context(cafile=str(file))
    monkeypatch.setattr(transport, "certificates", lambda: trusting)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page(200, b"secret")(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = serving.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        outside = Outside()
        outside.serve("public.example", server.server_port)
        outside.serve("other.example", server.server_port)
        assert ask(outside, "https://public.example/").body == b"secret"
        with pytest.raises(NoResponse, match="certificate"):
            ask(outside, "https://other.example/")
        assert names == ["public.example", "other.example"]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
