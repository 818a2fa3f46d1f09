"""The pages in a real browser: the documentation works, keeps to this server, and can be tried from."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import httpx
import pytest

pytest.importorskip("playwright", reason="Playwright is not installed")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from app.resources import CATALOGUE
from tests.support.lanes import representatives
from tests.support.operations import OPERATIONS, Operation, excerpt, of_kind
from tests.support.server import Server

pytestmark = pytest.mark.browser

TAGS = list(dict.fromkeys(operation.tag for operation in OPERATIONS))
SIMPLEST = representatives()[0].name
TRIED_TAGS = [tag for tag in TAGS if tag not in CATALOGUE.by_name or tag == SIMPLEST]
"""Resources have the same operations: the simplest stands for the others. What the requests of all give is tried in
tests/api/test_examples.py; here it is the documentation that must work."""
PAGES = (
    "/",
    "/problems",
    "/problems/invalid-body",
    "/docs",
    "/commitments",
    "/commitments/trade-target-50bn-2030",
    "/partnerships/india-south-korea",
    "/indicators/trade-total-kr-cy",
    "/sources",
    "/search?q=trade",
    "/compare",
    "/methodology",
    "/glossary",
    "/assistants",
    "/embed/partnerships/india-south-korea/scorecard",
    "/embed/partnerships/india-south-korea/timeline",
    "/embed/commitments/trade-target-50bn-2030",
)
SOME = ("/", "/commitments/trade-target-50bn-2030", "/partnerships/india-south-korea")
"""The pages that the fast lane looks at: the slow one looks at all."""
MISTAKEN = ("/commitments?completion=finished", "/commitments/trade-target-50bn")
"""The addresses of pages that say what is wrong with them."""

PAGE_PARAMETERS = [pytest.param(each, marks=[] if each in SOME else [pytest.mark.slow]) for each in PAGES]

PATIENCE = 120_000
"""Milliseconds until a page counts as stuck, on a machine that is busy with the other tests."""


@dataclass
class Visit:
    """A page in the browser, with what it asked for and what it complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Take down from now on."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@pytest.fixture(scope="module")
def window(browser: Browser, scratch_server: Server) -> Iterator[BrowserContext]:
    """A window of the browser at the server, with a cache as everybody has."""
    with browser.new_context(base_url=scratch_server.url) as context:
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield context
        expect.set_options(timeout=None)


@pytest.fixture
def visit(window: BrowserContext) -> Iterator[Visit]:
    """A fresh page."""
    with window.new_page() as page:
        visit = Visit(page)
        visit.watch()
        yield visit


def documentation(visit: Visit, operations: Sequence[Operation] = OPERATIONS) -> Page:
    """The documentation; of some operations alone where only those are tried, which takes a tenth of the time."""
    if operations is not OPERATIONS:
        visit.page.route("**/openapi.json", lambda route: route.fulfill(json=excerpt(operations)))
    visit.page.goto("/docs/all")
    expect(visit.page.locator(".opblock")).to_have_count(len(operations))
    return visit.page


def block_of(operation: Operation, page: Page) -> Locator:
    return page.locator(f"[id='operations-{operation.tag}-{operation.name}']")


def execute(operation: Operation, page: Page) -> str:
    """Open an operation, press Execute, and give the status that is shown."""
    block = block_of(operation, page)
    block.locator(".opblock-summary-control").click()
    block.locator("button.execute").click()
    status = block.locator(".live-responses-table .response .response-col_status").first
    status.wait_for()
    shown = status.inner_text()
    block.locator(".opblock-summary-control").click()
    return shown.split()[0]


SETTLE = """async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
}"""
"""Brings the colours of a page to those of its scheme: on their way from the other one they are of neither."""


def violations(page: Page) -> dict[str, list[tuple[str, str]]]:
    """What keeps somebody from using a page, with all of it unfolded: in either colour scheme, the rule and the place.

    The page is there already: what it looks like follows the scheme without being loaded again.
    """
    found = dict[str, list[tuple[str, str]]]()
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        page.evaluate(SETTLE)
        violated = Axe().run(page).response["violations"]
        found[scheme] = [(each["id"], each["nodes"][0]["html"]) for each in violated]
    return found


@pytest.mark.slow
def test_the_documentation_shows_every_operation_under_its_resource(visit: Visit) -> None:
    page = documentation(visit)
    shown = page.locator(".opblock").evaluate_all("blocks => blocks.map(block => block.id)")
    assert sorted(shown) == sorted(f"operations-{each.tag}-{each.name}" for each in OPERATIONS)
    headings = page.locator(".opblock-tag").evaluate_all("tags => tags.map(tag => tag.dataset.tag)")
    assert sorted(headings) == sorted(TAGS)


@pytest.mark.slow
def test_the_documentation_leads_from_reading_to_everything(visit: Visit) -> None:
    everything = [each for each in OPERATIONS if each.template == "/v1/themes"]
    readable = [each for each in everything if each.kind == "get"]
    visit.page.route("**/openapi-reading.json", lambda route: route.fulfill(json=excerpt(readable)))
    visit.page.route("**/openapi.json", lambda route: route.fulfill(json=excerpt(everything)))
    visit.page.goto("/docs")
    expect(visit.page.locator(".opblock")).to_have_count(len(readable))
    visit.page.get_by_role("navigation", name="Operations").get_by_role("link", name="Everything").click()
    expect(visit.page.locator(".opblock")).to_have_count(len(everything))
    assert len(readable) < len(everything)


@pytest.mark.slow
def test_the_documentation_opens_on_what_anybody_can_read(visit: Visit) -> None:
    readable = [each for each in OPERATIONS if each.method == "GET" and {} in each.said["security"]]
    visit.page.goto("/docs")
    expect(visit.page.locator(".opblock")).to_have_count(len(readable))


