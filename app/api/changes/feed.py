"""Reading the feed: every change of what everybody sees, in the order of commit, none left out and none twice.

Changes are numbered by a counter that each writer holds until it commits (``app.core.storage.history``), so a number
that is seen has no unseen number before it. What was done to a draft is in no feed; a record that is taken from the
public appears as removed.  An entry carries the record as it is now, not as it was then: whoever applies the entries
in order comes out at the register as it is, and what was withdrawn later is not handed out again. As it was then, a
record can be read at ``revision_url``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.model import State
from app.core.reading.parameters import refused
from app.core.reading.plans import Row
from app.core.reading.reader import Reader
from app.core.reading.referents import no_such
from app.core.reading.slug_or_id import matching_any
from app.core.reading.spoiled import only_readable
from app.core.reading.statements import built_once, rows_of
from app.core.relations import AnyOne, One
from app.core.resource import Catalogue, Resource
from app.core.storage import history
from app.core.storage.column_types import UnreadableValue
from app.core.storage.history import refreshes, revisions
from app.resources.partnerships import partnerships

_PUBLISHED = State.published.value
REFRESH = "refresh"
"""The action of an entry whose record reads differently because of another one."""


@dataclass(frozen=True)
class FeedQuery:
    """What a client wants to follow."""

    since: int = 0
    limit: int = 25
    resources: tuple[str, ...] = ()
    partnership: str | None = None


@dataclass(frozen=True)
class Part:
    """Some entries of the feed."""

    entries: list[dict[str, Any]]
    seq: int
    """The number to go on after."""
    more: bool


def read_feed(reader: Reader, query: FeedQuery, *, latest: bool = False) -> Part:
    """The entries after a number; or the latest ones, in order. Raises BadQuery for a number that is still to come."""
    entries = _entries(reader, query)
    ordered = entries.order_by(sa.desc("seq") if latest else sa.asc("seq")).limit(query.limit + 1)
    found = [dict(row) for row in reader.connection.execute(ordered).mappings()]
    more, found = len(found) > query.limit, found[: query.limit]
    if latest:
        found.reverse()
    if not found:
        check_number(reader.connection, query.since)
    return Part(_shown(reader, found), found[-1]["seq"] if found else query.since, more)


def last_number(connection: sa.Connection) -> int:
    """The number of the last change of what everybody sees; 0 where there was none."""
    ((number,),) = rows_of(connection, built_once(("last number", connection.dialect.name), _last_number), {})
    return history.number_of(number or 0)


def _last_number() -> sa.Select[Any]:
    # The last row that fits is found from the end of an index; a maximum with a condition would read all of them.
    last = sa.select(revisions.c.seq).where(_public()).order_by(revisions.c.seq.desc()).limit(1).subquery("changed")
    both = sa.union_all(sa.select(last.c.seq), sa.select(sa.func.max(refreshes.c.seq))).subquery("last")
    return sa.select(sa.func.max(both.c.seq))


def check_number(connection: sa.Connection, since: int) -> None:
    """Refuse a number after the last change.

    Whoever has one followed another register, or this one before it was restored from a backup, and would take the
    changes up to that number for read.
    """
    if since > last_number(connection):
        raise refused(
            "since",
            f"The register has no change of number {since} yet. A number from before a restore is of no use: "
            "read all changes anew, from `since=0`.",
        )


def _public() -> sa.ColumnElement[bool]:
    """What the public could see of a change: that a record came, went, or was edited while it was there."""
    return sa.or_(revisions.c.state == _PUBLISHED, revisions.c.state_before == _PUBLISHED)


def _entries(reader: Reader, query: FeedQuery) -> sa.Select[Any]:
    changed = sa.select(
        revisions.c.seq,
        revisions.c.at,
        revisions.c.resource,
        revisions.c.record_id,
        revisions.c.revision,
        sa.type_coerce(revisions.c.action, sa.String).label("action"),  # a refresh is none of a record's own
        revisions.c.state,
        revisions.c.note,
    ).where(revisions.c.seq > query.since, _public())
    refreshed = sa.select(
        refreshes.c.seq,
        refreshes.c.at,
        refreshes.c.resource,
        refreshes.c.record_id,
        sa.null(),
        sa.literal(REFRESH),
        sa.literal(_PUBLISHED),
        sa.null(),
    ).where(refreshes.c.seq > query.since)
    every = sa.union_all(changed, refreshed).subquery("change")
    chosen = sa.select(every)
    if query.resources:
        chosen = chosen.where(every.c.resource.in_(query.resources))
    if query.partnership is not None:
        id_ = partnership_named(reader, query.partnership)
        chosen = chosen.where(_of_partnership(reader.catalogue, every, id_))
    return chosen


# -- whose changes -----------------------------------------------------------------------------------------------


def partnership_named(reader: Reader, slug_or_id: str) -> UUID:
    """The partnership that is, or once was, public under a name; raises BadQuery with the nearest one."""
    versions = history.twin(partnerships.rows)
    known = (
        sa.select(versions.c.id).where(matching_any(versions, [slug_or_id]), versions.c.state == _PUBLISHED).limit(1)
    )
    id_: UUID | None = reader.connection.execute(known).scalar()
    if id_ is None:
        detail = no_such(reader.connection, reader.tables, [partnerships], slug_or_id)
        raise refused("partnership", detail)
    return id_


def _of_partnership(catalogue: Catalogue, every: sa.Subquery, id_: UUID) -> sa.ColumnElement[bool]:
    """The changes of a partnership and of what belongs to it. What partnerships share belongs to none."""
    either = [sa.and_(every.c.resource == partnerships.name, every.c.record_id == id_)]
    for resource in catalogue:
        ids = _belonging(catalogue, resource, id_)
        if ids is not None:
            either.append(sa.and_(every.c.resource == resource.name, every.c.record_id.in_(ids)))
    return sa.or_(*either)


def _belonging(catalogue: Catalogue, resource: Resource, partnership: UUID) -> sa.Select[tuple[UUID]] | None:
    """The ids of the records of a resource that belong to a partnership, whatever their state."""
    rows = resource.rows
    for relation in resource.relations:
        if isinstance(relation, AnyOne):
            either = [
                sa.and_(rows.c[relation.type_column] == partnerships.singular, rows.c[relation.column] == partnership)
            ]
            for other in catalogue:
                if other is not resource and (ids := _belonging(catalogue, other, partnership)) is not None:
                    of_it = rows.c[relation.type_column] == other.singular
                    either.append(sa.and_(of_it, rows.c[relation.column].in_(ids)))
            return sa.select(rows.c.id).where(sa.or_(*either))
    path = resource.listing.related.get(partnerships.singular)
    if path is not None:
        return sa.select(rows.c.id).where(_on_path(catalogue, resource, path, partnership))
    return None


def _on_path(catalogue: Catalogue, resource: Resource, path: str, partnership: UUID) -> sa.ColumnElement[bool]:
    first, _, rest = path.partition(".")
    relation = resource.by_field[first]
    assert isinstance(relation, One)
    column = resource.rows.c[relation.column]
    if not rest:
        return column == partnership
    target = catalogue.of(relation.target)
    return column.in_(sa.select(target.rows.c.id).where(_on_path(catalogue, target, rest, partnership)))


# -- what is shown -----------------------------------------------------------------------------------------------


def _shown(reader: Reader, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries with their records: one reading for each resource, however many entries."""
    ids: dict[str, set[UUID]] = {}
    for change in found:
        ids.setdefault(change["resource"], set()).add(change["record_id"])
    records: dict[UUID, dict[str, Any]] = {}
    slugs: dict[UUID, list[tuple[int, str]]] = {}
    for name, wanted in ids.items():
        resource = reader.catalogue.by_name.get(name)
        if resource is None:
            raise UnreadableValue(f"{name!r:.60} is no resource")
        records |= reader.several(resource, wanted)
        for id_, since, slug in _public_slugs(reader.connection, resource, wanted):
            slugs.setdefault(id_, []).append((since, slug))
    return [_entry(change, records.get(change["record_id"]), slugs.get(change["record_id"], ())) for change in found]


