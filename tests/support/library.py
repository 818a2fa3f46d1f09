"""A register that nobody changes: a part of the bundled ones, with some records of every resource in every state added.

What its lists must give can therefore be worked out once, from all of its records.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.core.relations import Many
from app.core.resource import Resource
from app.resources import ALL, CATALOGUE
from app.settings import Settings
from tests.support.paging import records
from tests.support.problems import assert_problem
from tests.support.samples import Samples
from tests.support.server import Server, running

PUBLISHED = 6
DRAFTS = 2

Record = dict[str, Any]


@dataclass
class Library:
    """A server that is only read, a client that sees what everybody sees, and one that sees drafts as well."""

    server: Server
    anonymous: httpx.Client
    editor: httpx.Client
    _read: dict[tuple[str, bool], list[Record]] = field(default_factory=dict)

    def records(self, resource: Resource, *, drafts: bool = False) -> list[Record]:
        """Every record of a resource, as everybody sees it, or as an editor does."""
        key = (resource.name, drafts)
        if key not in self._read:
            client = self.editor if drafts else self.anonymous
            self._read[key] = records(client, f"/v1/{resource.name}", [("limit", "200"), ("sort", "slug")])
        return self._read[key]

    def by_id(self, resource: Resource, *, drafts: bool = False) -> dict[str, Record]:
        """The same by id."""
        return {record["id"]: record for record in self.records(resource, drafts=drafts)}


def prepare(client: httpx.Client) -> None:
    """Hold every error that a client meets against RFC 9457; have answers plain where a test asks for nothing else."""
    client.event_hooks = {"response": [assert_problem]}
    client.headers["Accept-Encoding"] = "identity"


def _add_records(samples: Samples) -> None:
    """Add records of every resource: with every field and with few, drafts, withdrawn ones, and links to drafts."""
    drafts: dict[str, str] = {}
    for resource in ALL:
        for number in range(PUBLISHED):
            samples.published(resource, number=number)
        for number in range(DRAFTS):
            drafts[resource.name] = samples.create(resource, number=PUBLISHED + number).slug
        samples.published(resource, full=False, **_links_to(drafts, resource))
        gone = samples.published(resource, full=False)
        samples.client.delete(gone.path, headers=gone.if_match)


def _links_to(drafts: dict[str, str], resource: Resource) -> dict[str, Any]:
    """Every plain list of references of a resource, leading to a draft."""
    plain = [each for each in resource.relations if isinstance(each, Many) and each.writable and each.item is None]
    return {each.field: [drafts[CATALOGUE.of(each.target).name]] for each in plain}


def stock(settings: Settings) -> None:
    """Add to a register what makes it a library."""
    with running(settings) as server, server.client(**server.authorization) as editor:
        prepare(editor)
        _add_records(Samples(editor))


@contextmanager
def library_on(settings: Settings) -> Iterator[Library]:
    """Run a library that has been stocked until the end of the block."""
    with (
        running(settings) as server,
        server.client() as anonymous,
        server.client(**server.authorization) as editor,
    ):
        for client in (anonymous, editor):
            prepare(client)
        yield Library(server, anonymous, editor)
