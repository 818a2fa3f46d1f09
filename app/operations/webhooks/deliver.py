"""Delivering: one subscription after the other to each receiver, in order, until it takes what it is sent.

Of several processes one delivers for a subscription at a time, by a lease. A change that a receiver does not take is
tried again, later and later, for three days; then the subscription is disabled, and nothing of it is lost.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import sqlalchemy as sa
from anyio.abc import TaskGroup

from app.api.changes.feed import FeedQuery, Part, last_number, read_feed
from app.core.clock import Clock, now
from app.core.reading.reader import Reader
from app.core.resource import Catalogue
from app.core.storage.database import Database
from app.core.storage.failures import in_words
from app.core.storage.leases import give_back, take
from app.core.visibility import ANONYMOUS
from app.errors import Problem
from app.operations.webhooks import store
from app.operations.webhooks.messages import Message, Result, change_message, send, test_message
from app.operations.webhooks.store import DeliveryState
from app.setting_values import networks

if TYPE_CHECKING:
    from app.outbound import Outbound

log = logging.getLogger("followthrough.webhooks")

Row = Mapping[str, Any]

BACK_OFF = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200))
"""How long is waited after each failure; the last one stays."""
GIVEN_UP_AFTER = timedelta(days=3)
_LEASE_SECONDS = 20.0
_LOOK_SECONDS = 0.5
_OTHERS_SECONDS = 5.0
"""How often another process's doings are looked for where they do not show by themselves."""
_PART = 50
_AT_ONCE = 8
_RECORD_TRIES = 5
_TURN_SECONDS = 20.0
"""How long changes are sent to one receiver while others wait."""


