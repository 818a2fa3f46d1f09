"""What the head of a request may be: how much of it, and which hosts and targets it may name (RFC 9110, RFC 9112)."""

import re
from collections.abc import Sequence

from app.errors import CodingNotImplemented, HeadersTooLarge, Malformed, Problem, VersionNotSupported

MAX_HEAD_BYTES = 64 * 1024
"""Bytes that may come without a piece of body among them: a request line and its fields, or a trailer section."""

MAX_HEAD_FIELDS = 200

_VERSIONS = ("1.0", "1.1")

_HOST = re.compile(
    rb"(?:\[[0-9a-fA-F:.]+\]"  # an IPv6 address
    rb"|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9a-fA-F]{2})+)"  # a name or an IPv4 address
    rb"(?::[0-9]{0,5})?"
)


class HeadSize:
    """Counts what comes of a head, as it comes, so that nobody holds more of it than is taken."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.fields = 0
        self._bytes = 0
        self._progress = False

    @property
    def room(self) -> int:
        """The size of the largest piece that may be read next."""
        return MAX_HEAD_BYTES - self._bytes

    def progress(self) -> None:
        """Begin anew: a head is complete, a piece of body has come, or a request is whole."""
        self.fields = 0
        self._bytes = 0
        self._progress = True

    def add(self, size: int) -> None:
        """Count a piece that was read. One in which there was progress is not counted, whatever follows in it."""
        if not self._progress:
            self._bytes += size
        self._progress = False

    @property
    def exceeded(self) -> bool:
        """Whether there is more than is taken: as much as is taken came, and it is not complete."""
        return self._bytes >= MAX_HEAD_BYTES or self.fields > MAX_HEAD_FIELDS


def refusal_of(
    size: HeadSize, method: str, version: str, target: bytes, headers: Sequence[tuple[bytes, bytes]]
) -> Problem | None:
    """Why a request whose head is complete is refused; None where it is well-formed.

    HTTP/1.1 requires exactly one Host. HTTP/1.0 requires none, and takes one.
    """
    if size.exceeded:
        return HeadersTooLarge()
    if version not in _VERSIONS:
        return VersionNotSupported()
    if (problem := _coding_refused(version, headers)) is not None:
        return problem
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        return Malformed("A request has exactly one Host header.")
    if hosts and not _HOST.fullmatch(hosts[0]):
        return Malformed("The Host header is not the name or the address of a host.")
    if target == b"*" and method != "OPTIONS":
        return Malformed("Only OPTIONS takes the target *.")
    return None


def _coding_refused(version: str, headers: Sequence[tuple[bytes, bytes]]) -> Problem | None:
    """Why the way in which a body is sent is refused (RFC 9112, section 6.1).

    The parser takes chunks apart, and leaves what else was done to the body as it is.
    """
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if codings and version == "1.0":
        return Malformed("HTTP/1.0 has no Transfer-Encoding.")
    every = b",".join(codings).lower().split(b",")
    if any(each.strip() not in (b"", b"chunked") for each in every):
        return CodingNotImplemented()
    return None