@pytest.mark.slow
def test_nothing_in_the_documentation_keeps_anybody_from_using_it(visit: Visit) -> None:
    operation = next(each for each in OPERATIONS if each.name == "update_theme")
    page = documentation(visit, [operation])
    block_of(operation, page).locator(".opblock-summary-control").click()
    page.locator("button.execute").wait_for()
    assert (page.locator("main").count(), page.locator("h1").count()) == (1, 1)
    assert violations(page) == {"light": [], "dark": []}
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", PAGE_PARAMETERS)
def test_a_page_is_sound(path: str, visit: Visit, scratch_server: Server) -> None:
    """It keeps to this server, has nothing to complain of, keeps nobody from using it, and fits a telephone."""
    visit.page.goto(path, wait_until="networkidle")
    assert [url for url in visit.requests if not url.startswith((f"{scratch_server.url}/", "data:"))] == []
    assert visit.complaints == []
    visit.page.set_viewport_size({"width": 360, "height": 740})
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
    if path != "/docs":  # of which more is shown once an operation is open: see above
        visit.page.set_viewport_size({"width": 1280, "height": 720})
        assert violations(visit.page) == {"light": [], "dark": []}


@pytest.mark.slow
@pytest.mark.parametrize("path", MISTAKEN)
def test_nothing_on_a_page_that_says_what_is_wrong_keeps_anybody_from_using_it(path: str, visit: Visit) -> None:
    visit.page.goto(path)
    assert violations(visit.page) == {"light": [], "dark": []}


@pytest.mark.slow
@pytest.mark.parametrize("tag", TRIED_TAGS)
def test_what_can_be_read_can_be_tried_as_it_is_filled_in(tag: str, visit: Visit) -> None:
    operations = [each for each in of_kind("get") if each.tag == tag]
    page = documentation(visit, operations)
    tried = {each.name: execute(each, page) for each in operations}
    assert tried == dict.fromkeys(tried, "200")
    assert visit.complaints == []


@pytest.mark.slow
def test_an_operation_is_shown_from_the_part_of_the_document_that_it_needs(visit: Visit) -> None:
    """Of the whole document it would take seconds each time."""
    operation = next(each for each in OPERATIONS if each.name == "create_commitment")
    page = documentation(visit)
    part, whole = page.evaluate(
        """() => {
          const whole = window.ui.specSelectors.specJson().toJS();
          return [needed(whole, ["paths", "/v1/commitments", "post"]), whole];
        }"""
    )
    assert list(part["paths"]) == ["/v1/commitments"]
    assert len(json.dumps(part)) < len(json.dumps(whole)) / 4
    for kind, name in re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(part)):
        assert part["components"][kind][name] == whole["components"][kind][name]
    block_of(operation, page).locator(".opblock-summary-control").click()
    expect(block_of(operation, page).locator(".responses-wrapper")).to_contain_text("201")
    assert visit.complaints == []


@pytest.mark.slow
def test_a_link_into_the_documentation_leads_there(visit: Visit) -> None:
    operation = of_kind("patch")[-1]
    visit.page.goto(f"/docs/all#/{operation.tag}/{operation.name}")
    expect(block_of(operation, visit.page).locator(".opblock-body")).to_be_in_viewport()


@pytest.mark.slow
def test_a_page_leads_into_the_documentation_with_its_request_filled_in(visit: Visit) -> None:
    operation = next(each for each in OPERATIONS if each.name == "list_commitments")
    visit.page.route("**/openapi-reading.json", lambda route: route.fulfill(json=excerpt([operation])))
    visit.page.goto("/commitments?completion=complete&completion=limited&overdue=false&due_on__lt=2027")
    visit.page.get_by_role("link", name="Try this request in the documentation").click()
    block = block_of(operation, visit.page)
    block.locator("button.execute").click()
    sent = block.locator(".request-url pre").inner_text()
    for pair in ("completion=complete", "completion=limited", "overdue=false", "due_on__lt=2027"):
        assert pair in sent


@pytest.mark.slow
def test_with_a_token_every_example_can_be_tried(visit: Visit, scratch_server: Server) -> None:
    page = documentation(visit, of_kind("create"))
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".modal-ux input").fill(scratch_server.token)
    page.locator(".modal-ux").get_by_role("button", name="Apply credentials").click()
    page.locator(".modal-ux .btn-done").click()
    tried = {each.name: execute(each, page) for each in of_kind("create")}
    assert tried == dict.fromkeys(tried, "200"), "each is only tried"


@pytest.mark.slow
def test_comparisons_are_shown_when_asked_for(visit: Visit) -> None:
    operation = next(each for each in OPERATIONS if each.name == "list_challenges")
    page = documentation(visit, [operation])
    block_of(operation, page).locator(".opblock-summary-control").click()
    comparison = block_of(operation, page).locator("tr[data-param-name='title__contains']")
    expect(comparison).to_be_hidden()
    page.get_by_label("Show every comparison").check()
    expect(comparison).to_be_visible()


def test_the_front_page_counts_along(visit: Visit, scratch: httpx.Client) -> None:
    def shown() -> str:
        visit.page.goto("/")
        return " ".join(visit.page.locator(".tiles a[href='/themes']").inner_text().split())

    before = scratch.get("/v1").json()["resources"]["themes"]["count"]
    assert shown() == f"{before} themes"
    created = scratch.post("/v1/themes", json={"name": "One more", "state": "published"})
    assert created.status_code == 201
    assert shown() == f"{before + 1} themes"


def test_a_keyboard_reaches_the_content_first(visit: Visit) -> None:
    visit.page.goto("/")
    visit.page.keyboard.press("Tab")
    skip = visit.page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
