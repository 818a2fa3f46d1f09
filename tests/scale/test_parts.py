"""What is drawn or shown from a part of a view is what the whole of it comes to."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.pictures.timeline import draw
from app.pictures.timeline.promises import PROMISES
from tests.support.register import Register

PARTNERSHIP = "/v1/partnerships/partnership-1"


def _timeline(register: Register, partnership: str = PARTNERSHIP) -> dict[str, Any]:
    """The whole timeline, from all its parts."""
    view = register.get(f"{partnership}/timeline").json()
    following = view["next"]
    while following:
        part = register.get(following).json()
        view["data"] += part["data"]
        following = part["next"]
    return dict(view)


def _is_drawn_from_all(register: Register, partnership: str) -> None:
    view = _timeline(register, partnership)
    assert len({each["record"]["id"] for each in view["data"] if each["kind"] == "promise_made"}) > PROMISES
    assert register.get(f"{partnership}/timeline.svg").text == draw(view)


def test_the_picture_of_a_timeline_is_what_all_its_events_come_to(large: Register) -> None:
    _is_drawn_from_all(large, PARTNERSHIP)


def test_the_picture_of_the_bundled_timeline_is_what_all_its_events_come_to(register: Register) -> None:
    path = "/v1/partnerships/india-south-korea"
    _is_drawn_from_all(register, path)


def _promises_and_records(events: list[Mapping[str, Any]]) -> Iterator[str]:
    for each in events:
        yield ((each["kind"] == "update" and each["commitment"]) or each["record"])["slug"]


def test_a_frame_shows_what_came_last_and_what_comes_next(large: Register) -> None:
    view = _timeline(large)
    past = [each for each in reversed(view["data"]) if each["date"] <= view["as_of"]]
    to_come = [each for each in view["data"] if each["date"] > view["as_of"]]
    once = {
        (each["date"], each["kind"], (each["commitment"] if each["kind"] == "update" else each["record"])["id"]): each
        for each in reversed(past)
    }
    lately = [each for each in past if each in once.values()]
    frame = large.get("/embed/partnerships/partnership-1/timeline", headers={"Accept": "text/html"}).text
    shown = re.findall(r'<p><a href="/[a-z]+/([a-z0-9-]+)"', frame)
    assert len(to_come) > 0
    assert shown == [*_promises_and_records(to_come[:4]), *_promises_and_records(lately[:8])]


def test_the_page_shows_the_first_records_of_each_kind_of_gap(large: Register) -> None:
    view = large.get(f"{PARTNERSHIP}/gaps").json()
    page = large.get("/partnerships/partnership-1", headers={"Accept": "text/html"}).text
    listed = re.findall(
        r"<details><summary><span class=.count.>(\d+)</span>.*?<ul class=.plain.>(.*?)</ul>", page, re.S
    )
    kinds = [each for each in view["kinds"] if each["count"]]
    assert any(each["count"] > 25 for each in kinds)
    for kind, (count, shown) in zip(kinds, listed[-len(kinds) :], strict=True):
        of_it = [each["record"]["slug"] for each in view["data"] if each["kind"] == kind["kind"]]
        assert int(count) == kind["count"] == len(of_it)
        assert re.findall(r'href="/[a-z]+/([a-z0-9-]+)"', shown) == of_it[:25]
