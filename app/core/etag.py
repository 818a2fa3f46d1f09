"""Entity tags: made from the body, compared as RFC 9110 says.

A record's tag is ``"<revision>-<digest of the body>"``, a list's the digest alone. Reading compares the whole tag
(the body depends on more than the record: titles it refers to, fields asked for); writing compares the revision.
"""

import hashlib
import re

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def digest(body: bytes) -> str:
    """A short name for exactly these bytes."""
    return hashlib.blake2b(body, digest_size=12).hexdigest()


def make(body: bytes, revision: int | None = None) -> str:
    """The strong entity tag of a body."""
    return f'"{digest(body)}"' if revision is None else f'"{revision}-{digest(body)}"'


def listed(header: str) -> list[str]:
    """The tags that a header lists, without quotes and weakness; ``*`` stands for itself."""
    if header.strip() == "*":
        return ["*"]
    return _TAG.findall(header)


def matches(header: str, tag: str) -> bool:
    """Whether If-None-Match names this tag (weak comparison)."""
    names = listed(header)
    return "*" in names or tag.strip('"') in names


def revisions(header: str) -> frozenset[str]:
    """The revisions that If-Match names; ``*`` stands for any."""
    return frozenset(name.partition("-")[0] for name in listed(header))
