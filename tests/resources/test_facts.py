"""What is computed of a promise at every reading, against a naive reckoning, and as filter and order."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.support.desk import SOURCE, Desk, fresh
from tests.support.lists import Lists, Record

pytestmark = pytest.mark.heavy

FACTS = ("overdue", "days_since_update", "concreteness", "slippage_days")


class Naive:
    """Computed fields, worked out from what the lists show."""

    def __init__(self, commitments: list[Record], updates: list[Record], today: date) -> None:
        """Take all records that are seen."""
        self.commitments = {each["slug"]: each for each in commitments}
        self.today = today
        self.last: dict[str, str] = {}
        for update in updates:
            slug = update["commitment"]["slug"]
            self.last[slug] = max(self.last.get(slug, ""), update["occurred_on"])

    def of(self, slug: str) -> dict[str, Any]:
        """All four of a promise."""
        each = self.commitments[slug]
        due = each["due_on"] and date.fromisoformat(each["due_on"])
        last = self.last.get(slug)
        return {
            "overdue": bool(due)
            and due < self.today
            and each["completion"] != "complete"
            and each["lifecycle"] != "cancelled",
            "days_since_update": (self.today - date.fromisoformat(last)).days if last else None,
            "concreteness": sum(
                [
                    any(participant["role"] == "accountable" for participant in each["participants"]),
                    due is not None,
                    each["indicator"] is not None or each["target_value"] is not None,
                    bool(each["sources"]),
                ]
            ),
            "slippage_days": self._slippage(each),
        }

    def _slippage(self, each: Record) -> int | None:
        first = each
        while first["supersedes"]:
            first = self.commitments[first["supersedes"]["slug"]]
        if first is each or not first["due_on"] or not each["due_on"]:
            return None
        return (date.fromisoformat(each["due_on"]) - date.fromisoformat(first["due_on"])).days


@pytest.fixture
def naive(place: tuple[Lists, str]) -> Naive:
    """The naive reckoning over all that everybody sees of a register."""
    lists, partnership = place
    today = date.fromisoformat(lists.json(f"/v1/partnerships/{partnership}/scorecard")["as_of"])
    return Naive(lists.records("/v1/commitments"), lists.records("/v1/updates"), today)


def test_each_fact_is_what_the_naive_reckoning_says(naive: Naive) -> None:
    for slug, each in naive.commitments.items():
        assert {name: each[name] for name in FACTS} == naive.of(slug), slug


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda value, asked: value == asked,
    "__ne": lambda value, asked: value != asked,
    "__lt": lambda value, asked: value is not None and value < asked,
    "__lte": lambda value, asked: value is not None and value <= asked,
    "__gt": lambda value, asked: value is not None and value > asked,
    "__gte": lambda value, asked: value is not None and value >= asked,
}


def _asked(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_each_fact_can_be_filtered_by(place: tuple[Lists, str], naive: Naive) -> None:
    lists, _ = place
    facts = {slug: naive.of(slug) for slug in naive.commitments}
    for name in FACTS:
        seen = sorted({each[name] for each in facts.values() if each[name] is not None})
        operators = [""] if name == "overdue" else list(COMPARE)
        for operator in operators:
            for value in seen if name == "overdue" else seen[:: max(1, len(seen) // 3)]:
                url = f"/v1/commitments?{name}{operator}={_asked(value)}"
                expected = {slug for slug, each in facts.items() if COMPARE[operator](each[name], value)}
                assert {each["slug"] for each in lists.records(url)} == expected, url
        if name in ("days_since_update", "slippage_days"):
            unset = {each["slug"] for each in lists.records(f"/v1/commitments?{name}__isnull=true")}
            assert unset == {slug for slug, each in facts.items() if each[name] is None}


@pytest.mark.parametrize("name", FACTS[1:])
@pytest.mark.parametrize("sign", ["", "-"])
def test_each_fact_can_be_sorted_by(place: tuple[Lists, str], naive: Naive, name: str, sign: str) -> None:
    lists, _ = place
    found = [each[name] for each in lists.records(f"/v1/commitments?sort={sign}{name}")]
    known = sorted((each[name] for each in naive.commitments.values() if each[name] is not None), reverse=bool(sign))
    assert found == known + [None] * (len(naive.commitments) - len(known))
    paged = lists.json(f"/v1/commitments?sort={sign}{name}&limit=7")
    following = lists.json(paged["next"])
    assert [each[name] for each in paged["data"] + following["data"]] == found[: 7 + len(following["data"])]


def test_slippage_is_reckoned_along_the_whole_chain(desk: Desk) -> None:
    first = desk.promise(due_on="2015-12-31")
    second = desk.promise(due_on="2018-12-31", supersedes=first)
    third = desk.promise(due_on="2030-12-31", supersedes=second)
    undated = desk.promise(supersedes=third)
    found = [desk.read("commitments", slug)["slippage_days"] for slug in (first, second, third, undated)]
    assert found == [None, 1096, 5479, None]
    later = desk.promise(due_on="2031-12-31", supersedes=undated)
    assert desk.read("commitments", later)["slippage_days"] == 5844, "one without a deadline in between counts not"
    earlier = desk.promise(due_on="2014-12-31", supersedes=first)
    assert desk.read("commitments", earlier)["slippage_days"] == -365, "a deadline can be brought forward"


def test_a_chain_through_a_draft_ends_at_it_for_who_does_not_see_it(desk: Desk) -> None:
    first = desk.promise(due_on="2015-12-31")
    draft = desk.promise(due_on="2018-12-31", supersedes=first, state="draft")
    last = desk.promise(due_on="2020-12-31", supersedes=draft)
    seen = desk.read("commitments", last)
    assert (seen["slippage_days"], seen["supersedes"]) == (None, None)
    assert desk.client.get(f"/v1/commitments/{last}").json()["slippage_days"] == 1827
    facts = {"partnership": desk.partnership, "slippage_days__isnull": "false"}
    assert desk.everybody.get("/v1/commitments", params=facts).json()["data"] == []


def test_what_a_draft_says_counts_for_no_fact_but_an_editors(desk: Desk) -> None:
    promise = desk.promise()
    desk.update(promise, "2024-03-01", state="draft")
    desk.client.post(
        "/v1/citations", json={"subject": {"type": "commitment", "slug": promise}, "source": SOURCE}
    ).raise_for_status()
    hidden = fresh("body")
    desk.client.post("/v1/stakeholders", json={"slug": hidden, "name": "Hidden", "kind": "person"}).raise_for_status()
    part = [{"stakeholder": hidden, "role": "accountable"}]
    assert desk.patch("commitments", promise, participants=part).status_code == 200
    seen, all_ = desk.read("commitments", promise), desk.client.get(f"/v1/commitments/{promise}").json()
    assert (seen["concreteness"], seen["days_since_update"]) == (0, None)
    assert all_["concreteness"] == 2
    assert all_["days_since_update"] > 900


@pytest.mark.parametrize("completion", ["complete", "substantial"])
@pytest.mark.parametrize("lifecycle", ["closed", "cancelled", "implementation"])
def test_overdue_is_what_is_past_and_neither_complete_nor_cancelled(
    desk: Desk, completion: str, lifecycle: str
) -> None:
    promise, ahead = desk.promise(due_on="2020-12-31"), desk.promise(due_on="2090-12-31")
    for each in (promise, ahead):
        desk.update(each, "2024-03-01", completion=completion, lifecycle=lifecycle)
    assert desk.read("commitments", promise)["overdue"] == (completion != "complete" and lifecycle != "cancelled")
    assert desk.read("commitments", ahead)["overdue"] is False


def test_the_example_of_the_issue_reads_as_it_stands(desk: Desk) -> None:
    url = "/v1/commitments?partnership=india-south-korea&overdue=true&sort=-slippage_days&include=sources"
    shown = desk.everybody.get(url).json()
    slipped = [each["slippage_days"] for each in shown["data"] if each["slippage_days"] is not None]
    assert shown["data"]
    assert slipped == sorted(slipped, reverse=True)
    assert all(each["overdue"] for each in shown["data"])
    cited = {source["slug"] for each in shown["data"] for source in each["sources"]}
    assert {each["slug"] for each in shown["included"]["sources"]} == cited
