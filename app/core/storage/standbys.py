"""Where a read goes: what everybody may see to a streaming standby that keeps up, everything else to the primary.

A standby is behind by a moment, and now and then by more. The permitted lag is a time: a change that this
process has known of for longer than ``FOLLOWTHROUGH_READ_LAG_SECONDS`` must be in it, and so must every change that
this process has made itself. Each reading transaction takes the number of its snapshot's last change, so that the
snapshot itself is checked, and not an earlier look at the standby.

A standby that is away, hangs, lags, was promoted, or cancels a query costs nobody a response. Before anything is read,
the primary is read instead; afterwards StandbyFailed is raised, and whoever made the Attempt makes another one.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from itertools import count
from typing import TypeVar

import sqlalchemy as sa

from app.core.storage.database import Database
from app.core.storage.failures import Failure, failure_of
from app.core.storage.known_changes import KnownChanges
from app.core.storage.postgresql import identity

log = logging.getLogger("followthrough.standbys")

_PAUSE = 0.4
_OLDEST = 1.5
"""A standby that was last seen longer ago than this, in seconds, is not read."""

_TRIED = 2
"""How many standbys are tried before the primary: what one has not replayed yet, another may have."""

Identity = tuple[int, int]

_SLOW = "57014"
_NUMBER = "SELECT seq FROM change_counter"
_LOOK = "SELECT CASE WHEN pg_is_in_recovery() THEN seq END FROM change_counter"
"""A promoted server is not a standby: it has changes of its own, or will have."""


class StandbyFailed(Exception):
    """A standby failed while it was read: what was read is of no use, and the primary can be asked."""


@dataclass
class Attempt:
    """One try at answering a request, by somebody who makes another one from the primary on StandbyFailed."""

    from_primary: bool = False
    """Whether no standby may be read."""
    numbers: set[int] = field(default_factory=set)
    """The last changes of the snapshots of standbys that were read."""


Result = TypeVar("Result")


def tried(work: Callable[[Attempt], Result]) -> Result:
    """Do what reads, and again from the primary where a standby fails."""
    try:
        return work(Attempt())
    except StandbyFailed:
        return work(Attempt(from_primary=True))


class StandbyState(Enum):
    """What a look at a standby found, in words for the log."""

    keeps_up = "keeps up"
    lags = "lags behind; the primary is read instead"
    away = "cannot be read, or is no standby; the primary is read instead"
    foreign = "is of another database; the primary is read instead"


class Standby:
    """A standby, and a thread that looks at it."""

    def __init__(self, name: str, primary: Database, url: str, changes: KnownChanges, known: "PrimaryIdentity") -> None:
        """Start looking. Named in the log and the metrics, where its address is nobody's business."""
        self.name = name
        self._known = known
        self.database = Database(primary.settings.at(url), lock_seconds=primary.lock_seconds)
        self.number: int | None = None
        """The last change that it was seen to have; None: it is away."""
        self._changes = changes
        self._state: StandbyState | None = None
        """None: not known yet, as the primary was not seen."""
        self._checked_at = float("-inf")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_repeatedly, name=f"standby-{name}", daemon=True)
        self._thread.start()

    @property
    def usable(self) -> bool:
        """Whether it kept up when it was last seen, a moment ago."""
        return self._state is StandbyState.keeps_up and time.monotonic() - self._checked_at < _OLDEST

    def lost(self) -> None:
        """Let nobody else try it before it has been seen again."""
        self._checked_at = float("-inf")

    def end(self) -> None:
        """Stop looking; wait with ``close``."""
        self._stop.set()

    def close(self) -> None:
        """Close its connections."""
        self._thread.join(timeout=2)
        self.database.dispose()

    def _look_repeatedly(self) -> None:
        with ExitStack() as connected:
            connection: sa.Connection | None = None
            own: Identity | None = None
            while not self._stop.is_set():
                begun = time.monotonic()
                try:
                    if connection is None:
                        opened = self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                        connection = connected.enter_context(opened)
                        own = identity(connection)
                    self._found(connection.exec_driver_sql(_LOOK).scalar_one(), begun, own)
                except sa.exc.SQLAlchemyError:
                    # Also where it has no such table yet: it was made before the schema, and will follow.
                    connected.close()
                    connection = None
                    self._found(None, begun)
                self._stop.wait(_PAUSE)

    def _found(self, number: int | None, begun: float, own: Identity | None = None) -> None:
        demanded = self._changes.demanded(begun)
        state: StandbyState | None = None
        if number is None:
            state = StandbyState.away
        elif own != self._known.identity:
            # Its numbers say nothing of ours.
            state, number = StandbyState.foreign, None
        elif demanded is not None:
            state = StandbyState.keeps_up if number >= demanded else StandbyState.lags
        if state is not None and state is not self._state and not self._stop.is_set():
            level = logging.INFO if state is StandbyState.keeps_up else logging.WARNING
            log.log(level, "standby %s %s", self.name, state.value)
        self.number, self._state, self._checked_at = number, state, begun


