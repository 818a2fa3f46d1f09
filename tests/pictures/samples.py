"""Views to draw: of nothing, of one promise, of hundreds, and with text that nobody would choose."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import cycle
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from app.pictures import graph, scorecard, timeline
from app.resources.completion import Completion
from app.resources.dialogues import DialogueLevel
from app.views.graph import Graph
from app.views.scorecard import Scorecard
from app.views.timeline import Timeline

TODAY = date(2026, 11, 22)
DRAWINGS = {"scorecard": scorecard.draw, "timeline": timeline.draw, "graph": graph.draw}
MODELS: Mapping[str, type[BaseModel]] = {"scorecard": Scorecard, "timeline": Timeline, "graph": Graph}

PRECISIONS = (10, 7, 4)
"""Characters of a date that is known to the day, the month or the year."""

PLAIN = (
    "Lift two-way trade to 50 billion dollars by 2030",
    "Hold a regular dialogue of vice ministers of foreign affairs and of defence, and report on it to both parliaments",
    "Make visas simpler",
    "Swap certificates of origin by electronic means",
)
HOSTILE = (
    "</text></svg><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)> & &amp; ]]> <!-- -->",
    "\u202eturned round\u202d and never turned back",
    "التزام برفع حجم التجارة بين البلدين إلى خمسين مليار دولار بحلول عام 2030 والمراجعة كل سنة",
    "התחייבות להכפיל את הסחר בין שתי המדינות עד סוף העשור ולדווח על כך מדי שנה בשנה",
    "二〇三〇年までに両国間の貿易額を五百億ドルに引き上げ毎年その進捗を両国の議会に報告すること",
    "양국 간 교역액을 2030년까지 500억 달러로 늘리고 해마다 그 진척을 양국 의회에 보고한다",
    "दोनों देशों के बीच व्यापार को पचास अरब डॉलर तक ले जाना और हर वर्ष इसकी सूचना संसद को देना",
    "W" * 200,
    "\ufdfd" * 40,
    "👩‍👩‍👧‍👦🇰🇷🇮🇳" * 15,
    "e\u0301" * 100,
    "a" + "\u0301" * 60,
    "\u200b",
    "\u0e33" * 50 + "\u2028\u2029\x85",
)


def sample_view(name: str, promises: int, titles: tuple[str, ...] = PLAIN) -> dict[str, Any]:
    """A view of so many promises, as its model has it."""
    view = {"scorecard": _scorecard, "timeline": _timeline, "graph": _graph}[name](promises, cycle(titles))
    if titles is PLAIN:
        # Some of the others are no titles that the register takes today; what it took before is still to be drawn.
        MODELS[name].model_validate(view)
    return view


def _head(titles: Iterator[str]) -> dict[str, Any]:
    return {"partnership": _ref(0, "here-and-there", next(titles)), "as_of": TODAY}


def _ref(number: int, slug: str, title: str) -> dict[str, Any]:
    return {"id": UUID(int=number), "slug": slug, "title": title}


def _terms(promises: int) -> list[str]:
    terms = [term.value for term in reversed(Completion)]
    return [terms[number % len(terms)] for number in range(promises)]


def _figure(value: float | None) -> dict[str, Any]:
    return {"value": value, "definition": "What it counts.", "list": "/v1/commitments", "of": None}


def _core(promises: int, stored: int, assessed: int) -> dict[str, Any]:
    rate = round(stored / assessed, 4) if assessed else None
    reported = {
        "promises": promises,
        "assessed": assessed,
        "kept": stored,
        "follow_through_rate": rate,
        "overdue": stored,
    }
    return {name: _figure(value) for name, value in reported.items()}


def _scorecard(promises: int, titles: Iterator[str]) -> dict[str, Any]:
    terms = _terms(promises)
    stored, assessed = terms.count("complete"), promises - terms.count("not_assessed")
    others = {
        "with_deadline": promises,
        "unreported": promises // 2,
        "verifiable": promises,
        "stale": promises // 3,
        "mean_concreteness": 2.5 if promises else None,
        "mean_slippage_days": 1500.0 if promises > 1 else None,
    }
    groups = [
        {"key": f"theme-{number}", "title": next(titles), "figures": _core(max(promises // (number + 1), 1), 1, 1)}
        for number in range(min(promises, 30))
    ]
    return {
        **_head(titles),
        "figures": {**_core(promises, stored, assessed), **{name: _figure(value) for name, value in others.items()}},
        "completion": {term.value: _figure(terms.count(term.value)) for term in Completion},
        "concreteness": {str(marks): _figure(promises // 5) for marks in range(5)},
        "independent_sources": {name: _figure(promises // 3) for name in ("none", "one", "two_or_more")},
        "independence": {},
        "by_year": [],
        "by_theme": groups,
        "by_party": [],
        "by_meeting": [],
        "cadence": [_rhythm(number, next(titles)) for number in range(min(promises, 40))],
    }


def _rhythm(number: int, title: str) -> dict[str, Any]:
    held, interval = number % 4, (None, 12, 6, 600)[number % 4 if number < 20 else 0]
    since = 7.5 * number if held else None
    return {
        "dialogue": _ref(number, f"dialogue-{number}", title),
        "promised_interval_months": interval,
        "held": _figure(held),
        "mean_gap_months": 20.5 + number if held > 1 else None,
        "longest_gap_months": 40.0 + number if held > 1 else None,
        "last_held_on": str(TODAY)[: PRECISIONS[number % len(PRECISIONS)]] if held else None,
        "months_since_last": since,
        "on_time": since <= interval if since is not None and interval is not None else None,
    }


def _timeline(promises: int, titles: Iterator[str]) -> dict[str, Any]:
    head, events = _head(titles), []
    levels = list(DialogueLevel)
    for number, term in enumerate(_terms(promises)):
        record = {"type": "commitment", **_ref(number + 1, f"promise-{number}", next(titles))}
        commitment = {name: record[name] for name in ("id", "slug", "title")}
        start = date(2004, 3, 1) + timedelta(days=31 * number)
        known = PRECISIONS[number % len(PRECISIONS)]

        def on(days: int, start: date = start, known: int = known) -> str:
            return str(start + timedelta(days=days))[:known]

        before = _ref(number, f"promise-{number - 1}", "Before") if number % 5 in (1, 2) else None
        events.append(_event(on(0), "promise_restated" if before else "promise_made", record, term, restates=before))
        if number % 3:
            events.append(_event(on(500), "promise_due", record, term))
        reported = {"type": "update", **_ref(9000 + number, f"update-{number}", f"update-{number}")}
        events.append(_event(on(200), "update", reported, "limited", commitment))
        step = {"type": "milestone", **_ref(8000 + number, f"step-{number}", next(titles))}
        events.append(_event(on(300), "milestone_due", step, "scheduled", commitment))
        meeting = {"type": "meeting", **_ref(7000 + number, f"meeting-{number}", next(titles))}
        status = ("held", "planned", "postponed", "cancelled")[number % 4]
        events.append(_event(on(0), "meeting", meeting, status, level=levels[number % len(levels)].value))
    if promises > 100:
        far = {"type": "commitment", **_ref(6000, "for-ever", next(titles))}
        events += [
            _event("0001-01-01", "promise_made", far, "limited"),
            _event("9999-12-31", "promise_due", far, "limited"),
        ]
    events.sort(key=lambda event: event["date"])
    return {**head, "data": events, "next": None, "next_cursor": None}


def _event(
    day: str,
    kind: str,
    record: dict[str, Any],
    status: str | None,
    commitment: dict[str, Any] | None = None,
    level: str | None = None,
    restates: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "date": day,
        "kind": kind,
        "record": record,
        "status": status,
        "level": level,
        "restates": restates,
        "commitment": commitment,
        "text": None,
    }


def _graph(promises: int, titles: Iterator[str]) -> dict[str, Any]:
    head = _head(titles)
    kinds = {
        "challenge": promises // 3,
        "recommendation": promises // 2,
        "commitment": promises,
        "meeting": promises // 2,
        "indicator": promises // 3,
        "stakeholder": promises,
    }
    nodes: dict[str, list[dict[str, Any]]] = {}
    terms = _terms(promises)
    number = 1
    for kind, count in kinds.items():
        for place in range(count):
            status = terms[place] if kind == "commitment" else None
            node = {"type": kind, **_ref(number, f"{kind}-{place}", next(titles)), "status": status, "records": 1}
            nodes.setdefault(kind, []).append(node)
            number += 1
    edges = []
    for source, target, kind in (
        ("recommendation", "challenge", "answers"),
        ("commitment", "recommendation", "answers"),
        ("commitment", "meeting", "made_at"),
        ("commitment", "indicator", "measured_by"),
        ("commitment", "commitment", "restates"),
    ):
        ends = nodes.get(target, [])
        for place, node in enumerate(nodes.get(source, [])):
            if ends and place % 7:
                edges.append(_edge(node, ends[(place * 5) % len(ends)], kind))
    return {**head, "nodes": [node for each in nodes.values() for node in each], "edges": edges, "summarised": []}


def _edge(source: Mapping[str, Any], target: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {"source": source["id"], "target": target["id"], "kind": kind, "role": None, "ties": 1}
