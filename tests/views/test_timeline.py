"""The timeline and the graph against the lists, worked out the slow and obvious way."""

from tests.support.lists import Lists, Record

KINDS = ("meeting", "promise_made", "promise_restated", "update", "milestone_met", "milestone_due", "promise_due")


def _events(lists: Lists, partnership: str) -> list[tuple[str, str, str, str | None, str | None, str | None]]:
    """Day, kind, slug, status, commitment and text of everything that has a day."""
    found = []
    for each in lists.records(f"/v1/meetings?partnership={partnership}"):
        found.append((each["held_on"], "meeting", each["slug"], each["status"], None, each["summary"]))
    for each in lists.records(f"/v1/commitments?partnership={partnership}"):
        kind = "promise_restated" if each["supersedes"] else "promise_made"
        found.append((each["made_on"], kind, each["slug"], each["completion"], None, None))
        found.append((each["due_on"], "promise_due", each["slug"], each["completion"], None, None))
    for each in lists.records(f"/v1/milestones?partnership={partnership}"):
        of = each["commitment"]["slug"]
        found.append((each["met_on"], "milestone_met", each["slug"], each["status"], of, None))
        found.append((each["due_on"], "milestone_due", each["slug"], each["status"], of, None))
    for each in lists.records(f"/v1/updates?partnership={partnership}"):
        sets = each["sets"]
        status = sets.get("completion") or sets.get("lifecycle") or sets.get("milestone_status")
        found.append(
            (each["occurred_on"], "update", each["slug"], status, each["commitment"]["slug"], each["narrative"])
        )
    return sorted((each for each in found if each[0]), key=lambda each: (each[0], KINDS.index(each[1]), each[2]))


def test_the_timeline_has_everything_that_has_a_day_in_order(place: tuple[Lists, str]) -> None:
    lists, partnership = place
    shown = lists.json(f"/v1/partnerships/{partnership}/timeline")["data"]
    found = [
        (
            each["date"], each["kind"], each["record"]["slug"], each["status"],
            each["commitment"] and each["commitment"]["slug"], each["text"],
        )
        for each in shown
    ]  # fmt: skip
    assert found == _events(lists, partnership)


def _references(record: Record, field: str) -> list[tuple[Record, str | None]]:
    value = record[field]
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return [(each.get("stakeholder", each), each.get("role")) for each in items]


EDGES = {
    ("recommendations", "challenges"): "answers",
    ("recommendations", "participants"): "involves",
    ("commitments", "recommendations"): "answers",
    ("commitments", "participants"): "involves",
    ("commitments", "made_at"): "made_at",
    ("commitments", "indicator"): "measured_by",
    ("commitments", "supersedes"): "restates",
    ("milestones", "commitment"): "step_of",
    ("meetings", "dialogue"): "meeting_of",
}
STATUS = {"challenges": "status", "recommendations": "status", "commitments": "completion", "milestones": "status",
          "dialogues": "level", "meetings": "status", "indicators": None}  # fmt: skip


def test_the_graph_has_the_records_and_the_references_of_the_lists(place: tuple[Lists, str]) -> None:
    lists, partnership = place
    shown = lists.json(f"/v1/partnerships/{partnership}/graph")
    records = {name: lists.records(f"/v1/{name}?partnership={partnership}") for name in STATUS}
    nodes = {each["id"]: each[status] if status else None for name, status in STATUS.items() for each in records[name]}
    stakeholders = {each["id"]: each["kind"] for each in lists.records("/v1/stakeholders")}
    edges = {
        (each["id"], other["id"], kind, role)
        for (name, field), kind in EDGES.items()
        for each in records[name]
        for other, role in _references(each, field)
        if other["id"] in nodes or other["id"] in stakeholders
    }
    tied = {target for _, target, kind, _ in edges if kind == "involves"}
    nodes |= {id_: kind for id_, kind in stakeholders.items() if id_ in tied}
    found = [(each["source"], each["target"], each["kind"], each["role"]) for each in shown["edges"]]
    assert len(found) == len(set(found))
    assert set(found) == edges
    assert {each["id"]: each["status"] for each in shown["nodes"]} == nodes
    assert len(shown["nodes"]) == len(nodes)
