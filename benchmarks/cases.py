"""What is measured beside others: each case, who answers it by which request, and the ratio to be reached."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.load import Request
from benchmarks.servers import BARE, DATASETTE, EAGER, HOT, OURS, TUTORIAL, Running
from tests.support.databases import ADMIN_TOKEN

RECORD = "promise-1-7"
_LIST = "/v1/commitments?limit=20"
_EMBEDDED = f"{_LIST}&include=meetings"
_SCALARS = "slug,title,kind,completion,due_on"
HOT_PATHS = {"record": f"/v1/commitments/{RECORD}", "list": _LIST, "embedded": _EMBEDDED}


@dataclass(frozen=True)
class Case:
    """A case: the paths by contestant, ours first, and how many times as fast as each of the others ours must be."""

    name: str
    paths: Mapping[str, str]
    goals: Mapping[str, float]
    conditional: bool = False
    creates: bool = field(default=False)

    @property
    def own(self) -> str:
        """Which of our servers it is about."""
        return next(iter(self.paths))


CASES = (
    Case(
        "record by slug, with references",
        {OURS: f"/v1/commitments/{RECORD}", TUTORIAL: f"/commitments/{RECORD}", EAGER: f"/commitments/{RECORD}"},
        {TUTORIAL: 4},
    ),
    Case(
        "list of 20, scalar fields",
        {
            OURS: f"/v1/commitments.json?fields={_SCALARS}&limit=20",
            TUTORIAL: "/scalars/?limit=20",
            DATASETTE: "/register/commitment.json?_size=20&_shape=objects&_sort_desc=made_on&state=published&_nocount=1"
            + "".join(f"&_col={name}" for name in _SCALARS.split(",")),
        },
        {TUTORIAL: 3, DATASETTE: 4},
    ),
    Case(
        "list of 20, with references",
        {OURS: _LIST, TUTORIAL: "/commitments/?limit=20", EAGER: "/commitments/?limit=20"},
        {TUTORIAL: 20},
    ),
    Case(
        "the same, meetings included in full",
        {
            OURS: _EMBEDDED,
            TUTORIAL: "/commitments-with-meetings/?limit=20",
            EAGER: "/commitments-with-meetings/?limit=20",
        },
        {TUTORIAL: 15},
    ),
    Case(
        "q= of three words, scalar fields",
        {
            OURS: f"/v1/commitments.json?q=chips+trade+rice&fields={_SCALARS}&limit=20",
            DATASETTE: "/register/commitment.json?_search=chips+trade+rice&_size=20&_shape=objects&_nocount=1"
            + "".join(f"&_col={name}" for name in _SCALARS.split(",")),
        },
        {DATASETTE: 2},
    ),
    Case(
        "two facets and count",
        {
            OURS: "/v1/commitments?facets=completion,kind&count=true&limit=1",
            DATASETTE: "/register/commitment.json?_facet=completion&_facet=kind&_size=1&_shape=objects&state=published",
        },
        {DATASETTE: 2},
    ),
    Case(
        "create, published, durable",
        {OURS: "/v1/commitments", TUTORIAL: "/commitments/"},
        {TUTORIAL: 1.2},
        creates=True,
    ),
    *(
        Case(f"cached {name}", {HOT: path, BARE: path}, {BARE: goal})
        for (name, path), goal in zip(HOT_PATHS.items(), (0.85, 0.85, 0.85), strict=True)
    ),
    Case("cached 304", {HOT: HOT_PATHS["record"], BARE: HOT_PATHS["record"]}, {BARE: 0.9}, conditional=True),
)


def request_of(case: Case, name: str, server: Running, known: Mapping[str, object]) -> Request:
    """What a contestant is sent; ``known`` has the entity tag of the record, and ids that a new promise can name."""
    url = server.url + case.paths[name]
    if case.conditional:
        return Request(url, headers={"If-None-Match": str(known["tag"])})
    if not case.creates:
        return Request(url)
    body: dict[str, object] = {"title": "Example @", "statement": "Made to be measured.", "kind": "deliverable"}
    headers = {"Content-Type": "application/json"}
    if name == OURS:
        body |= {"state": "published", "partnership": "partnership-0", "themes": ["trade", "ports"]}
        headers["Authorization"] = f"Bearer {ADMIN_TOKEN}"
    else:
        body |= {"slug": "example-@", "partnership_id": known["partnership_id"], "theme_ids": known["theme_ids"]}
    return Request(url, "POST", headers, json.dumps(body))
