"""The log is only added to, and nothing in it says that more was done without naming a source."""

import httpx
import pytest

from tests.support.desk import SOURCE, Desk
from tests.support.problems import assert_problem, kind, pointers

RAISING = ("limited", "substantial", "complete")


def _refused(answer: httpx.Response, status: int, name: str, *at: str) -> None:
    assert (answer.status_code, kind(answer)) == (status, name), answer.text
    assert_problem(answer)
    assert pointers(answer) == list(at)


@pytest.mark.parametrize(
    "change",
    [
        {"narrative": "Something else."},
        {"occurred_on": "2024-02-01"},
        {"recorded_on": "2025-02-01"},
        {"sets": {"completion": "complete"}},
        {"sets": {"completion": None}},
        {"score": 1},
        {"party": "IN"},
        {"reported_by": "mofa-korea"},
        {"state": "draft"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_published_update_is_not_edited(desk: Desk, change: dict[str, object]) -> None:
    promise = desk.promise()
    slug = desk.update(promise, "2024-03-01", completion="limited")
    before = desk.read("updates", slug)
    _refused(desk.patch("updates", slug, **change), 409, "append-only")
    assert desk.read("updates", slug) == before
    assert desk.reached(promise)[0] == "limited"


def test_nor_is_it_replaced_with_other_content(desk: Desk) -> None:
    body = desk.update_body(desk.promise(), "2024-03-01", recorded_on="2024-03-02", completion="limited")
    slug = desk.make("updates", **body)["slug"]
    again = {name: value for name, value in body.items() if name != "citations"}
    _refused(desk.change("PUT", "updates", slug, **{**again, "narrative": "Another."}), 409, "append-only")
    assert desk.change("PUT", "updates", slug, **again).status_code == 200, "the same content is no edit"


def test_nor_moved_to_another_promise_or_milestone(desk: Desk) -> None:
    promise, other = desk.promise(), desk.promise()
    step = desk.milestone(promise)
    slug = desk.update(promise, "2024-03-01")
    _refused(desk.patch("updates", slug, commitment=other), 409, "append-only")
    _refused(desk.patch("updates", slug, milestone=step), 409, "append-only")


def test_a_draft_is_edited_like_any_record(desk: Desk) -> None:
    promise = desk.promise()
    slug = desk.update(promise, "2024-03-01", state="draft", cited=False, completion="limited")
    answer = desk.patch("updates", slug, narrative="Better.", occurred_on="2024-02-01", sets={"completion": "complete"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["sets"]["completion"] == "complete"
    assert desk.reached(promise)[0] == "not_assessed"


@pytest.mark.parametrize("completion", RAISING)
def test_saying_that_more_was_done_needs_a_citation(desk: Desk, completion: str) -> None:
    promise = desk.promise()
    body = desk.update_body(promise, "2024-03-01", cited=False, completion=completion)
    _refused(desk.post("updates", **body), 422, "invalid-body", "/citations")
    assert desk.everybody.get(f"/v1/updates/{body['slug']}").status_code == 404, "nothing was stored"
    assert desk.reached(promise)[0] == "not_assessed"
    desk.update(promise, "2024-03-01", completion=completion)
    assert desk.reached(promise)[0] == completion


@pytest.mark.parametrize("completion", ["no_evidence_available", "not_started", "not_assessed"])
def test_saying_that_nothing_was_done_or_found_needs_none(desk: Desk, completion: str) -> None:
    desk.update(desk.promise(), "2024-03-01", cited=False, completion=completion)


def test_lowering_or_repeating_needs_none(desk: Desk) -> None:
    promise = desk.promise()
    desk.update(promise, "2024-03-01", completion="complete")
    desk.update(promise, "2024-04-01", cited=False, completion="complete")
    desk.update(promise, "2024-05-01", cited=False, completion="limited")
    desk.update(promise, "2024-06-01", cited=False, lifecycle="suspended")
    assert desk.reached(promise) == ("limited", "suspended")
    answer = desk.post("updates", **desk.update_body(promise, "2024-07-01", cited=False, completion="substantial"))
    _refused(answer, 422, "invalid-body", "/citations")


def test_a_citation_that_disputes_it_bears_nothing_out(desk: Desk) -> None:
    citations = [{"source": SOURCE, "intent": "disputes"}]
    body = desk.update_body(desk.promise(), "2024-03-01", completion="limited", citations=citations)
    _refused(desk.post("updates", **body), 422, "invalid-body", "/citations")


def test_a_draft_without_a_citation_is_not_published_until_it_has_one(desk: Desk) -> None:
    slug = desk.update(desk.promise(), "2024-03-01", cited=False, completion="limited", state="draft")
    _refused(desk.patch("updates", slug, state="published"), 422, "invalid-body", "/citations")
    body = {"subject": {"type": "update", "slug": slug}, "source": SOURCE}
    desk.client.post("/v1/citations", json=body).raise_for_status()
    assert desk.patch("updates", slug, state="published").status_code == 200
    assert desk.read("updates", slug)["sources"][0]["slug"] == SOURCE


def _citations(desk: Desk, slug: str) -> list[str]:
    found = desk.client.get("/v1/citations", params={"subject": slug, "subject_type": "update"}).json()["data"]
    return [each["slug"] for each in found]


def test_the_last_citation_of_what_needs_one_stays(desk: Desk) -> None:
    promise = desk.promise()
    slug = desk.update(promise, "2024-03-01", completion="limited")
    (only,) = _citations(desk, slug)
    _refused(desk.change("DELETE", "citations", only), 409, "conflict")
    _refused(desk.patch("citations", only, state="draft"), 409, "conflict")
    _refused(desk.patch("citations", only, intent="disputes"), 409, "conflict")
    other = {"type": "commitment", "slug": promise}
    _refused(desk.patch("citations", only, subject=other), 409, "conflict")
    desk.make("citations", subject={"type": "update", "slug": slug}, source="ipsc-kashyap")
    assert desk.change("DELETE", "citations", only).status_code == 204, "there is another one now"
    (last,) = _citations(desk, slug)
    _refused(desk.change("DELETE", "citations", last), 409, "conflict")


def test_the_last_citation_of_what_needs_none_can_go(desk: Desk) -> None:
    slug = desk.update(desk.promise(), "2024-03-01", lifecycle="implementation")
    (only,) = _citations(desk, slug)
    assert desk.change("DELETE", "citations", only).status_code == 204


def test_an_update_is_withdrawn_with_its_citations(desk: Desk) -> None:
    slug = desk.update(desk.promise(), "2024-03-01", completion="limited")
    (only,) = _citations(desk, slug)
    assert desk.change("DELETE", "updates", slug).status_code == 204
    assert desk.everybody.get(f"/v1/updates/{slug}").status_code == 410
    assert desk.everybody.get(f"/v1/citations/{only}").status_code == 410


def test_no_change_of_the_log_leaves_a_raise_without_a_source(desk: Desk) -> None:
    """What lowered when it was recorded may come to raise, when what stood before it changes."""
    promise = desk.promise()
    high = desk.update(promise, "2024-03-01", completion="complete")
    low = desk.update(promise, "2024-05-01", cited=False, completion="limited")
    _refused(desk.change("DELETE", "updates", high), 409, "conflict")
    between = desk.update_body(promise, "2024-04-01", cited=False, completion="not_started")
    _refused(desk.post("updates", **between), 409, "conflict")
    assert desk.reached(promise)[0] == "limited"
    desk.make("citations", subject={"type": "update", "slug": low}, source=SOURCE)
    assert desk.change("DELETE", "updates", high).status_code == 204
