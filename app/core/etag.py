"""Entity tags: made from the body, compared as RFC 9110 says.

A record's tag is ``"<revision>-<digest of the body>"``, a list's the digest alone. Reading compares the whole tag
(the body depends on more than the record: titles it refers to, fields asked for); writing compares the revision.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

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


def known(request: Mapping[str, str], answer: Mapping[str, str]) -> bool:
    """Whether the client already has an answer, by the headers of both; the tag goes before the date."""
    asked = request.get("if-none-match")
    if asked is not None:
        return "etag" in answer and matches(asked, answer["etag"])
    since, changed = _moment(request.get("if-modified-since")), _moment(answer.get("last-modified"))
    return since is not None and changed is not None and since >= changed


def _moment(header: str | None) -> datetime | None:
    """The moment that a header names, or None where it names none."""
    try:
        return parsedate_to_datetime(header).replace(tzinfo=UTC) if header else None
    except ValueError:
        return None


def revisions(header: str) -> frozenset[str]:
    """The revisions that If-Match names; ``*`` stands for any."""
    return frozenset(name.partition("-")[0] for name in listed(header))
