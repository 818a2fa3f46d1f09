"""A register of any size, made from a seed by bulk inserts: for tests of the views, and for measuring at size.

The records are as the API would have stored them: what follows from the log of a promise (completion, lifecycle, and
whether its milestones were met) agrees with it, so that a rebuild finds nothing to mend. Only the present is written,
not the history of how it came about.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.core.field_types import first_day, fold, last_day
from app.core.resource import Resource
from app.core.storage.database import Database
from app.core.storage.full_text import documents
from app.core.storage.postgresql import unbound
from app.core.writing.shelving import shelf_of
from app.resources import CATALOGUE
from app.resources.progress import projection

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
FIRST, LAST = date(2010, 1, 1), date(2026, 6, 30)

COUNTRIES = ("IN", "KR", "JP", "AU", "FR", "DE", "BR", "ZA", "ID", "VN")
WORDS = ("trade", "ports", "chips", "steel", "visas", "films", "space", "rice", "yoga", "nuclear", "ships", "youth")
KINDS = ("deliverable", "agreement", "target", "institution", "negotiation")
INDEPENDENCE = ("party", "intergovernmental", "press", "academic", "think_tank", "audit", None)
COMPLETIONS = ("no_evidence_available", "not_started", "limited", "substantial", "complete")
LIFECYCLES = ("pipeline", "implementation", "finalisation", "closed", "suspended", "cancelled")
INTENTS = (*("evidence",) * 4, "data_source", "confirms", "disputes", "context")
ROLES = ("accountable", "implementing", "funding", "supporting", "beneficiary")

Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much there is: each promise has 4 milestones, 6 updates and 10 citations, its own and theirs."""

    partnerships: int = 40
    promises: int = 250

    @property
    def total(self) -> int:
        """All promises."""
        return self.partnerships * self.promises


FULL = Size()
"""10,000 promises, 40,000 milestones, 60,000 updates and 100,000 citations."""

ALL_IN_ONE = Size(partnerships=1, promises=10_000)
"""As many, and all of them in one partnership."""

SMALL = Size(partnerships=4, promises=125)
"""A twentieth."""

TINY = Size(partnerships=2, promises=30)
"""Enough to have some of everything."""


