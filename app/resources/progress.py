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
from app.core.write import ANY_REVISION
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
    chosen = sa.select(rows).where(rows.c.commitment_id == commitment, rows.c.state == State.published.value)
    return [dict(row) for row in writer.connection.execute(chosen.order_by(*_order(rows))).mappings()]


def _order(rows: sa.Table) -> tuple[sa.ColumnElement[Any], ...]:
    return rows.c.occurred_on, rows.c.recorded_on, rows.c.created_at, rows.c.slug


def projection(log: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a log comes to: completion and lifecycle."""
    reached = dict(BEGINNING)
    for update in log:
        reached |= {name: update["sets"][name] for name in BEGINNING if update["sets"].get(name)}
    return reached


def of_milestone(log: Iterable[Mapping[str, Any]], milestone: UUID) -> dict[str, Any]:
    """What the log of a promise comes to for one of its milestones: whether it was met, and when."""
    told = [each for each in log if each["milestone_id"] == milestone and each["sets"].get("milestone_status")]
    status = told[-1]["sets"]["milestone_status"] if told else "scheduled"
    return {"status": status, "met_on": told[-1]["occurred_on"] if status == "met" else None}


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
        changed += int(writer.project(milestones, id_, of_milestone(log, id_)))
    return changed


def rebuild(writer: "Writer") -> int:
    """Bring every commitment into line with its log. Gives how many records had drifted: none, as it should be.

    All logs are read at once; only what has drifted is then looked at by itself.
    """
    by_name = writer.catalogue.by_name
    updates, commitments, milestones = (by_name[name].rows for name in ("updates", "commitments", "milestones"))
    logs: dict[UUID, list[Mapping[str, Any]]] = {}
    columns = (updates.c.commitment_id, updates.c.milestone_id, updates.c.occurred_on, updates.c.sets)
    chosen = sa.select(*columns).where(updates.c.state == State.published.value).order_by(*_order(updates))
    for update in writer.connection.execute(chosen).mappings():
        logs.setdefault(update["commitment_id"], []).append(dict(update))
    drifted: dict[UUID, None] = {}
    kept = commitments.c.state != State.withdrawn.value
    chosen = sa.select(commitments.c.id, commitments.c.completion, commitments.c.lifecycle).where(kept)
    for row in writer.connection.execute(chosen).mappings():
        if any(row[name] != value for name, value in projection(logs.get(row["id"], ())).items()):
            drifted[row["id"]] = None
    inside = milestones.c.commitment_id.in_(sa.select(commitments.c.id).where(kept))
    chosen = sa.select(milestones.c.id, milestones.c.commitment_id, milestones.c.status, milestones.c.met_on)
    for row in writer.connection.execute(chosen.where(inside, milestones.c.state != State.withdrawn.value)).mappings():
        told = of_milestone(logs.get(row["commitment_id"], ()), row["id"])
        if any(row[name] != value for name, value in told.items()):
            drifted[row["commitment_id"]] = None
    return sum(project(writer, id_) for id_ in drifted)


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
    if published and before.get("state") == State.draft.value:
        _publish_evidence(writer, change.id)
    for columns in (change.columns, before):
        if (commitment := columns.get("commitment_id")) is not None:
            writer.at_the_end(("project", commitment), partial(_project, writer, commitment))
            if published or before.get("state") == State.published.value:
                # How long nothing was told of it changes, whatever the update says.
                writer.reach(writer.catalogue.by_name["commitments"], commitment)
    if published:
        writer.at_the_end(("evidence", change.id), partial(_borne_out, writer, change.id))
    writer.at_the_end(
        ("all borne out", change.columns["commitment_id"]),
        partial(_all_borne_out, writer, change.columns["commitment_id"], "The log would then have an update, {slug}, "
                "that raises completion to {completion} and cites nothing for it; cite a source for that one first."),
    )  # fmt: skip


def keeps_evidence(change: Change) -> None:
    """Refuse to take away the last citation of an update that needs one."""
    if change.before is None or change.before["subject_type"] != "update":
        return
    writer = change.writer
    updates = writer.catalogue.by_name["updates"].rows
    chosen = sa.select(updates.c.commitment_id).where(updates.c.id == change.before["subject_id"])
    commitment = writer.connection.execute(chosen).scalar_one()
    writer.at_the_end(
        ("all borne out", commitment),
        partial(_all_borne_out, writer, commitment, "The update {slug} raises completion to {completion}, and this is "
                "the only citation that bears it out."),
    )  # fmt: skip


def _publish_evidence(writer: "Writer", update: UUID) -> None:
    """An update is published together with the citations it was drafted with: it may need them to be published."""
    by_name = writer.catalogue.by_name
    citation, source = by_name["citations"].rows, by_name["sources"].rows
    chosen = sa.select(citation.c.id).join_from(citation, source, source.c.id == citation.c.source_id)
    drafted = chosen.where(
        citation.c.subject_type == "update", citation.c.subject_id == update,
        citation.c.state == State.draft.value, source.c.state == State.published.value,
    )  # fmt: skip
    for id_ in writer.connection.execute(drafted.order_by(citation.c.id)).scalars().all():
        writer.patch(by_name["citations"], id_, {"state": State.published.value}, ANY_REVISION)


def _project(writer: "Writer", commitment: UUID) -> None:
    rows = writer.catalogue.by_name["commitments"].rows
    state = writer.connection.execute(sa.select(rows.c.state).where(rows.c.id == commitment)).scalar()
    if state != State.withdrawn.value:
        project(writer, commitment)


def _borne_out(writer: "Writer", id_: UUID) -> None:
    """Refuse an update that says more was done than was known before, and cites nothing for it."""
    rows = writer.catalogue.by_name["updates"].rows
    commitment = writer.connection.execute(sa.select(rows.c.commitment_id).where(rows.c.id == id_)).scalar_one()
    for update in _unsupported(writer, log_of(writer, commitment)):
        if update["id"] == id_:
            told = f"It raises completion to {update['sets']['completion']}, which needs a citation of what shows it."
            raise Invalid(f"update {update['slug']}: {told}", errors=[{"pointer": "/citations", "detail": told}])


def _all_borne_out(writer: "Writer", commitment: UUID, told: str) -> None:
    """Refuse a change that leaves an update of the log, any of it, raising completion without a citation."""
    for update in _unsupported(writer, log_of(writer, commitment)):
        raise Conflict(told.format(slug=update["slug"], completion=update["sets"]["completion"]))


def raising(log: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The updates of a log that say that more was done than those before them."""
    found = []
    reached = BEGINNING["completion"]
    for update in log:
        if completion := update["sets"].get("completion"):
            if _RAISED.get(completion, 0) > _RAISED.get(reached, 0):
                found.append(update)
            reached = completion
    return found


def _unsupported(writer: "Writer", log: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The updates of a log that raise completion, and for which nothing is cited; what disputes them does not count."""
    found = raising(log)
    rows = writer.catalogue.by_name["citations"].rows
    chosen = sa.select(rows.c.subject_id).where(
        rows.c.subject_type == "update", rows.c.subject_id.in_([update["id"] for update in found]),
        rows.c.state == State.published.value, rows.c.intent != "disputes",
    )  # fmt: skip
    cited = set(writer.connection.execute(chosen).scalars()) if found else set()
    return [update for update in found if update["id"] not in cited]
