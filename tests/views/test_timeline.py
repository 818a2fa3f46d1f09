"""The timeline and the graph against the lists, worked out the slow and obvious way."""

import httpx
import pytest
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream

from app.pictures import timeline as picture
from app.views import calendar
from tests.support.editor import Editor, fresh
from tests.support.lists import Lists, Record
from tests.support.register import Register

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
            each["date"],
            each["kind"],
            each["record"]["slug"],
            each["status"],
            each["commitment"] and each["commitment"]["slug"],
            each["text"],
        )
        for each in shown
    ]
    assert found == _events(lists, partnership)


def test_the_timeline_comes_in_parts(place: tuple[Lists, str]) -> None:
    lists, partnership = place
    path = f"/v1/partnerships/{partnership}/timeline"
    whole = lists.json(path)
    assert (whole["next"], whole["next_cursor"]) == (None, None)
    for limit in (1000, 97):
        parts = lists.parts(path, limit)
        assert [event for part in parts for event in part["data"]] == whole["data"]
        assert len(parts) == -(-len(whole["data"]) // limit)


def test_a_part_goes_on_where_the_other_ended_whatever_came_between(
    editor: httpx.Client, anonymous: httpx.Client
) -> None:
    at_work = Editor(editor, anonymous)
    at_work.make("partnerships", slug=at_work.partnership, name="A partnership", parties=["IN", "KR"])
    days = ("2018", "2018-07", "2018-07-10", "2019-01-01")
    slugs = [at_work.promise(slug=fresh(f"p{number}"), made_on=day) for number, day in enumerate(days)]
    path = f"/v1/partnerships/{at_work.partnership}/timeline"
    first = anonymous.get(path, params={"limit": 2}).json()
    at_work.promise(made_on="2017")
    later = at_work.promise(made_on="2018-12")
    second = anonymous.get(first["next"]).json()
    found = [event["record"]["slug"] for event in (*first["data"], *second["data"])]
    assert found == [slugs[0], slugs[1], slugs[2], later]
    assert [event["record"]["slug"] for event in anonymous.get(second["next"]).json()["data"]] == [slugs[3]]


def test_a_cursor_belongs_to_its_timeline(generated: Register) -> None:
    first, other = (f"/v1/partnerships/partnership-{number}/timeline" for number in range(2))
    part = generated.get(f"{first}?limit=1")
    cursor = part.json()["next_cursor"]
    assert part.headers["link"].startswith(f"<{part.json()['next']}>")
    assert generated.get(f"{first}?limit=500&cursor={cursor}").status_code == 200
    for wrong in (f"{other}?cursor={cursor}", f"{first}?cursor=no", f"{first}?limit=0", f"{first}?limit=1001"):
        assert generated.get(wrong).status_code == 400, wrong
    assert generated.get(f"{first}?cursor={cursor}", headers=generated.authorization).status_code == 400
    assert generated.get(f"{first}.svg?limit=1").status_code == 400


def test_each_partnership_has_its_own_picture(generated: Register) -> None:
    for number in (0, 1, 0):
        path = f"/v1/partnerships/partnership-{number}/timeline"
        assert generated.get(f"{path}.svg").text == picture.draw(generated.get(path).json()), number


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
    ("commitments", "meeting"): "made_at",
    ("commitments", "indicator"): "measured_by",
    ("commitments", "supersedes"): "restates",
    ("milestones", "commitment"): "step_of",
    ("meetings", "dialogue"): "meeting_of",
}
STATUS = {
    "challenges": "status",
    "recommendations": "status",
    "commitments": "completion",
    "milestones": "status",
    "dialogues": "level",
    "meetings": "status",
    "indicators": None,
}


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


def _calendar(content: bytes) -> Calendar:
    return IcsCalendarStream.calendar_from_ics(content.decode())


def test_the_calendar_of_a_partnership_has_what_falls_due_and_its_meetings(register: Register) -> None:
    response = register.get("/v1/partnerships/india-south-korea/timeline.ics")
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="india-south-korea-timeline.ics"'
    events = {event.uid: event for event in _calendar(response.content).events}
    for name, field in (("commitments", "due_on"), ("milestones", "due_on"), ("meetings", "held_on")):
        path = f"/v1/{name}.json?partnership=india-south-korea&{field}__isnull=false&fields=id"
        ids = {f"urn:uuid:{record['id']}" for record in register.get(path).json()}
        assert ids
        assert ids <= events.keys(), name
    assert register.get("/v1/partnerships/nowhere/timeline.ics").status_code == 404
    assert register.get("/v1/partnerships/india-south-korea/timeline.ics?limit=3").status_code == 400


def test_a_calendar_is_the_same_in_many_pieces_and_known_before_it_is_made(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/v1/partnerships/india-south-korea/timeline.ics?as_of=2100-01-01T00:00:00Z"
    whole = register.get(path)
    monkeypatch.setattr(calendar, "PART", 3)
    # The cache holds what is asked for without a tag.
    piecewise = register.get(path, headers={"If-None-Match": '"another"'})
    assert piecewise.content == whole.content
    assert piecewise.headers["etag"] == whole.headers["etag"]
    known = register.get(path, headers={"If-None-Match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_the_calendar_says_when_a_dialogue_should_meet_next(editor: httpx.Client, anonymous: httpx.Client) -> None:
    at_work = Editor(editor, anonymous)
    place = at_work.partnership
    at_work.make("partnerships", slug=place, name="A partnership", parties=["IN", "KR"])
    dialogue = at_work.make(
        "dialogues", partnership=place, name="Talks", level="official", expected_interval_months=6, started_on="2024-02"
    )
    path = f"/v1/partnerships/{place}/timeline.ics"
    (before,) = _calendar(anonymous.get(path).content).events
    assert (before.summary, str(before.dtstart)) == ("Should meet by this day: Talks", "2024-08-29")
    for held_on, status in (("2025-08-31", "held"), ("2025-07", "held"), ("2026-01", "planned")):
        at_work.make("meetings", dialogue=dialogue["slug"], held_on=held_on, status=status, place="Seoul")
    after = {event.uid: event for event in _calendar(anonymous.get(path).content).events}
    assert len(after) == 4
    # It is the same event, which moved; and February has no 31st.
    assert str(after[before.uid].dtstart) == "2026-02-28"
    assert "it last met on 2025-08-31. A meeting is planned for 2026-01." in after[before.uid].description
