"""What a contributor can do with its own drafts, and what it may not learn of the drafts of others."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.support.server import Server


@pytest.fixture(scope="module")
def contributor(server: Server, editor: httpx.Client) -> Iterator[httpx.Client]:
    """A client that may write drafts."""
    token = editor.post("/v1/keys", json={"name": "A contributor", "role": "contributor"}).json()["token"]
    with server.client(Authorization=f"Bearer {token}") as client:
        yield client


def published(editor: httpx.Client, resource: str, /, **body: object) -> str:
    """Make a published record. Gives its path."""
    slug = f"{resource}-{uuid4().hex[:10]}"
    response = editor.post(f"/v1/{resource}", json={"slug": slug, "state": "published", **body})
    assert response.status_code == 201, response.text
    return f"/v1/{resource}/{slug}"


def test_a_draft_whose_parent_went_back_to_draft_is_read_and_patched(
    editor: httpx.Client, contributor: httpx.Client, anonymous: httpx.Client
) -> None:
    partnership = published(editor, "partnerships", name="Public name", parties=["IN", "KR"])
    slug = partnership.rpartition("/")[2]
    draft = contributor.post("/v1/challenges", json={"title": "A draft", "partnership": slug})
    path = draft.headers["location"]
    cited = contributor.post(
        "/v1/citations", json={"subject": {"type": "partnership", "slug": slug}, "source": "aaj-2026"}
    )
    hidden = {"state": "draft", "name": "Secret name"}
    assert editor.patch(partnership, json=hidden, headers={"If-Match": "*"}).status_code == 200
    shown = contributor.get(path).json()["partnership"]
    assert (shown["slug"], shown["title"]) == (slug, "Public name"), "as the public last saw it"
    assert contributor.get(cited.headers["location"]).json()["subject"]["title"] == "Public name"
    changed = contributor.patch(path, json={"title": "Better"}, headers={"If-Match": draft.headers["etag"]})
    assert (changed.status_code, changed.json()["title"]) == (200, "Better"), changed.text
    assert changed.json()["partnership"] == shown
    whole = {"title": "Better still", "partnership": slug}
    assert contributor.put(path, json=whole, headers={"If-Match": changed.headers["etag"]}).status_code == 200
    assert contributor.post("/v1/challenges", json={"title": "Another", "partnership": slug}).status_code == 422
    assert anonymous.get(path).status_code == 404


def test_a_derived_slug_says_nothing_of_hidden_ones(editor: httpx.Client, contributor: httpx.Client) -> None:
    name = f"Secret plan {uuid4().hex[:8]}"
    stem = editor.post("/v1/themes", json={"name": name}).json()["slug"]
    tried = contributor.post("/v1/themes", json={"name": name}, params={"dry_run": "true"}).json()["slug"]
    free = contributor.post("/v1/themes", json={"name": f"Free {name}"}).json()["slug"]
    for slug, start in ((tried, stem), (free, f"free-{stem}")):
        head, _, tail = slug.rpartition("-")
        assert (head, len(tail)) == (start, 6)


def test_a_slug_that_was_never_public_is_not_gone(editor: httpx.Client, anonymous: httpx.Client) -> None:
    path = published(editor, "themes", name="Comes and goes")
    secret = f"secret-{uuid4().hex[:10]}"
    editor.patch(path, json={"state": "draft"}, headers={"If-Match": "*"}).raise_for_status()
    editor.patch(path, json={"slug": secret}, headers={"If-Match": "*"}).raise_for_status()
    editor.delete(f"/v1/themes/{secret}", headers={"If-Match": "*"}).raise_for_status()
    assert anonymous.get(f"/v1/themes/{secret}").status_code == 404
    assert anonymous.get(path).status_code == 410
    assert editor.get(f"/v1/themes/{secret}").status_code == 410
