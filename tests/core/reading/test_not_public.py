"""What a record cannot be without is always named, as the document promises: by its id where no more may be told."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.core.reading.embedding import NOT_PUBLIC
from tests.support.server import Server

ANY = {"If-Match": "*"}


def made(client: httpx.Client, resource: str, **body: Any) -> dict[str, Any]:
    """A record, published unless the body says otherwise, under a slug of its own."""
    whole = {"slug": f"{resource}-{uuid4().hex[:10]}", "state": "published", **body}
    response = client.post(f"/v1/{resource}", json=whole)
    assert response.status_code == 201, response.text
    record: dict[str, Any] = response.json()
    return record


def by_id(record: dict[str, Any]) -> dict[str, Any]:
    return {"id": record["id"], "slug": record["id"], "title": NOT_PUBLIC}


@pytest.fixture
def partnership(editor: httpx.Client) -> str:
    slug: str = made(editor, "partnerships", name="A partnership", parties=["IN", "KR"])["slug"]
    return slug


@pytest.mark.parametrize("role", ["anonymous", "contributor"])
def test_what_was_withdrawn_since_a_record_referred_to_it(
    server: Server, editor: httpx.Client, partnership: str, role: str
) -> None:
    one, two = (
        made(editor, "dialogues", name=f"Secret talks {n}", partnership=partnership, level="summit") for n in "12"
    )
    meeting = made(editor, "meetings", dialogue=one["slug"], held_on="2026-05-01", status="held")
    subject = {"type": "dialogue", "slug": one["slug"]}
    citation = made(editor, "citations", subject=subject, source="aaj-2026")
    for path, other in (
        (f"/v1/meetings/{meeting['slug']}", {"dialogue": two["slug"]}),
        (f"/v1/citations/{citation['slug']}", {"subject": {**subject, "slug": two["slug"]}}),
    ):
        editor.patch(path, json=other, headers=ANY).raise_for_status()
    editor.delete(f"/v1/dialogues/{one['slug']}", headers=ANY).raise_for_status()
    token = editor.post("/v1/keys", json={"name": "Reader", "role": "contributor"}).json()["token"]
    with server.client(**({} if role == "anonymous" else {"Authorization": f"Bearer {token}"})) as client:
        for resource, record, field, named in (
            ("meetings", meeting, "dialogue", by_id(one)),
            ("citations", citation, "subject", {"type": "dialogue", **by_id(one)}),
        ):
            path, then = f"/v1/{resource}/{record['slug']}", {"as_of": citation["updated_at"]}
            listed = client.get(f"/v1/{resource}", params={**then, "slug": record["slug"]}).json()["data"]
            for shown in (client.get(path, params=then).json(), *listed, client.get(f"{path}/revisions/1").json()):
                assert shown[field] == named
            (change,) = (
                each for each in client.get(f"{path}/revisions/2/diff").json()["changes"] if each["field"] == field
            )
            assert (change["before"], change["after"]["slug"]) == (named, two["slug"])


def test_what_was_never_public_and_is_withdrawn(editor: httpx.Client) -> None:
    partnership = made(editor, "partnerships", name="Never", parties=["IN", "KR"], state="draft")
    dialogue = made(editor, "dialogues", name="Never", partnership=partnership["slug"], level="summit", state="draft")
    for resource, record in (("dialogues", dialogue), ("partnerships", partnership)):
        editor.delete(f"/v1/{resource}/{record['slug']}", headers=ANY).raise_for_status()
    (shown,) = editor.get("/v1/dialogues", params={"state": "withdrawn", "slug": dialogue["slug"]}).json()["data"]
    assert shown["partnership"] == by_id(partnership)


def test_what_an_editor_tied_the_draft_of_a_contributor_to(
    server: Server, editor: httpx.Client, partnership: str
) -> None:
    public, hidden = (
        made(editor, "dialogues", name="Secret", partnership=partnership, level="summit", state=state)
        for state in ("published", "draft")
    )
    token = editor.post("/v1/keys", json={"name": "Writer", "role": "contributor"}).json()["token"]
    with server.client(Authorization=f"Bearer {token}") as contributor:
        draft = made(contributor, "meetings", dialogue=public["slug"], status="planned", state="draft")
        path = f"/v1/meetings/{draft['slug']}"
        editor.patch(path, json={"dialogue": hidden["slug"]}, headers=ANY).raise_for_status()
        shown = contributor.get(path)
        assert shown.json()["dialogue"] == by_id(hidden)
        assert hidden["slug"] not in shown.text
        whole = {"dialogue": shown.json()["dialogue"]["slug"], "status": "planned", "place": "Seoul"}
        changed = contributor.put(path, json=whole, headers=ANY)
        assert (changed.status_code, changed.json()["place"]) == (200, "Seoul"), changed.text
    assert editor.get(path).json()["dialogue"]["slug"] == hidden["slug"]


def test_a_reporter_who_is_hidden_is_not_taken_for_the_editors(
    server: Server, editor: httpx.Client, partnership: str
) -> None:
    """An update that names nobody is the editors' judgement: who reads one and writes it back would make it theirs."""
    reporter = made(editor, "stakeholders", name="A paper", kind="media")
    promise = made(editor, "commitments", partnership=partnership, title="A promise", kind="target")
    whole = {"commitment": promise["slug"], "occurred_on": "2024-01-01", "narrative": "It began."}
    token = editor.post("/v1/keys", json={"name": "Writer", "role": "contributor"}).json()["token"]
    with server.client(Authorization=f"Bearer {token}") as contributor:
        draft = made(contributor, "updates", **whole, reported_by=reporter["slug"], state="draft")
        path = f"/v1/updates/{draft['slug']}"
        hidden = editor.patch(f"/v1/stakeholders/{reporter['slug']}", json={"state": "draft"}, headers=ANY)
        assert hidden.status_code == 200
        shown = contributor.get(path).json()["reported_by"]
        assert shown == draft["reported_by"]
        contributor.put(path, json={**whole, "reported_by": shown["slug"]}, headers=ANY).raise_for_status()
    assert editor.get(path).json()["reported_by"]["id"] == reporter["id"]
