"""The scorecard against the lists, worked out the slow and obvious way, and what it says where there is nothing."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean
from typing import Any

from tests.support.generated_register import Generator, Size
from tests.support.lists import Lists, Record
from tests.support.oracle import days
from tests.support.register import Register

MONTH = 30.4375


def _values(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figure["value"] for name, figure in figures.items()}


def _near(value: float | None, expected: float | None, digits: int) -> bool:
    if value is None or expected is None:
        return value is expected
    return abs(value - expected) <= 0.51 * 10**-digits


def _core(promises: list[Record]) -> dict[str, float | None]:
    stored = sum(each["completion"] == "complete" for each in promises)
    assessed = sum(each["completion"] != "not_assessed" for each in promises)
    return {
        "promises": len(promises),
        "assessed": assessed,
        "kept": stored,
        "follow_through_rate": round(stored / assessed, 4) if assessed else None,
        "overdue": sum(each["overdue"] for each in promises),
    }


def _groups(promises: list[Record], keys: Any) -> dict[str, dict[str, float | None]]:
    members: dict[str, list[Record]] = {}
    for promise in promises:
        for key in sorted(keys(promise)):
            members.setdefault(key, []).append(promise)
    return {key: _core(inside) for key, inside in members.items()}


def test_the_scorecard_is_what_the_lists_come_to(place: tuple[Lists, str]) -> None:
    lists, partnership = place
    card = lists.json(f"/v1/partnerships/{partnership}/scorecard")
    today = date.fromisoformat(card["as_of"])
    promises = lists.records(f"/v1/commitments?partnership={partnership}")
    countries = {each["slug"]: each["country"] for each in lists.records("/v1/stakeholders")}
    stances = {each["slug"]: each["independence"] for each in lists.records("/v1/sources")}
    dated = [each for each in promises if each["due_on"]]
    late = [(today - days(each["due_on"])[-1]).days for each in promises if each["overdue"]]
    stale = [each for each in promises if (each["days_since_update"] or 0) >= 365]
    slipped = [each["slippage_days"] for each in promises if each["slippage_days"] is not None]
    checkable = [each for each in promises if each["verifiable"] is True]
    evidenced = [each for each in promises if each["completion"] not in ("not_assessed", "no_evidence_available")]
    due = [each for each in dated if days(each["due_on"])[-1] < today]
    kept = sum(each["completion"] == "complete" for each in due)
    expected = {
        **_core(promises),
        "evidenced": len(evidenced),
        "share_evidenced": len(evidenced) / len(promises),
        "share_kept_of_evidenced": sum(each["completion"] == "complete" for each in evidenced) / len(evidenced),
        "due": len(due),
        "kept_due": kept,
        "share_kept_of_due": kept / len(due) if due else None,
        "with_deadline": len(dated),
        "share_overdue": len(late) / len(dated),
        "mean_days_overdue": fmean(late) if late else None,
        "longest_overdue_days": max(late, default=None),
        "stale": len(stale),
        "share_stale": len(stale) / len(promises),
        "unreported": sum(not each["reporters"] for each in promises),
        "verifiable": len(checkable),
        "share_verifiable": len(checkable) / len(promises),
        "mean_concreteness": fmean(each["concreteness"] for each in promises),
        "mean_slippage_days": fmean(slipped) if slipped else None,
    }
    found = _values(card["figures"])
    assert found.keys() == expected.keys()
    assert [
        name for name, value in expected.items() if not _near(found[name], value, 4 if "share" in name else 2)
    ] == []

    completion = Counter(each["completion"] for each in promises)
    assert {name: value for name, value in _values(card["completion"]).items() if value} == completion
    assert sum(completion.values()) == len(promises)
    publishers = Counter(min(each["independent_sources"], 2) for each in promises)
    assert _values(card["independent_sources"]) == {
        name: publishers[number] for number, name in enumerate(("none", "one", "two_or_more"))
    }
    concreteness = Counter(str(each["concreteness"]) for each in promises)
    assert {name: value for name, value in _values(card["concreteness"]).items() if value} == concreteness

    kinds = [{stances[source["slug"]] for source in each["sources"]} - {None} for each in promises]
    independence = Counter(kind for each in kinds for kind in each)
    independence["party_alone"] = sum(each == {"party"} for each in kinds)
    assert {name: value for name, value in _values(card["independence"]).items() if value} == +independence

    accountable = [
        {
            countries[each["stakeholder"]["slug"]]
            for each in promise["participants"]
            if each["role"] == "accountable" and countries[each["stakeholder"]["slug"]]
        }
        for promise in promises
    ]
    parties = {promise["slug"]: found for promise, found in zip(promises, accountable, strict=True)}
    for name, keys in {
        "by_year": lambda each: {each["made_on"][:4]} if each["made_on"] else set(),
        "by_theme": lambda each: {theme["slug"] for theme in each["themes"]},
        "by_party": lambda each: parties[each["slug"]],
        "by_meeting": lambda each: {each["meeting"]["slug"]} if each["meeting"] else set(),
    }.items():
        assert {group["key"]: _values(group["figures"]) for group in card[name]} == _groups(promises, keys), name


def test_cadence_is_what_the_meetings_come_to(place: tuple[Lists, str]) -> None:
    lists, partnership = place
    card = lists.json(f"/v1/partnerships/{partnership}/scorecard")
    today = date.fromisoformat(card["as_of"])
    meetings = lists.records(f"/v1/meetings?partnership={partnership}")
    dialogues = lists.records(f"/v1/dialogues?partnership={partnership}")
    assert [each["dialogue"]["slug"] for each in card["cadence"]] == sorted(each["slug"] for each in dialogues)
    by_slug = {each["slug"]: each for each in dialogues}
    for shown in card["cadence"]:
        slug = shown["dialogue"]["slug"]
        held_meetings = sorted(
            (days(each["held_on"])[-1], each["held_on"])
            for each in meetings
            if each["dialogue"]["slug"] == slug and each["status"] == "held" and each["held_on"]
        )
        held = [day for day, _ in held_meetings]
        gaps = [(later - earlier) / timedelta(days=MONTH) for earlier, later in pairwise(held)]
        since = max(today - held[-1], timedelta()) / timedelta(days=MONTH) if held else None
        interval = by_slug[slug]["expected_interval_months"]
        assert shown["promised_interval_months"] == interval
        assert shown["held"]["value"] == len(held)
        assert _near(shown["mean_gap_months"], fmean(gaps) if gaps else None, 1)
        assert _near(shown["longest_gap_months"], max(gaps, default=None), 1)
        assert shown["last_held_on"] == (held_meetings[-1][1] if held_meetings else None)
        assert _near(shown["months_since_last"], since, 1)
        assert shown["on_time"] == (None if since is None or interval is None else since <= interval)


def test_not_assessed_no_evidence_and_not_started_are_three_things(register: Register) -> None:
    card = Lists(register).json("/v1/partnerships/india-south-korea/scorecard")
    reported = {name: card["completion"][name] for name in ("not_assessed", "no_evidence_available", "not_started")}
    assert len({figure["definition"] for figure in reported.values()}) == 3
    assert len({figure["list"] for figure in reported.values()}) == 3
    assert reported["no_evidence_available"]["value"] != reported["not_started"]["value"], (
        "the bundled register has both"
    )
    assert (
        card["figures"]["assessed"]["value"] == card["figures"]["promises"]["value"] - reported["not_assessed"]["value"]
    )


def test_the_generator_makes_the_same_register_every_time() -> None:
    first, second = (Generator(Size(1, 5)) for _ in range(2))
    for each in (first, second):
        each._common()
        each._partnership(0)
    assert first.rows == second.rows
