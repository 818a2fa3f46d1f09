"""What somebody may have meant who came to a page that is not there."""

import difflib
from contextlib import suppress
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from app.api.context import Context
from app.core.reading.referents import similar_slugs
from app.core.reading.slug_or_id import is_slug_or_id
from app.core.reading.spoiled import only_readable
from app.core.visibility import ANONYMOUS

Suggestion = tuple[str, str]
"""A title, and the address of its page."""

_MAX_SUGGESTIONS = 4
_ALIKE = 0.5
"""How alike a slug must be to what was asked for, from 0 to 1."""


def suggestions(context: Context, path: str) -> list[Suggestion]:
    """The records whose addresses are most like a path; none where it is of no resource, or nothing is like it."""
    segments = [unquote(each) for each in path.strip("/").split("/")]
    if segments[0] == "embed":
        segments = segments[1:]
    resource = context.catalogue.by_name.get(segments[0]) if segments else None
    if resource is None or len(segments) < 2 or not is_slug_or_id(segments[1]):
        return _lists(context, segments[0] if segments else "")
    with suppress(SQLAlchemyError), context.database.reading() as connection:
        tables = context.reader(connection, ANONYMOUS).tables
        known = similar_slugs(connection, tables, resource, segments[1])
        near = difflib.get_close_matches(segments[1], known, _MAX_SUGGESTIONS, _ALIKE) or known[:_MAX_SUGGESTIONS]
        rows, visible = tables.visible(resource.table)
        chosen = sa.select(rows.c.slug, rows.c[resource.label]).where(visible, rows.c.slug.in_(near))
        titles = {row[0]: row[1] for row in only_readable(connection, chosen, {}, resource.name)}
        return [(titles[slug], f"/{resource.name}/{slug}") for slug in near if slug in titles]
    return []


def _lists(context: Context, name: str) -> list[Suggestion]:
    """The lists whose names are most like a word."""
    names = {each.name: each.name for each in context.catalogue} | {"promises": "commitments", "promise": "commitments"}
    near = difflib.get_close_matches(name, [*names, *(each.singular for each in context.catalogue)], 2, 0.7)
    singular = {each.singular: each.name for each in context.catalogue}
    found = dict.fromkeys(names.get(each) or singular[each] for each in near)
    return [(f"/{each}", f"/{each}") for each in found]
