"""The calendar of a partnership: what falls due, its meetings, and when each dialogue should meet next.

A dialogue that promises to meet every so many months should meet by that time after its last meeting; after the day it
began, where none was held yet. A desk officer subscribes once, and the event moves when the dialogue has met.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from app.api.context import Context
from app.core.field_types import last_day
from app.core.reading.reader import Reader
from app.core.resource import Resource
from app.formats import ics
from app.resources.commitments import commitments
from app.resources.dialogues import dialogues
from app.resources.meetings import meetings
from app.resources.milestones import milestones

Records = Sequence[Mapping[str, Any]]

PART = 5000
"""The records that are read at once: for each part the database sorts all that are left."""

_OF_A_DIALOGUE = ("id", "slug", "title", "html_url", "updated_at", "expected_interval_months", "started_on")
_OF_A_MEETING = ("status", "held_on", "updated_at")


def build(context: Context, reader: Reader, partnership: Mapping[str, Any]) -> Iterator[bytes]:
    """The whole calendar, piece by piece."""
    base = context.public_url
    of_it = partial(_parts, context, reader, partnership)
    yield ics.beginning(f"Followthrough: {partnership['title']}")
    for resource in (commitments, milestones):
        for part in of_it(resource, ics.CALENDARS[resource.name].fields):
            yield b"".join(ics.events(resource.name, part, base))
    by_dialogue: dict[Any, list[Mapping[str, Any]]] = {}
    for part in of_it(meetings, ics.CALENDARS[meetings.name].fields | {"dialogue"}):
        yield b"".join(ics.events(meetings.name, part, base))
        for each in part:
            by_dialogue.setdefault(each["dialogue"]["id"], []).append({name: each[name] for name in _OF_A_MEETING})
    for part in of_it(dialogues, _OF_A_DIALOGUE):
        expected = (_expected(dialogue, by_dialogue.get(dialogue["id"], ()), base) for dialogue in part)
        yield b"".join(event for events in expected for event in events)
    yield ics.END


def _parts(
    context: Context, reader: Reader, partnership: Mapping[str, Any], resource: Resource, fields: Iterable[str]
) -> Iterator[Records]:
    """The records of a partnership in the order of their slugs: as much of them as their events show."""
    grammar = context.grammar(resource)
    query = grammar.list_query([("partnership", str(partnership["slug"])), ("sort", "slug")])
    shown = tuple(name for name in resource.fields if name in frozenset(fields))
    return reader.parts(grammar, replace(query, fields=shown), context.cursors, PART)


def _expected(dialogue: Mapping[str, Any], its: Records, base: str) -> Iterator[bytes]:
    """The event of the next meeting, where the dialogue says how often it meets and there is a day to count from."""
    interval = dialogue["expected_interval_months"]
    held = [each for each in its if each["status"] == "held" and each["held_on"] is not None]
    last = max(held, key=lambda each: last_day(str(each["held_on"])), default=None)
    known = last["held_on"] if last else dialogue["started_on"]
    if interval is None or known is None or (day := _months_after(last_day(str(known)), interval)) is None:
        return
    since = f"it last met on {known}" if last else f"it began on {known}, and no meeting is known"
    months = "every month" if interval == 1 else f"every {interval} months"
    text = f"{dialogue['title']} promised to meet {months}; {since}."
    planned = sorted(str(each["held_on"]) for each in its if each["status"] == "planned" and each["held_on"])
    if planned:
        text += f" A meeting is planned for {planned[0]}."
    changed = max([dialogue["updated_at"], *(each["updated_at"] for each in its)])
    yield ics.expected_meeting(dialogue, day, text, changed, base)


def _months_after(day: date, months: int) -> date | None:
    """The same day so many months later, or the last day of a month that is too short; None beyond the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
