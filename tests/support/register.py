"""The application in this very process, so that a test can watch what it asks of its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import sqlalchemy as sa
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests.support.sent import watched


@dataclass
class Register:
    """An application on a database, without a network in between."""

    app: FastAPI
    settings: Settings
    _portal: BlockingPortal
    _client: httpx.AsyncClient

    @property
    def engine(self) -> sa.Engine:
        """The engine that the application reads and writes with."""
        engine: sa.Engine = self.app.state.context.database.engine
        return engine

    @property
    def authorization(self) -> dict[str, str]:
        """The header of a client that may do everything."""
        return {"Authorization": f"Bearer {self.settings.admin_token.get_secret_value()}"}

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Send a request to the application and wait for its answer."""

        async def send() -> httpx.Response:
            return await self._client.request(method, url, **options)

        return self._portal.call(send)

    def get(self, url: str, **options: Any) -> httpx.Response:
        """Read something."""
        return self.request("GET", url, **options)

    @contextmanager
    def queries(self) -> Iterator["Queries"]:
        """Take down every query that the application sends to its database within the block."""
        current = Queries()
        with watched(self.engine, current.take):
            yield current


@dataclass
class Queries:
    """The queries that were sent, in order."""

    statements: list[str] = field(default_factory=list)

    def take(self, statement: str, parameters: Any) -> None:
        """Keep what reads records: not what opens or limits a transaction, nor what the server looks at by itself."""
        if statement.lstrip("( \n").upper().startswith(("SELECT", "WITH")) and not any(
            f"FROM {table}" in statement for table in ("change_counter", "webhook")
        ):
            self.statements.append(statement)

    def __len__(self) -> int:
        """Count them."""
        return len(self.statements)


@contextmanager
def application(settings: Settings) -> Iterator[Register]:
    """Run an application in a thread of its own until the end of the block."""
    app = create_app(settings)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://register.test", trust_env=False)
        try:
            yield Register(app, settings, portal, client)
        finally:
            portal.call(client.aclose)
