"""How times grow with a register: the application by itself, in this process, with its cache off and no network."""

import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from app.settings import Settings
from tests.support.places import TODAY
from tests.support.register import Register, application

GROWS_AT_MOST = 1.5
"""How many times as long as at 10,000 promises a request may take, where it is not one that looks through them all."""

LOOKS_THROUGH_ALL = 1000.0
"""How many milliseconds a request may take that searches, counts or groups all promises."""

_P = "/v1/partnerships/partnership-1"
_TWELVE = "chips+chip+chi+trade+trad+tra+rice+ric+ri+statement+state+of"
_TWELVE_ANYWHERE = "chips+chip+chi+trade+trad+tra+rice+ric+ri+came+cam+of"

BOUNDED: Mapping[str, str] = {
    "record": "/v1/commitments/promise-1-7",
    "list of 20": "/v1/commitments?limit=20",
    "list of 1": "/v1/commitments?limit=1",
    "list of 20, of a partnership": "/v1/commitments?limit=20&partnership=partnership-1",
    "list of 20, by a filter": "/v1/commitments?limit=20&completion=complete",
    "filtered and sorted": "/v1/commitments?limit=20&completion=complete&kind=target&sort=-due_on",
    "sorted by days_overdue, of a partnership": (
        "/v1/commitments.json?limit=20&fields=slug&partnership=partnership-1&sort=-days_overdue"
    ),
    "counts of a partnership, by theme and stakeholder": (
        "/v1/commitments/counts?partnership=partnership-1&by=theme,stakeholder"
    ),
    "facets of a partnership": "/v1/commitments?limit=1&partnership=partnership-1&facets=completion,theme,stakeholder",
    "search of a partnership": "/v1/search?q=chips+trade+rice&partnership=partnership-1",
    "scorecard": f"{_P}/scorecard",
    "gaps": f"{_P}/gaps",
    "graph": f"{_P}/graph",
    "timeline": f"{_P}/timeline",
    "timeline.svg": f"{_P}/timeline.svg",
    "page of a partnership": "/partnerships/partnership-1",
}
"""What looks at a part of the register, of a size that does not depend on that of the register."""

THROUGH_ALL: Mapping[str, str] = {
    "count": "/v1/commitments?limit=1&count=true",
    "count of a filter": "/v1/commitments?limit=1&count=true&completion=complete",
    "counts by completion and kind": "/v1/commitments/counts?by=completion,kind",
    "facets by completion and kind": "/v1/commitments?limit=1&facets=completion,kind",
    "facet by theme": "/v1/commitments?limit=1&facets=theme",
    "facet by stakeholder": "/v1/commitments?limit=1&facets=stakeholder",
    "facet by partnership": "/v1/commitments?limit=1&facets=partnership",
    "counts by completion and theme": "/v1/commitments/counts?by=completion,theme",
    "counts by theme and stakeholder": "/v1/commitments/counts?by=theme,stakeholder",
    "sorted by days_overdue": "/v1/commitments.json?limit=20&fields=slug&sort=-days_overdue",
    "q of 1 word": "/v1/commitments?limit=20&q=chips",
    "q of 3 words": "/v1/commitments?limit=20&q=chips+trade+rice",
    "q of 12 words": f"/v1/commitments?limit=20&q={_TWELVE}",
    "search, 1 word": "/v1/search?q=chips",
    "search, 3 words": "/v1/search?q=chips+trade+rice",
    "search, 12 words": f"/v1/search?q={_TWELVE_ANYWHERE}",
}
"""What the whole register has to be looked through for."""

REQUESTS: Mapping[str, str] = {**BOUNDED, **THROUGH_ALL}

PARTNERSHIP: Mapping[str, str] = {
    **{
        view: f"/v1/partnerships/partnership-0/{view}"
        for view in ("scorecard", "scorecard.svg", "gaps", "timeline", "timeline.svg", "timeline.ics", "graph")
    },
    "graph.svg": "/v1/partnerships/partnership-0/graph.svg",
    "page": "/partnerships/partnership-0",
    "frame of the timeline": "/embed/partnerships/partnership-0/timeline",
}
"""The views and the pages of the partnership that has all promises of its register."""

DEEP = "page 1,000 by cursor"
_PAGES = 45
_PAGE = 200
"""Pages of this size are walked to where page 1,000 of nine begins: further than that, a register of 10,000 ends."""

_ENOUGH = 4000.0
"""A request that takes so many milliseconds is measured once."""


@dataclass(frozen=True)
class Spent:
    """Milliseconds of processor time that a request took, and the size of its answer."""

    milliseconds: float
    size: int
    status: int = 200


def grown(
    settings: Mapping[str, Settings], rounds: int, requests: Mapping[str, str] = REQUESTS
) -> dict[str, dict[str, Spent]]:
    """What each request takes by register: the median of some rounds, after one that builds the statements.

    The registers take turns with each request, so that what else the machine does falls on all alike.
    """
    found: dict[tuple[str, str], list[Spent]] = {}
    with ExitStack() as until_end:
        registers = {}
        for size, each in settings.items():
            limited = each.model_copy(update={"cache_bytes": 0, "query_seconds": 120, "today": TODAY})
            registers[size] = until_end.enter_context(application(limited))
        urls = [(size, name, url) for name, url in requests.items() for size in registers]
        if requests is REQUESTS:
            deep = ((size, DEEP, _deep(register)) for size, register in registers.items())
            urls += [(size, name, url) for size, name, url in deep if url is not None]
        for turn in range(rounds + 1):
            for size, name, url in urls:
                slow = found.get((size, name), ())
                if slow and slow[0].milliseconds > _ENOUGH:
                    continue
                spent = _spent(registers[size], url)
                if turn or spent.milliseconds > _ENOUGH:
                    found.setdefault((size, name), []).append(spent)
    return {size: {name: _median(found[size, name]) for of, name, _ in urls if of == size} for size in registers}


def _median(all_: Sequence[Spent]) -> Spent:
    return Spent(statistics.median(each.milliseconds for each in all_), all_[0].size, all_[0].status)


def _spent(register: Register, url: str) -> Spent:
    begun = time.process_time()
    answer = register.get(url)
    return Spent(1000 * (time.process_time() - begun), len(answer.content), answer.status_code)


def _deep(register: Register) -> str | None:
    """The address of a page far down the list; None where the list is shorter."""
    following: str | None = f"/v1/commitments?limit={_PAGE}"
    for _ in range(_PAGES):
        if following is None:
            return None
        page = register.get(following).json()
        following = page["next"]
    cursor = page["next_cursor"]
    return None if cursor is None else f"/v1/commitments?limit=20&cursor={cursor}"
