"""Registers that read from a standby, and where each of their reads went."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import sqlalchemy as sa
from fastapi.responses import Response

from app.api.read_request import Read
from app.core.storage.standbys import Reads
from app.settings import Settings
from tests.support.postgres import OwnedCluster
from tests.support.register import Register, application
from tests.support.standby import on
from tests.support.waiting import eventually


@contextmanager
def reading(base: Settings, standby: OwnedCluster, **changes: Any) -> Iterator[Register]:
    """A register that reads from the standby, which is usable when the block begins."""
    settings = base.model_copy(update={"read_database_url": on(standby, base.database_url), **changes})
    with application(settings) as register:
        eventually(lambda: len(reads(register).usable) == 1)
        yield register


def reads(register: Register) -> Reads:
    """What decides where a register reads."""
    found: Reads = register.app.state.context.reads
    return found


def places(register: Register, work: Callable[[], object]) -> tuple[int, int, int]:
    """How many transactions went to a standby, to the primary, and failed on a standby, while something was done."""
    figures = reads(register).figures
    before = (figures.from_standbys, figures.from_primary, figures.failed)
    work()
    after = (figures.from_standbys, figures.from_primary, figures.failed)
    return (after[0] - before[0], after[1] - before[1], after[2] - before[2])


def make(register: Register) -> str:
    """Publish a theme. Gives its slug."""
    slug = f"theme-{uuid4().hex}"
    body = {"slug": slug, "name": "N", "state": "published"}
    created = register.request("POST", "/v1/themes", json=body, headers=register.authorization)
    assert created.status_code == 201, created.text
    return slug


def caught_up(register: Register) -> bool:
    """Whether its one standby has every change that it knows of, as was last seen."""
    (standby,) = reads(register).standbys
    return bool(reads(register).behind(standby) == 0)


@dataclass
class Gated:
    """A route that reads from a standby, waits, and reads on."""

    register: Register
    path: str = field(default_factory=lambda: f"/gated-{uuid4().hex}")
    inside: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)

    def add(self, rest: str) -> None:
        """Let the register have it; the rest is the statement that is carried out after the waiting."""

        def gated(read: Read) -> Response:
            place = read.connection.execute(sa.text("SELECT pg_is_in_recovery() FROM theme LIMIT 1")).scalar_one()
            if place:
                self.inside.set()
                assert self.gate.wait(30)
                read.connection.execute(sa.text(rest))
            return Response("from the standby" if place else "from the primary")

        self.register.app.add_api_route(self.path, gated, methods=["GET"])

    def ask(self, meanwhile: Callable[[], object]) -> httpx.Response:
        """Ask for it, and do something while it waits within its transaction."""
        with ThreadPoolExecutor(1) as thread:
            reading = thread.submit(self.register.get, self.path)
            assert self.inside.wait(30)
            try:
                meanwhile()
            finally:
                self.gate.set()
            return reading.result()
