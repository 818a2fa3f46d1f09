"""An editor at work on one partnership of a real server: makes what promises need, and changes it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

SOURCE = "aaj-2026"
"""A source of the bundled register."""

Record = dict[str, Any]


def fresh(stem: str) -> str:
    """A slug that nothing else has."""
    return f"{stem}-{uuid4().hex[:12]}"


@dataclass
class Editor:
    """An editor at work on one partnership."""

    client: httpx.Client
    everybody: httpx.Client
    partnership: str = field(default_factory=lambda: fresh("partnership"))

    def post(self, name: str, /, **body: Any) -> httpx.Response:
        """Ask for a published record to be made."""
        return self.client.post(f"/v1/{name}", json={"state": "published", **body})

    def make(self, name: str, /, **body: Any) -> Record:
        """Make a published record."""
        response = self.post(name, **body)
        assert response.status_code == 201, response.text
        created: Record = response.json()
        return created

    def read(self, name: str, slug: str) -> Record:
        """A record as everybody sees it."""
        response = self.everybody.get(f"/v1/{name}/{slug}")
        assert response.status_code == 200, response.text
        shown: Record = response.json()
        return shown

    def change(self, method: str, name: str, slug: str, /, **body: Any) -> httpx.Response:
        """Ask for a change of a record as it now is."""
        path = f"/v1/{name}/{slug}"
        current = {"If-Match": self.client.get(path).headers["etag"]}
        if method == "DELETE":
            return self.client.delete(path, headers=current)
        return self.client.request(method, path, json=body, headers=current)

    def patch(self, name: str, slug: str, /, **body: Any) -> httpx.Response:
        """Ask for some fields of a record to be changed."""
        return self.change("PATCH", name, slug, **body)

    def promise(self, **body: Any) -> str:
        """Make a promise. Gives its slug."""
        given = {"slug": fresh("promise"), "partnership": self.partnership, "title": "A promise", "kind": "target"}
        slug: str = self.make("commitments", **{**given, **body})["slug"]
        return slug

    def milestone(self, promise: str, /, **body: Any) -> str:
        """Make a milestone. Gives its slug."""
        slug: str = self.make("milestones", slug=fresh("step"), commitment=promise, title="A step", **body)["slug"]
        return slug

    def update_body(self, promise: str, occurred_on: str, cited: bool = True, **body: Any) -> Record:
        """What makes an update, with what it sets by name."""
        sets = {name: body.pop(name) for name in ("completion", "lifecycle", "milestone_status") if name in body}
        more = {"citations": [{"source": SOURCE}]} if cited else {}
        given = {"slug": fresh("update"), "commitment": promise, "occurred_on": occurred_on, "narrative": "It went on."}
        return {**given, "sets": sets, **more, **body}

    def update(self, promise: str, occurred_on: str, cited: bool = True, **body: Any) -> str:
        """Make an update. Gives its slug."""
        slug: str = self.make("updates", **self.update_body(promise, occurred_on, cited, **body))["slug"]
        return slug

    def reached(self, promise: str) -> tuple[str, str]:
        """How far a promise has come: completion and lifecycle."""
        shown = self.read("commitments", promise)
        return shown["completion"], shown["lifecycle"]
