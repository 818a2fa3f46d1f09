"""What the feed tells of each kind of change, and what it keeps to itself."""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from tests.support.editor import Editor, fresh

Entry = dict[str, Any]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def editor(editor: httpx.Client, anonymous: httpx.Client) -> Editor:
    """An editor at work on a partnership of its own."""
    found = Editor(editor, anonymous)
    found.make("partnerships", slug=found.partnership, name="A partnership", parties=["IN", "KR"])
    return found


@pytest.fixture
def since(editor: Editor, anonymous: httpx.Client) -> Callable[[], list[Entry]]:
    """Gives what has come into the feed since the last time."""
    mark = editor.make("themes", name="From here on")["slug"]
    seq = [editor.client.get(f"/v1/themes/{mark}/revisions").json()["data"][0]["seq"]]

    def read() -> list[Entry]:
        found: list[Entry] = []
        while True:
            part = anonymous.get("/v1/changes", params={"since": seq[0], "limit": 200}).json()
            found += part["data"]
            seq[0] = part["seq"]
            if part["next"] is None:
                return found

    return read


def reported(entries: list[Entry], slug: str) -> list[tuple[str, bool]]:
    """What was done to a record, and whether that took it away."""
    return [(each["action"], each["removed"]) for each in entries if each["slug"] == slug]


def test_a_record_comes_is_edited_and_goes(editor: Editor, since: Callable[[], list[Entry]]) -> None:
    slug = fresh("theme")
    editor.make("themes", slug=slug, name="A theme")
    (entry,) = [each for each in since() if each["slug"] == slug]
    assert (entry["action"], entry["removed"], entry["revision"]) == ("create", False, 1)
    assert entry["record"] == editor.read("themes", slug)
    assert editor.everybody.get(entry["revision_url"]).json() == entry["record"]
    editor.patch("themes", slug, description="It says more.")
    editor.client.post(f"/v1/themes/{slug}/withdraw", json={"note": "It was a mistake."}, headers={"If-Match": "*"})
    edited, gone = [each for each in since() if each["slug"] == slug]
    assert (edited["action"], edited["record"]) == ("update", None), "what is withdrawn is not handed out again"
    assert (gone["action"], gone["removed"], gone["revision_url"], gone["note"]) == (
        "withdraw",
        True,
        None,
        "It was a mistake.",
    )


def test_a_draft_is_in_no_feed(editor: Editor, since: Callable[[], list[Entry]], anonymous: httpx.Client) -> None:
    before = anonymous.get("/v1/changes", params={"since": 0, "limit": 1})
    feed = anonymous.get("/v1/changes.atom")
    slug = fresh("theme")
    editor.client.post("/v1/themes", json={"slug": slug, "name": "A draft"})
    editor.patch("themes", slug, name="Still a draft")
    assert reported(since(), slug) == []
    # Not even by a number or a tag does anybody learn of it.
    assert anonymous.get("/v1/changes.atom").headers["etag"] == feed.headers["etag"]
    assert anonymous.get("/v1/changes", params={"since": 0, "limit": 1}).content == before.content
    editor.client.post(f"/v1/themes/{slug}/publish")
    assert reported(since(), slug) == [("publish", False)]
    editor.patch("themes", slug, state="draft")
    hidden = fresh("hidden")
    editor.patch("themes", slug, slug=hidden, name="What nobody shall read")
    found = since()
    assert reported(found, slug) == [("unpublish", True)]
    assert hidden not in str(found)
    assert "nobody shall read" not in str(found)


def test_a_draft_about_a_promise_moves_nothing(
    editor: Editor, since: Callable[[], list[Entry]], anonymous: httpx.Client
) -> None:
    promise = editor.promise()
    since()
    feed = anonymous.get("/v1/changes.atom").headers["etag"]
    body = {**editor.update_body(promise, "2026-01-01", completion="limited"), "state": "draft"}
    draft = editor.client.post("/v1/updates", json=body)
    assert draft.status_code == 201
    editor.patch("updates", draft.json()["slug"], narrative="It went on, or did it?")
    editor.change("DELETE", "updates", draft.json()["slug"])
    assert since() == []
    assert anonymous.get("/v1/changes.atom").headers["etag"] == feed


def test_no_title_makes_the_feed_unreadable(editor: Editor, anonymous: httpx.Client) -> None:
    editor.make("themes", slug=fresh("theme"), name="No\ufffe \uffffcharacters \U0001fffe & <none>")
    latest = ElementTree.fromstring(anonymous.get("/v1/changes.atom").content)  # noqa: S314 (our own)
    assert "No characters" in latest.findall(f"{ATOM}entry/{ATOM}title")[0].text  # type: ignore[operator]


def test_what_refers_to_a_record_is_refreshed(editor: Editor, since: Callable[[], list[Entry]]) -> None:
    theme, promise = fresh("theme"), fresh("promise")
    editor.make("themes", slug=theme, name="A theme")
    editor.make(
        "commitments", slug=promise, partnership=editor.partnership, title="A promise", kind="target", themes=[theme]
    )
    revision = editor.read("commitments", promise)["revision"]
    since()
    editor.patch("themes", theme, description="Nothing of this shows in a reference.")
    assert reported(since(), promise) == []
    editor.patch("themes", theme, name="Another name")
    (entry,) = [each for each in since() if each["slug"] == promise]
    assert (entry["action"], entry["revision"], entry["record"]["themes"][0]["title"]) == (
        "refresh",
        None,
        "Another name",
    )
    editor.change("DELETE", "themes", theme)
    (entry,) = [each for each in since() if each["slug"] == promise]
    assert (entry["action"], entry["record"]["themes"]) == ("refresh", [])
    assert editor.read("commitments", promise)["revision"] == revision, "nobody edited it"


