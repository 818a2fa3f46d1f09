"""Progress: how far a promise has come is the projection of its log, kept with each change of the log.

The log of a commitment is its published updates, in the order in which things happened; of what happened on one day,
what was recorded later counts. The last word on each of completion, lifecycle and a milestone's status stands.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.field_types import last_day
from app.core.model import State
from app.core.reading.spoiled import whole_rows
from app.core.resource import Change, Writing
from app.errors import AppendOnly, Conflict, Flaw, Invalid

BEGINNING: Mapping[str, str] = {"completion": "not_assessed", "lifecycle": "pipeline"}
"""How far a promise has come that nothing is known of."""

_NEED_EVIDENCE = frozenset({"limited", "substantial", "complete"})
"""An update that says that something was done cites what shows it."""

_AT_ONCE = 500
_MAY_CHANGE = {"slug", "state", "revision", "created_at", "updated_at", "created_by"}


def _order(rows: sa.Table) -> tuple[sa.ColumnElement[Any], ...]:
    return rows.c.occurred_on, rows.c.recorded_on, rows.c.created_at, rows.c.slug


def projection(log: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a log comes to: completion and lifecycle."""
    outcome = dict(BEGINNING)
    for update in log:
        outcome |= {name: update["sets"][name] for name in BEGINNING if update["sets"].get(name)}
    return outcome


def of_milestone(log: Iterable[Mapping[str, Any]], milestone: UUID) -> dict[str, Any]:
    """What the log of a promise comes to for one of its milestones: whether it was met, and when."""
    with_status = [each for each in log if each["milestone_id"] == milestone and each["sets"].get("milestone_status")]
    status = with_status[-1]["sets"]["milestone_status"] if with_status else "scheduled"
    return {"status": status, "met_on": last_day(with_status[-1]["occurred_on"]) if status == "met" else None}


def project(writer: Writing, commitments: Sequence[UUID]) -> int:
    """Bring commitments and their milestones into line with their logs. Gives how many records that changed."""
    by_name = writer.catalogue.by_name
    changed = 0
    for ids in _parts(commitments):
        logs = _logs(writer, ids)
        rows = by_name["commitments"].rows
        chosen = sa.select(rows.c.id).where(rows.c.id.in_(ids), rows.c.state != State.withdrawn.value)
        for id_ in writer.connection.execute(chosen).scalars().all():
            changed += writer.project(by_name["commitments"], id_, projection(logs.get(id_, ())))
        rows = by_name["milestones"].rows
        chosen = sa.select(rows.c.id, rows.c.commitment_id)
        chosen = chosen.where(rows.c.commitment_id.in_(ids), rows.c.state != State.withdrawn.value)
        for id_, commitment in writer.connection.execute(chosen).all():
            changed += writer.project(by_name["milestones"], id_, of_milestone(logs.get(commitment, ()), id_))
    return changed


def _parts(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _logs(writer: Writing, commitments: Sequence[UUID]) -> dict[UUID, list[Mapping[str, Any]]]:
    """The logs of commitments: their published updates, in the order in which they count."""
    updates = writer.catalogue.by_name["updates"]
    rows = updates.rows
    chosen = sa.select(rows).where(rows.c.commitment_id.in_(commitments), rows.c.state == State.published.value)
    logs: dict[UUID, list[Mapping[str, Any]]] = {}
    for row in whole_rows(writer.connection, updates, chosen.order_by(*_order(rows))):
        logs.setdefault(row["commitment_id"], []).append(row)
    return logs


def rebuild(writer: Writing) -> int:
    """Bring every commitment into line with its log. Gives how many records had drifted: none, as it should be."""
    rows = writer.catalogue.by_name["commitments"].rows
    chosen = sa.select(rows.c.id).where(rows.c.state != State.withdrawn.value).order_by(rows.c.id)
    return project(writer, writer.connection.execute(chosen).scalars().all())


def only_added_to(change: Change) -> Iterable[Flaw]:
    """Refuse to edit what is in the log."""
    before = change.before
    if before is None or before["state"] != State.published.value:
        return ()
    edited = any(value != before[name] for name, value in change.columns.items() if name not in _MAY_CHANGE)
    if edited or change.columns["state"] != State.published.value:
        raise AppendOnly()
    return ()


def carry_on(change: Change) -> None:
    """Bring the commitment of a changed update into line, when all changes of the transaction are made."""
    writer, before = change.writer, change.before or {}
    published = change.columns["state"] == State.published.value
    for columns in (change.columns, before):
        if (commitment := columns.get("commitment_id")) is not None:
            writer.at_the_end(_project, commitment)
            if published or before.get("state") == State.published.value:
                # How long nothing was recorded of it changes, whatever the update says.
                writer.refresh(writer.catalogue.by_name["commitments"], commitment)
    if published:
        writer.at_the_end(_demand_evidence, change.id)


def keeps_evidence(change: Change) -> None:
    """Refuse to take away the last citation of an update that needs one."""
    if change.before is not None and change.before["subject_type"] == "update":
        change.writer.at_the_end(_refuse_last_citation, change.before["subject_id"])


def _project(writer: Writing, commitments: list[UUID]) -> None:
    project(writer, commitments)


def _demand_evidence(writer: Writing, updates: list[UUID]) -> None:
    for update in _without_evidence(writer, updates):
        detail = f"It sets completion to {update['sets']['completion']}, which needs a citation of what shows it."
        raise Invalid(f"update {update['slug']}: {detail}", errors=[{"pointer": "/citations", "detail": detail}])


def _refuse_last_citation(writer: Writing, updates: list[UUID]) -> None:
    for update in _without_evidence(writer, updates):
        completion = update["sets"]["completion"]
        raise Conflict(
            f"The update {update['slug']} sets completion to {completion}, and this is its only citation; "
            "cite another source for it first."
        )


def _without_evidence(writer: Writing, updates: list[UUID]) -> Iterator[Mapping[str, Any]]:
    """Those of some updates that are published, say that something was done, and cite nothing for it.

    What disputes an update does not bear it out.
    """
    for ids in _parts(updates):
        rows, citations = (writer.catalogue.by_name[name].rows for name in ("updates", "citations"))
        chosen = sa.select(rows.c.id, rows.c.slug, rows.c.sets).where(
            rows.c.id.in_(ids), rows.c.state == State.published.value
        )
        found = whole_rows(writer.connection, writer.catalogue.by_name["updates"], chosen)
        verdicts = [each for each in found if _says_done(each["sets"])]
        chosen = sa.select(citations.c.subject_id).where(
            citations.c.subject_type == "update",
            citations.c.subject_id.in_([each["id"] for each in verdicts]),
            citations.c.state == State.published.value,
            citations.c.intent != "disputes",
        )
        cited = set(writer.connection.execute(chosen).scalars()) if verdicts else set()
        yield from (each for each in verdicts if each["id"] not in cited)


def _says_done(sets: Mapping[str, Any]) -> bool:
    return sets.get("completion") in _NEED_EVIDENCE
