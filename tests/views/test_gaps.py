"""Gaps: every break of the trace, against the lists worked out the slow and obvious way."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from tests.support.lists import Lists
from tests.support.oracle import days
from tests.support.register import Register


def _expected(lists: Lists, partnership: str, today: date) -> dict[str, set[str]]:
    def of(name: str) -> list[dict[str, Any]]:
        return lists.records(f"/v1/{name}?partnership={partnership}")

    def slugs(records: Any) -> set[str]:
        return {each["slug"] for each in records}

    challenges, recommendations, commitments = of("challenges"), of("recommendations"), of("commitments")
    milestones, dialogues, meetings, indicators = of("milestones"), of("dialogues"), of("meetings"), of("indicators")
    answered = {each["slug"] for record in recommendations for each in record["challenges"]}
    promised = {each["slug"] for record in commitments for each in record["recommendations"]}
    measured = {each["indicator"]["slug"] for each in of("observations")}
    last: dict[str, date | None] = {each["slug"]: None for each in dialogues}
    held_at_all: set[str] = set()
    for meeting in meetings:
        if meeting["status"] == "held":
            slug = meeting["dialogue"]["slug"]
            held_at_all.add(slug)
            if meeting["held_on"]:
                day = days(meeting["held_on"])[-1]
                last[slug] = max(last[slug] or day, day)

    def behind(dialogue: dict[str, Any]) -> bool:
        interval, latest = dialogue["expected_interval_months"], last[dialogue["slug"]]
        return interval is not None and (latest is None or today - latest > timedelta(days=interval * 30.4375))

    return {
        "challenge_without_recommendation": slugs(challenges) - answered,
        "challenge_without_evidence": slugs(each for each in challenges if not each["sources"]),
        "recommendation_without_commitment": slugs(recommendations) - promised,
        "recommendation_without_participant": slugs(each for each in recommendations if not each["participants"]),
        "recommendation_without_evidence": slugs(each for each in recommendations if not each["sources"]),
        "commitment_without_owner": slugs(
            each for each in commitments if all(other["role"] != "accountable" for other in each["participants"])
        ),
        "commitment_without_deadline": slugs(each for each in commitments if each["due_on"] is None),
        "commitment_without_measure": slugs(
            each for each in commitments if each["indicator"] is None and each["target_value"] is None
        ),
        "commitment_without_evidence": slugs(each for each in commitments if not each["sources"]),
        "commitment_without_two_independent_sources": slugs(
            each for each in commitments if each["independent_sources"] < 2
        ),
        "commitment_without_recommendation": slugs(each for each in commitments if not each["recommendations"]),
        "commitment_not_assessed": slugs(each for each in commitments if each["completion"] == "not_assessed"),
        "commitment_without_trace": slugs(
            each for each in commitments if each["completion"] == "no_evidence_available"
        ),
        "commitment_without_update": slugs(each for each in commitments if each["days_since_update"] is None),
        "commitment_gone_quiet": slugs(
            each
            for each in commitments
            if (each["days_since_update"] or 0) >= 365
            and each["completion"] != "complete"
            and each["lifecycle"] not in ("closed", "cancelled")
        ),
        "milestone_without_date": slugs(each for each in milestones if each["due_on"] is None),
        "milestone_without_outcome": slugs(
            each
            for each in milestones
            if each["due_on"] and days(each["due_on"])[-1] < today and each["status"] == "scheduled"
        ),
        "dialogue_without_meeting": slugs(dialogues) - held_at_all,
        "dialogue_behind": slugs(each for each in dialogues if behind(each)),
        "dialogue_without_rhythm": slugs(each for each in dialogues if each["expected_interval_months"] is None),
        "indicator_without_observation": slugs(indicators) - measured,
    }


def test_the_gaps_are_what_the_lists_come_to(place: tuple[Lists, str]) -> None:
    lists, partnership = place
    shown = lists.json(f"/v1/partnerships/{partnership}/gaps")
    expected = _expected(lists, partnership, date.fromisoformat(shown["as_of"]))
    found: dict[str, set[str]] = {kind["kind"]: set() for kind in shown["kinds"]}
    for gap in shown["data"]:
        found[gap["kind"]].add(gap["record"]["slug"])
        assert gap["kind"].startswith(f"{gap['record']['type']}_")
    assert found == expected
    assert shown["total"] == len(shown["data"]) == sum(kind["count"] for kind in shown["kinds"])
    assert {kind["kind"]: kind["count"] for kind in shown["kinds"] if kind["count"]} == Counter(
        gap["kind"] for gap in shown["data"]
    )


def test_the_gaps_come_in_parts(place: tuple[Lists, str]) -> None:
    lists, partnership = place
    path = f"/v1/partnerships/{partnership}/gaps"
    whole = lists.json(path)
    assert (whole["next"], whole["next_cursor"]) == (None, None)
    for limit in (1000, 97):
        parts = lists.parts(path, limit)
        for part in parts:
            assert (part["kinds"], part["total"]) == (whole["kinds"], whole["total"]), "the numbers are of all"
        assert [gap for part in parts for gap in part["data"]] == whole["data"]
        assert len(parts) == max(1, -(-len(whole["data"]) // limit))


def test_a_cursor_of_gaps_is_none_of_a_timeline(register: Register) -> None:
    gaps, timeline = (f"/v1/partnerships/india-south-korea/{view}" for view in ("gaps", "timeline"))
    cursor = register.get(f"{gaps}?limit=1").json()["next_cursor"]
    assert register.get(f"{gaps}?limit=5&cursor={cursor}").status_code == 200
    assert register.get(f"{timeline}?cursor={cursor}").status_code == 400


def test_every_gap_says_what_would_close_it_and_leads_to_its_record(register: Register) -> None:
    lists = Lists(register)
    shown = lists.json("/v1/partnerships/india-south-korea/gaps")
    closes = {kind["kind"]: kind["closes"] for kind in shown["kinds"]}
    plural = {
        "commitment": "commitments",
        "milestone": "milestones",
        "dialogue": "dialogues",
        "recommendation": "recommendations",
    }
    current = set()
    for gap in shown["data"]:
        assert gap["closes"] == closes[gap["kind"]]
        if gap["kind"] not in current:
            current.add(gap["kind"])
            record = lists.json(f"/v1/{plural[gap['record']['type']]}/{gap['record']['slug']}")
            assert record["id"] == gap["record"]["id"]
    assert len(current) >= 8


def test_the_bundled_register_has_the_gaps_that_reports_name(register: Register) -> None:
    """Most promises name no day, three dialogues have not met in the time they were to, some never met at all."""
    shown = Lists(register).json("/v1/partnerships/india-south-korea/gaps")
    found = {(gap["kind"], gap["record"]["slug"]) for gap in shown["data"]}
    assert ("dialogue_behind", "joint-commission") in found
    assert ("dialogue_without_meeting", "financial-dialogue") in found
    counts = {kind["kind"]: kind["count"] for kind in shown["kinds"]}
    assert counts["commitment_without_deadline"] > counts["commitment_without_owner"] > 0
    assert counts["commitment_without_trace"] > 0
