"""A page of a real browser to look at pictures with."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.support.chromium import find_chromium, launch_arguments


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """An empty page, as wide as a picture."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=launch_arguments())
        yield browser.new_page(viewport={"width": 800, "height": 600})
        browser.close()
