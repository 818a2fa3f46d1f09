"""Calendars, read back by a parser that knows nothing of us (ical)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from icalendar import Event

from app.formats.format import File
from app.formats.ics import CALENDARS, END, beginning, write
from app.resources import CATALOGUE
from tests.support.generated import examples, lines, prose

MOMENT = datetime(2026, 1, 31, 12, 30, 5, tzinfo=UTC)
COMMON: Mapping[str, Any] = {
    "id": UUID(int=7),
    "slug": "a-record",
    "html_url": "/things/a-record",
    "revision": 3,
    "created_at": MOMENT - timedelta(days=1),
    "updated_at": MOMENT,
}
PROMISE = {
    **COMMON,
    "title": "Trade of USD 50 billion",
    "statement": "By 2030, trade is to reach 50 billion.",
    "due_on": "2030-12-31",
    "completion": "not_started",
    "lifecycle": "implementation",
}
MEETING = {
    **COMMON,
    "title": "Summit, New Delhi",
    "summary": None,
    "held_on": "2018-07-10",
    "place": "New Delhi",
    "status": "held",
}


def written(resource: str, *records: Mapping[str, Any], base: str = "") -> bytes:
    """The file of some records, given in two parts."""
    return b"".join(write(File(CATALOGUE.by_name[resource], base=base), [records[:1], records[1:]]))


def calendar(resource: str, *records: Mapping[str, Any], base: str = "") -> Calendar:
    """The calendar of some records, as it is read."""
    raw = written(resource, *records, base=base)
    # Lines end as they must, and none is longer than 75 bytes.
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    return IcsCalendarStream.calendar_from_ics(raw.decode())


def test_a_promise_falls_due_on_its_last_day() -> None:
    (event,) = calendar("commitments", PROMISE, base="https://register.example").events
    assert (event.dtstart, event.dtend) == (date(2030, 12, 31), date(2031, 1, 1))
    assert event.summary == "Due: Trade of USD 50 billion"
    assert event.description == "By 2030, trade is to reach 50 billion.\n\nCompletion: not started"
    assert event.url is not None
    assert (str(event.url), event.status, event.transparency) == (
        "https://register.example/things/a-record",
        "CONFIRMED",
        "TRANSPARENT",
    )
    assert (event.uid, event.sequence, event.dtstamp) == (f"urn:uuid:{UUID(int=7)}", 2, MOMENT)


@pytest.mark.parametrize(
    ("due_on", "last", "said"),
    [
        ("2030-12-31", date(2030, 12, 31), ""),
        ("2024-02", date(2024, 2, 29), " (by the end of February 2024)"),
        ("2030", date(2030, 12, 31), " (by the end of 2030)"),
    ],
)
def test_a_period_falls_due_on_its_last_day(due_on: str, last: date, said: str) -> None:
    (event,) = calendar("commitments", {**PROMISE, "due_on": due_on}).events
    assert event.dtstart == last
    assert event.summary == f"Due: {PROMISE['title']}{said}"


@pytest.mark.parametrize(
    ("held_on", "first", "after", "said"),
    [
        ("2018-07-10", date(2018, 7, 10), date(2018, 7, 11), ""),
        ("2018-07", date(2018, 7, 1), date(2018, 8, 1), " (some time in July 2018)"),
        ("2018", date(2018, 1, 1), date(2019, 1, 1), " (some time in 2018)"),
    ],
)
def test_a_meeting_lasts_as_long_as_its_date_is_unknown(held_on: str, first: date, after: date, said: str) -> None:
    (event,) = calendar("meetings", {**MEETING, "held_on": held_on}).events
    assert (event.dtstart, event.dtend) == (first, after)
    assert event.summary == f"Summit, New Delhi{said}"
    assert event.location == "New Delhi"


@pytest.mark.parametrize(
    ("resource", "record", "status"),
    [
        ("meetings", {**MEETING, "status": "planned"}, "TENTATIVE"),
        ("meetings", {**MEETING, "status": "cancelled"}, "CANCELLED"),
        ("commitments", {**PROMISE, "lifecycle": "cancelled"}, "CANCELLED"),
        ("milestones", {**COMMON, "title": "A", "due_on": date(2027, 1, 1), "status": "met"}, "CONFIRMED"),
    ],
)
def test_what_was_called_off_says_so(resource: str, record: Mapping[str, Any], status: str) -> None:
    (event,) = calendar(resource, record).events
    assert event.status == status


def test_without_an_address_of_the_register_an_event_has_none() -> None:
    assert calendar("commitments", PROMISE).events[0].url is None


@pytest.mark.parametrize("resource", CALENDARS)
def test_a_record_without_a_date_is_no_event(resource: str) -> None:
    record = {**PROMISE, **MEETING, CALENDARS[resource].date_field: None}
    assert calendar(resource, record, record).events == []
    assert calendar(resource).events == []


def test_the_last_day_that_there_is_has_no_day_after() -> None:
    (event,) = calendar("commitments", {**PROMISE, "due_on": "9999"}).events
    assert event.dtstart == date.max


@given(st.lists(st.tuples(lines, prose), max_size=4))
@examples(150)
def test_any_text_is_read_back(given_texts: list[tuple[str, str]]) -> None:
    records = [{**PROMISE, "title": title, "statement": text} for title, text in given_texts]
    events = calendar("commitments", *records).events
    assert [(event.summary, event.description) for event in events] == [
        (f"Due: {title}", f"{text}\n\nCompletion: not started") for title, text in given_texts
    ]


def as_icalendar_writes_it(promise: Mapping[str, Any]) -> bytes:
    """The event of a promise, written by the library that knows the whole of RFC 5545."""
    event = Event()
    event.add("uid", f"urn:uuid:{promise['id']}")
    event.add("dtstamp", promise["updated_at"])
    event.add("created", promise["created_at"])
    event.add("last-modified", promise["updated_at"])
    event.add("sequence", promise["revision"] - 1)
    event.add("dtstart", date(2030, 12, 31))
    event.add("dtend", date(2031, 1, 1))
    event.add("summary", f"Due: {promise['title']}")
    event.add("description", f"{promise['statement']}\n\nCompletion: not started")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED")
    event.add("url", f"https://register.example{promise['html_url']}")
    return bytes(event.to_ical())


@given(lines, st.lists(prose, min_size=1, max_size=6).map(" ".join), st.integers(0, 80))
@examples(300)
def test_an_event_is_what_a_library_writes(title: str, text: str, more: int) -> None:
    promise = {**PROMISE, "title": title, "statement": text, "html_url": f"/things/{'a-' * more}record"}
    raw = written("commitments", promise, base="https://register.example")
    assert raw.removeprefix(beginning("Followthrough: promises that fall due")).removesuffix(
        END
    ) == as_icalendar_writes_it(promise)


def test_what_a_calendar_is_called_is_a_text_like_any_other() -> None:
    name = "Followthrough: Iceland, Norway; and so on, which makes a line of more than seventy-five bytes"
    raw = beginning(name).replace(b"\r\n ", b"").decode()
    escaped = name.replace(",", "\\,").replace(";", "\\;")
    assert f"\r\nNAME:{escaped}\r\nX-WR-CALNAME:{escaped}\r\n" in raw