def test_what_is_cited_for_a_record_refreshes_it(editor: Editor, since: Callable[[], list[Entry]]) -> None:
    promise = editor.promise()
    since()
    editor.make("citations", slug=fresh("citation"), subject={"type": "commitment", "slug": promise}, source="aaj-2026")
    (entry,) = [each for each in since() if each["slug"] == promise]
    assert (entry["action"], [each["slug"] for each in entry["record"]["sources"]]) == ("refresh", ["aaj-2026"])


def test_what_follows_from_an_update_is_in_the_feed(editor: Editor, since: Callable[[], list[Entry]]) -> None:
    promise = editor.promise()
    since()
    editor.update(promise, "2026-01-01", completion="complete")
    found = since()
    assert ("update", False) in reported(found, promise)
    assert [each["record"]["completion"] for each in found if each["slug"] == promise][-1] == "complete"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("since=-1", "since"),
        ("since=x", "since"),
        ("since=1&since=2", "since"),
        ("since=9007199254740993", "since"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("resource=nothing", "resource"),
        ("sinse=1", "sinse"),
        ("partnership=A%20B", "partnership"),
        ("format=xml", "format"),
        ("cursor=x", "cursor"),
    ],
)
def test_a_wrong_parameter_is_named(anonymous: httpx.Client, query: str, name: str) -> None:
    response = anonymous.get(f"/v1/changes?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == name


def test_a_number_that_the_register_has_not_come_to_is_refused(anonymous: httpx.Client) -> None:
    end = anonymous.get("/v1/changes?limit=200").json()
    while end["next"]:
        end = anonymous.get(end["next"]).json()
    at_the_end = anonymous.get(f"/v1/changes?since={end['seq']}").json()
    assert at_the_end["next"] is None
    for accept in ("application/json", "application/atom+xml", "text/event-stream"):
        response = anonymous.get("/v1/changes?since=999999999", headers={"Accept": accept})
        assert response.status_code == 400, accept
        (error,) = response.json()["errors"]
        assert error["parameter"] == "since"
        assert "999999999" in error["detail"]
    response = anonymous.get("/v1/changes", headers={"Accept": "text/event-stream", "Last-Event-ID": "999999999"})
    assert response.status_code == 400


def test_a_partnership_that_there_is_not_is_refused_with_the_nearest(anonymous: httpx.Client) -> None:
    for accept in ("application/json", "application/atom+xml", "text/event-stream"):
        response = anonymous.get("/v1/changes?partnership=india-south-koera", headers={"Accept": accept})
        assert response.status_code == 400
        assert "Did you mean india-south-korea?" in response.json()["errors"][0]["detail"]


@pytest.mark.parametrize("number", ["1_0", "+1", "1.0"])
def test_a_number_is_written_in_digits(anonymous: httpx.Client, number: str) -> None:
    for query in ("since", "limit"):
        assert anonymous.get("/v1/changes", params={query: number}).status_code == 400
    path = "/v1/partnerships/india-south-korea/revisions"
    assert anonymous.get(f"{path}/{number}").status_code in (400, 404)
    assert anonymous.get(f"{path}/1/diff", params={"against": number}).status_code == 400


def test_the_parts_follow_each_other(anonymous: httpx.Client) -> None:
    one = anonymous.get("/v1/changes?limit=3&resource=commitments&resource=themes")
    following = one.json()["next"]
    assert one.links["next"]["url"] == following
    two = anonymous.get(following).json()["data"]
    both = anonymous.get("/v1/changes?limit=6&resource=themes&resource=commitments").json()["data"]
    assert [*one.json()["data"], *two] == both


def test_the_feed_can_be_read_as_atom(anonymous: httpx.Client, editor: Editor) -> None:
    editor.make("themes", slug=(slug := fresh("theme")), name="Ships & <harbours>")
    response = anonymous.get("/v1/changes", headers={"Accept": "application/atom+xml"})
    assert response.headers["content-type"].startswith("application/atom+xml")
    assert anonymous.get("/v1/changes.atom").headers["content-type"] == response.headers["content-type"]
    feed = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    latest = feed.findall(f"{ATOM}entry")[0]
    assert latest.findtext(f"{ATOM}title") == "Theme “Ships & <harbours>” was added"
    assert latest.find(f"{ATOM}link[@rel='alternate']").attrib["href"] == f"/themes/{slug}"  # type: ignore[union-attr]
    ids = [each.text for each in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids) == 26
    assert all(each and each.startswith("urn:uuid:") for each in ids)
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        assert element.findtext(f"{ATOM}updated", "").endswith("Z")
    again = anonymous.get("/v1/changes.atom")
    assert anonymous.get("/v1/changes.atom", headers={"If-None-Match": again.headers["etag"]}).status_code == 304