def _public_slugs(connection: sa.Connection, resource: Resource, ids: set[UUID]) -> list[Row]:
    """The slugs under which everybody could find some records, each with the change that it came with."""
    versions = history.twin(resource.rows)
    chosen = sa.select(versions.c.id, versions.c.since, versions.c.slug).where(
        versions.c.id.in_(ids), versions.c.state == _PUBLISHED
    )
    return only_readable(connection, chosen.order_by(versions.c.since), {}, versions.name)


def _entry(
    change: Mapping[str, Any], record: Mapping[str, Any] | None, slugs: Sequence[tuple[int, str]]
) -> dict[str, Any]:
    seq = history.number_of(change["seq"])
    moment: datetime = change["at"]
    # Where its history was spoiled from outside, the id names it as well, and no change is left out.
    known = [(since, slug) for since, slug in slugs if since <= seq]
    slug = max(known)[1] if known else str(change["record_id"])
    url = f"/v1/{change['resource']}/{slug}"
    removed = change["state"] != _PUBLISHED
    revision = change["revision"]
    return {
        "seq": seq,
        "at": moment,
        "resource": change["resource"],
        "id": change["record_id"],
        "slug": slug,
        "action": change["action"],
        "removed": removed,
        "revision": revision,
        "note": change["note"],
        "url": url,
        "revision_url": f"{url}/revisions/{revision}" if revision is not None and not removed else None,
        "record": record,
    }
