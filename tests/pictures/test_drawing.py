"""Pictures are whole documents that say what they show, whatever the register holds."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from app.pictures import completion
from app.pictures.paper import ALARM, BRAND, INK, PAPER, QUIET, WASH
from app.pictures.text import clean, shorten, text_width, wrap
from app.resources.completion import Completion
from tests.pictures.samples import DRAWINGS, HOSTILE, PLAIN, sample_view

SVG = "{http://www.w3.org/2000/svg}"
MAX_BYTES = 250_000
TALLEST = 2600

drawings = pytest.mark.parametrize("name", DRAWINGS)
sizes = pytest.mark.parametrize("promises", [0, 1, 2, 7, 60, 250])
texts = pytest.mark.parametrize("titles", [PLAIN, HOSTILE], ids=["plain", "hostile"])


def drawn(name: str, promises: int, titles: tuple[str, ...] = PLAIN) -> tuple[str, Element]:
    picture = DRAWINGS[name](sample_view(name, promises, titles))
    return picture, fromstring(picture)  # noqa: S314 (our own)


@drawings
@sizes
@texts
def test_a_picture_is_a_document_that_names_itself(name: str, promises: int, titles: tuple[str, ...]) -> None:
    _, root = drawn(name, promises, titles)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    named = [root.find(f"*[@id='{each}']") for each in (root.get("aria-labelledby") or "").split()]
    assert [each.tag if each is not None else None for each in named] == [f"{SVG}title", f"{SVG}desc"]
    assert all(each is not None and each.text for each in named)
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


@drawings
@sizes
@texts
def test_a_picture_keeps_its_size(name: str, promises: int, titles: tuple[str, ...]) -> None:
    picture, root = drawn(name, promises, titles)
    assert len(picture.encode()) < MAX_BYTES
    assert float(root.get("height") or 0) < TALLEST


@drawings
@texts
def test_a_picture_needs_nothing_else(name: str, titles: tuple[str, ...]) -> None:
    _, root = drawn(name, 60, titles)
    shapes = {"svg", "title", "desc", "defs", "pattern", "g", "rect", "circle", "path", "text"}
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= shapes
    for each in root.iter():
        for attribute, value in each.attrib.items():
            assert not attribute.startswith(("on", "style", "href", "{")), attribute
            assert "//" not in value
            if "url(" in value:
                assert re.fullmatch(r"url\(#[a-z0-9_-]+\)", value)
                assert root.find(f".//*[@id='{value[5:-1]}']") is not None, value
    identifiers = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(identifiers) == len(set(identifiers))


@drawings
def test_text_is_text(name: str) -> None:
    """No title can end its element, and none can turn round what follows it."""
    picture, root = drawn(name, 60, HOSTILE)
    assert "<script" not in picture
    assert "<img" not in picture
    assert not re.search("[\u202a-\u202e]", picture)
    said = " ".join(each.text or "" for each in root.iter())
    assert "</text></svg><script>" in said


@drawings
@sizes
def test_the_same_view_gives_the_same_bytes(name: str, promises: int) -> None:
    assert DRAWINGS[name](sample_view(name, promises)) == DRAWINGS[name](sample_view(name, promises))


@drawings
def test_the_order_of_what_is_counted_does_not_matter(name: str) -> None:
    view = sample_view(name, 30)
    if name == "scorecard":
        view["cadence"].reverse()
    elif name == "graph":
        view["nodes"].reverse()
    assert DRAWINGS[name](view) == DRAWINGS[name](sample_view(name, 30))


@drawings
@sizes
def test_the_foot_says_where_from_and_when(name: str, promises: int) -> None:
    _, root = drawn(name, promises)
    said = [each.text for each in root.iter(f"{SVG}text")]
    assert "Followthrough, as of 2026-11-22" in said
    assert f"Source: /v1/partnerships/here-and-there/{name}" in said


@drawings
def test_what_does_not_fit_is_counted(name: str) -> None:
    picture, _ = drawn(name, 250)
    more = {"scorecard": "and 21 more themes", "timeline": "and 191 more promises", "graph": "and 190 more"}[name]
    assert f"… {more}" in picture


@drawings
def test_what_is_cut_short_is_told_in_full(name: str) -> None:
    long = "A title that goes on for so long that no column of any picture could hold the whole of it. " * 2
    _, root = drawn(name, 5, (long,))
    cut = [each.text or "" for each in root.iter(f"{SVG}text") if (each.text or "").endswith("…")]
    assert cut
    assert clean(long) in {each.text for each in root.iter(f"{SVG}title")}


@drawings
def test_a_partnership_with_nothing_in_it_is_said_to_have_nothing(name: str) -> None:
    _, root = drawn(name, 0)
    reported = root.find(f"{SVG}desc")
    assert reported is not None
    assert re.search(r"holds (no|nothing)", reported.text or "")


# ── what each picture says ────────────────────────────────────────────────────────────────────────────────────────────


def description(name: str, view: Mapping[str, Any]) -> str:
    reported = fromstring(DRAWINGS[name](view)).find(f"{SVG}desc")  # noqa: S314 (our own)
    assert reported is not None
    return reported.text or ""


def test_the_scorecard_tells_its_figures_in_words() -> None:
    said = description("scorecard", sample_view("scorecard", 12))
    assert "12 promises, 2 of them kept; follow-through rate 20% of 10 assessed" in said
    assert "complete 2, substantial 2, limited 2, not started 2, no evidence available 2, not assessed 2" in said


def test_the_graph_says_that_stakeholders_are_left_out() -> None:
    assert "Left out: 12 stakeholders" in description("graph", sample_view("graph", 12))


def test_the_timeline_sets_what_restates_a_promise_under_it() -> None:
    view = sample_view("timeline", 30, tuple(f"Promise number {number}." for number in range(1, 200)))
    root = fromstring(DRAWINGS["timeline"](view))  # noqa: S314 (our own)
    rows = {event["record"]["id"]: event for event in view["data"] if event["kind"].startswith("promise_")}
    drawn_titles = [each.text for each in root.iter(f"{SVG}text")]
    checked = 0
    for event in rows.values():
        if event["kind"] == "promise_restated" and event["restates"]["id"] in rows:
            before = rows[event["restates"]["id"]]["record"]["title"]
            assert drawn_titles.index(event["record"]["title"]) == drawn_titles.index(before) + 1
            checked += 1
    assert checked


def test_restatements_in_a_circle_are_all_drawn() -> None:
    view = sample_view("timeline", 3)
    events = [event for event in view["data"] if event["kind"] in ("promise_made", "promise_restated")]
    for event, other in zip(events, [*events[1:], events[0]], strict=True):
        event["kind"] = "promise_restated"
        event["restates"] = {name: other["record"][name] for name in ("id", "slug", "title")}
    said = description("timeline", view)
    assert "3 promises" in said
    assert "3 restate" in said


def test_a_date_says_no_more_than_is_known() -> None:
    view = sample_view("timeline", 1)
    for event in view["data"]:
        event["date"] = {"promise_made": "2018-07", "meeting": "2018-07", "promise_due": "2020"}.get(
            event["kind"], "2019"
        )
    view["data"].append({**view["data"][0], "kind": "promise_due", "date": "2020", "status": "limited"})
    svg = DRAWINGS["timeline"](view)
    assert "made July 2018, due 2020" in svg
    assert "July 2018, held" in svg
    assert "(2020)" in svg, "longest past the last day"
    assert "2018-07-" not in svg


def test_a_promise_without_a_day_is_known_by_its_log() -> None:
    view = sample_view("timeline", 1)
    view["data"] = [event for event in view["data"] if event["kind"] == "update"]
    view["data"][0]["status"] = "not_started"
    assert "1 promise: not started 1." in description("timeline", view)


# ── colours ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG reckons it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("ground", [PAPER, WASH])
def test_text_stands_out(ground: str) -> None:
    inks = {INK, QUIET, BRAND, ALARM}
    for name in DRAWINGS:
        _, root = drawn(name, 60)
        used = {each.get("fill") for each in root.iter(f"{SVG}text")} - {None}
        assert used <= inks
    assert min(contrast(ink, ground) for ink in inks) >= 4.5


def test_shapes_stand_out() -> None:
    assert min(contrast(look.outline, PAPER) for look in completion.LOOKS.values()) >= 3


def test_no_two_terms_differ_by_colour_alone() -> None:
    assert set(completion.LOOKS) == set(completion.ORDER) == set(Completion)
    symbols = set()
    for term in Completion:
        root = Element("g")
        completion.symbol(root, 10, 10, term)
        # Whether a shape is filled is seen without colours; which colour it has is not.
        shapes = [(each.get("d"), each.get("stroke-dasharray"), each.get("fill") in (PAPER, "none")) for each in root]
        symbols.add(tuple(shapes))
    assert len(symbols) == len(Completion)


# ── text ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("title", [*PLAIN, *HOSTILE])
@pytest.mark.parametrize("lines", [1, 2, 4])
def test_wrapped_text_fits(title: str, lines: int) -> None:
    made_lines = wrap(clean(title), 150, 12, lines)
    assert len(made_lines) <= lines
    assert all(text_width(line, 12) <= 150 for line in made_lines)


def test_nothing_is_lost_where_there_is_room() -> None:
    for title in PLAIN:
        assert " ".join(wrap(title, 150, 12, 20)) == title


def test_a_letter_keeps_its_accent() -> None:
    shown = shorten("e\u0301" * 50, 100, 12).removesuffix("…")
    assert shown == "e\u0301" * (len(shown) // 2)
