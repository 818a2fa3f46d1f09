"""Links tried by the server itself, a few at a time, so that each is tried once in so many days."""

import logging
import secrets
from datetime import timedelta

import anyio
import anyio.to_thread
import sqlalchemy as sa

from app.core.clock import now
from app.core.resource import Catalogue
from app.core.storage.database import Database
from app.core.storage.failures import in_words
from app.core.storage.leases import give_back, take
from app.errors import Problem
from app.operations.links.check import Finding, check_links
from app.operations.links.politeness import Politeness
from app.operations.links.record import due, store
from app.outbound import Outbound, agent

log = logging.getLogger("followthrough.links")

_PAUSE_SECONDS = 600.0
_AT_A_TIME = 20
_LEASE = "links"
_LEASE_SECONDS = 3600.0


async def check_repeatedly(database: Database, catalogue: Catalogue) -> None:
    """Try what is due every ten minutes, until cancelled; what fails is tried again with the next."""
    days = database.settings.link_check_days
    holder = secrets.token_hex(8)
    while True:
        await anyio.sleep(_PAUSE_SECONDS)
        try:
            await check_some(database, catalogue, days, holder, Outbound(agent(database.settings.public_url)))
        except (sa.exc.SQLAlchemyError, Problem) as error:
            log.warning("links could not be checked: %s", in_words(error))
        except Exception:
            # A mistake of ours in what runs beside the server is no reason for the server to end.
            log.exception("links could not be checked")


async def check_some(
    database: Database,
    catalogue: Catalogue,
    days: float,
    holder: str,
    outbound: Outbound,
    politeness: Politeness | None = None,
) -> int:
    """Try a few links that are due, unless another process does. Gives how many say something of a source."""
    links = await anyio.to_thread.run_sync(due, database, now() - timedelta(days=days), _AT_A_TIME)
    if not links or not await anyio.to_thread.run_sync(take, database, _LEASE, holder, _LEASE_SECONDS):
        return 0
    findings: list[Finding] = []

    async def found(finding: Finding) -> None:
        findings.append(finding)

    try:
        async with outbound:
            await check_links(links, outbound, found, politeness or Politeness())
        written = await anyio.to_thread.run_sync(store, database, catalogue, findings)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(give_back, database, _LEASE, holder)
    log.info("%d links were checked", written)
    return written
