"""What contradicts itself or the register is refused: 422, a pointer at the field, and nothing stored."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.editor import SOURCE, Editor, fresh
from tests.support.problems import assert_problem, kind, pointers

TOMORROW = str((datetime.now(UTC) + timedelta(days=2)).date())


@pytest.fixture
def other(editor: Editor) -> Editor:
    """The same editor at another partnership."""
    found = Editor(editor.client, editor.everybody)
    found.make("partnerships", slug=found.partnership, name="Another partnership", parties=["IN", "JP"])
    return found


def _refused(editor: Editor, at: str, name: str, **body: Any) -> None:
    slug = fresh("refused")
    response = editor.post(name, slug=slug, **body)
    _points(response, at)
    assert editor.client.get(f"/v1/{name}/{slug}").status_code == 404, "nothing was stored"


def _points(response: httpx.Response, at: str) -> None:
    assert response.status_code == 422, response.text
    assert_problem(response)
    assert kind(response) == "invalid-body"
    assert pointers(response) == [at], response.text


def _promised(editor: Editor, **more: Any) -> dict[str, Any]:
    return {"partnership": editor.partnership, "title": "A promise", "kind": "target", **more}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("completion", "complete"),
        ("lifecycle", "closed"),
        ("overdue", True),
        ("concreteness", 4),
        ("slippage_days", 1),
        ("days_since_update", 1),
        ("reporters", []),
        ("sources", []),
    ],
)
def test_what_follows_from_other_records_is_written_by_nobody(editor: Editor, name: str, value: object) -> None:
    _refused(editor, f"/{name}", "commitments", **_promised(editor, **{name: value}))
    slug = editor.promise()
    before = editor.read("commitments", slug)
    _points(editor.patch("commitments", slug, **{name: value}), f"/{name}")
    assert editor.read("commitments", slug) == before


@pytest.mark.parametrize(("name", "value"), [("status", "met"), ("met_on", "2024-01-01")])
def test_nor_is_whether_a_milestone_was_met(editor: Editor, name: str, value: str) -> None:
    promise = editor.promise()
    _refused(editor, f"/{name}", "milestones", commitment=promise, title="A step", **{name: value})
    _points(editor.patch("milestones", editor.milestone(promise), **{name: value}), f"/{name}")


def test_a_promise_is_not_due_before_it_is_made(editor: Editor) -> None:
    _refused(editor, "/due_on", "commitments", **_promised(editor, made_on="2024-01-02", due_on="2024-01-01"))
    for made, due in (("2024-07", "2024-06"), ("2024", "2023"), ("2024-07", "2023"), ("2024-07-10", "2024-06")):
        _refused(editor, "/due_on", "commitments", **_promised(editor, made_on=made, due_on=due))
    for made, due in (("2024-07-10", "2024"), ("2024-07-10", "2024-07"), ("2024", "2024-01-01"), ("2024", "2024")):
        editor.promise(made_on=made, due_on=due)
    same_day = editor.promise(made_on="2024-01-01", due_on="2024-01-01")
    _points(editor.patch("commitments", same_day, due_on="2023-12-31"), "/due_on")
    _points(editor.patch("commitments", same_day, made_on="2024-01-02"), "/due_on")
    assert editor.read("commitments", same_day)["revision"] == 1


def test_a_promise_does_not_restate_itself(editor: Editor) -> None:
    first = editor.promise()
    second = editor.promise(supersedes=first)
    third = editor.promise(supersedes=second)
    for slug, earlier in ((first, first), (first, second), (first, third), (second, third)):
        _points(editor.patch("commitments", slug, supersedes=earlier), "/supersedes")
    own = fresh("own")
    response = editor.client.put(f"/v1/commitments/{own}", json=_promised(editor, supersedes=own, state="published"))
    _points(response, "/supersedes")
    assert editor.patch("commitments", third, supersedes=first).status_code == 200, "a fork is no circle"


def test_what_a_promise_is_tied_to_belongs_to_its_partnership(editor: Editor, other: Editor) -> None:
    dialogue = other.make("dialogues", slug=fresh("dialogue"), partnership=other.partnership, name="D", level="summit")
    meeting = other.make("meetings", slug=fresh("meeting"), dialogue=dialogue["slug"], held_on="2024-01-01")
    indicator = other.make("indicators", slug=fresh("indicator"), partnership=other.partnership, name="I")
    promise = editor.promise()
    for name, slug in (
        ("meeting", meeting["slug"]),
        ("indicator", indicator["slug"]),
        ("supersedes", other.promise()),
    ):
        _refused(editor, f"/{name}", "commitments", **_promised(editor, **{name: slug}))
        _points(editor.patch("commitments", promise, **{name: slug}), f"/{name}")
    tied = other.promise(meeting=meeting["slug"])
    moved = other.patch("commitments", tied, partnership=editor.partnership)
    assert (moved.status_code, pointers(moved)) == (422, ["/partnership", "/meeting"])


def test_a_citation_that_everybody_has_seen_stays_within_its_partnership(editor: Editor, other: Editor) -> None:
    """Who follows a partnership would keep what has left it, and nobody is told that a draft has moved."""
    here, there = editor.promise(), other.promise()
    subject = {"type": "commitment", "slug": here}
    citation = editor.make("citations", slug=fresh("citation"), subject=subject, source=SOURCE)
    for state in ("published", "draft"):
        assert editor.patch("citations", citation["slug"], state=state).status_code == 200
        for moved in ({**subject, "slug": there}, {"type": "theme", "slug": "trade"}):
            _points(editor.patch("citations", citation["slug"], subject=moved), "/subject")
    within = {**subject, "slug": editor.promise()}
    assert editor.patch("citations", citation["slug"], subject=within).status_code == 200
    unseen = editor.make("citations", slug=fresh("citation"), subject=subject, source=SOURCE, state="draft")
    assert editor.patch("citations", unseen["slug"], subject={**subject, "slug": there}).status_code == 200


def test_what_somebody_reports_never_reads_as_the_judgement_of_the_editors(editor: Editor) -> None:
    """Which is what an update says that names no reporter, or one that nobody may see."""
    promise = editor.promise()
    reporter = editor.make("stakeholders", slug=fresh("reporter"), name="R", kind="media", state="draft")["slug"]
    said = editor.update_body(promise, "2024-01-01", reported_by=reporter)
    said.pop("slug")
    _refused(editor, "/reported_by", "updates", **said)
    assert editor.patch("stakeholders", reporter, state="published").status_code == 200
    update = editor.update(promise, "2024-01-01", reported_by=reporter)
    assert editor.patch("stakeholders", reporter, state="draft").status_code == 409
    withdrawn = editor.client.delete(f"/v1/stakeholders/{reporter}", headers={"If-Match": "*"})
    assert (withdrawn.status_code, kind(withdrawn)) == (409, "conflict")
    assert editor.read("updates", update)["reported_by"]["slug"] == reporter


def test_a_withdrawn_promise_takes_no_updates_nor_milestones(editor: Editor) -> None:
    promise = editor.promise()
    assert editor.change("DELETE", "commitments", promise).status_code == 204
    _refused(editor, "/commitment", "updates", commitment=promise, occurred_on="2024-01-01", narrative="Late.")
    _refused(editor, "/commitment", "milestones", commitment=promise, title="Late")


def test_a_promise_that_records_rest_on_is_not_withdrawn(editor: Editor) -> None:
    promise = editor.promise()
    update = editor.update(promise, "2024-01-01")
    assert editor.change("DELETE", "commitments", promise).status_code == 409
    assert editor.change("DELETE", "updates", update).status_code == 204
    assert editor.change("DELETE", "commitments", promise).status_code == 204


def test_an_update_is_not_published_before_its_promise(editor: Editor) -> None:
    promise = editor.promise(state="draft")
    drafted = editor.update(promise, "2024-01-01", state="draft")
    _refused(editor, "/commitment", "updates", commitment=promise, occurred_on="2024-01-01", narrative="Early.")
    _points(editor.patch("updates", drafted, state="published"), "/commitment")


def test_a_milestone_is_of_the_promise_that_the_update_is_about(editor: Editor) -> None:
    promise, step = editor.promise(), editor.milestone(editor.promise())
    reported = {"commitment": promise, "occurred_on": "2024-01-01", "narrative": "A step."}
    _refused(editor, "/milestone", "updates", **reported, milestone=step)
    _refused(editor, "/sets/milestone_status", "updates", **reported, sets={"milestone_status": "met"})
    drafted = editor.update(promise, "2024-01-01", state="draft")
    _points(editor.patch("updates", drafted, milestone=step), "/milestone")


def test_a_milestone_with_updates_stays_with_its_promise(editor: Editor) -> None:
    """The log of one promise could not tell of a step of another."""
    promise, elsewhere = editor.promise(), editor.promise()
    step, free = editor.milestone(promise), editor.milestone(promise)
    editor.update(promise, "2024-01-01", milestone=step, milestone_status="met")
    _points(editor.patch("milestones", step, commitment=elsewhere), "/commitment")
    assert editor.patch("milestones", free, commitment=elsewhere).status_code == 200


def test_a_party_is_one_of_the_partnership(editor: Editor) -> None:
    indicator = editor.make("indicators", slug=fresh("indicator"), partnership=editor.partnership, name="I")["slug"]
    promise = editor.promise()
    reported = {"commitment": promise, "occurred_on": "2024-01-01", "narrative": "So."}
    current = {
        "indicator": indicator,
        "period_start": "2023-01-01",
        "period_end": "2023-12-31",
        "value": 1,
        "source": SOURCE,
    }
    _refused(editor, "/party", "updates", **reported, party="JP")
    _refused(editor, "/party", "observations", **current, party="JP")
    value = editor.make("observations", slug=fresh("value"), **current, party="KR")
    _points(editor.patch("observations", value["slug"], party="JP"), "/party")
    editor.update(promise, "2024-01-01", party="IN")


@pytest.mark.parametrize("country", ["XX", "in", "IND", "", "K", 4])
def test_a_country_is_one_that_there_is(editor: Editor, country: object) -> None:
    promise = editor.promise()
    _refused(editor, "/party", "updates", commitment=promise, occurred_on="2024-01-01", narrative="So.", party=country)
    response = editor.post("partnerships", slug=fresh("refused"), name="P", parties=["IN", country])
    assert response.status_code == 422
    assert pointers(response)[0].startswith("/parties")


@pytest.mark.parametrize("score", [2, -2, 0.5, "1", True])
def test_a_score_is_minus_one_nothing_or_one(editor: Editor, score: object) -> None:
    promise = editor.promise()
    _refused(editor, "/score", "updates", commitment=promise, occurred_on="2024-01-01", narrative="So.", score=score)


def test_a_period_does_not_end_before_it_starts(editor: Editor) -> None:
    indicator = editor.make("indicators", slug=fresh("indicator"), partnership=editor.partnership, name="I")["slug"]
    current = {"indicator": indicator, "value": 1, "source": SOURCE}
    _refused(editor, "/period_end", "observations", **current, period_start="2024-01-02", period_end="2024-01-01")
    day = editor.make("observations", slug=fresh("day"), **current, period_start="2024-01-01", period_end="2024-01-01")
    _points(editor.patch("observations", day["slug"], period_end="2023-12-31"), "/period_end")
    _points(editor.patch("observations", day["slug"], period_start="2024-01-02"), "/period_end")


def test_nothing_has_happened_yet_that_lies_ahead(editor: Editor) -> None:
    reported = {"commitment": editor.promise(), "narrative": "So."}
    _refused(editor, "/occurred_on", "updates", **reported, occurred_on=TOMORROW)
    _refused(editor, "/occurred_on", "updates", **reported, occurred_on="2024-01-02", recorded_on="2024-01-01")
    _refused(editor, "/recorded_on", "updates", **reported, occurred_on="2024-01-01", recorded_on=TOMORROW)
    drafted = editor.update(reported["commitment"], "2024-01-01", state="draft", recorded_on="2024-01-02")
    _points(editor.patch("updates", drafted, occurred_on="2024-01-03"), "/occurred_on")


def test_a_meeting_that_was_held_does_not_lie_ahead(editor: Editor) -> None:
    dialogue = editor.make(
        "dialogues", slug=fresh("dialogue"), partnership=editor.partnership, name="D", level="summit"
    )
    of = {"dialogue": dialogue["slug"], "held_on": TOMORROW}
    _refused(editor, "/held_on", "meetings", **of, status="held")
    planned = editor.make("meetings", slug=fresh("meeting"), **of, status="planned")
    _points(editor.patch("meetings", planned["slug"], status="held"), "/held_on")


@pytest.mark.parametrize("field", ["summary", "completion", "no_such_field", "slug", "citations"])
def test_a_citation_is_for_a_field_that_there_is(editor: Editor, field: str) -> None:
    promise = editor.promise()
    subject = {"type": "commitment", "slug": promise}
    _refused(editor, "/field", "citations", subject=subject, source=SOURCE, field=field)
    _refused(
        editor, "/citations/0/field", "commitments", **_promised(editor, citations=[{"source": SOURCE, "field": field}])
    )
    editor.make("citations", subject=subject, source=SOURCE, field="due_on")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("target_value", "50"),
        ("target_value", "NaN"),
        ("due_on", "2024-02-30"),
        ("due_on", "2024-13"),
        ("due_on", "2018-7"),
        ("due_on", "0"),
        ("due_on", "1672531200"),
        ("made_on", "2018-07-10T00:00:00Z"),
        ("kind", "promise"),
        ("verifiable", "yes"),
        ("potential", ""),
        ("partnership", "no-such-partnership"),
        ("meeting", "no-such-meeting"),
        ("indicator", "no-such-indicator"),
        ("supersedes", "no-such-promise"),
        ("title", ""),
    ],
)
def test_a_value_that_a_field_cannot_have_is_refused(editor: Editor, name: str, value: object) -> None:
    _refused(editor, f"/{name}", "commitments", **_promised(editor, **{name: value}))
    _points(editor.patch("commitments", editor.promise(), **{name: value}), f"/{name}")


def test_several_flaws_are_told_at_once_and_nothing_is_stored(editor: Editor) -> None:
    slug = fresh("refused")
    body = _promised(editor, slug=slug, made_on="2024-01-02", due_on="2024-01-01", indicator="none", themes=["none"])
    response = editor.post("commitments", **body)
    assert sorted(pointers(response)) == ["/due_on", "/indicator", "/themes/0"]
    assert editor.client.get(f"/v1/commitments/{slug}").status_code == 404
