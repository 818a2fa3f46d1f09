"""The scorecard in words, for whoever cannot see it."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.languages.terms import label_of
from app.languages.texts import gettext
from app.pictures import completion as look
from app.pictures.dates import in_words
from app.pictures.paper import Paper
from app.pictures.scorecard.cadence import DIALOGUES, verdict_on, weight
from app.pictures.scorecard.values import THEMES, of_promises, part_of, percent, whole
from app.pictures.text import shorten


def described(paper: Paper, view: Mapping[str, Any]) -> str:
    """The scorecard in sentences."""
    figures, day = view["figures"], in_words(paper.as_of)
    if not whole(figures["promises"]):
        nothing = gettext("On %(day)s the register holds no promise of %(partnership)s.")
        return nothing % {"day": day, "partnership": paper.partnership}
    summary = gettext(
        "On %(day)s: %(promises)s, %(kept)s of them kept; follow-through rate %(rate)s of %(assessed)s assessed; "
        "%(overdue)s overdue of %(dated)s with a deadline; %(unreported)s on which no stakeholder has reported."
    )
    said = [
        summary
        % {
            "day": day,
            "promises": of_promises(whole(figures["promises"])),
            "kept": whole(figures["kept"]),
            "rate": percent(figures["follow_through_rate"]),
            "assessed": whole(figures["assessed"]),
            "overdue": whole(figures["overdue"]),
            "dated": whole(figures["with_deadline"]),
            "unreported": whole(figures["unreported"]),
        },
        *_lists(view),
    ]
    for rhythm in sorted(view["cadence"], key=weight)[:DIALOGUES]:
        if rhythm["promised_interval_months"]:
            said.append(_rhythm(rhythm))
    return " ".join(said)


def _lists(view: Mapping[str, Any]) -> Iterator[str]:
    """By completion, by theme and by marks, a sentence each."""
    counts = [f"{label_of(each).lower()} {whole(view['completion'][each.value])}" for each in look.ORDER]
    yield gettext("By completion: %(list)s.") % {"list": ", ".join(counts)}
    if view["by_theme"]:
        themes = [(group["title"], group["figures"]) for group in view["by_theme"][:THEMES]]
        kept = [f"{_in_a_line(title)} {part_of(whole(of['kept']), whole(of['promises']))}" for title, of in themes]
        yield gettext("Kept by theme: %(list)s.") % {"list": ", ".join(kept)}
    marked = [f"{part_of(marks, 4)}: {whole(view['concreteness'][str(marks)])}" for marks in (4, 3, 2, 1, 0)]
    yield gettext("By marks of a concrete promise: %(list)s.") % {"list": ", ".join(marked)}


def _rhythm(rhythm: Mapping[str, Any]) -> str:
    """How often a dialogue meets, in a sentence."""
    verdict, rest = verdict_on(rhythm)
    parts = [f"{verdict.lower()}, {rest}"]
    if rhythm["months_since_last"] is not None:
        last = gettext("the last meeting was %(months)s months ago")
        parts.append(last % {"months": f"{rhythm['months_since_last']:.0f}"})
    return f"{_in_a_line(rhythm['dialogue']['title'])}: {'; '.join(parts)}."


def _in_a_line(title: str) -> str:
    """A title within a sentence."""
    return shorten(title, 400, 12)
