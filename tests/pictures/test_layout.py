"""What a real browser draws: no text upon another, none beyond the edge, and nothing that is asked of another host."""

from itertools import combinations
from typing import Any

import pytest

pytest.importorskip("playwright", reason="Playwright is not installed")

from playwright.sync_api import Page

from tests.pictures.samples import DRAWINGS, HOSTILE, PLAIN, sample_view

pytestmark = pytest.mark.browser

BOXES = """() => {
  const root = document.querySelector("svg"), edge = root.getBoundingClientRect();
  return [...document.querySelectorAll("text")].map(text => {
    const box = text.getBoundingClientRect(), frame = text.ownerSVGElement;
    let [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom];
    if (frame !== root) {
      const [x, y, width, height] = ["x", "y", "width", "height"].map(name => +frame.getAttribute(name));
      left = Math.max(left, edge.left + x); right = Math.min(right, edge.left + x + width);
      top = Math.max(top, edge.top + y); bottom = Math.min(bottom, edge.top + y + height);
    }
    return {text: text.textContent, left, top, right, bottom};
  }).filter(box => box.right > box.left && box.bottom > box.top);
}"""
SLACK = 1.5
"""By how many pixels boxes may touch: a box is as high as the font, its letters are not."""


def boxes(page: Page, picture: str) -> list[dict[str, Any]]:
    page.set_content(f"<!doctype html><body style='margin:0'>{picture}")
    found: list[dict[str, Any]] = page.evaluate(BOXES)
    return found


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return bool(across > SLACK and down > SLACK)


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("promises", [0, 1, 40, 250])
@pytest.mark.parametrize("titles", [PLAIN, HOSTILE], ids=["plain", "hostile"])
def test_no_text_is_drawn_upon_another(page: Page, name: str, promises: int, titles: tuple[str, ...]) -> None:
    found = boxes(page, DRAWINGS[name](sample_view(name, promises, titles)))
    assert found
    assert [(one["text"], other["text"]) for one, other in combinations(found, 2) if overlap(one, other)] == []


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("titles", [PLAIN, HOSTILE], ids=["plain", "hostile"])
def test_no_text_is_drawn_beyond_the_edge(page: Page, name: str, titles: tuple[str, ...]) -> None:
    for box in boxes(page, DRAWINGS[name](sample_view(name, 250, titles))):
        assert box["left"] >= 0, box
        assert box["right"] <= 800, box


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_page_shows_the_picture_and_asks_nobody_else(page: Page, server: Any, name: str) -> None:
    address = f"{server.url}/v1/partnerships/india-south-korea/{name}.svg"
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.set_content(f"<!doctype html><img src='{address}'>")
    image = page.locator("img")
    page.wait_for_function("document.images[0].complete")
    assert image.evaluate("image => image.naturalWidth") == 800
    assert requested == [address]
