"""What is computed of a promise at every reading, against a naive reckoning, and as filter and order."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.support.editor import SOURCE, Editor, fresh
from tests.support.lists import Lists, Record
from tests.support.oracle import days

COMPUTED = ("overdue", "days_overdue", "days_since_update", "concreteness", "slippage_days", "independent_sources")


class Oracle:
    """Computed fields, worked out from what the lists show."""

    def __init__(self, lists: Lists, today: date) -> None:
        """Take all records that are seen."""
        commitments, updates = lists.records("/v1/commitments"), lists.records("/v1/updates")
        self.commitments = {each["slug"]: each for each in commitments}
        self.today = today
        self.publishers = _publishers(lists)
        self.last: dict[str, date] = {}
        for update in updates:
            slug = update["commitment"]["slug"]
            self.last[slug] = max(self.last.get(slug, date.min), min(days(update["occurred_on"])[-1], today))

    def of(self, slug: str) -> dict[str, Any]:
        """All of them of a promise."""
        each = self.commitments[slug]
        due = days(each["due_on"])[-1] if each["due_on"] else None
        last = self.last.get(slug)
        late = (
            due is not None
            and due < self.today
            and each["completion"] != "complete"
            and each["lifecycle"] != "cancelled"
        )
        return {
            "overdue": late,
            "days_overdue": (self.today - due).days if due and late else None,
            "days_since_update": (self.today - last).days if last else None,
            "concreteness": sum(
                [
                    any(participant["role"] == "accountable" for participant in each["participants"]),
                    due is not None,
                    each["indicator"] is not None or each["target_value"] is not None,
                    bool(each["sources"]),
                ]
            ),
            "slippage_days": self._slippage(each),
            "independent_sources": len(self.publishers.get(slug, ())),
        }

    def _slippage(self, each: Record) -> int | None:
        first = each
        while first["supersedes"]:
            first = self.commitments[first["supersedes"]["slug"]]
        if first is each or not first["due_on"] or not each["due_on"]:
            return None
        return (days(each["due_on"])[-1] - days(first["due_on"])[-1]).days


def _publishers(lists: Lists) -> dict[str, set[str]]:
    """The independent publishers behind each promise, by its citations and those of its updates."""
    sources = {each["slug"]: each for each in lists.records("/v1/sources")}
    promise_of = {each["slug"]: each["commitment"]["slug"] for each in lists.records("/v1/updates")}
    found: dict[str, set[str]] = {}
    for citation in lists.records("/v1/citations"):
        subject, source = citation["subject"], sources[citation["source"]["slug"]]
        slug = {"commitment": subject["slug"], "update": promise_of.get(subject["slug"])}.get(subject["type"])
        publisher = source["original_publisher"] or source["publisher"]
        shows = citation["intent"] not in ("disputes", "context")
        if slug and shows and publisher and source["independence"] not in (None, "party"):
            found.setdefault(slug, set()).add(publisher)
    return found


@pytest.fixture(scope="session")
def oracle(place: tuple[Lists, str]) -> Oracle:
    """The naive reckoning over all that everybody sees of a register."""
    lists, partnership = place
    today = date.fromisoformat(lists.json(f"/v1/partnerships/{partnership}/scorecard")["as_of"])
    return Oracle(lists, today)


def test_each_fact_is_what_the_naive_reckoning_says(oracle: Oracle) -> None:
    for slug, each in oracle.commitments.items():
        assert {name: each[name] for name in COMPUTED} == oracle.of(slug), slug


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda value, requested: value == requested,
    "__ne": lambda value, requested: value != requested,
    "__lt": lambda value, requested: value is not None and value < requested,
    "__lte": lambda value, requested: value is not None and value <= requested,
    "__gt": lambda value, requested: value is not None and value > requested,
    "__gte": lambda value, requested: value is not None and value >= requested,
}


def _requested(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.slow
def test_each_fact_can_be_filtered_by(place: tuple[Lists, str], oracle: Oracle) -> None:
    lists, _ = place
    computed = {slug: oracle.of(slug) for slug in oracle.commitments}
    for name in COMPUTED:
        current = sorted({each[name] for each in computed.values() if each[name] is not None})
        operators = [""] if name == "overdue" else list(COMPARE)
        for operator in operators:
            for value in current if name == "overdue" else current[:: max(1, len(current) // 3)]:
                url = f"/v1/commitments?{name}{operator}={_requested(value)}"
                expected = {slug for slug, each in computed.items() if COMPARE[operator](each[name], value)}
                assert {each["slug"] for each in lists.records(url)} == expected, url
        if name in ("days_overdue", "days_since_update", "slippage_days"):
            unset = {each["slug"] for each in lists.records(f"/v1/commitments?{name}__isnull=true")}
            assert unset == {slug for slug, each in computed.items() if each[name] is None}


@pytest.mark.parametrize("name", COMPUTED[1:])
@pytest.mark.parametrize("sign", ["", "-"])
def test_each_fact_can_be_sorted_by(place: tuple[Lists, str], oracle: Oracle, name: str, sign: str) -> None:
    lists, _ = place
    found = [each[name] for each in lists.records(f"/v1/commitments?sort={sign}{name}")]
    known = sorted((each[name] for each in oracle.commitments.values() if each[name] is not None), reverse=bool(sign))
    assert found == known + [None] * (len(oracle.commitments) - len(known))
    paged = lists.json(f"/v1/commitments?sort={sign}{name}&limit=7")
    following = lists.json(paged["next"])
    assert [each[name] for each in paged["data"] + following["data"]] == found[: 7 + len(following["data"])]


def test_slippage_is_reckoned_along_the_whole_chain(editor: Editor) -> None:
    first = editor.promise(due_on="2015-12-31")
    second = editor.promise(due_on="2018-12-31", supersedes=first)
    third = editor.promise(due_on="2030-12-31", supersedes=second)
    undated = editor.promise(supersedes=third)
    found = [editor.read("commitments", slug)["slippage_days"] for slug in (first, second, third, undated)]
    assert found == [None, 1096, 5479, None]
    later = editor.promise(due_on="2031-12-31", supersedes=undated)
    assert editor.read("commitments", later)["slippage_days"] == 5844, "one without a deadline in between counts not"
    earlier = editor.promise(due_on="2014-12-31", supersedes=first)
    assert editor.read("commitments", earlier)["slippage_days"] == -365, "a deadline can be brought forward"


def _source(editor: Editor, **body: Any) -> str:
    given = {"type": "report", "title": "A report", "independence": "press", "publisher": fresh("Publisher")}
    slug: str = editor.make("sources", slug=fresh("source"), **{**given, **body})["slug"]
    return slug


def test_independent_sources_are_publishers_that_are_no_party(editor: Editor) -> None:
    promise = editor.promise()
    update = editor.update(promise, "2024-03-01", cited=False)

    def cite(source: str, intent: str = "evidence", type_: str = "commitment", slug: str = promise) -> int:
        editor.make("citations", subject={"type": type_, "slug": slug}, source=source, intent=intent)
        found: int = editor.read("commitments", promise)["independent_sources"]
        return found

    assert editor.read("commitments", promise)["independent_sources"] == 0
    assert cite(_source(editor, independence="party")) == 0
    assert cite(_source(editor, independence=None)) == 0
    assert cite(_source(editor), "context") == cite(_source(editor), "disputes") == 0
    first, agency = fresh("Paper"), fresh("Agency")
    assert cite(_source(editor, publisher=first)) == 1
    assert cite(_source(editor, publisher=first), "confirms") == 1, "the same publisher"
    assert cite(_source(editor, original_publisher=agency), "data_source") == 2
    assert cite(_source(editor, original_publisher=agency)) == 2, "a copy of the same text"
    assert cite(_source(editor, publisher=agency)) == 2, "the agency itself"
    assert cite(_source(editor), type_="update", slug=update) == 3, "its log counts"
    step = editor.milestone(promise)
    assert cite(_source(editor), type_="milestone", slug=step) == 3, "its steps do not"
    editor.change("DELETE", "updates", update)
    assert editor.read("commitments", promise)["independent_sources"] == 2


def test_who_follows_the_changes_is_told_when_a_promise_gains_or_loses_a_witness(editor: Editor) -> None:
    promise = editor.promise()
    update = editor.update(promise, "2024-03-01", cited=False)
    paper, later = _source(editor), _source(editor)
    editor.make("citations", subject={"type": "update", "slug": update}, source=paper)

    def entries() -> int:
        feed = {"resource": "commitments", "partnership": editor.partnership, "limit": 200}
        return len(editor.everybody.get("/v1/changes", params=feed).json()["data"])

    before = entries()
    editor.make("citations", subject={"type": "update", "slug": update}, source=later)
    assert entries() == before + 1
    before = entries()
    assert editor.patch("sources", paper, independence="party").status_code == 200
    assert entries() == before + 1
    before = entries()
    assert editor.patch("sources", later, language="en").status_code == 200
    assert entries() == before


def test_a_month_or_a_year_counts_by_its_last_day(editor: Editor) -> None:
    year, month = editor.promise(made_on="2018", due_on="2019"), editor.promise(made_on="2018-07", due_on="2020-02")
    later = editor.promise(due_on="2021-02", supersedes=month)
    today = date.fromisoformat(editor.client.get(f"/v1/partnerships/{editor.partnership}/scorecard").json()["as_of"])
    for slug, last in ((year, date(2019, 12, 31)), (month, date(2020, 2, 29))):
        shown = editor.read("commitments", slug)
        assert (shown["overdue"], shown["days_overdue"]) == (True, (today - last).days)
    assert (editor.read("commitments", year)["made_on"], editor.read("commitments", month)["due_on"]) == (
        "2018",
        "2020-02",
    )
    assert editor.read("commitments", later)["slippage_days"] == 365
    editor.update(month, "2019-05")
    assert editor.read("commitments", month)["days_since_update"] == (today - date(2019, 5, 31)).days
    editor.update(month, str(today.year))
    assert editor.read("commitments", month)["days_since_update"] == 0, "the year is not over"


def test_a_promise_is_overdue_only_when_its_month_or_year_is_over(editor: Editor) -> None:
    today = date.fromisoformat(editor.client.get(f"/v1/partnerships/{editor.partnership}/scorecard").json()["as_of"])
    for due in (str(today.year), str(today)[:7], str(today)):
        shown = editor.read("commitments", editor.promise(due_on=due))
        assert (shown["overdue"], shown["days_overdue"]) == (False, None)


def test_a_step_is_met_on_the_last_day_of_what_is_known(editor: Editor) -> None:
    promise = editor.promise()
    step = editor.milestone(promise, due_on="2019")
    editor.update(promise, "2019-05", milestone=step, milestone_status="met")
    shown = editor.read("milestones", step)
    assert (shown["due_on"], shown["met_on"], shown["status"]) == ("2019", "2019-05-31", "met")


def test_a_chain_through_a_draft_ends_at_it_for_who_does_not_see_it(editor: Editor) -> None:
    first = editor.promise(due_on="2015-12-31")
    draft = editor.promise(due_on="2018-12-31", supersedes=first, state="draft")
    last = editor.promise(due_on="2020-12-31", supersedes=draft)
    record = editor.read("commitments", last)
    assert (record["slippage_days"], record["supersedes"]) == (None, None)
    assert editor.client.get(f"/v1/commitments/{last}").json()["slippage_days"] == 1827
    query = {"partnership": editor.partnership, "slippage_days__isnull": "false"}
    assert editor.everybody.get("/v1/commitments", params=query).json()["data"] == []


def test_what_a_draft_says_counts_for_no_fact_but_an_editors(editor: Editor) -> None:
    promise = editor.promise()
    editor.update(promise, "2024-03-01", state="draft")
    editor.client.post(
        "/v1/citations", json={"subject": {"type": "commitment", "slug": promise}, "source": SOURCE}
    ).raise_for_status()
    hidden = fresh("body")
    editor.client.post("/v1/stakeholders", json={"slug": hidden, "name": "Hidden", "kind": "person"}).raise_for_status()
    part = [{"stakeholder": hidden, "role": "accountable"}]
    assert editor.patch("commitments", promise, participants=part).status_code == 200
    current, all_ = editor.read("commitments", promise), editor.client.get(f"/v1/commitments/{promise}").json()
    assert (current["concreteness"], current["days_since_update"]) == (0, None)
    assert all_["concreteness"] == 2
    assert all_["days_since_update"] > 900


@pytest.mark.parametrize("completion", ["complete", "substantial"])
@pytest.mark.parametrize("lifecycle", ["closed", "cancelled", "implementation"])
def test_overdue_is_what_is_past_and_neither_complete_nor_cancelled(
    editor: Editor, completion: str, lifecycle: str
) -> None:
    promise, ahead = editor.promise(due_on="2020-12-31"), editor.promise(due_on="2090-12-31")
    for each in (promise, ahead):
        editor.update(each, "2024-03-01", completion=completion, lifecycle=lifecycle)
    assert editor.read("commitments", promise)["overdue"] == (completion != "complete" and lifecycle != "cancelled")
    assert editor.read("commitments", ahead)["overdue"] is False


def test_the_example_of_the_issue_reads_as_it_stands(editor: Editor) -> None:
    url = "/v1/commitments?partnership=india-south-korea&overdue=true&sort=-slippage_days&include=sources"
    shown = editor.everybody.get(url).json()
    slipped = [each["slippage_days"] for each in shown["data"] if each["slippage_days"] is not None]
    assert shown["data"]
    assert slipped == sorted(slipped, reverse=True)
    assert all(each["overdue"] for each in shown["data"])
    cited = {source["slug"] for each in shown["data"] for source in each["sources"]}
    assert {each["slug"] for each in shown["included"]["sources"]} == cited
