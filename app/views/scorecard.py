"""The scorecard: how many promises were made, how many were kept, what is late, and what nobody reports on.

Each figure says how it is defined, and names the list that returns exactly the records behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import fmean
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.core.model import Ref
from app.core.read import Reader
from app.pictures import scorecard as picture
from app.resources.commitments import Completion, commitments
from app.resources.dialogues import dialogues
from app.resources.meetings import meetings
from app.resources.sources import Independence
from app.views.route import View

STALE_DAYS = 365
_MONTH = 30.4375
_ACCOUNTABLE = {"role": "accountable"}


class Figure(BaseModel):
    """A number, what it means, and where its records are."""

    value: float | None = Field(description="The number; null where there is nothing to reckon it from.")
    definition: str = Field(description="What exactly it counts or averages.")
    list: str | None = Field(
        description=(
            "The list of exactly the records that are counted or averaged; of a scorecard as of a moment, add the same "
            "`as_of` to it."
        )
    )
    of: str | None = Field(default=None, description="For a share: the list of the records it is a share of.")


class Group(BaseModel):
    """The figures of the promises that share something."""

    key: str = Field(description="The slug, country or year that they share.")
    title: str = Field(description="Its name.")
    figures: dict[str, Figure] = Field(description="Promises, kept, assessed, follow_through_rate, overdue.")


class Cadence(BaseModel):
    """How often a dialogue was to meet, and how often it did."""

    dialogue: Ref = Field(description="The dialogue.")
    promised_interval_months: int | None = Field(description="Months between meetings, as promised.")
    held: Figure = Field(description="Its meetings that were held on a known day.")
    mean_gap_months: float | None = Field(description="Mean months between one meeting held and the next.")
    longest_gap_months: float | None = Field(description="The longest of these gaps, in months.")
    last_held_on: date | None = Field(description="The last of them.")
    months_since_last: float | None = Field(description="Months from the last of them until today.")
    on_time: bool | None = Field(description="Whether the time since the last is within the promised interval.")


class Scorecard(BaseModel):
    """The scorecard of a partnership."""

    partnership: Ref = Field(description="The partnership.")
    as_of: date = Field(description="The day it is reckoned for, in UTC.")
    figures: dict[str, Figure] = Field(description="The figures of all promises.")
    completion: dict[str, Figure] = Field(description="Promises by how much of them has been fulfilled.")
    concreteness: dict[str, Figure] = Field(
        description="Promises by how many of the four marks of a concrete one they have."
    )
    independence: dict[str, Figure] = Field(
        description="Promises by who stands behind the sources that are cited for them."
    )
    by_year: list[Group] = Field(description="By the year they were made in.")
    by_theme: list[Group] = Field(description="By theme; a promise can have several.")
    by_party: list[Group] = Field(
        description="By the country of an accountable stakeholder; a promise can have several."
    )
    by_meeting: list[Group] = Field(description="By the meeting they were made at.")
    cadence: list[Cadence] = Field(description="The rhythm of each dialogue.")


@dataclass(frozen=True)
class _Promise:
    id: UUID
    completion: str
    made_on: date | None
    due_on: date | None
    verifiable: bool | None
    made_at: UUID | None
    overdue: bool
    days_since_update: int | None
    concreteness: int
    slippage_days: int | None
    reported: bool


class _Figures:
    """Makes figures with their lists. Parameters of lists are given as they stand in a query, each with its ``&``."""

    def __init__(self, partnership: str, today: date) -> None:
        self._base = f"/v1/commitments?{urlencode({'partnership': partnership})}"
        self._today = today

    def list(self, parameters: str) -> str:
        return self._base + parameters

    def count(self, records: Sequence[Any], definition: str, parameters: str) -> dict[str, Any]:
        return _figure(len(records), definition, self.list(parameters))

    def share(
        self, part: Sequence[Any], whole: Sequence[Any], definition: str, parameters: str, of: str
    ) -> dict[str, Any]:
        value = round(len(part) / len(whole), 4) if whole else None
        return _figure(value, definition, self.list(parameters), self.list(of))

    def mean(self, values: Sequence[float], definition: str, parameters: str) -> dict[str, Any]:
        return _figure(round(fmean(values), 2) if values else None, definition, self.list(parameters))

    def core(self, promises: Sequence[_Promise], limits: str) -> dict[str, dict[str, Any]]:
        """The figures that every group of promises has."""
        kept = [each for each in promises if each.completion == "complete"]
        assessed = [each for each in promises if each.completion != "not_assessed"]
        late = [each for each in promises if each.overdue]
        judged = f"{limits}&completion__ne=not_assessed"
        complete = f"{limits}&completion=complete"
        return {
            "promises": self.count(promises, "Promises in the register.", limits),
            "assessed": self.count(assessed, "Promises whose completion somebody has looked at.", judged),
            "kept": self.count(kept, "Promises that are complete.", complete),
            "follow_through_rate": self.share(
                kept, assessed, "Complete promises as a share of those assessed.", complete, judged
            ),
            "overdue": self.count(
                late,
                "Promises whose last day is past and which are neither complete nor cancelled.",
                f"{limits}&overdue=true",
            ),
        }

    def all(self, promises: Sequence[_Promise]) -> dict[str, dict[str, Any]]:
        """The figures of all promises."""
        dated = [each for each in promises if each.due_on is not None]
        late = [each for each in promises if each.overdue]
        days_late = [(self._today - each.due_on).days for each in late if each.due_on]
        told = [each.days_since_update for each in promises if each.days_since_update is not None]
        stale = [days for days in told if days >= STALE_DAYS]
        silent = [each for each in promises if not each.reported]
        slipped = [each.slippage_days for each in promises if each.slippage_days is not None]
        checkable = [each for each in promises if each.verifiable]
        overdue = "&overdue=true"
        since = f"&days_since_update__gte={STALE_DAYS}"
        with_deadline = "&due_on__isnull=false"
        return {
            **self.core(promises, ""),
            "with_deadline": self.count(dated, "Promises that have a last day.", with_deadline),
            "share_overdue": self.share(
                late, dated, "Overdue promises as a share of those that have a last day.", overdue, with_deadline
            ),
            "mean_days_overdue": self.mean(
                days_late, "Mean days from the last day of overdue promises until today.", overdue
            ),
            "longest_overdue_days": _figure(
                max(days_late, default=None),
                "Days until today from the last day of the promise longest overdue.",
                self.list(f"{overdue}&due_on={min(each.due_on for each in late if each.due_on)}") if late else None,
            ),
            "stale": self.count(
                stale,
                f"Promises with no event in their log for {STALE_DAYS} days or more.",
                since,
            ),
            "share_stale": self.share(stale, promises, "Stale promises as a share of all.", since, ""),
            "unreported": self.count(
                silent,
                "Promises on which no stakeholder has ever reported: what their log says is the editors' own.",
                "&reporter__isnull=true",
            ),
            "verifiable": self.count(
                checkable, "Promises of which an outsider could tell whether they were kept.", "&verifiable=true"
            ),
            "share_verifiable": self.share(
                checkable, promises, "Verifiable promises as a share of all.", "&verifiable=true", ""
            ),
            "mean_concreteness": self.mean(
                [each.concreteness for each in promises],
                "Mean of how many a promise has of: accountable stakeholder, deadline, measure, evidence.",
                "",
            ),
            "mean_slippage_days": self.mean(
                slipped,
                "Mean days from the first deadline of promises that restate others to the one they have.",
                "&slippage_days__isnull=false",
            ),
        }


def _figure(value: float | None, definition: str, list_: str | None, of: str | None = None) -> dict[str, Any]:
    return {"value": value, "definition": definition, "list": list_, "of": of}


def build(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """Reckon the scorecard: one query for the promises, one for each way to group them, one for the meetings."""
    id_: UUID = partnership["id"]
    promises = _promises(reader, id_)
    figures = _Figures(partnership["slug"], reader.today)
    by_id = {each.id: each for each in promises}

    def grouped(links: Iterable[tuple[UUID, str, str]], parameter: str) -> list[dict[str, Any]]:
        members: dict[tuple[str, str], dict[UUID, _Promise]] = {}
        for promise, key, title in links:
            if promise in by_id:
                members.setdefault((key, title), {})[promise] = by_id[promise]
        ordered = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
        return [
            {
                "key": key,
                "title": title,
                "figures": figures.core(list(inside.values()), f"&{urlencode({parameter: key})}"),
            }
            for (key, title), inside in ordered
        ]

    return {
        "partnership": {"id": id_, "slug": partnership["slug"], "title": partnership["name"]},
        "as_of": reader.today,
        "figures": figures.all(promises),
        "completion": {
            term.value: figures.count(
                [each for each in promises if each.completion == term.value],
                term.definition,
                f"&completion={term.value}",
            )
            for term in Completion
        },
        "concreteness": {
            str(marks): figures.count(
                [each for each in promises if each.concreteness == marks],
                f"Promises with {marks} of the four: accountable stakeholder, deadline, measure, evidence.",
                f"&concreteness={marks}",
            )
            for marks in range(5)
        },
        "independence": _independence(reader, id_, figures, by_id),
        "by_year": _by_year(figures, promises),
        "by_theme": grouped(_through(reader, id_, "themes", "slug", "name"), "theme"),
        "by_party": grouped(_through(reader, id_, "participants", "country", "country", _ACCOUNTABLE), "party"),
        "by_meeting": grouped(_made_at(reader, id_), "made_at"),
        "cadence": _cadence(reader, id_),
    }


def _promises(reader: Reader, partnership: UUID) -> list[_Promise]:
    rows, seen = reader.seen(commitments.table)
    names = (
        "id",
        "completion",
        "made_on",
        "due_on",
        "verifiable",
        "made_at_id",
        "overdue",
        "days_since_update",
        "concreteness",
        "slippage_days",
    )
    chosen = sa.select(*(reader.value(commitments, rows, name) for name in names))
    reported = {promise for promise, _, _ in _through(reader, partnership, "reporters", "slug", "slug")}
    found = reader.connection.execute(chosen.where(rows.c.partnership_id == partnership, seen))
    return [_Promise(*[*row, row[0] in reported]) for row in found]


def _through(
    reader: Reader, partnership: UUID, relation: str, key: str, title: str, where: Mapping[str, str] | None = None
) -> list[tuple[UUID, str, str]]:
    """The promises of a partnership that a relation ties to something, with its key and its title."""
    join, owner, target, conditions = reader.linked(commitments, relation, where)
    promise, seen = reader.other(commitments.table)
    chosen = sa.select(owner, target.c[key], target.c[title]).select_from(join.join(promise, promise.c.id == owner))
    limits = (promise.c.partnership_id == partnership, seen, *conditions, target.c[key].is_not(None))
    return [(row[0], row[1], row[2]) for row in reader.connection.execute(chosen.where(*limits).distinct())]


def _made_at(reader: Reader, partnership: UUID) -> list[tuple[UUID, str, str]]:
    rows, seen = reader.seen(commitments.table)
    meeting, meeting_seen = reader.other(meetings.table)
    chosen = sa.select(rows.c.id, meeting.c.slug, meeting.c.title).join_from(
        rows, meeting, rows.c.made_at_id == meeting.c.id
    )
    found = reader.connection.execute(chosen.where(rows.c.partnership_id == partnership, seen, meeting_seen))
    return [(row[0], row[1], row[2]) for row in found]


def _by_year(figures: _Figures, promises: Sequence[_Promise]) -> list[dict[str, Any]]:
    years: dict[int, list[_Promise]] = {}
    for each in promises:
        if each.made_on is not None:
            years.setdefault(each.made_on.year, []).append(each)
    return [
        {
            "key": str(year),
            "title": str(year),
            "figures": figures.core(made, f"&made_on__gte={year:04}-01-01&made_on__lte={year:04}-12-31"),
        }
        for year, made in sorted(years.items())
    ]


def _independence(
    reader: Reader, partnership: UUID, figures: _Figures, by_id: Mapping[UUID, _Promise]
) -> dict[str, Any]:
    cited: dict[str, set[UUID]] = {}
    for promise, kind, _ in _through(reader, partnership, "sources", "independence", "independence"):
        if promise in by_id:
            cited.setdefault(kind, set()).add(promise)
    made = {
        term.value: figures.count(
            sorted(cited.get(term.value, ())),
            f"Promises with a source of this kind. {term.definition}",
            f"&source_independence={term.value}",
        )
        for term in Independence
    }
    others = set().union(*(ids for kind, ids in cited.items() if kind != "party"))
    alone = cited.get("party", set()) - others
    made["party_alone"] = _figure(
        len(alone),
        "Promises for which only the parties themselves are cited.",
        figures.list("&source_independence=party")
        + "".join(f"&source_independence__ne={term.value}" for term in Independence if term.value != "party"),
    )
    return made


def _cadence(reader: Reader, partnership: UUID) -> list[dict[str, Any]]:
    rows, seen = reader.seen(dialogues.table)
    meeting, meeting_seen = reader.other(meetings.table)
    held = sa.and_(
        meeting.c.dialogue_id == rows.c.id, meeting_seen, meeting.c.status == "held", meeting.c.held_on.is_not(None)
    )
    chosen = (
        sa.select(rows.c.id, rows.c.slug, rows.c.name, rows.c.expected_interval_months, meeting.c.held_on)
        .select_from(rows.outerjoin(meeting, held))
        .where(rows.c.partnership_id == partnership, seen)
        .order_by(rows.c.slug, meeting.c.held_on)
    )
    days: dict[UUID, list[date]] = {}
    about: dict[UUID, tuple[str, str, int | None]] = {}
    for id_, slug, name, interval, held_on in reader.connection.execute(chosen):
        about[id_] = (slug, name, interval)
        days.setdefault(id_, []).extend([held_on] if held_on else [])
    return [_rhythm(reader.today, id_, *told, days[id_]) for id_, told in about.items()]


def _rhythm(today: date, id_: UUID, slug: str, name: str, interval: int | None, held: list[date]) -> dict[str, Any]:
    gaps = [(later - earlier).days / _MONTH for earlier, later in pairwise(held)]
    since = (today - held[-1]).days / _MONTH if held else None
    query = urlencode({"dialogue": slug, "status": "held", "held_on__isnull": "false"})
    return {
        "dialogue": {"id": id_, "slug": slug, "title": name},
        "promised_interval_months": interval,
        "held": _figure(len(held), "Meetings of the dialogue that were held on a known day.", f"/v1/meetings?{query}"),
        "mean_gap_months": round(fmean(gaps), 1) if gaps else None,
        "longest_gap_months": round(max(gaps), 1) if gaps else None,
        "last_held_on": held[-1] if held else None,
        "months_since_last": round(since, 1) if since is not None else None,
        "on_time": since <= interval if since is not None and interval is not None else None,
    }


VIEW = View(
    name="scorecard",
    summary="How many promises were kept",
    description=(
        "Promises by completion, by year, theme, party and meeting; what is overdue, stale or never reported on; how "
        "concrete promises are; whether each dialogue meets as often as it was to. Each figure says how it is defined, "
        "and its `list` returns exactly the records behind it."
    ),
    model=Scorecard,
    build=build,
    draw=picture.draw,
)
