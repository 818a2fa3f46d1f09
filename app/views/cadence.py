"""Cadence: how often each dialogue of a partnership was to meet, and how often it did."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from statistics import fmean
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.core.field_types import PartialDate
from app.core.field_types import last_day as last_day_of
from app.core.model import Ref
from app.core.reading.reader import Reader
from app.core.storage.date_functions import last_day
from app.resources.dialogues import dialogues
from app.resources.meetings import meetings
from app.views.figures import Figure, figure

DAYS_A_MONTH = 30.4375
"""A year of 365.25 days has twelve of these."""


class Cadence(BaseModel):
    """How often a dialogue was to meet, and how often it did."""

    dialogue: Ref = Field(description="The dialogue.")
    promised_interval_months: int | None = Field(description="Months between meetings, as promised.")
    held: Figure = Field(description="Its meetings that were held at a known time.")
    mean_gap_months: float | None = Field(description="Mean months between one meeting held and the next.")
    longest_gap_months: float | None = Field(description="The longest of these gaps, in months.")
    last_held_on: PartialDate | None = Field(description="When the last of them was, as far as known.")
    months_since_last: float | None = Field(description="Months from the last of them until today.")
    on_time: bool | None = Field(description="Whether the time since the last is within the promised interval.")


def cadence(reader: Reader, partnership: UUID) -> list[dict[str, Any]]:
    """The rhythm of each dialogue, by slug: one query for all."""
    rows, visible = reader.tables.visible(dialogues.table)
    meeting, meeting_visible = reader.tables.visible_alias(meetings.table)
    held = sa.and_(
        meeting.c.dialogue_id == rows.c.id,
        meeting_visible,
        meeting.c.status == "held",
        meeting.c.held_on.is_not(None),
    )
    name = reader.tables.title(dialogues, rows)
    columns = (rows.c.id, rows.c.slug, name, rows.c.expected_interval_months, meeting.c.held_on)
    chosen = (
        sa.select(*columns)
        .select_from(rows.outerjoin(meeting, held))
        .where(rows.c.partnership_id == partnership, visible)
        .order_by(rows.c.slug, last_day(meeting.c.held_on), meeting.c.held_on)
    )
    dates: dict[UUID, list[str]] = {}
    about: dict[UUID, tuple[dict[str, Any], int | None]] = {}
    for id_, slug, name, interval, held_on in reader.rows("meetings", chosen):
        about[id_] = ({"id": id_, "slug": slug, "title": name}, interval)
        dates.setdefault(id_, []).extend([held_on] if held_on else [])
    return [_rhythm(reader.today, dialogue, interval, dates[id_]) for id_, (dialogue, interval) in about.items()]


def _rhythm(today: date, dialogue: dict[str, Any], interval: int | None, dates: Sequence[str]) -> dict[str, Any]:
    """The rhythm of one dialogue, whose meetings were held on these dates, in order. Each counts by its last day."""
    held = [last_day_of(each) for each in dates]
    gaps = [(later - earlier).days / DAYS_A_MONTH for earlier, later in pairwise(held)]
    since = max((today - held[-1]).days, 0) / DAYS_A_MONTH if held else None
    query = urlencode({"dialogue": dialogue["slug"], "status": "held", "held_on__isnull": "false"})
    return {
        "dialogue": dialogue,
        "promised_interval_months": interval,
        "held": figure(len(held), "Meetings of the dialogue that were held at a known time.", f"/v1/meetings?{query}"),
        "mean_gap_months": round(fmean(gaps), 1) if gaps else None,
        "longest_gap_months": round(max(gaps), 1) if gaps else None,
        "last_held_on": dates[-1] if dates else None,
        "months_since_last": round(since, 1) if since is not None else None,
        "on_time": since <= interval if since is not None and interval is not None else None,
    }
