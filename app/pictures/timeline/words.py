"""The timeline in words, for whoever cannot see it."""

from collections.abc import Iterator, Mapping, Sequence

from app.languages.terms import label_of
from app.languages.texts import gettext
from app.pictures import completion as look
from app.pictures.dates import in_words
from app.pictures.paper import Paper, numbered
from app.pictures.text import shorten
from app.pictures.timeline.promises import PROMISES, Event, Promise


def promise_in_words(promise: Promise) -> str:
    """A promise in a line."""
    said = [f"{promise.title}: {label_of(promise.completion).lower()}"]
    if promise.made_on:
        pattern = gettext("restated %(day)s") if promise.restated else gettext("made %(day)s")
        said.append(pattern % {"day": promise.made_on.words})
    due = promise.due_on
    said.append(gettext("due %(day)s") % {"day": due.words} if due else gettext("no last day"))
    return ", ".join(said)


def described(paper: Paper, promises: Mapping[str, Promise], meetings: Sequence[Event], more: int) -> str:
    """The timeline in sentences."""
    named = {"day": in_words(paper.as_of), "partnership": paper.partnership}
    if not promises and not meetings:
        return gettext("On %(day)s the register holds nothing of %(partnership)s that has a date.") % named
    said = [gettext("Meetings and promises of %(partnership)s along the years, on %(day)s.") % named]
    said += _sentences(list(promises.values()), paper)
    held = sum(event["status"] == "held" for event in meetings)
    met = numbered(len(meetings), "%(count)s meeting", "%(count)s meetings")
    said.append(gettext("%(meetings)s, %(held)s of them held.") % {"meetings": met, "held": held})
    said += _longest([each for each in promises.values() if each.late(paper.as_of)])
    if more:
        left = gettext("The newest %(shown)s promises are drawn; %(more)s earlier ones are not.")
        said.append(left % {"shown": PROMISES, "more": more})
    return " ".join(said)


def _sentences(every: Sequence[Promise], paper: Paper) -> Iterator[str]:
    """How many promises there are, and what became of them."""
    counts = [(term, sum(each.completion is term for each in every)) for term in look.ORDER]
    reported = ", ".join(f"{label_of(term).lower()} {count}" for term, count in counts if count)
    number = numbered(len(every), "%(count)s promise", "%(count)s promises")
    yield f"{number}: {reported}." if reported else f"{number}."
    sentence = gettext(
        "%(dated)s have a last day; for %(late)s of them it is past, and they are not complete. %(restated)s restate "
        "an earlier promise."
    )
    yield sentence % {
        "dated": sum(each.due_on is not None for each in every),
        "late": sum(each.late(paper.as_of) for each in every),
        "restated": sum(each.restated for each in every),
    }


def _longest(late: Sequence[Promise]) -> Iterator[str]:
    """Those that are past their last day the longest."""
    if late:
        latest = sorted((each.due_on.last, each.slug, each.title, each.due_on.words) for each in late if each.due_on)
        named = "; ".join(f"{shorten(title, 400, 12)} ({due})" for _, _, title, due in latest[:5])
        yield gettext("Longest past the last day: %(list)s.") % {"list": named}
