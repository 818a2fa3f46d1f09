"""The pages in a real browser: the documentation works, keeps to this server, and can be tried from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.support.operations import OPERATIONS, Operation, excerpt, of_kind
from tests.support.server import Server

pytestmark = pytest.mark.browser

TAGS = list(dict.fromkeys(operation.tag for operation in OPERATIONS))
PAGES = ("/", "/problems", "/problems/invalid-body", "/docs")


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
def window(browser: Browser, desk: Server) -> Iterator[BrowserContext]:
    """A window of the browser at the server, with a cache as everybody has."""
    with browser.new_context(base_url=desk.url) as context:
        yield context


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
    visit.page.goto("/docs")
    expect(visit.page.locator(".opblock")).to_have_count(len(operations), timeout=30_000)
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


def test_the_documentation_shows_every_operation_under_its_resource(visit: Visit) -> None:
    page = documentation(visit)
    shown = page.locator(".opblock").evaluate_all("blocks => blocks.map(block => block.id)")
    assert sorted(shown) == sorted(f"operations-{each.tag}-{each.name}" for each in OPERATIONS)
    headings = page.locator(".opblock-tag").evaluate_all("tags => tags.map(tag => tag.dataset.tag)")
    assert sorted(headings) == sorted(TAGS)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_to_this_server_and_has_nothing_to_complain_of(path: str, visit: Visit, desk: Server) -> None:
    visit.page.goto(path, wait_until="networkidle")
    assert [url for url in visit.requests if not url.startswith((f"{desk.url}/", "data:"))] == []
    assert visit.complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_telephone(path: str, visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 360, "height": 740})
    visit.page.goto(path, wait_until="networkidle")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.slow
@pytest.mark.parametrize("tag", TAGS)
def test_what_can_be_read_can_be_tried_as_it_is_filled_in(tag: str, visit: Visit) -> None:
    operations = [each for each in of_kind("get") if each.tag == tag]
    page = documentation(visit, operations)
    tried = {each.name: execute(each, page) for each in operations}
    assert tried == dict.fromkeys(tried, "200")
    assert visit.complaints == []


def test_a_link_into_the_documentation_leads_there(visit: Visit) -> None:
    operation = of_kind("patch")[-1]
    visit.page.goto(f"/docs#/{operation.tag}/{operation.name}")
    expect(block_of(operation, visit.page).locator(".opblock-body")).to_be_in_viewport(timeout=30_000)


@pytest.mark.slow
def test_with_a_token_every_example_can_be_created(visit: Visit, desk: Server) -> None:
    page = documentation(visit, of_kind("create"))
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".modal-ux input").fill(desk.token)
    page.locator(".modal-ux").get_by_role("button", name="Apply credentials").click()
    page.locator(".modal-ux .btn-done").click()
    tried = {each.name: execute(each, page) for each in of_kind("create")}
    assert tried == dict.fromkeys(tried, "201")


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
        return visit.page.locator("a[href='/v1/themes']").inner_text()

    before = scratch.get("/v1").json()["resources"]["themes"]["count"]
    assert shown() == f"{before} themes"
    made = scratch.post("/v1/themes", json={"name": "One more", "state": "published"})
    assert made.status_code == 201
    assert shown() == f"{before + 1} themes"


def test_a_keyboard_reaches_the_content_first(visit: Visit) -> None:
    visit.page.goto("/")
    visit.page.keyboard.press("Tab")
    skip = visit.page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
