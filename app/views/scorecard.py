"""The scorecard: how many promises were made, how many were kept, what is late, and what nobody reports on.

Each figure says how it is defined, and names the list that returns exactly the records behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.reading.reader import Reader
from app.core.storage.raw_ids import RawId
from app.languages.terms import definition_of
from app.languages.texts import gettext
from app.pictures import scorecard as picture
from app.resources.sources import Independence
from app.views.cadence import Cadence, cadence
from app.views.figures import (
    COMPLETION,
    CONCRETENESS,
    CORE,
    INDEPENDENT_SOURCES,
    Figure,
    compute,
    figure,
    overall,
)
from app.views.partnership import PartnershipView, head
from app.views.promises import Promise, Tie, cited_kinds, made_at_meetings, promises_of, tied
from app.views.routes import View


class Group(BaseModel):
    """The figures of the promises that share something."""

    key: str = Field(description="The slug, country or year that they share.")
    title: str = Field(description="Its name.")
    figures: dict[str, Figure] = Field(description="Promises, kept, assessed, follow_through_rate, overdue.")


class Scorecard(PartnershipView):
    """The scorecard of a partnership."""

    figures: dict[str, Figure] = Field(description="The figures of all promises.")
    completion: dict[str, Figure] = Field(description="Promises by how much of them has been fulfilled.")
    concreteness: dict[str, Figure] = Field(
        description="Promises by how many of the four marks of a concrete one they have."
    )
    independent_sources: dict[str, Figure] = Field(
        description="Promises by how many independent publishers stand behind them: none, one, two_or_more."
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


def build(reader: Reader, partnership: Mapping[str, Any]) -> dict[str, Any]:
    """Compute the scorecard: a query for the promises, one for each way to group them, one for the meetings."""
    id_: UUID = partnership["id"]
    promises = promises_of(reader, id_)
    address = f"/v1/commitments?{urlencode({'partnership': partnership['slug']})}"
    groups = _Groups(promises, address)
    parties = tied(reader, id_, "participants", "country", where={"role": "accountable"})
    return {
        **head(reader, partnership),
        "figures": compute(overall(reader.today), promises, address),
        "completion": compute(COMPLETION, promises, address),
        "concreteness": compute(CONCRETENESS, promises, address),
        "independent_sources": compute(INDEPENDENT_SOURCES, promises, address),
        "independence": _independence(cited_kinds(reader, id_), address),
        "by_year": groups.by_year(),
        "by_theme": groups.by(tied(reader, id_, "themes", "slug", "name"), "theme"),
        "by_party": groups.by(parties, "party"),
        "by_meeting": groups.by(made_at_meetings(reader, id_), "meeting"),
        "cadence": cadence(reader, id_),
    }


class _Groups:
    """Puts promises into groups, each with its figures and their lists."""

    def __init__(self, promises: Sequence[Promise], address: str) -> None:
        self._promises = {each.id: each for each in promises}
        self._address = address

    def by(self, ties: Iterable[Tie], parameter: str) -> list[dict[str, Any]]:
        """Groups of the promises that are tied to the same, the largest first. A parameter of the list names it."""
        members: dict[tuple[str, str], dict[RawId, Promise]] = {}
        for promise, key, title in ties:
            if promise in self._promises:
                members.setdefault((key, title), {})[promise] = self._promises[promise]
        ordered = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
        return [
            self._group(key, title, list(inside.values()), urlencode({parameter: key}))
            for (key, title), inside in ordered
        ]

    def by_year(self) -> list[dict[str, Any]]:
        """Groups of the promises that were made in the same year, in order."""
        years: dict[str, list[Promise]] = {}
        for each in self._promises.values():
            if each.made_on is not None:
                years.setdefault(each.made_on[:4], []).append(each)
        return [
            self._group(year, year, group, f"made_on__gte={year}&made_on__lte={year}")
            for year, group in sorted(years.items())
        ]

    def _group(self, key: str, title: str, promises: Sequence[Promise], filters: str) -> dict[str, Any]:
        return {"key": key, "title": title, "figures": compute(CORE, promises, f"{self._address}&{filters}")}


def _independence(cited: Sequence[tuple[frozenset[str], int]], address: str) -> dict[str, Any]:
    """Promises by the kinds of sources that are cited for them, each kind once a promise."""
    figures = {
        term.value: figure(
            sum(promises for kinds, promises in cited if term.value in kinds),
            f"{gettext('Promises with a source of this kind.')} {definition_of(term)}",
            f"{address}&source_independence={term.value}",
        )
        for term in Independence
    }
    others = [term.value for term in Independence if term is not Independence.party]
    figures["party_alone"] = figure(
        sum(promises for kinds, promises in cited if kinds == {"party"}),
        "Promises for which only the parties themselves are cited.",
        f"{address}&source_independence=party" + "".join(f"&source_independence__ne={kind}" for kind in others),
    )
    return figures


VIEW = View(
    name="scorecard",
    summary="How many promises were kept",
    description=(
        "Promises by completion, by year, theme, party and meeting; what is overdue, stale or never reported on; how "
        "concrete promises are; how many independent publishers stand behind them; whether each dialogue meets as "
        "often as it was to. Each figure says how it is defined, and its `list` returns exactly the records behind it."
    ),
    model=Scorecard,
    build=build,
    draw=picture.draw,
)