class Deliverer:
    """Delivers for every subscription of a register."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        version: Callable[[], Hashable | None],
        outbound: "Callable[..., Outbound] | None" = None,
        clock: Clock = now,
    ) -> None:
        """Look for work whenever the version differs."""
        self._database = database
        self._catalogue = catalogue
        self._version = version
        self._outbound = outbound
        self._clock = clock
        self._holder = secrets.token_hex(8)
        self._nothing_until: dict[str, tuple[Hashable, int]] = {}
        """Up to which change a subscription, as it then was, has nothing to send."""
        self._served: set[str] = set()
        self._turns = anyio.CapacityLimiter(_AT_ONCE)
        self._failing = False

    async def run(self) -> None:
        """Deliver until cancelled; what fails is tried again, and told once."""
        version_sent: Hashable | None = None
        idle = 0.0
        async with anyio.create_task_group() as tasks:
            while True:
                version = self._version()
                idle += _LOOK_SECONDS
                changed = version is not None and version != version_sent
                if idle >= _OTHERS_SECONDS or (changed and not self._failing):
                    version_sent, idle = version, 0.0
                    await self._tried(partial(self._begin, tasks))
                await anyio.sleep(_LOOK_SECONDS)

    async def deliver(self) -> None:
        """Send whatever is due now."""
        async with anyio.create_task_group() as tasks:
            await self._tried(partial(self._begin, tasks))

    async def _begin(self, tasks: TaskGroup) -> None:
        """Begin to serve every subscription with something to send, but for those that are served already.

        Nobody waits for their end: a receiver that is slow has its own changes late, and no others'.
        """
        for id_ in await anyio.to_thread.run_sync(self._due):
            if id_ not in self._served:
                self._served.add(id_)
                tasks.start_soon(self._serve_in_turn, id_)

    async def _serve_in_turn(self, id_: str) -> None:
        try:
            async with self._turns, self._client() as outbound:
                await self._tried(partial(self._serve, id_, outbound))
        finally:
            self._served.discard(id_)

    async def _tried(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something; what goes wrong with it is told once, until something goes well again."""
        try:
            await work()
        except (sa.exc.SQLAlchemyError, Problem) as error:
            if not self._failing:
                log.warning("webhooks cannot be delivered: %s", in_words(error))
            self._failing = True
        except Exception:
            # A mistake of ours in what runs beside the server is no reason for the server to end.
            log.exception("webhooks cannot be delivered")
            self._failing = True
        else:
            self._failing = False

    def _client(self) -> "Outbound":
        # Takes a while to import, which only those who use it shall wait for.
        from app.outbound import Outbound, agent

        settings = self._database.settings
        make = self._outbound or Outbound
        return make(agent(settings.public_url), allowed=networks(settings.webhook_networks))

    # -- what is due -------------------------------------------------------------------------------------------------

    def _due(self) -> list[str]:
        """The subscriptions with something to send now."""
        with self._database.reading() as connection:
            return [row["id"] for row in store.every(connection) if self._has_work(connection, row)]

    def _has_work(self, connection: sa.Connection, webhook: Row) -> bool:
        if store.pending(connection, webhook["id"]):
            return True
        if not webhook["enabled"] or (webhook["next_attempt_at"] or self._clock()) > self._clock():
            return False
        last = last_number(connection)
        position = (webhook["delivered_seq"], tuple(webhook["resources"]), webhook["partnership"])
        known, until = self._nothing_until.get(webhook["id"], (None, 0))
        since = until if known == position else webhook["delivered_seq"]
        if last <= since:
            return False
        if self._read(connection, webhook, since, 1).entries:
            return True
        self._nothing_until[webhook["id"]] = (position, last)
        return False

    def _read(self, connection: sa.Connection, webhook: Row, since: int, limit: int) -> Part:
        reader = Reader(connection, self._catalogue, ANONYMOUS, self._clock().date())
        query = FeedQuery(since, limit, tuple(webhook["resources"]), webhook["partnership"])
        return read_feed(reader, query)

    # -- one subscription --------------------------------------------------------------------------------------------

    async def _serve(self, id_: str, outbound: "Outbound") -> None:
        lease = f"webhook {id_}"
        if not await anyio.to_thread.run_sync(take, self._database, lease, self._holder, _LEASE_SECONDS):
            return
        try:
            await self._send_requested(id_, lease, outbound)
            # Then others have a turn, as many as may wait for one.
            end = anyio.current_time() + _TURN_SECONDS
            while await self._send_part(id_, lease, outbound, end):
                pass
        finally:
            with anyio.CancelScope(shield=True), suppress(sa.exc.SQLAlchemyError):
                await anyio.to_thread.run_sync(give_back, self._database, lease, self._holder)

    async def _send_requested(self, id_: str, lease: str, outbound: "Outbound") -> None:
        """Send what an admin has asked for, once."""
        webhook, requested = await anyio.to_thread.run_sync(self._requested, id_)
        for delivery in requested:
            if webhook is None or not await self._renew(lease):
                return
            message = await anyio.to_thread.run_sync(self._message_of, webhook, delivery)
            result = await send(webhook, message, outbound, self._clock())
            state = DeliveryState.delivered if result.taken else DeliveryState.failed
            await self._record(partial(store.settle, id_=delivery["id"], state=state, result=result.logged))

    async def _send_part(self, id_: str, lease: str, outbound: "Outbound", end: float) -> bool:
        """Send some changes in order; says whether there may be more to send now."""
        webhook, part = await anyio.to_thread.run_sync(self._next_part, id_)
        if webhook is None or part is None:
            return False
        for entry in part.entries:
            if anyio.current_time() > end or not await self._renew(lease):
                return False
            message = change_message(webhook, entry)
            result = await send(webhook, message, outbound, self._clock())
            await self._record(partial(self._note, webhook=webhook, seq=entry["seq"], message=message, result=result))
            if not result.taken:
                return False
        return part.more

    def _requested(self, id_: str) -> tuple[Row | None, Sequence[Row]]:
        with self._database.reading() as connection:
            return store.whole(connection, id_), store.pending(connection, id_)

    def _next_part(self, id_: str) -> tuple[Row | None, Part | None]:
        with self._database.reading() as connection:
            webhook = store.whole(connection, id_)
            if webhook is None or not webhook["enabled"]:
                return None, None
            if webhook["next_attempt_at"] is not None and webhook["next_attempt_at"] > self._clock():
                return None, None
            return webhook, self._read(connection, webhook, webhook["delivered_seq"], _PART)

    async def _renew(self, lease: str) -> bool:
        """Whether what is sent now is still sent by this process alone."""
        return await anyio.to_thread.run_sync(take, self._database, lease, self._holder, _LEASE_SECONDS)

    def _message_of(self, webhook: Row, delivery: Row) -> Message:
        """The message of a delivery that was asked for: a change, or a test."""
        if delivery["seq"] is None:
            return test_message(delivery)
        with self._database.reading() as connection:
            reader = Reader(connection, self._catalogue, ANONYMOUS, self._clock().date())
            (entry,) = read_feed(reader, FeedQuery(delivery["seq"] - 1, 1)).entries
        return change_message(webhook, entry)

    # -- what came of it ---------------------------------------------------------------------------------------------

    def _note(self, connection: sa.Connection, webhook: Row, seq: int, message: Message, result: Result) -> None:
        state = DeliveryState.delivered if result.taken else DeliveryState.failed
        if result.taken:
            store.took(connection, webhook["id"], seq)
        else:
            at = self._clock()
            wait = max(BACK_OFF[min(webhook["attempts"], len(BACK_OFF) - 1)], timedelta(seconds=result.wait))
            again = at + min(wait, BACK_OFF[-1])
            store.refused(connection, webhook, at, again, _why_not_again(webhook, at, result))
        store.log_attempt(connection, webhook["id"], message.id, seq, state, result.logged)

    async def _record(self, note: Callable[[sa.Connection], None]) -> None:
        """Write something down. What cannot be written would be sent again: so it is tried for a while."""

        def write() -> None:
            with self._database.writing() as connection:
                note(connection)

        for left in reversed(range(_RECORD_TRIES)):
            try:
                await anyio.to_thread.run_sync(write)
            except (sa.exc.SQLAlchemyError, Problem):
                if not left:
                    raise
                await anyio.sleep(1)
            else:
                return


def _why_not_again(webhook: Row, at: datetime, result: Result) -> str | None:
    """Why a subscription is disabled after a failure; None where it is tried again."""
    if result.status == 410:
        return "The receiver answered 410: it wants no more."
    if webhook["failing_since"] is not None and at - webhook["failing_since"] >= GIVEN_UP_AFTER:
        return "The receiver has taken nothing for three days. Enable it again to go on where it stopped."
    return None
