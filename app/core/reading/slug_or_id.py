"""A record's name in a path or a query: its slug or its id."""

import re
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from app.core.field_types import SLUG_LENGTH, SLUG_PATTERN, UUID_PATTERN

_SLUG_OR_ID = re.compile(SLUG_PATTERN.strip("^$"))


def as_id(slug_or_id: str) -> UUID | None:
    """The id, or None where it is a slug."""
    # The class alone takes hyphens anywhere, and so would take some slugs for ids.
    return UUID(slug_or_id) if re.fullmatch(UUID_PATTERN, slug_or_id) else None


def is_slug_or_id(text: str) -> bool:
    """Whether a text can be a slug or an id at all."""
    return len(text) <= SLUG_LENGTH and _SLUG_OR_ID.fullmatch(text) is not None


def split_slugs_and_ids(names: Iterable[str]) -> tuple[list[UUID], list[str]]:
    """Names sorted into ids and slugs."""
    ids: list[UUID] = []
    slugs: list[str] = []
    for name in names:
        found = as_id(name)
        if found is None:
            slugs.append(name)
        else:
            ids.append(found)
    return ids, slugs


def matching_any(rows: sa.FromClause, names: Iterable[str]) -> sa.ColumnElement[bool]:
    """The condition under which a record is one of those named by slug or id."""
    ids, slugs = split_slugs_and_ids(names)
    either = []
    if ids:
        either.append(rows.c.id.in_(ids))
    if slugs:
        either.append(rows.c.slug.in_(slugs))
    return sa.or_(*either) if either else sa.false()
