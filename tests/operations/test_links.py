"""Checking links: politely, never in the private network, and written into history."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from app.core.clock import now
from app.core.storage.leases import give_back, take
from app.operations import console, link_commands
from app.operations.links import Finding, Link, Politeness, check_links, due, looks, store
from app.operations.links.schedule import check_some
from app.operations.prepare import migrate
from app.resources import CATALOGUE
from app.resources.sources import LinkStatus
from tests.support.asgi import run
from tests.support.databases import Databases, opened
from tests.support.outside import Outside, Site, canary, page, site
from tests.support.register import Register, application

FAST = Politeness(pause=0, longest_pause=0, longest_away=2, again=0, request=5)
ID = "01980000-0000-7000-8000-000000000000"


@pytest.fixture(name="site")
def fixture_site() -> Iterator[Site]:
    """A public site, public.example."""
    with site() as found:
        yield found


@pytest.fixture
def outside(site: Site) -> Outside:
    """An internet in which there is nothing else."""
    found = Outside(names={"archive.org": [["127.0.0.1"]]})
    found.serve("public.example", site.port)
    return found


def check(outside: Outside, *urls: str, archives: bool = False, politeness: Politeness = FAST) -> list[Finding]:
    """What is found at some addresses, in their order."""
    findings: dict[str, Finding] = {}
    links = [Link(ID, str(place), url, archived=False) for place, url in enumerate(urls)]  # type: ignore[arg-type]

    async def found(finding: Finding) -> None:
        findings[finding.link.slug] = finding

    async def checked() -> None:
        async with outside.outbound() as outbound:
            await check_links(links, outbound, found, politeness, archives=archives)

    run(checked())
    return [findings[link.slug] for link in links]


@pytest.mark.parametrize(
    ("answer", "status", "detail"),
    [
        (page(200), "ok", "it answers 200"),
        (page(204), "ok", "it answers 204"),
        (page(404), "broken", "it answers 404"),
        (page(410), "broken", "it answers 410"),
        (page(401), "blocked", "it answers 401"),
        (page(403), "blocked", "it answers 403"),
        (page(429), "blocked", "it answers 429"),
        (page(451), "blocked", "it answers 451"),
        (page(999), "blocked", "it answers 999"),
        (page(503, b"", cf_mitigated="challenge"), "blocked", "it answers 503"),
        (page(500), "broken", "it answers 500"),
        (page(503, b"", Retry_After="Mon, 01 Jan 99999999999999 00:00:00 GMT"), "broken", "it answers 503"),
        (page(429, b"", Retry_After=f"Mon, {'9' * 30} Jan 2030 00:00:00 GMT"), "blocked", "it answers 429"),
        (page(301, b"", Location="/new"), "redirected", "it answers from http://public.example/new"),
        (page(302, b"", Location="/old"), "broken", "it redirects more than 5 times"),
        (page(302, b"", Location="mailto:a@b"), "broken", "it redirects to what is no web address"),
        (page(302, b"", Location="/gone"), "broken", "it answers 404"),
        (page(302), "broken", "it answers 302"),
        (lambda handler: handler.connection.shutdown(2), "broken", "it does not speak HTTP, or ended in the middle"),
    ],
)
def test_what_is_found(site: Site, outside: Outside, answer: Any, status: str, detail: str) -> None:
    site.pages |= {"/old": answer, "/new": page(200)}
    [finding] = check(outside, "http://public.example/old#part")
    assert (finding.status, finding.detail) == (LinkStatus(status), detail)


def test_no_link_leads_into_the_private_network(site: Site, outside: Outside) -> None:
    with canary() as hidden:
        outside.names["inside.example"] = [["127.0.0.1"]]
        urls = [*hidden.urls, f"http://inside.example:{hidden.port}/"]
        for place, url in enumerate(urls):
            site.pages[f"/{place}"] = page(302, b"", Location=url)
        found = check(outside, *urls, *(f"http://public.example/{place}" for place in range(len(urls))))
        assert {each.status for each in found} == {LinkStatus.broken}
        # Nor do the rules of a site.
        site.pages["/robots.txt"] = page(302, b"", Location=hidden.urls[0])
        assert check(outside, "http://public.example/")[0].status is LinkStatus.broken
        assert hidden.visits == 0


@pytest.mark.parametrize(
    ("status", "methods"),
    [(200, ["HEAD"]), (404, ["HEAD"]), (500, ["HEAD"] * 2), (403, ["HEAD", "GET"]), (405, ["HEAD", "GET"])],
)
def test_a_page_is_got_only_where_its_head_is_refused(
    site: Site, outside: Outside, status: int, methods: list[str]
) -> None:
    site.pages["/page"] = page(status, b"x" * 100_000)
    check(outside, "http://public.example/page")
    assert site.methods_of("/page") == methods


def test_rules_of_robots_are_obeyed(site: Site, outside: Outside) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: Followthrough\nDisallow: /private\nCrawl-delay: 9\n"
    site.pages |= {"/robots.txt": page(200, rules), "/open": page(200), "/private": page(200)}
    open_, private, led = check(
        outside, *(f"http://public.example/{each}" for each in ("open", "private", "open?leads"))
    )
    assert open_.status is LinkStatus.ok
    assert (private.status, private.detail) == (LinkStatus.blocked, "its robots.txt asks programs to stay away")
    assert site.methods_of("/private") == []
    assert site.methods_of("/robots.txt") == ["GET"], "they are read once"
    site.pages["/robots.txt"] = page(500)
    assert check(outside, "http://public.example/open")[0].status is LinkStatus.blocked
    assert led.status is LinkStatus.broken


def test_a_host_that_asks_to_come_later_is_waited_for_or_left_alone(site: Site, outside: Outside) -> None:
    answers = [page(429, b"", Retry_After="0"), page(200)]
    site.pages["/soon"] = lambda handler: answers.pop(0)(handler)
    assert check(outside, "http://public.example/soon")[0].status is LinkStatus.ok
    site.pages["/later"] = page(503, b"", Retry_After="3600")
    later, next_ = check(outside, "http://public.example/later", "http://public.example/soon")
    assert later.status is None
    assert next_.status is None, "nothing else is asked of it either"
    assert site.methods_of("/later") == ["HEAD"]


def test_the_agent_is_honest_and_does_not_look_like_a_checker_of_links(site: Site, outside: Outside) -> None:
    from app.outbound import agent

    name = agent("https://register.example")
    assert name.startswith("Followthrough/")
    assert "(+https://register.example)" in name
    assert "link" not in name.lower()


def test_a_copy_in_an_archive_is_proposed_for_what_is_broken(site: Site, outside: Outside) -> None:
    copy = "http://web.archive.org/web/2020/http://public.example/gone"
    snapshot = b'{"archived_snapshots": {"closest": {"available": true, "status": "200", "url": "%s"}}}'
    archive_path = "/wayback/available?url=https%3A%2F%2Fpublic.example%2Fgone"
    # Plain HTTP is enough for the test: the archive is asked as any host is.
    from app.operations.links import check as module

    outside.serve("archive.example", site.port)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ARCHIVE", "http://archive.example/wayback/available?url=")
        site.pages[archive_path.replace("https", "http")] = page(200, snapshot % copy.encode())
        [finding] = check(outside, "http://public.example/gone", archives=True)
        assert finding.archive_url == copy.replace("http://web", "https://web")
        for nothing in (b"{}", b"[]", b"nothing", snapshot % b"http://evil.example/", snapshot[:-4]):
            site.pages[archive_path.replace("https", "http")] = page(200, nothing)
            assert check(outside, "http://public.example/gone", archives=True)[0].archive_url is None


# -- in a register -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(backend: str, databases: Databases) -> Iterator[Register]:
    """A register for the tests of this module, with nothing in it but what they make."""
    settings = databases.empty(backend).model_copy(update={"cache_bytes": 0})
    with opened(settings) as database:
        migrate(database)
    with application(settings) as register:
        yield register


def source(register: Register, url: str, state: str = "published") -> str:
    """Make a source with an address; gives its path."""
    slug = f"s{secrets.token_hex(6)}"
    body = {"type": "webpage", "title": slug, "slug": slug, "url": url, "state": state}
    response = register.request("POST", "/v1/sources", json=body, headers=register.authorization)
    assert response.status_code == 201, response.text
    return f"/v1/sources/{slug}"


def due_at(register: Register, path: str) -> list[Link]:
    """The link of a source, if it is due."""
    found = due(register.app.state.context.database, now() - timedelta(days=1))
    return [each for each in found if path.endswith(each.slug)]


def test_what_is_found_is_history(own: Register, outside: Outside, site: Site) -> None:
    site.pages["/here"] = page(200)
    here = source(own, "http://public.example/here")
    gone = source(own, "http://public.example/gone")
    draft = source(own, "http://public.example/draft", "draft")
    database = own.app.state.context.database
    assert due_at(own, here) != due_at(own, draft) == []
    assert run(check_some(database, CATALOGUE, 30, "me", outside.outbound(), FAST)) >= 2
    assert site.methods_of("/draft") == []
    found = own.get(gone).json()
    assert (own.get(here).json()["link_status"], found["link_status"], found["revision"]) == ("ok", "broken", 2)
    latest = own.get(f"{gone}/revisions").json()["data"][0]
    assert latest["note"] == "Link checked: it answers 404"
    assert own.get(f"{gone}/revisions/1").json()["link_status"] == "unchecked"
    broken = own.get("/v1/sources?link_status=broken&limit=200").json()["data"]
    assert [each["html_url"] for each in broken if each["slug"] in (here[-13:], gone[-13:])] == [found["html_url"]]
    assert due_at(own, here) == due_at(own, gone) == []

    # Another address has not been tried.
    change = {"url": "http://public.example/new"}
    headers = {**own.authorization, "If-Match": "*"}
    changed = own.request("PATCH", gone, json=change, headers=headers).json()
    assert (changed["link_status"], changed["link_checked_at"], changed["revision"]) == ("unchecked", None, 3)
    # What was found at the old one says nothing of it.
    [link] = due_at(own, gone)
    stale = Finding(replace(link, url="http://public.example/gone"), LinkStatus.ok, "")
    assert store(database, CATALOGUE, [stale]) == 0


def test_a_look_that_finds_the_same_is_no_revision(own: Register, outside: Outside, site: Site) -> None:
    site.pages |= {"/moves": page(301, b"", Location="/a"), "/a": page(200), "/b": page(200)}
    path = source(own, "http://public.example/moves")
    database = own.app.state.context.database

    def look() -> tuple[Any, ...]:
        """Look at it, and say what the source then says, and the note of its last revision."""
        [link] = [each for each in due(database) if path.endswith(each.slug)]
        [finding] = check(outside, link.url)
        assert store(database, CATALOGUE, [replace(finding, link=link)]) == 1
        assert due_at(own, path) == [], "it was looked at, whatever that changed"
        found, latest = own.get(path).json(), own.get(f"{path}/revisions").json()["data"][0]
        return found["revision"], found["link_checked_at"], found["link_status"], latest["note"]

    first = look()
    assert (first[0], *first[2:]) == (2, "redirected", "Link checked: it answers from http://public.example/a")
    last = own.get("/v1/changes?since=0&limit=200").json()["data"][-1]["seq"]
    assert look() == look() == first
    assert own.get(f"/v1/changes?since={last}").json()["data"] == []
    site.pages["/moves"] = page(301, b"", Location="/b")
    moved = look()
    assert (moved[0], *moved[2:]) == (3, "redirected", "Link checked: it answers from http://public.example/b")
    assert moved[1] > first[1]
    site.pages["/moves"] = page(404)
    assert look()[0] == 4
    site.pages["/moves"] = page(410)
    assert look()[0] == 4, "it is as broken as before"

    # What was found at an address says nothing of another, nor of the same when it comes back.
    headers = {**own.authorization, "If-Match": "*"}
    for url in ("http://public.example/a", "http://public.example/moves"):
        own.request("PATCH", path, json={"url": url}, headers=headers)
        assert len(due_at(own, path)) == 1
    assert look()[2:] == ("broken", "Link checked: it answers 410")


def test_a_copy_is_noted_once(own: Register) -> None:
    path = source(own, "http://public.example/gone")
    database = own.app.state.context.database
    [link] = due_at(own, path)
    copy = "https://web.archive.org/web/2020/http://public.example/gone"
    for archive, revision in ((None, 2), (copy, 3), (None, 3), (copy, 3), (copy.replace("2020", "2021"), 4)):
        finding = Finding(link, LinkStatus.broken, "it answers 404", archive_url=archive)
        assert store(database, CATALOGUE, [finding]) == 1
        assert own.get(path).json()["revision"] == revision, archive
    assert "web/2021" in own.get(f"{path}/revisions").json()["data"][0]["note"]


def test_what_came_with_a_bundle_was_looked_at_elsewhere(own: Register) -> None:
    path = source(own, "http://public.example/loaded")
    database = own.app.state.context.database
    [link] = due_at(own, path)
    finding = Finding(link, LinkStatus.ok, "it answers 200")
    store(database, CATALOGUE, [finding])
    with database.writing() as connection:
        # A bundle brings what was found, and not the look.
        connection.execute(sa.delete(looks.looks).where(looks.looks.c.source_id == link.source))
    assert due_at(own, path) == []
    store(database, CATALOGUE, [finding], now() + timedelta(days=27))
    assert own.get(path).json()["revision"] == 2
    store(database, CATALOGUE, [finding], now() + timedelta(days=29))
    assert own.get(path).json()["revision"] == 3, "what a source says of looks is a month old at most"
    tomorrow = due(database, now() + timedelta(days=1))
    assert [each for each in tomorrow if path.endswith(each.slug)] == []


def test_one_process_checks_at_a_time(own: Register, outside: Outside, site: Site) -> None:
    source(own, "http://public.example/here")
    database = own.app.state.context.database
    assert take(database, "links", "somebody else", 60)
    assert not take(database, "links", "me", 60)
    assert run(check_some(database, CATALOGUE, 30, "me", outside.outbound(), FAST)) == 0
    assert site.requests == []
    give_back(database, "links", "me")
    assert not take(database, "links", "me", 60)
    assert take(database, "links", "somebody else", -1), "who has it may keep it, or let it end"
    assert run(check_some(database, CATALOGUE, 30, "me", outside.outbound(), FAST)) >= 1


def test_the_command_says_what_it_found(
    own: Register, outside: Outside, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = source(own, "http://public.example/gone")
    monkeypatch.setattr(console, "read_settings", lambda: own.settings)
    monkeypatch.setattr("app.outbound.Outbound", outside.outbound)
    monkeypatch.setattr("app.operations.links.Politeness", lambda: FAST)
    command = CliRunner()
    for options, status in ((["--dry-run"], "unchecked"), ([], "broken")):
        found = command.invoke(link_commands.commands, [*options, "--no-archives"])
        assert found.exit_code == 1, found.output
        assert f"broken      {path[-13:]}  http://public.example/gone: it answers 404\n" in found.output
        assert " broken" in found.output.partition("Checked ")[2]
        assert own.get(path).json()["link_status"] == status
    done = command.invoke(link_commands.commands, ["--days", "1"])
    assert (done.exit_code, done.output) == (0, "No link is due.\n")
