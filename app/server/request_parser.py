"""A parser of requests for which an upgrade to another protocol is an offer that nobody takes (RFC 9110 section 7.8).

llhttp takes whatever follows a request with ``Upgrade`` for the other protocol: the body would be lost, or be read as
the next request. Some clients make that offer with every request over http (Java's does, of h2c).
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import httptools

Field = tuple[bytes, bytes]


class HeadReceiver(Protocol):
    """What a parser tells of a request: what it calls, and where the head is gathered."""

    url: bytes
    headers: list[Field]


class RequestParser:
    """Parses the requests of one connection, as httptools does, but for the offer of an upgrade."""

    def __init__(self, receiver: HeadReceiver) -> None:
        """Tell a receiver, by httptools' callbacks, what comes."""
        self._receiver = receiver
        self._parser = self._new()

    def _new(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self._receiver)
        # A client may send its next request before it has read that the connection is to end.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    @property
    def offers_upgrade(self) -> bool:
        """Whether the request, its head complete, comes once more, without the offer that it makes."""
        return self.should_upgrade() and self.get_method() != b"CONNECT"

    def feed_data(self, data: bytes) -> None:
        """Parse a piece of what comes."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            if not self.offers_upgrade:
                raise
            head = self._head_without_offer()
            rest = data[offer.args[0] :]
            # The old parser has ended with the head that it has read.
            self._parser = self._new()
            self._parser.feed_data(head)
            self.feed_data(rest)

    def _head_without_offer(self) -> bytes:
        receiver = self._receiver
        line = b"%s %s HTTP/%s\r\n" % (self.get_method(), receiver.url, self.get_http_version().encode("ascii"))
        return line + b"".join(b"%s: %s\r\n" % field for field in _without_offer(receiver.headers)) + b"\r\n"

    # -- as httptools has it -----------------------------------------------------------------------------------

    def get_method(self) -> bytes:
        """The method of the request."""
        return self._parser.get_method()

    def get_http_version(self) -> str:
        """The version of HTTP that the request is in."""
        return self._parser.get_http_version()

    def should_keep_alive(self) -> bool:
        """Whether the client wants to go on with the connection."""
        return self._parser.should_keep_alive()

    def should_upgrade(self) -> bool:
        """Whether the request offers an upgrade, or is one (CONNECT)."""
        return self._parser.should_upgrade()


def _without_offer(fields: Sequence[Field]) -> Iterator[Field]:
    for name, value in fields:
        if name == b"connection":
            options = [option.strip() for option in value.split(b",")]
            value = b", ".join(option for option in options if option.lower() != b"upgrade")
        if name != b"upgrade" and (value or name != b"connection"):
            yield name, value
