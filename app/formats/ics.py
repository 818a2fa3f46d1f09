"""iCalendar (RFC 5545), to subscribe to: what falls due, and when a dialogue meets.

Every event lasts whole days and blocks no time. A promise or a milestone falls due on the last day of the stated
period. A meeting of which only the month or the year is known lasts that month or year. A record without a date has
no event.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid5

from icalendar import Calendar, Event

from app.core.field_types import last_day
from app.formats.format import File, Format, Records

END = b"END:VCALENDAR\r\n"
"""How a calendar ends; its events come before it."""


_FIELDS = frozenset(("id", "title", "html_url", "revision", "created_at", "updated_at"))


@dataclass(frozen=True)
class Dated:
    """How a resource has a place in a calendar."""

    name: str
    """What the calendar is called."""
    date_field: str
    """The date of the event."""
    summary: str
    """What the event is called; ``{title}`` and ``{period}`` stand for the record's."""
    code: str
    """The field that says how things stand."""
    text: str | None = None
    """The field that says more."""
    whole_period: bool = False
    """Whether an event known to the month lasts the month; otherwise it is on its last day."""
    place: str | None = None
    """The field that says where."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    """The status of an event (RFC 5545, section 3.8.1.11) by the value of the field
    ``status_of``; CONFIRMED for all others."""
    status_of: str = "status"

    @property
    def fields(self) -> frozenset[str]:
        """The fields of a record that its event is made of; not every resource has each."""
        own = {self.date_field, self.code, self.text, self.place, self.status_of, "met_on", "due_on"}
        return _FIELDS | {name for name in own if name is not None}


CALENDARS: Mapping[str, Dated] = {
    "commitments": Dated(
        name="Promises that fall due",
        date_field="due_on",
        summary="Due: {title}",
        code="completion",
        text="statement",
        statuses={"cancelled": "CANCELLED"},
        status_of="lifecycle",
    ),
    "milestones": Dated(name="Milestones that fall due", date_field="due_on", summary="Due: {title}", code="status"),
    "meetings": Dated(
        name="Meetings",
        date_field="held_on",
        summary="{title}",
        code="status",
        text="summary",
        whole_period=True,
        place="place",
        statuses={"planned": "TENTATIVE", "postponed": "TENTATIVE", "cancelled": "CANCELLED"},
    ),
}
"""The resources that have a calendar."""


def write(file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """The calendar, an event a record that has a date."""
    dated = CALENDARS[file.resource.name]
    piece = beginning(f"Followthrough: {dated.name.lower()}")
    for records in parts:
        yield piece + b"".join(events(file.resource.name, records, file.base))
        piece = b""
    yield piece + END


def events(resource: str, records: Records, base: str) -> Iterator[bytes]:
    """The events of the records of a resource; ``base`` is the public address of the register, where it has one."""
    dated = CALENDARS[resource]
    for record in records:
        if record[dated.date_field] is not None:
            yield bytes(_event(base, dated, record).to_ical())


def beginning(name: str) -> bytes:
    """A calendar of this name up to its first event."""
    calendar = Calendar()
    calendar.add("prodid", "-//Followthrough//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(days=1), {"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "P1D")
    return bytes(calendar.to_ical()).removesuffix(END)


def expected_meeting(dialogue: Mapping[str, Any], day: date, text: str, changed: datetime, base: str) -> bytes:
    """The day by which a dialogue should meet again. The event moves when it has met: there is one for a dialogue."""
    event = Event()
    event.add("uid", f"urn:uuid:{uuid5(dialogue['id'], 'next meeting')}")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", day)
    if day < date.max:
        event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"Should meet by this day: {dialogue['title']}")
    event.add("description", text)
    event.add("transp", "TRANSPARENT")
    event.add("status", "TENTATIVE")
    if base:
        event.add("url", f"{base}{dialogue['html_url']}")
    return bytes(event.to_ical())


def _event(base: str, dated: Dated, record: Mapping[str, Any]) -> Event:
    known = str(record[dated.date_field])
    last = last_day(known)
    first = _first_day(known) if dated.whole_period else last
    event = Event()
    event.add("uid", f"urn:uuid:{record['id']}")
    event.add("dtstamp", record["updated_at"])
    event.add("created", record["created_at"])
    event.add("last-modified", record["updated_at"])
    event.add("sequence", record["revision"] - 1)
    event.add("dtstart", first)
    if last < date.max:
        event.add("dtend", last + timedelta(days=1))
    event.add("summary", f"{dated.summary.format(title=record['title'])}{_precision(dated, known)}")
    event.add("description", _description(dated, record))
    event.add("transp", "TRANSPARENT")
    event.add("status", dated.statuses.get(record[dated.status_of], "CONFIRMED"))
    if dated.place and record[dated.place]:
        event.add("location", record[dated.place])
    if base:
        event.add("url", f"{base}{record['html_url']}")
    return event


def _first_day(known: str) -> date:
    return date.fromisoformat(known + "-01-01"[len(known) - len("2018") :])


def _precision(dated: Dated, known: str) -> str:
    """How well the date is known, where the day is not."""
    if len(known) == len("2018-07-10"):
        return ""
    period = f"{last_day(known):%B %Y}" if len(known) == len("2018-07") else known
    return f" (some time in {period})" if dated.whole_period else f" (by the end of {period})"


def _description(dated: Dated, record: Mapping[str, Any]) -> str:
    state = f"{dated.code.capitalize()}: {str(record[dated.code]).replace('_', ' ')}"
    said = [record[dated.text]] if dated.text and record[dated.text] else []
    met, due = record.get("met_on"), record.get("due_on")
    if met and due and (days := (last_day(str(met)) - last_day(str(due))).days) > 0:
        state += f", {days} day{'s' if days > 1 else ''} late, on {met}"
    return "\n\n".join([*said, state])


ICS = Format(
    name="ics",
    media_type="text/calendar; charset=utf-8",
    description="A calendar to subscribe to: what falls due, and when a dialogue meets.",
    write=write,
    title="Calendar",
    resources=frozenset(CALENDARS),
    takes_fields=False,
)
