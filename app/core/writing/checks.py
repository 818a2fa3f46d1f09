"""Checks: the rules that a planned change must meet, given what is already in the register."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from app.core.model import State
from app.core.relations import AnyOne, Many
from app.core.resource import Change, Resource, Writing
from app.core.visibility import may_publish
from app.core.writing.cycles import cycles
from app.core.writing.dependents import demand_none
from app.errors import Conflict, Flaw, Invalid


def check(change: Change) -> None:
    """Raise the problem of a change that the register does not allow."""
    flaws = [flaw for guard in (_unpublished_parents, cycles, *change.resource.guards) for flaw in guard(change)]
    if flaws:
        raise Invalid(errors=[*flaws, *change.taken])
    if change.taken:
        raise Conflict(change.taken[0]["detail"], errors=change.taken)
    if change.before is not None and change.leaves(State.published) and change.becomes(State.draft):
        demand_no_dependents(change.writer, change.resource, change.id, State.published)


def _unpublished_parents(change: Change) -> Iterator[Flaw]:
    """What is published may not need what is not: readers would meet a reference that leads nowhere."""
    resource, columns = change.resource, change.columns
    if columns["state"] != State.published.value:
        return
    for relation in resource.relations:
        if isinstance(relation, Many) or columns[relation.column] is None or not resource.binding(relation):
            continue
        target = _target(change.writer, relation, columns)
        if not change.writer.is_published(target.rows, columns[relation.column]):
            yield {"pointer": f"/{relation.field}", "detail": "It is not published; publish it first."}


def demand_no_withdrawn_parent(writer: Writing, resource: Resource, row: Mapping[str, Any]) -> None:
    for relation in resource.relations:
        if isinstance(relation, Many) or row[relation.column] is None or not resource.binding(relation):
            continue
        target = _target(writer, relation, row)
        if writer.row(target, row[relation.column])["state"] == State.withdrawn.value:
            raise Conflict(f"The {target.singular} that it belongs to is withdrawn; restore that first.")


def _target(writer: Writing, relation: Any, row: Mapping[str, Any]) -> Resource:
    if isinstance(relation, AnyOne):
        return writer.catalogue.by_singular[row[relation.type_column]]
    return writer.catalogue.of(relation.target)


def demand_no_dependents(writer: Writing, resource: Resource, id_: UUID, *states: State) -> None:
    say_which = may_publish(writer.viewer)
    demand_none(writer.connection, writer.catalogue, resource, id_, states, say_which=say_which)
