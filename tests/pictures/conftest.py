"""A page of a real browser to look at pictures with."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def page(browser: "Browser") -> Iterator["Page"]:
    """An empty page, as wide as a picture."""
    with browser.new_page(viewport={"width": 800, "height": 600}) as page:
        yield page
