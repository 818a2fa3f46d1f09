"""Entity tags: made from the body, compared as RFC 9110 says.

A record's tag is ``"<revision>-<digest of the body>"``, a list's the digest alone. Reading compares the whole tag
(the body depends on more than the record: titles it refers to, fields asked for); writing compares the revision.
"""

import hashlib
import re
from collections.abc import Mapping

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_ANY = "*"


def digest(body: bytes) -> str:
    """A short name for exactly these bytes."""
    return hashlib.blake2b(body, digest_size=12).hexdigest()


def make(body: bytes, revision: int | None = None) -> str:
    """The strong entity tag of a body."""
    return f'"{digest(body)}"' if revision is None else f'"{revision}-{digest(body)}"'


def listed(header: str) -> list[str]:
    """The tags that a header lists, without quotes and weakness; ``*`` stands for itself."""
    if header.strip() == _ANY:
        return [_ANY]
    # A star in quotes is a tag like any other, and none of ours.
    return [name for name in _TAG.findall(header) if not name.startswith(_ANY)]


def matches(header: str, tag: str) -> bool:
    """Whether If-None-Match names this tag (weak comparison)."""
    names = listed(header)
    return _ANY in names or tag.strip('"') in names


def known(request: Mapping[str, str], response: Mapping[str, str]) -> bool:
    """Whether the client already has a response, by the headers of both.

    Tags alone tell. A date knows seconds, and nothing of what a record refers to: If-Modified-Since is ignored.
    """
    names = request.get("if-none-match")
    return names is not None and "etag" in response and matches(names, response["etag"])


def expected(request: Mapping[str, str], response: Mapping[str, str]) -> bool:
    """Whether a response is of the revision that the client insists on (If-Match), where it does."""
    header = request.get("if-match")
    if header is None:
        return True
    names = revisions(header)
    return _ANY in names or ("etag" in response and not names.isdisjoint(revisions(response["etag"])))


def revisions(header: str) -> frozenset[str]:
    """The revisions that If-Match names; ``*`` stands for any."""
    return frozenset(name.partition("-")[0] for name in listed(header))


_CODING = re.compile("-(gzip|br|zstd)$")


def stored_by(request: Mapping[str, str], tag: str) -> str | None:
    """Which form of a response a client has (If-None-Match), whatever its coding; None: none of it."""
    for name in listed(request.get("if-none-match", "")):
        if _CODING.sub("", name) == tag.strip('"'):
            return f'"{name}"'
    return None
