"""The timeline in words, for whoever cannot see it."""

from collections.abc import Mapping, Sequence

from app.pictures import completion as look
from app.pictures.dates import in_words
from app.pictures.paper import (
    Paper,
    counted,
)
from app.pictures.text import shorten
from app.pictures.timeline.promises import PROMISES, Event, Promise


def promise_in_words(promise: Promise) -> str:
    """A promise in a line."""
    said = [f"{promise.title}: {promise.completion.label.lower()}"]
    if promise.made_on:
        said.append(f"{'restated' if promise.restated else 'made'} {promise.made_on.words}")
    said.append(f"due {promise.due_on.words}" if promise.due_on else "no last day")
    return ", ".join(said)


def described(paper: Paper, promises: Mapping[str, Promise], meetings: Sequence[Event], more: int) -> str:
    """The timeline in sentences."""
    if not promises and not meetings:
        return f"On {in_words(paper.as_of)} the register holds nothing of {paper.partnership} that has a date."
    every = list(promises.values())
    late = [each for each in every if each.late(paper.as_of)]
    counts = [(term, sum(each.completion is term for each in every)) for term in look.ORDER]
    reported = ", ".join(f"{term.label.lower()} {count}" for term, count in counts if count)
    said = [
        f"Meetings and promises of {paper.partnership} along the years, on {in_words(paper.as_of)}.",
        f"{counted(len(every), 'promise')}" + (f": {reported}." if reported else "."),
        f"{sum(each.due_on is not None for each in every)} have a last day; for {len(late)} of them it is past, and "
        f"they are not complete. {sum(each.restated for each in every)} restate an earlier promise.",
        f"{counted(len(meetings), 'meeting')}, {sum(event['status'] == 'held' for event in meetings)} of them held.",
    ]
    if late:
        latest = sorted((each.due_on.last, each.slug, each.title, each.due_on.words) for each in late if each.due_on)
        said.append(
            "Longest past the last day: "
            + "; ".join(f"{shorten(title, 400, 12)} ({due})" for _, _, title, due in latest[:5])
            + "."
        )
    if more:
        said.append(f"The newest {PROMISES} promises are drawn; {more} earlier ones are not.")
    return " ".join(said)
