"""How times grow with a register: the application by itself, in this process, with its cache off and no network."""

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

from app.settings import Settings
from tests.support.places import TODAY
from tests.support.register import Register, application

REQUESTS: Mapping[str, str] = {
    "record": "/v1/commitments/promise-1-7",
    "list of 20": "/v1/commitments?limit=20",
    "list of 1": "/v1/commitments?limit=1",
    "list of 20, of a partnership": "/v1/commitments?limit=20&partnership=partnership-1",
    "filtered and sorted": "/v1/commitments?limit=20&completion=complete&kind=target&sort=-due_on",
    "sorted by days_overdue": "/v1/commitments.json?limit=20&fields=slug&partnership=partnership-1&sort=-days_overdue",
    "count": "/v1/commitments?limit=1&count=true",
    "count of a filter": "/v1/commitments?limit=1&count=true&completion=complete",
    "facets": "/v1/commitments?limit=1&facets=completion,kind,theme",
    "q of three words": "/v1/commitments?limit=20&q=chips+trade+rice",
    "search, three words": "/v1/search?q=chips+trade+rice",
    "scorecard": "/v1/partnerships/partnership-1/scorecard",
    "gaps": "/v1/partnerships/partnership-1/gaps",
    "graph": "/v1/partnerships/partnership-1/graph",
    "timeline": "/v1/partnerships/partnership-1/timeline",
}
PARTNERSHIP: Mapping[str, str] = {
    **{
        view: f"/v1/partnerships/partnership-0/{view}"
        for view in ("scorecard", "scorecard.svg", "gaps", "timeline", "timeline.svg", "graph", "graph.svg")
    },
    "page": "/partnerships/partnership-0",
    "frame of the timeline": "/embed/partnerships/partnership-0/timeline",
}
"""The views and the pages of the partnership that has all promises of its register."""

DEEP = "page 400 by cursor"
_PAGES = 40
_PAGE = 200
"""Pages of this size are walked to the place that pages of 20 would come to."""


@dataclass(frozen=True)
class Spent:
    """Milliseconds of processor time that a request took, and the size of its answer."""

    milliseconds: float
    size: int
    status: int = 200


def grown(settings: Settings, rounds: int, requests: Mapping[str, str] = REQUESTS) -> dict[str, Spent]:
    """What each request takes: the median of some rounds, after one that builds the statements."""
    found: dict[str, list[Spent]] = {}
    limited = settings.model_copy(update={"cache_bytes": 0, "query_seconds": 60, "today": TODAY})
    with application(limited) as register:
        every = dict(requests)
        if requests is REQUESTS and (deep := _deep(register)) is not None:
            every[DEEP] = deep
        for turn in range(rounds + 1):
            for name, url in every.items():
                begun = time.process_time()
                answer = register.get(url)
                spent = 1000 * (time.process_time() - begun)
                if turn:
                    found.setdefault(name, []).append(Spent(spent, len(answer.content), answer.status_code))
    return {
        name: Spent(statistics.median(each.milliseconds for each in all_), all_[0].size, all_[0].status)
        for name, all_ in found.items()
    }


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
