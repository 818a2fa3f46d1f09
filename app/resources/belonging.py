"""Belonging: which partnership a record belongs to, and that what it is tied to belongs to the same one.

A challenge belongs to the partnership it names, an update to that of its promise. Themes, stakeholders and sources
belong to none, and serve all.
"""

from collections.abc import Iterator
from functools import cache
from uuid import UUID

import sqlalchemy as sa

from app.core.model import State
from app.core.relations import AnyOne, Many, One
from app.core.resource import Catalogue, Change, Resource
from app.core.storage.history import was_published
from app.core.writing.shelving import partnership_of
from app.errors import Flaw
from app.resources.partnerships import Partnership, partnerships

_ELSEWHERE = "It belongs to another partnership."
_IMMUTABLE = "It stays what it was when the record was published; withdraw the record, and make it anew."
_TIED = "Other records refer to this one within its partnership; withdraw them first."


@cache
def owner_of(catalogue: Catalogue, resource: Resource) -> One | None:
    """The relation by which records of a resource belong to a partnership, directly or through others."""
    for relation in resource.relations:
        if isinstance(relation, One) and resource.required(relation) and leads_to_partnership(catalogue, relation):
            return relation
    return None


def leads_to_partnership(catalogue: Catalogue, relation: One) -> bool:
    """Whether a relation leads to a partnership."""
    return relation.target is Partnership or owner_of(catalogue, catalogue.of(relation.target)) is not None


def belongs_to_partnership(change: Change) -> Iterator[Flaw]:
    """The flaws of a change that would tie a record to another partnership than its own.

    Whoever follows a partnership would keep what has left it, and what refers to the record within the partnership
    would refer to another. So a record moves only while nobody has seen it and nothing refers to it.
    """
    writer, resource = change.writer, change.resource
    owner = owner_of(writer.catalogue, resource)
    if owner is None:
        yield from _said_of_another(change)
        return
    partnership = partnership_of(writer, resource, change.columns)
    moved = change.before is not None and partnership_of(writer, resource, change.before) != partnership
    if moved and was_published(writer.connection, resource.table, change.id):
        yield {"pointer": f"/{owner.field}", "detail": _IMMUTABLE}
    elif moved and _is_referred_to(change):
        yield {"pointer": f"/{owner.field}", "detail": _TIED}
    for relation, pointer, id_ in _ties(change, owner, everything=moved):
        target = writer.catalogue.of(relation.target)
        if partnership_of(writer, target, writer.row(target, id_)) not in (None, partnership):
            yield {"pointer": pointer, "detail": _ELSEWHERE}
    party = change.columns.get("party")
    if party is not None and partnership is not None and (moved or "party" in change.changed):
        parties = writer.row(partnerships, partnership)["parties"]
        if party not in parties:
            detail = f"It is not a party of the partnership, which has {', '.join(parties)}."
            yield {"pointer": "/party", "detail": detail}


def _said_of_another(change: Change) -> Iterator[Flaw]:
    """That what everybody has seen said of a record of one partnership is to be said of another's: a citation moves."""
    writer, resource, before = change.writer, change.resource, change.before
    for relation in resource.relations:
        if not isinstance(relation, AnyOne) or before is None or relation.column not in change.changed:
            continue
        was, now = (partnership_of(writer, resource, each) for each in (before, change.columns))
        if was != now and was_published(writer.connection, resource.table, change.id):
            yield {"pointer": f"/{relation.field}", "detail": _IMMUTABLE}


def _ties(change: Change, owner: One, *, everything: bool) -> Iterator[tuple[One | Many, str, UUID]]:
    """What a record refers to beside its owner, as far as that changes; each with the pointer to it."""
    catalogue = change.writer.catalogue
    for relation in change.resource.writable_relations:
        if not isinstance(relation, One | Many) or relation is owner:
            continue
        if owner_of(catalogue, catalogue.of(relation.target)) is None:
            continue
        if isinstance(relation, Many):
            for place, link in enumerate(change.links.get(relation.field, ())):
                yield relation, f"/{relation.field}/{place}", link[relation.via]
        elif change.columns[relation.column] is not None and (everything or relation.column in change.changed):
            yield relation, f"/{relation.field}", change.columns[relation.column]


def _is_referred_to(change: Change) -> bool:
    """Whether any record, also one that nobody sees yet, refers to the one that changes."""
    connection = change.writer.connection
    for other in change.writer.catalogue:
        for relation in other.writable_relations:
            if not isinstance(relation, One | Many) or relation.target is not change.resource.table:
                continue
            rows = other.rows
            refers = rows.c.state != State.withdrawn.value
            if isinstance(relation, One):
                refers &= rows.c[relation.column] == change.id
            else:
                links = relation.links
                refers &= rows.c.id.in_(sa.select(links.c[relation.owner]).where(links.c[relation.via] == change.id))
            if connection.execute(sa.select(rows.c.id).where(refers).limit(1)).first() is not None:
                return True
    return False
