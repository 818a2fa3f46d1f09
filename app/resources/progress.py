"""Progress: how far a promise has come is the projection of its log, kept with each change of the log.

The log of a commitment is its published updates, in the order in which things happened; of what happened on one day,
what was recorded later counts. The last word on each of completion, lifecycle and a milestone's status stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from app.core.model import State
from app.core.resource import Change
from app.errors import AppendOnly, Conflict, Flaw, Invalid

if TYPE_CHECKING:
    from app.core.write import Writer

BEGINNING: Mapping[str, str] = {"completion": "not_assessed", "lifecycle": "pipeline"}
"""How far a promise has come that nothing is known of."""

_RAISED = {"limited": 1, "substantial": 2, "complete": 3}
_MAY_CHANGE = {"slug", "state", "revision", "created_at", "updated_at", "created_by"}


def log_of(writer: "Writer", commitment: UUID) -> list[dict[str, Any]]:
    """The published updates of a commitment, in the order in which they count."""
    rows = writer.catalogue.by_name["updates"].rows
    order = (rows.c.occurred_on, rows.c.recorded_on, rows.c.created_at, rows.c.slug)
    chosen = sa.select(rows).where(rows.c.commitment_id == commitment, rows.c.state == State.published.value)
    return [dict(row) for row in writer.connection.execute(chosen.order_by(*order)).mappings()]


def projection(log: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a log comes to: completion and lifecycle."""
    reached = dict(BEGINNING)
    for update in log:
        reached |= {name: update["sets"][name] for name in BEGINNING if update["sets"].get(name)}
    return reached


def project(writer: "Writer", commitment: UUID) -> int:
    """Bring a commitment and its milestones into line with its log. Gives how many records that changed."""
    by_name = writer.catalogue.by_name
    log = log_of(writer, commitment)
    changed = int(writer.project(by_name["commitments"], commitment, projection(log)))
    milestones = by_name["milestones"]
    chosen = sa.select(milestones.rows.c.id).where(
        milestones.rows.c.commitment_id == commitment, milestones.rows.c.state != State.withdrawn.value
    )
    for id_ in writer.connection.execute(chosen).scalars().all():
        told = [each for each in log if each["milestone_id"] == id_ and each["sets"].get("milestone_status")]
        status = told[-1]["sets"]["milestone_status"] if told else "scheduled"
        met_on = told[-1]["occurred_on"] if status == "met" else None
        changed += int(writer.project(milestones, id_, {"status": status, "met_on": met_on}))
    return changed


def rebuild(writer: "Writer") -> int:
    """Bring every commitment into line with its log. Gives how many records had drifted: none, as it should be."""
    rows = writer.catalogue.by_name["commitments"].rows
    chosen = sa.select(rows.c.id).where(rows.c.state != State.withdrawn.value)
    return sum(project(writer, id_) for id_ in writer.connection.execute(chosen).scalars().all())


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
    writer = change.writer
    for columns in (change.columns, change.before or {}):
        if (commitment := columns.get("commitment_id")) is not None:
            writer.at_the_end(("project", commitment), partial(_project, writer, commitment))
    if change.columns["state"] == State.published.value:
        writer.at_the_end(("evidence", change.id), partial(_borne_out, writer, change.id))


def _project(writer: "Writer", commitment: UUID) -> None:
    rows = writer.catalogue.by_name["commitments"].rows
    state = writer.connection.execute(sa.select(rows.c.state).where(rows.c.id == commitment)).scalar()
    if state != State.withdrawn.value:
        project(writer, commitment)


def _borne_out(writer: "Writer", id_: UUID) -> None:
    """Refuse an update that says more was done than was known before, and cites nothing for it."""
    rows = writer.catalogue.by_name["updates"].rows
    update = writer.connection.execute(sa.select(rows).where(rows.c.id == id_)).mappings().one()
    if not raises(log_of(writer, update["commitment_id"]), id_) or is_cited(writer, id_):
        return
    detail = f"It raises completion to {update['sets']['completion']}, which needs a citation of what shows it."
    raise Invalid(f"update {update['slug']}: {detail}", errors=[{"pointer": "/citations", "detail": detail}])


def raises(log: Sequence[Mapping[str, Any]], id_: UUID) -> bool:
    """Whether an update of a log says that more was done than those before it."""
    place = next((place for place, each in enumerate(log) if each["id"] == id_), None)
    if place is None:
        return False
    before = projection(log[:place])["completion"]
    return _RAISED.get(log[place]["sets"].get("completion") or "", 0) > _RAISED.get(before, 0)


def is_cited(writer: "Writer", id_: UUID) -> bool:
    """Whether a source is cited for an update."""
    rows = writer.catalogue.by_name["citations"].rows
    chosen = sa.select(rows.c.id).where(
        rows.c.subject_type == "update", rows.c.subject_id == id_, rows.c.state == State.published.value
    )
    return writer.connection.execute(chosen.limit(1)).first() is not None


def keeps_evidence(change: Change) -> None:
    """Refuse to take away the last citation of an update that needs one."""
    if change.before is None or change.before["subject_type"] != "update":
        return
    writer = change.writer
    id_ = change.before["subject_id"]
    writer.at_the_end(("kept", id_), partial(_still_cited, writer, id_))


def _still_cited(writer: "Writer", id_: UUID) -> None:
    rows = writer.catalogue.by_name["updates"].rows
    commitment = writer.connection.execute(sa.select(rows.c.commitment_id).where(rows.c.id == id_)).scalar_one()
    if raises(log_of(writer, commitment), id_) and not is_cited(writer, id_):
        raise Conflict("The update it is for raises completion, and this is the only citation that bears it out.")