@dataclass
class PrimaryIdentity:
    """Which database the primary's is, as far as it was seen."""

    identity: Identity | None = None


@dataclass
class ReadFigures:
    """How many reading transactions went where, in this process."""

    from_standbys: int = 0
    from_primary: int = 0
    """Of those that could have gone to a standby."""
    failed: int = 0
    """Those of a standby that failed on the way, and were made again."""


class Reads:
    """The primary and its standbys, for reads of what everybody may see."""

    def __init__(self, primary: Database) -> None:
        """Look at the standbys that the settings name; with none of them, everything is read from the primary."""
        settings = primary.settings
        self.figures = ReadFigures()
        self._primary = primary
        self._seconds = settings.read_lag_seconds
        self._changes = KnownChanges(self._seconds)
        self._known = PrimaryIdentity()
        self._turn = count()
        self._lock = threading.Lock()
        self.standbys = [
            Standby(str(place), primary, url, self._changes, self._known)
            for place, url in enumerate(settings.read_database_urls, start=1)
        ]
        # How far the primary is, is noted by what looks at it anyway: see freshness.
        self.looked, self.changed_here = self._changes.looked, self._changes.changed_here
        primary.numbers_changes = bool(self.standbys)

    def connected(self, primary: sa.Connection) -> None:
        """Take note of who the primary is, from a new connection to it."""
        if self.standbys:
            self._known.identity = identity(primary)

    @property
    def usable(self) -> list[Standby]:
        """The standbys that can be read now, as far as is known."""
        return [each for each in self.standbys if each.usable]

    def behind(self, standby: Standby) -> int | None:
        """How many changes a standby lacks, as it was last seen; None where that is not known."""
        last, number = self._changes.last, standby.number
        return None if last is None or number is None else max(0, last - number)

    def has_all_until(self, moment: datetime, now: datetime) -> bool:
        """Whether any standby that is read has all that was changed until a moment of the past."""
        return moment <= now - timedelta(seconds=self._seconds + _OLDEST)

    @contextmanager
    def reading(self, attempt: Attempt | None) -> Iterator[sa.Connection]:
        """A reading transaction; from the primary where there is nobody to make another attempt.

        Raises StandbyFailed where a standby fails on the way.
        """
        if attempt is None or not self.standbys:
            with self._primary.reading() as connection:
                yield connection
            return
        transaction = ExitStack()
        opened = None if attempt.from_primary else self._open(transaction)
        if opened is None:
            self._count("from_primary")
            with self._primary.reading() as connection:
                yield connection
            return
        standby, connection, number = opened
        self._count("from_standbys")
        attempt.numbers.add(number)
        begun = time.monotonic()
        try:
            with transaction:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            if self._took_too_long(error, time.monotonic() - begun):
                raise
            self._note(standby, error)
            raise StandbyFailed from error

    def close(self) -> None:
        """Stop looking at the standbys, and close their connections."""
        for each in self.standbys:
            each.end()
        for each in self.standbys:
            each.close()

    def _open(self, transaction: ExitStack) -> tuple[Standby, sa.Connection, int] | None:
        """A transaction on a standby, and the last change in its snapshot; None: on none of those that were tried."""
        usable, first = self.usable, next(self._turn)
        for place in range(min(len(usable), _TRIED)):
            standby = usable[(first + place) % len(usable)]
            try:
                with ExitStack() as opening:
                    connection = opening.enter_context(standby.database.reading())
                    number: int = connection.exec_driver_sql(_NUMBER).scalar_one()
                    demanded = self._changes.demanded(time.monotonic(), own=True)
                    if demanded is not None and number >= demanded:
                        transaction.push(opening.pop_all())
                        return standby, connection, number
            except sa.exc.SQLAlchemyError as error:
                self._note(standby, error)
        return None

    def _took_too_long(self, error: sa.exc.SQLAlchemyError, seconds: float) -> bool:
        """Whether a query reached its own limit, which it would on the primary as well.

        A conflict with what is replayed can cancel a query under the same code, but before that.
        """
        return (
            isinstance(error, sa.exc.DBAPIError)
            and getattr(error.orig, "sqlstate", None) == _SLOW
            and seconds >= self._primary.settings.query_seconds
        )

    def _note(self, standby: Standby, error: sa.exc.SQLAlchemyError) -> None:
        """Take note of a failure. A standby whose query was cancelled by replay stays usable."""
        self._count("failed")
        away = isinstance(error, sa.exc.DBAPIError) and failure_of(error) is Failure.away
        if away:
            standby.lost()
        code = getattr(getattr(error, "orig", None), "sqlstate", None)
        log.warning("standby %s failed (%s); the primary is read instead", standby.name, code or type(error).__name__)

    def _count(self, figure: str) -> None:
        with self._lock:
            setattr(self.figures, figure, getattr(self.figures, figure) + 1)
