"""What the events of a timeline say of each promise, and in which order promises are drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.pictures import completion as look
from app.pictures.dates import Period, period
from app.resources.completion import Completion

PROMISES = 60
"""How many promises are drawn, the newest; the rest are numbered."""


Event = Mapping[str, Any]


@dataclass
class Promise:
    """What the events tell of a promise."""

    slug: str
    title: str
    stands: Completion | None = None
    logged: Completion = Completion.not_assessed
    made_on: Period | None = None
    due_on: Period | None = None
    assessed_on: Period | None = None
    restated: bool = False
    restates: str | None = None
    """The slug of the earlier promise."""
    first: date = date.max
    """The first day that is known of it."""
    updates: set[Period] = field(default_factory=set)
    milestones: dict[Period, bool] = field(default_factory=dict)
    depth: int = 0

    @property
    def completion(self) -> Completion:
        """How far it has come. A promise that has no day of its own is known by its log alone."""
        return self.stands or self.logged

    @property
    def dates(self) -> list[Period]:
        """All that is known of when."""
        return [each for each in (self.made_on, self.due_on, *self.updates, *self.milestones) if each]

    def late(self, today: date) -> bool:
        """Whether its last day is past, and it is not complete."""
        return self.due_on is not None and self.due_on.last < today and self.completion is not Completion.complete


def promises_of(events: Iterable[Event], counted: Iterable[Promise] = ()) -> dict[str, Promise]:
    """The promises that events are about, by slug; and those that are only counted, whose events are not read."""
    found: dict[str, Promise] = {each.slug: each for each in counted}

    def of(reported: Mapping[str, Any], on: Period) -> Promise:
        slug = reported["slug"]
        if slug not in found:
            found[slug] = Promise(slug, reported["title"])
        found[slug].first = min(found[slug].first, on.first)
        return found[slug]

    for event in events:
        kind, on = event["kind"], period(event["date"])
        if kind in ("promise_made", "promise_restated", "promise_due"):
            promise = of(event["record"], on)
            promise.stands = look.term(event["status"])
            if kind == "promise_due":
                promise.due_on = on
            else:
                promise.made_on, promise.restated = on, kind == "promise_restated"
                earlier = event.get("restates")
                promise.restates = earlier["slug"] if earlier else None
        elif event["commitment"]:
            promise = of(event["commitment"], on)
            if kind == "update":
                promise.updates.add(on)
                if event["status"] in look.TERMS:
                    promise.logged = look.term(event["status"])
                    promise.assessed_on = on
            else:
                promise.milestones[on] = kind == "milestone_met"
    return found


def in_chains(promises: Mapping[str, Promise]) -> list[Promise]:
    """By the day they were made; what restates a promise follows it, so that a deadline is seen to slip."""
    ordered = sorted(promises.values(), key=lambda each: (each.first, each.slug))
    followers: dict[str, list[Promise]] = {}
    for each in ordered:
        if each.restates in promises and each.restates != each.slug:
            followers.setdefault(str(each.restates), []).append(each)
    placed: dict[str, Promise] = {}

    def place(start: Promise) -> None:
        waiting = [(start, 0)]
        while waiting:
            each, depth = waiting.pop()
            if each.slug not in placed:
                each.depth = depth
                placed[each.slug] = each
                waiting += [(after, depth + 1) for after in reversed(followers.get(each.slug, ()))]

    for each in ordered:
        if each.restates not in promises:
            place(each)
    for each in ordered:  # what restates itself in a circle has no beginning
        place(each)
    return list(placed.values())


def newest(ordered: Sequence[Promise]) -> tuple[list[Promise], int]:
    """The newest promises, in the order they have, and how many others there are."""
    if len(ordered) <= PROMISES:
        return list(ordered), 0
    latest = {each.slug for each in sorted(ordered, key=lambda each: (each.first, each.slug))[-PROMISES:]}
    return [each for each in ordered if each.slug in latest], len(ordered) - PROMISES
