"""Records that were given inside another one: made with it, and then published, unpublished and brought back with it.

Which ones they are is remembered by a column of theirs (``Resource.given_inside``), set when they are made.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.model import RecordWrite, State
from app.core.reading.spoiled import whole_rows
from app.core.relations import One, table_of
from app.core.resource import Change, Inline, Resource, Writing
from app.errors import Invalid

_APART = frozenset({"id", "slug", "state", "revision", "created_at", "updated_at", "created_by"})
"""What tells nothing of whether two of them say the same."""


def create_given(change: Change) -> None:
    """Make the records that were given inside a new one."""
    for inline in change.resource.inline:
        for place, item in enumerate(getattr(change.body, inline.field)):
            body = inline.complete(change.columns["slug"], item, change.columns["state"])
            _at(change.writer, inline, place, body)


def reconcile(writer: Writing, resource: Resource, owner: Mapping[str, Any], body: RecordWrite) -> bool:
    """Bring what was given inside a record into line with a body that gives it anew. Says whether anything changed.

    What is the same stays as it is; what is new is made, and what is no longer given is withdrawn. A body that does
    not speak of them leaves them alone.
    """
    changed = False
    for inline in resource.inline:
        if inline.field not in body.model_fields_set:
            continue
        items = getattr(body, inline.field)
        left = given(writer, inline, resource, owner["id"], State.draft, State.published)
        new: list[tuple[int, RecordWrite]] = []
        for place, item in enumerate(items):
            wanted = inline.complete(owner["slug"], item, owner["state"])
            columns = _planned(writer, inline, place, wanted)
            same = next((row for row in left if _says_the_same(row, columns)), None)
            if same is None:
                new.append((place, wanted))
            else:
                left.remove(same)
        for place, wanted in new:
            _at(writer, inline, place, wanted)
        for row in left:
            writer.withdraw(inline.resource, row["id"], frozenset([str(row["revision"])]))
        changed = changed or bool(new or left)
    return changed


def given(writer: Writing, inline: Inline, resource: Resource, owner: UUID, *states: State) -> list[dict[str, Any]]:
    """The rows of what was given inside a record, as far as they have one of these states."""
    rows, relation = inline.resource.rows, inline.relation
    assert inline.resource.given_inside is not None
    chosen = sa.select(rows).where(
        rows.c[relation.column] == owner,
        rows.c[relation.type_column] == resource.singular,
        rows.c[inline.resource.given_inside],
        rows.c.state.in_([state.value for state in states]),
    )
    return whole_rows(writer.connection, inline.resource, chosen.order_by(rows.c.id))


def follow(change: Change) -> None:
    """Publish, unpublish or bring back what was given inside a record together with it."""
    for inline, row in _to_publish(change):
        writer = change.writer
        needed = [each for each in inline.resource.relations if isinstance(each, One)]
        if all(writer.is_published(table_of(each.target), row[each.column]) for each in needed):
            writer.set_state(inline.resource, row["id"], State.published)
    for inline in change.resource.inline:
        if change.leaves(State.withdrawn):
            for row in given(change.writer, inline, change.resource, change.id, State.withdrawn):
                change.writer.set_state(inline.resource, row["id"], State.draft)
        elif change.becomes(State.draft) and change.before is not None:
            for row in given(change.writer, inline, change.resource, change.id, State.published):
                change.writer.set_state(inline.resource, row["id"], State.draft)


def _to_publish(change: Change) -> Iterator[tuple[Inline, Mapping[str, Any]]]:
    if change.before is not None and change.becomes(State.published):
        for inline in change.resource.inline:
            for row in given(change.writer, inline, change.resource, change.id, State.draft):
                yield inline, row


def _at(writer: Writing, inline: Inline, place: int, body: RecordWrite) -> None:
    try:
        writer.create(inline.resource, body, given_inside=True)
    except Invalid as problem:
        raise _moved_under(problem, f"/{inline.field}/{place}") from None


def _planned(writer: Writing, inline: Inline, place: int, body: RecordWrite) -> Mapping[str, Any]:
    try:
        return writer.columns_of(inline.resource, body)
    except Invalid as problem:
        raise _moved_under(problem, f"/{inline.field}/{place}") from None


def _says_the_same(row: Mapping[str, Any], columns: Mapping[str, Any]) -> bool:
    return all(row[name] == value for name, value in columns.items() if name not in _APART)


def _moved_under(problem: Invalid, prefix: str) -> Invalid:
    """A problem of an inline record, pointing into the body it came in."""
    return Invalid(
        errors=[{"pointer": f"{prefix}{flaw.get('pointer', '')}", "detail": flaw["detail"]} for flaw in problem.errors]
    )
