"""What contradicts itself or the register is refused: 422, a pointer at the field, and nothing stored."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.desk import SOURCE, Desk, fresh
from tests.support.problems import assert_problem, kind, pointers

TOMORROW = str((datetime.now(UTC) + timedelta(days=2)).date())


@pytest.fixture
def other(editor: httpx.Client, anonymous: httpx.Client) -> Desk:
    """An editor at another partnership."""
    found = Desk(editor, anonymous)
    found.make("partnerships", slug=found.partnership, name="Another partnership", parties=["IN", "JP"])
    return found


def _refused(desk: Desk, at: str, name: str, **body: Any) -> None:
    slug = fresh("refused")
    answer = desk.post(name, slug=slug, **body)
    _points(answer, at)
    assert desk.client.get(f"/v1/{name}/{slug}").status_code == 404, "nothing was stored"


def _points(answer: httpx.Response, at: str) -> None:
    assert answer.status_code == 422, answer.text
    assert_problem(answer)
    assert kind(answer) == "invalid-body"
    assert pointers(answer) == [at], answer.text


def _promised(desk: Desk, **more: Any) -> dict[str, Any]:
    return {"partnership": desk.partnership, "title": "A promise", "kind": "target", **more}


@pytest.mark.parametrize(
    ("name", "value"),
    [("completion", "complete"), ("lifecycle", "closed"), ("overdue", True), ("concreteness", 4), ("slippage_days", 1),
     ("days_since_update", 1), ("reporters", []), ("sources", [])],
)  # fmt: skip
def test_what_follows_from_other_records_is_written_by_nobody(desk: Desk, name: str, value: object) -> None:
    _refused(desk, f"/{name}", "commitments", **_promised(desk, **{name: value}))
    slug = desk.promise()
    before = desk.read("commitments", slug)
    _points(desk.patch("commitments", slug, **{name: value}), f"/{name}")
    assert desk.read("commitments", slug) == before


@pytest.mark.parametrize(("name", "value"), [("status", "met"), ("met_on", "2024-01-01")])
def test_nor_is_whether_a_milestone_was_met(desk: Desk, name: str, value: str) -> None:
    promise = desk.promise()
    _refused(desk, f"/{name}", "milestones", commitment=promise, title="A step", **{name: value})
    _points(desk.patch("milestones", desk.milestone(promise), **{name: value}), f"/{name}")


def test_a_promise_is_not_due_before_it_is_made(desk: Desk) -> None:
    _refused(desk, "/due_on", "commitments", **_promised(desk, made_on="2024-01-02", due_on="2024-01-01"))
    same_day = desk.promise(made_on="2024-01-01", due_on="2024-01-01")
    _points(desk.patch("commitments", same_day, due_on="2023-12-31"), "/due_on")
    _points(desk.patch("commitments", same_day, made_on="2024-01-02"), "/due_on")
    assert desk.read("commitments", same_day)["revision"] == 1


def test_a_promise_does_not_restate_itself(desk: Desk) -> None:
    first = desk.promise()
    second = desk.promise(supersedes=first)
    third = desk.promise(supersedes=second)
    for slug, earlier in ((first, first), (first, second), (first, third), (second, third)):
        _points(desk.patch("commitments", slug, supersedes=earlier), "/supersedes")
    own = fresh("own")
    answer = desk.client.put(f"/v1/commitments/{own}", json=_promised(desk, supersedes=own, state="published"))
    _points(answer, "/supersedes")
    assert desk.patch("commitments", third, supersedes=first).status_code == 200, "a fork is no circle"


def test_what_a_promise_is_tied_to_belongs_to_its_partnership(desk: Desk, other: Desk) -> None:
    dialogue = other.make("dialogues", slug=fresh("dialogue"), partnership=other.partnership, name="D", level="summit")
    meeting = other.make("meetings", slug=fresh("meeting"), dialogue=dialogue["slug"], held_on="2024-01-01")
    indicator = other.make("indicators", slug=fresh("indicator"), partnership=other.partnership, name="I")
    promise = desk.promise()
    for name, slug in (
        ("made_at", meeting["slug"]),
        ("indicator", indicator["slug"]),
        ("supersedes", other.promise()),
    ):
        _refused(desk, f"/{name}", "commitments", **_promised(desk, **{name: slug}))
        _points(desk.patch("commitments", promise, **{name: slug}), f"/{name}")
    tied = other.promise(made_at=meeting["slug"])
    moved = other.patch("commitments", tied, partnership=desk.partnership)
    assert (moved.status_code, pointers(moved)) == (422, ["/partnership", "/made_at"])


def test_a_withdrawn_promise_takes_no_updates_nor_milestones(desk: Desk) -> None:
    promise = desk.promise()
    assert desk.change("DELETE", "commitments", promise).status_code == 204
    _refused(desk, "/commitment", "updates", commitment=promise, occurred_on="2024-01-01", narrative="Late.")
    _refused(desk, "/commitment", "milestones", commitment=promise, title="Late")


def test_a_promise_that_records_rest_on_is_not_withdrawn(desk: Desk) -> None:
    promise = desk.promise()
    update = desk.update(promise, "2024-01-01")
    assert desk.change("DELETE", "commitments", promise).status_code == 409
    assert desk.change("DELETE", "updates", update).status_code == 204
    assert desk.change("DELETE", "commitments", promise).status_code == 204


def test_an_update_is_not_published_before_its_promise(desk: Desk) -> None:
    promise = desk.promise(state="draft")
    drafted = desk.update(promise, "2024-01-01", state="draft")
    _refused(desk, "/commitment", "updates", commitment=promise, occurred_on="2024-01-01", narrative="Early.")
    _points(desk.patch("updates", drafted, state="published"), "/commitment")


def test_a_milestone_is_of_the_promise_that_the_update_is_about(desk: Desk) -> None:
    promise, step = desk.promise(), desk.milestone(desk.promise())
    told = {"commitment": promise, "occurred_on": "2024-01-01", "narrative": "A step."}
    _refused(desk, "/milestone", "updates", **told, milestone=step)
    _refused(desk, "/sets/milestone_status", "updates", **told, sets={"milestone_status": "met"})
    drafted = desk.update(promise, "2024-01-01", state="draft")
    _points(desk.patch("updates", drafted, milestone=step), "/milestone")


def test_a_milestone_with_updates_stays_with_its_promise(desk: Desk) -> None:
    """The log of one promise could not tell of a step of another."""
    promise, elsewhere = desk.promise(), desk.promise()
    step, free = desk.milestone(promise), desk.milestone(promise)
    desk.update(promise, "2024-01-01", milestone=step, milestone_status="met")
    _points(desk.patch("milestones", step, commitment=elsewhere), "/commitment")
    assert desk.patch("milestones", free, commitment=elsewhere).status_code == 200


def test_a_party_is_one_of_the_partnership(desk: Desk) -> None:
    indicator = desk.make("indicators", slug=fresh("indicator"), partnership=desk.partnership, name="I")["slug"]
    promise = desk.promise()
    told = {"commitment": promise, "occurred_on": "2024-01-01", "narrative": "So."}
    seen = {"indicator": indicator, "period_start": "2023-01-01", "period_end": "2023-12-31", "value": 1,
            "source": SOURCE}  # fmt: skip
    _refused(desk, "/party", "updates", **told, party="JP")
    _refused(desk, "/party", "observations", **seen, party="JP")
    value = desk.make("observations", slug=fresh("value"), **seen, party="KR")
    _points(desk.patch("observations", value["slug"], party="JP"), "/party")
    desk.update(promise, "2024-01-01", party="IN")


@pytest.mark.parametrize("country", ["XX", "in", "IND", "", "K", 4])
def test_a_country_is_one_that_there_is(desk: Desk, country: object) -> None:
    promise = desk.promise()
    _refused(desk, "/party", "updates", commitment=promise, occurred_on="2024-01-01", narrative="So.", party=country)
    answer = desk.post("partnerships", slug=fresh("refused"), name="P", parties=["IN", country])
    assert answer.status_code == 422
    assert pointers(answer)[0].startswith("/parties")


@pytest.mark.parametrize("score", [2, -2, 0.5, "1", True])
def test_a_score_is_minus_one_nothing_or_one(desk: Desk, score: object) -> None:
    promise = desk.promise()
    _refused(desk, "/score", "updates", commitment=promise, occurred_on="2024-01-01", narrative="So.", score=score)


def test_a_period_does_not_end_before_it_starts(desk: Desk) -> None:
    indicator = desk.make("indicators", slug=fresh("indicator"), partnership=desk.partnership, name="I")["slug"]
    seen = {"indicator": indicator, "value": 1, "source": SOURCE}
    _refused(desk, "/period_end", "observations", **seen, period_start="2024-01-02", period_end="2024-01-01")
    day = desk.make("observations", slug=fresh("day"), **seen, period_start="2024-01-01", period_end="2024-01-01")
    _points(desk.patch("observations", day["slug"], period_end="2023-12-31"), "/period_end")
    _points(desk.patch("observations", day["slug"], period_start="2024-01-02"), "/period_end")


def test_nothing_has_happened_yet_that_lies_ahead(desk: Desk) -> None:
    told = {"commitment": desk.promise(), "narrative": "So."}
    _refused(desk, "/occurred_on", "updates", **told, occurred_on=TOMORROW)
    _refused(desk, "/occurred_on", "updates", **told, occurred_on="2024-01-02", recorded_on="2024-01-01")
    _refused(desk, "/recorded_on", "updates", **told, occurred_on="2024-01-01", recorded_on=TOMORROW)
    drafted = desk.update(told["commitment"], "2024-01-01", state="draft", recorded_on="2024-01-02")
    _points(desk.patch("updates", drafted, occurred_on="2024-01-03"), "/occurred_on")


def test_a_meeting_that_was_held_does_not_lie_ahead(desk: Desk) -> None:
    dialogue = desk.make("dialogues", slug=fresh("dialogue"), partnership=desk.partnership, name="D", level="summit")
    of = {"dialogue": dialogue["slug"], "held_on": TOMORROW}
    _refused(desk, "/held_on", "meetings", **of, status="held")
    planned = desk.make("meetings", slug=fresh("meeting"), **of, status="planned")
    _points(desk.patch("meetings", planned["slug"], status="held"), "/held_on")


@pytest.mark.parametrize("field", ["summary", "completion", "no_such_field", "slug", "citations"])
def test_a_citation_is_for_a_field_that_there_is(desk: Desk, field: str) -> None:
    promise = desk.promise()
    subject = {"type": "commitment", "slug": promise}
    _refused(desk, "/field", "citations", subject=subject, source=SOURCE, field=field)
    _refused(
        desk, "/citations/0/field", "commitments", **_promised(desk, citations=[{"source": SOURCE, "field": field}])
    )
    desk.make("citations", subject=subject, source=SOURCE, field="due_on")


@pytest.mark.parametrize(
    ("name", "value"),
    [("target_value", "50"), ("target_value", "NaN"), ("due_on", "2024-02-30"), ("due_on", "2024"), ("kind", "promise"),
     ("verifiable", "yes"), ("potential", ""), ("partnership", "no-such-partnership"), ("made_at", "no-such-meeting"),
     ("indicator", "no-such-indicator"), ("supersedes", "no-such-promise"), ("title", "")],
)  # fmt: skip
def test_a_value_that_a_field_cannot_have_is_refused(desk: Desk, name: str, value: object) -> None:
    _refused(desk, f"/{name}", "commitments", **_promised(desk, **{name: value}))
    _points(desk.patch("commitments", desk.promise(), **{name: value}), f"/{name}")


def test_several_flaws_are_told_at_once_and_nothing_is_stored(desk: Desk) -> None:
    slug = fresh("refused")
    body = _promised(desk, slug=slug, made_on="2024-01-02", due_on="2024-01-01", indicator="none", themes=["none"])
    answer = desk.post("commitments", **body)
    assert sorted(pointers(answer)) == ["/due_on", "/indicator", "/themes/0"]
    assert desk.client.get(f"/v1/commitments/{slug}").status_code == 404
