"""Promises that were made anew: what came after one, and that the deadlines of one chain are one story."""

from collections.abc import Sequence

from app.pages.register import Record, Register

_SLUGS_A_QUERY = 40
_FIELDS = ("slug", "title", "made_on", "supersedes", "html_url", "lang")
"""What is shown of a later promise."""


def later_promises(register: Register, promises: Sequence[Record]) -> dict[str, Record]:
    """The later promise that restates each of some promises, by the slug of the earlier one."""
    slugs = [each["slug"] for each in promises]
    found: dict[str, Record] = {}
    for start in range(0, len(slugs), _SLUGS_A_QUERY):
        pairs = [("supersedes", slug) for slug in slugs[start : start + _SLUGS_A_QUERY]]
        for later in register.records("commitments", *pairs, fields=_FIELDS):
            found.setdefault(later["supersedes"]["slug"], later)
    return found
