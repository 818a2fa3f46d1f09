"""iCalendar (RFC 5545), to subscribe to: what falls due, and when a dialogue meets.

Every event lasts whole days and blocks no time. A promise or a milestone falls due on the last day of the stated
period. A meeting of which only the month or the year is known lasts that month or year. A record without a date has
no event.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import uuid5

from app.core.field_types import last_day
from app.formats import ics_text
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
            yield _event(base, dated, record)


def beginning(name: str) -> bytes:
    """A calendar of this name up to its first event."""
    return _joined(
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Followthrough//EN",
        "METHOD:PUBLISH",
        ics_text.line("NAME", name),
        ics_text.line("X-WR-CALNAME", name),
        "REFRESH-INTERVAL;VALUE=DURATION:P1D",
        "X-PUBLISHED-TTL:P1D",
    )


def expected_meeting(dialogue: Mapping[str, Any], day: date, text: str, changed: datetime, base: str) -> bytes:
    """The day by which a dialogue should meet again. The event moves when it has met: there is one for a dialogue."""
    return _joined(
        "BEGIN:VEVENT",
        ics_text.line("SUMMARY", f"Should meet by this day: {dialogue['title']}"),
        *_days(day, day),
        f"DTSTAMP:{ics_text.moment(changed)}",
        f"UID:urn:uuid:{uuid5(dialogue['id'], 'next meeting')}",
        ics_text.line("DESCRIPTION", text),
        f"LAST-MODIFIED:{ics_text.moment(changed)}",
        "STATUS:TENTATIVE",
        "TRANSP:TRANSPARENT",
        *_address(dialogue, base),
        "END:VEVENT",
    )


def _event(base: str, dated: Dated, record: Mapping[str, Any]) -> bytes:
    days, precision = _time(str(record[dated.date_field]), dated.whole_period)
    changed = ics_text.moment(record["updated_at"])
    place = record[dated.place] if dated.place else None
    return _joined(
        "BEGIN:VEVENT",
        ics_text.line("SUMMARY", f"{dated.summary.format(title=record['title'])}{precision}"),
        *days,
        f"DTSTAMP:{changed}",
        f"UID:urn:uuid:{record['id']}",
        f"SEQUENCE:{record['revision'] - 1}",
        f"CREATED:{ics_text.moment(record['created_at'])}",
        ics_text.line("DESCRIPTION", _description(dated, record)),
        f"LAST-MODIFIED:{changed}",
        *([ics_text.line("LOCATION", place)] if place else ()),
        f"STATUS:{dated.statuses.get(record[dated.status_of], 'CONFIRMED')}",
        "TRANSP:TRANSPARENT",
        *_address(record, base),
        "END:VEVENT",
    )


def _joined(*lines: str) -> bytes:
    return "\r\n".join([*lines, ""]).encode()


def _days(first: date, last: date) -> Iterator[str]:
    """The first day of an event, and the day after its last, where there is one."""
    yield f"DTSTART;VALUE=DATE:{ics_text.day(first)}"
    if last < date.max:
        yield f"DTEND;VALUE=DATE:{ics_text.day(last + timedelta(days=1))}"


def _address(record: Mapping[str, Any], base: str) -> Iterator[str]:
    if base:
        yield ics_text.folded(f"URL:{base}{record['html_url']}")


def _first_day(known: str) -> date:
    return date.fromisoformat(known + "-01-01"[len(known) - len("2018") :])


@lru_cache(4096)
def _time(known: str, whole_period: bool) -> tuple[Sequence[str], str]:
    """The lines that say when an event is whose date is known so far, and the words for that. Many are on one day."""
    last = last_day(known)
    return list(_days(_first_day(known) if whole_period else last, last)), _precision(known, whole_period)


def _precision(known: str, whole_period: bool) -> str:
    """How well the date is known, where the day is not."""
    if len(known) == len("2018-07-10"):
        return ""
    period = f"{last_day(known):%B %Y}" if len(known) == len("2018-07") else known
    return f" (some time in {period})" if whole_period else f" (by the end of {period})"


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
