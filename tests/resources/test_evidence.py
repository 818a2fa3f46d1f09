"""The log is only added to, and nothing in it says that more was done without naming a source."""

import httpx
import pytest

from tests.support.editor import SOURCE, Editor
from tests.support.problems import assert_problem, kind, pointers

RAISING = ("limited", "substantial", "complete")


def _refused(response: httpx.Response, status: int, name: str, *at: str) -> None:
    assert (response.status_code, kind(response)) == (status, name), response.text
    assert_problem(response)
    assert pointers(response) == list(at)


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
def test_a_published_update_is_not_edited(editor: Editor, change: dict[str, object]) -> None:
    promise = editor.promise()
    slug = editor.update(promise, "2024-03-01", completion="limited")
    before = editor.read("updates", slug)
    _refused(editor.patch("updates", slug, **change), 409, "append-only")
    assert editor.read("updates", slug) == before
    assert editor.reached(promise)[0] == "limited"


def test_nor_is_it_replaced_with_other_content(editor: Editor) -> None:
    body = editor.update_body(editor.promise(), "2024-03-01", recorded_on="2024-03-02", completion="limited")
    slug = editor.make("updates", **body)["slug"]
    again = {name: value for name, value in body.items() if name != "citations"}
    _refused(editor.change("PUT", "updates", slug, **{**again, "narrative": "Another."}), 409, "append-only")
    assert editor.change("PUT", "updates", slug, **again).status_code == 200, "the same content is no edit"


def test_nor_moved_to_another_promise_or_milestone(editor: Editor) -> None:
    promise, other = editor.promise(), editor.promise()
    step = editor.milestone(promise)
    slug = editor.update(promise, "2024-03-01")
    _refused(editor.patch("updates", slug, commitment=other), 409, "append-only")
    _refused(editor.patch("updates", slug, milestone=step), 409, "append-only")


def test_a_draft_is_edited_like_any_record(editor: Editor) -> None:
    promise = editor.promise()
    slug = editor.update(promise, "2024-03-01", state="draft", cited=False, completion="limited")
    response = editor.patch(
        "updates", slug, narrative="Better.", occurred_on="2024-02-01", sets={"completion": "complete"}
    )
    assert response.status_code == 200, response.text
    assert response.json()["sets"]["completion"] == "complete"
    assert editor.reached(promise)[0] == "not_assessed"


@pytest.mark.parametrize("completion", RAISING)
def test_saying_that_more_was_done_needs_a_citation(editor: Editor, completion: str) -> None:
    promise = editor.promise()
    body = editor.update_body(promise, "2024-03-01", cited=False, completion=completion)
    _refused(editor.post("updates", **body), 422, "invalid-body", "/citations")
    assert editor.everybody.get(f"/v1/updates/{body['slug']}").status_code == 404, "nothing was stored"
    assert editor.reached(promise)[0] == "not_assessed"
    editor.update(promise, "2024-03-01", completion=completion)
    assert editor.reached(promise)[0] == completion


@pytest.mark.parametrize("completion", ["no_evidence_available", "not_started", "not_assessed"])
def test_saying_that_nothing_was_done_or_found_needs_none(editor: Editor, completion: str) -> None:
    editor.update(editor.promise(), "2024-03-01", cited=False, completion=completion)


def test_lowering_or_repeating_needs_one_as_well(editor: Editor) -> None:
    """A verdict carries its evidence, whatever was said before."""
    promise = editor.promise()
    editor.update(promise, "2024-03-01", completion="complete")
    for completion in ("complete", "limited"):
        body = editor.update_body(promise, "2024-04-01", cited=False, completion=completion)
        _refused(editor.post("updates", **body), 422, "invalid-body", "/citations")
    editor.update(promise, "2024-05-01", completion="limited")
    editor.update(promise, "2024-06-01", cited=False, lifecycle="suspended")
    assert editor.reached(promise) == ("limited", "suspended")


@pytest.mark.parametrize("narrative", ["", " ", "\n\n", "\u200b\u2060"])
def test_a_verdict_says_why(editor: Editor, narrative: str) -> None:
    body = {**editor.update_body(editor.promise(), "2024-03-01", completion="complete"), "narrative": narrative}
    _refused(editor.post("updates", **body), 422, "invalid-body", "/narrative")


def test_a_citation_that_disputes_it_bears_nothing_out(editor: Editor) -> None:
    citations = [{"source": SOURCE, "intent": "disputes"}]
    body = editor.update_body(editor.promise(), "2024-03-01", completion="limited", citations=citations)
    _refused(editor.post("updates", **body), 422, "invalid-body", "/citations")


def test_a_draft_without_a_citation_is_not_published_until_it_has_one(editor: Editor) -> None:
    """One that was posted by itself stays a draft, as for any record; those given inside are published with it."""
    slug = editor.update(editor.promise(), "2024-03-01", cited=False, completion="limited", state="draft")
    _refused(editor.patch("updates", slug, state="published"), 422, "invalid-body", "/citations")
    body = {"subject": {"type": "update", "slug": slug}, "source": SOURCE}
    editor.client.post("/v1/citations", json=body).raise_for_status()
    _refused(editor.patch("updates", slug, state="published"), 422, "invalid-body", "/citations")
    editor.patch("updates", slug, citations=[{"source": SOURCE}]).raise_for_status()
    assert editor.patch("updates", slug, state="published").status_code == 200
    assert editor.read("updates", slug)["sources"][0]["slug"] == SOURCE
    assert len(_citations(editor, slug)) == 2
    subject = {"subject": slug, "subject_type": "update", "count": "true"}
    assert editor.everybody.get("/v1/citations", params=subject).json()["total"] == 1


def _citations(editor: Editor, slug: str) -> list[str]:
    found = editor.client.get("/v1/citations", params={"subject": slug, "subject_type": "update"}).json()["data"]
    return [each["slug"] for each in found]


def test_the_last_citation_of_what_needs_one_stays(editor: Editor) -> None:
    promise = editor.promise()
    slug = editor.update(promise, "2024-03-01", completion="limited")
    (only,) = _citations(editor, slug)
    _refused(editor.change("DELETE", "citations", only), 409, "conflict")
    _refused(editor.patch("citations", only, state="draft"), 409, "conflict")
    _refused(editor.patch("citations", only, intent="disputes"), 409, "conflict")
    other = {"type": "commitment", "slug": promise}
    _refused(editor.patch("citations", only, subject=other), 409, "conflict")
    editor.make("citations", subject={"type": "update", "slug": slug}, source="ipsc-kashyap")
    assert editor.change("DELETE", "citations", only).status_code == 204, "there is another one now"
    (last,) = _citations(editor, slug)
    _refused(editor.change("DELETE", "citations", last), 409, "conflict")


def test_the_last_citation_of_what_needs_none_can_go(editor: Editor) -> None:
    slug = editor.update(editor.promise(), "2024-03-01", lifecycle="implementation")
    (only,) = _citations(editor, slug)
    assert editor.change("DELETE", "citations", only).status_code == 204


def test_an_update_is_withdrawn_with_its_citations(editor: Editor) -> None:
    slug = editor.update(editor.promise(), "2024-03-01", completion="limited")
    (only,) = _citations(editor, slug)
    assert editor.change("DELETE", "updates", slug).status_code == 204
    assert editor.everybody.get(f"/v1/updates/{slug}").status_code == 410
    assert editor.everybody.get(f"/v1/citations/{only}").status_code == 410