@dataclass
class Generator:
    """Makes rows by table, every time the same for the same size and seed."""

    size: Size
    seed: int = 1
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin at the beginning."""
        self._random = random.Random(self.seed)
        self._number = itertools.count(1)

    def fill(self, database: Database) -> None:
        """Make everything, and put it into a database that has its tables and nothing in them."""
        self._common()
        for number in range(self.size.partnerships):
            self._partnership(number)
        with database.writing() as connection:
            for table in SQLModel.metadata.sorted_tables:
                if rows := self.rows.get(table.name):
                    for part in _parts(rows, 5000):
                        connection.execute(sa.insert(table), part)
            for part in _parts(list(self._documents()), 5000):
                connection.execute(sa.insert(documents), part)
            connection.execute(sa.text("UPDATE change_counter SET seq = 1"))
        if database.dialect == "postgresql":
            # What autovacuum would do before long.
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                unbound(connection)
                connection.execute(sa.text("VACUUM ANALYZE"))

    # -- rows --------------------------------------------------------------------------------------------------

    def _add(self, table: str, slug: str, within: Row | None = None, **values: Any) -> Row:
        """A record; what it cannot be without must be published for it to be so."""
        number = next(self._number)
        at = BEGUN + timedelta(seconds=number)
        state = self._random.choices(("published", "draft", "withdrawn"), (96, 3, 1))[0]
        if within is not None and within["state"] != "published":
            state = within["state"]
        stamp = int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | number
        row = {
            "id": UUID(int=stamp),
            "slug": slug,
            "state": state,
            "revision": 1,
            "created_at": at,
            "updated_at": at,
            "created_by": "generator",
            **values,
        }
        self.rows.setdefault(table, []).append(row)
        return row

    def _link(self, table: str, **values: Any) -> None:
        rows = self.rows.setdefault(table, [])
        rows.append({"position": len(rows), **values})

    def _some(self, among: Sequence[Any], most: int) -> list[Any]:
        return self._random.sample(among, min(len(among), self._random.randint(0, most)))

    def _maybe(self, value: Any, share: float = 0.7) -> Any:
        return value if self._random.random() < share else None

    def _day(self, since: date = FIRST) -> date:
        return since + timedelta(days=self._random.randint(0, max(0, (LAST - since).days)))

    def _date(self, since: date = FIRST) -> str:
        """A day, or the month or year of one where no more is known."""
        return str(self._day(since))[: self._random.choice((10, 10, 10, 7, 4))]

    def _title(self) -> str:
        return " ".join(self._random.sample(WORDS, 3)).capitalize()

    def _common(self) -> None:
        for word in WORDS:
            self._add("theme", word, name=word.capitalize(), description=None, parent_id=None, state="published")
        for number in range(200):
            self._add(
                "stakeholder",
                f"body-{number}",
                name=f"Body {number}",
                other_names=[],
                kind="government",
                country=self._random.choice((*COUNTRIES, None)),
                url=None,
                description=None,
                identifiers={},
                parent_id=None,
            )
        for number in range(500):
            self._add(
                "source",
                f"source-{number}",
                type="report",
                title=f"Source {number}",
                authors=[],
                title_is_description=False,
                publisher=f"Publisher {number % 50}" if number % 13 else None,
                original_publisher=f"Publisher {number % 7}" if number % 11 == 0 else None,
                container_title=None,
                issued=self._date(),
                url=None,
                doi=None,
                language="en",
                accessed_on=None,
                archive_url=None,
                license=None,
                independence=self._random.choice(INDEPENDENCE),
                link_status="unchecked",
                link_checked_at=None,
                state="published",
            )

    def _partnership(self, number: int) -> None:
        parties = self._random.sample(COUNTRIES, 2)
        partnership = self._add(
            "partnership",
            f"partnership-{number}",
            name=f"Partnership {number}",
            summary=None,
            description=None,
            parties=parties,
            label=None,
            established_on=None,
            state="published",
        )
        of = {"partnership_id": partnership["id"]}
        challenges = [
            self._add(
                "challenge",
                f"challenge-{number}-{each}",
                title=self._title(),
                summary=None,
                description=None,
                severity="high",
                status="open",
                identified_on=None,
                **of,
            )
            for each in range(max(1, self.size.promises // 25))
        ]
        recommendations = []
        for each in range(max(1, self.size.promises // 12)):
            created = self._add(
                "recommendation",
                f"recommendation-{number}-{each}",
                title=self._title(),
                summary=None,
                description=None,
                priority="high",
                horizon=None,
                status="proposed",
                **of,
            )
            recommendations.append(created)
            for challenge in self._some(challenges, 2):
                self._link("recommendation_challenge", recommendation_id=created["id"], challenge_id=challenge["id"])
        meetings = self._dialogues(number, of)
        indicators = self._indicators(number, of, parties)
        promises: list[Row] = []
        for each in range(self.size.promises):
            promises.append(self._promise(f"{number}-{each}", of, parties, promises, meetings, indicators))
            for recommendation in self._some(recommendations, 2):
                self._link(
                    "commitment_recommendation",
                    commitment_id=promises[-1]["id"],
                    recommendation_id=recommendation["id"],
                )

    def _dialogues(self, number: int, of: Row) -> list[Row]:
        meetings = []
        for each in range(5):
            dialogue = self._add(
                "dialogue",
                f"dialogue-{number}-{each}",
                name=f"Dialogue {number} {each}",
                level="official",
                expected_interval_months=self._maybe(12),
                started_on=None,
                **of,
            )
            for ordinal in range(self._random.randint(0, 20)):
                status = self._random.choice(("held", "held", "held", "planned", "cancelled"))
                meetings.append(
                    self._add(
                        "meeting",
                        f"meeting-{number}-{each}-{ordinal}",
                        dialogue,
                        title=f"Meeting {ordinal}",
                        ordinal=ordinal + 1,
                        held_on=self._maybe(self._date(), 0.9),
                        place=self._random.choice(WORDS),
                        status=status,
                        summary=None,
                        dialogue_id=dialogue["id"],
                    )
                )
        return meetings

    def _indicators(self, number: int, of: Row, parties: Sequence[str]) -> list[Row]:
        indicators = []
        for each in range(10):
            indicator = self._add(
                "indicator",
                f"indicator-{number}-{each}",
                name=f"Indicator {number} {each}",
                description=None,
                unit="USD billion",
                measure="unit",
                direction="up_is_good",
                frequency="annual",
                reporter=None,
                **of,
            )
            indicators.append(indicator)
            for year in range(2006, 2006 + self._random.choice((0, 20, 20, 20))):
                self._add(
                    "observation",
                    f"observation-{number}-{each}-{year}",
                    indicator,
                    party=self._maybe(parties[0], 0.3),
                    period_start=date(year, 1, 1),
                    period_end=date(year, 12, 31),
                    value=self._random.random() * 100,
                    status="actual",
                    rank="normal",
                    indicator_id=indicator["id"],
                    source_id=self._source(),
                )
        return indicators

    def _source(self) -> UUID:
        found: UUID = self._random.choice(self.rows["source"])["id"]
        return found

    def _promise(
        self,
        name: str,
        of: Row,
        parties: Sequence[str],
        earlier: Sequence[Row],
        meetings: Sequence[Row],
        indicators: Sequence[Row],
    ) -> Row:
        made_on = self._maybe(self._date(), 0.95)
        restates = self._maybe(self._random.choice(earlier)["id"], 0.2) if earlier else None
        promise = self._add(
            "commitment",
            f"promise-{name}",
            title=self._title(),
            statement=f"Statement of {name}.",
            kind=self._random.choice(KINDS),
            made_on=made_on,
            due_on=self._maybe(self._date(_begun(made_on)), 0.6),
            verifiable=self._random.choice((True, False, None)),
            potential="modest",
            baseline_value=None,
            target_value=self._maybe(float(self._random.randint(1, 100)), 0.2),
            meeting_id=self._maybe(self._random.choice(meetings)["id"], 0.8) if meetings else None,
            indicator_id=self._maybe(self._random.choice(indicators)["id"], 0.2),
            supersedes_id=restates,
            **of,
        )
        for theme in self._some(self.rows["theme"], 3):
            self._link("commitment_theme", commitment_id=promise["id"], theme_id=theme["id"])
        for stakeholder in self._some(self.rows["stakeholder"], 4):
            self._link(
                "commitment_participant",
                commitment_id=promise["id"],
                stakeholder_id=stakeholder["id"],
                role=self._random.choice(ROLES),
            )
        self._progress(name, promise, parties)
        return promise

    def _progress(self, name: str, promise: Row, parties: Sequence[str]) -> None:
        milestones = [
            self._add(
                "milestone",
                f"milestone-{name}-{each}",
                promise,
                title=f"Step {each}",
                due_on=self._maybe(self._date()),
                commitment_id=promise["id"],
            )
            for each in range(4)
        ]
        silent = self._random.random() < 0.1
        log = [self._update(f"{name}-{each}", promise, milestones, parties, silent) for each in range(6)]
        log.sort(key=lambda update: (update["occurred_on"], update["recorded_on"], update["created_at"]))
        log = [update for update in log if update["state"] == "published"]
        promise |= projection(log)
        for milestone in milestones:
            reported = [each for each in log if each["milestone_id"] == milestone["id"]]
            status = reported[-1]["sets"]["milestone_status"] if reported else "scheduled"
            milestone |= {
                "status": status,
                "met_on": last_day(reported[-1]["occurred_on"]) if status == "met" else None,
            }
        # What says that something was done is cited for.
        log.sort(key=lambda update: update["sets"].get("completion") not in ("limited", "substantial", "complete"))
        verdicts = sum(each["sets"].get("completion") in ("limited", "substantial", "complete") for each in log)
        cited = [
            *itertools.repeat(("commitment", promise), 4),
            *(("update", each) for each in log[: max(4, verdicts)]),
        ]
        cited += [("milestone", each) for each in milestones[: 10 - len(cited)]]
        if self._random.random() < 0.1:
            # Nobody bears this promise itself out.
            cited = [each for each in cited if each[0] != "commitment"]
        cited += [("milestone", milestones[-1])] * (10 - len(cited))
        for each, (type_, subject) in enumerate(cited):
            self._add(
                "citation",
                f"citation-{name}-{each}",
                subject,
                field=None,
                quote=None,
                locator=f"page {each}",
                intent="evidence" if type_ == "update" else self._random.choice(INTENTS),
                note=None,
                given_inside=False,
                **({"state": "published"} if type_ == "update" else {}),
                subject_type=type_,
                subject_id=subject["id"],
                source_id=self._source(),
            )

    def _update(self, name: str, promise: Row, milestones: Sequence[Row], parties: Sequence[str], silent: bool) -> Row:
        occurred = self._day(_begun(promise["made_on"]))
        milestone = self._maybe(self._random.choice(milestones), 0.2)
        if milestone and milestone["state"] != "published":
            milestone = None
        sets = {}
        if not silent:
            sets["completion"] = self._maybe(self._random.choice(COMPLETIONS), 0.5)
            sets["lifecycle"] = self._maybe(self._random.choice(LIFECYCLES), 0.3)
        if milestone:
            sets["milestone_status"] = self._random.choice(("met", "partially_met", "not_met"))
        more: Row = {"state": "withdrawn"} if silent and self._random.random() < 0.5 else {}
        return self._add(
            "commitment_update",
            f"update-{name}",
            promise,
            occurred_on=str(occurred)[: self._random.choice((10, 10, 10, 7, 4))],
            recorded_on=occurred + timedelta(days=self._random.randint(0, 30)),
            party=self._maybe(self._random.choice(parties), 0.5),
            narrative=f"{self._title()} came of it.",
            sets={key: value for key, value in sets.items() if value},
            score=self._random.choice((-1, 0, 1, None)),
            commitment_id=promise["id"],
            milestone_id=milestone["id"] if milestone else None,
            reported_by_id=_if_published(self._maybe(self._random.choice(self.rows["stakeholder"]), 0.1)),
            **more,
        )

    def _documents(self) -> Iterator[Row]:
        known = _Known({row["id"]: row for rows in self.rows.values() for row in rows if "id" in row})
        numbers: dict[int, Iterator[int]] = {}
        for resource in CATALOGUE:
            for row in self.rows.get(resource.rows.name, ()):
                if resource.searchable and row["state"] != "withdrawn":
                    shelf = shelf_of(known, resource, row)
                    number = next(numbers.setdefault(shelf, itertools.count(shelf)))
                    yield {"number": number, **_document(resource.name, resource.label, resource.searchable, row)}


def _if_published(row: Row | None) -> Any:
    """The id of a record that what is published can depend on."""
    return row["id"] if row and row["state"] == "published" else None


@dataclass
class _Known:
    """All records by their ids."""

    rows: Mapping[UUID, Row]
    catalogue = CATALOGUE

    def row(self, resource: Resource, id_: UUID) -> Row:
        """A record."""
        return self.rows[id_]


def _begun(made_on: str | None) -> date:
    return first_day(made_on) if made_on else FIRST


def _document(resource: str, label: str, searchable: Sequence[str], row: Mapping[str, Any]) -> Row:
    texts = {name: fold(row[name] if isinstance(row[name], str) else "") for name in searchable}
    body = " ".join(text for name, text in texts.items() if name not in (label, "summary"))
    return {
        "record_id": row["id"],
        "resource": resource,
        "label": texts.get(label, ""),
        "summary": texts.get("summary", ""),
        "body": body,
    }


def _parts(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
