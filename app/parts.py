"""The parts of the application: what is made once when it starts, what runs beside its requests, and how it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import anyio
import anyio.to_thread
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from app import resources
from app.api.context import Context
from app.api.short_way import ShortWays
from app.assistants.routes import AssistantRoutes
from app.collector import collect_less
from app.core.clock import clock_of
from app.core.reading.cursors import Cursors
from app.core.storage.database import SERVER_LOCK_SECONDS, STREAMS, Database
from app.core.storage.freshness import PolledFreshness, SqliteFreshness, freshness_of
from app.core.storage.standbys import Reads
from app.formats import FORMATS
from app.middleware.cached_responses import CachedResponses
from app.middleware.known_heads import KnownHeads
from app.middleware.rate_limits import RateLimits, with_mapped
from app.middleware.request_log import RequestId
from app.operations.background import work_beside
from app.operations.prepare import register_id, secret_of
from app.security.credentials import TokenIssuer, authenticator, demand_writer, issuer_in
from app.security.keys import Keys, note_use_now_and_then
from app.server.access_log import AccessLog
from app.server.connection_limits import connection_limits_of
from app.server.logs import PathDiscretion
from app.server.metrics import Metrics
from app.server.refusals import refusal
from app.server.shutdown import Shutdown
from app.server.telemetry import recorded
from app.settings import Settings

_SPARE = 8
"""Threads for the writer, for credentials, and for what the server does by itself."""


@dataclass(frozen=True)
class Parts:
    """What an application is put together from, each made once and shared."""

    settings: Settings
    database: Database
    reads: Reads
    keys: Keys
    issuer: TokenIssuer | None
    limits: RateLimits
    context: Context
    assistants: AssistantRoutes
    freshness: SqliteFreshness | PolledFreshness
    responses: CachedResponses
    metrics: Metrics
    log: AccessLog
    paths: PathDiscretion
    proxies: list[str]
    known_heads: KnownHeads | None
    ways: ShortWays
    shutdown: Shutdown = field(default_factory=Shutdown)

    @property
    def engines(self) -> list[sa.Engine]:
        """What statements are run on: the engines of the primary and of its standbys."""
        return [self.database.engine, *(each.database.engine for each in self.reads.standbys)]


def parts_of(settings: Settings) -> Parts:
    """The parts of an application on a database that is ready."""
    database = Database(settings, lock_seconds=SERVER_LOCK_SECONDS)
    reads = Reads(database)
    keys, issuer = Keys(database), issuer_in(settings)
    limits = RateLimits(settings)
    context = Context(
        database=database,
        reads=reads,
        catalogue=resources.CATALOGUE,
        cursors=Cursors(settings.secret.get_secret_value() or secret_of(database)),
        authenticate=limits.counting(authenticator(settings, keys, issuer)),
        demand_writer=lambda viewer: demand_writer(viewer, settings, keys),
        clock=clock_of(settings.today),
        formats=FORMATS,
        register_id=register_id(database),
        public_url=settings.public_url,
    )
    freshness = freshness_of(database, reads)
    responses = CachedResponses(freshness, settings.cache_bytes, clock=lambda: context.clock())
    metrics = Metrics(pool=lambda: database.pool, seq=freshness.seq, cache=responses.figures, reads=reads)
    log, paths = AccessLog(), PathDiscretion(settings.admin_token.get_secret_value())
    proxies = with_mapped(settings.trusted_networks)
    quick = settings.short_way and settings.cache_bytes and not recorded()
    return Parts(
        settings=settings,
        database=database,
        reads=reads,
        keys=keys,
        issuer=issuer,
        limits=limits,
        context=context,
        assistants=AssistantRoutes(context, settings.assistant_host_names),
        freshness=freshness,
        responses=responses,
        metrics=metrics,
        log=log,
        paths=paths,
        proxies=proxies,
        known_heads=KnownHeads(responses, limits, metrics, log, paths, proxies) if quick else None,
        ways=ShortWays(context),
    )


@asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[dict[str, object]]:
    """What the application does beside its requests, from its start to its end."""
    collect_less()
    settings, context, freshness = parts.settings, parts.context, parts.freshness
    # Turns decide how many use the database at once: see docs/decisions. Each finds a thread.
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.worker_threads + STREAMS + _SPARE
    async with anyio.create_task_group() as background:
        background.start_soon(note_use_now_and_then, parts.keys)
        background.start_soon(parts.metrics.measure_repeatedly)
        for work in work_beside(context.database, context.catalogue, freshness.version):
            background.start_soon(work)
        parts.assistants.start(background)
        yield {
            "connection_limits": connection_limits_of(settings),
            "shutdown": parts.shutdown,
            "refusal": lambda problem: RequestId(refusal(problem), parts.metrics, parts.paths, parts.log),
            "known_heads": parts.known_heads,
        }
        background.cancel_scope.cancel()
    with suppress(SQLAlchemyError):
        parts.keys.note_use()
    parts.metrics.close()
    parts.log.flush()
    await parts.limits.close()
    freshness.close()
    parts.reads.close()
    parts.database.dispose()
