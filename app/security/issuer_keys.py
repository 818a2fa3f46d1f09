"""The keys of the identity provider, kept: quick at hand, and asked for anew no more often than needed."""

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait

from jwt import PyJWK

from app.errors import Unavailable
from app.security.discovery import KeySet, KeysUnreadable

log = logging.getLogger("followthrough.security")

FRESH = 600.0
"""How long keys are taken for those that the issuer lists, in seconds; one that it withdraws ends by then."""
AHEAD = 480.0
"""From which age on they are asked for anew behind the requests, so that none has to wait."""
PAUSE = 30.0
"""Least time between two times of asking, whatever comes: made-up key ids must not make us a burden to the issuer."""
LAST = 24 * 3600.0
"""How long the last keys known serve while the issuer is out of reach."""


class IssuerKeys:
    """The keys of an issuer, shared by all threads of the process.

    They are read in a thread of their own, one at a time. Requests wait for it only while nothing says that the issuer
    is out of reach, and before they take a turn or a thread (:meth:`pending`): there are few
    (docs/decisions/0008), and an issuer that hangs must not take them.
    """

    def __init__(self, read: Callable[[], KeySet], seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Read with a function that takes at most so many seconds; ages go by a clock in seconds that never turns."""
        self._read = read
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._read_at = -math.inf
        self._tried_at = -math.inf
        self._failed = False
        self._reading: Future[None] | None = None

    def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """The key with an id, for an algorithm; None where the issuer does not list it.

        Raises :class:`app.errors.Unavailable` where that cannot be known, as the issuer does not answer.
        """
        reading = self.pending(kid, algorithm)
        if reading is not None:
            wait((reading,), self._seconds + 1)
        with self._lock:
            return self._decide(kid, algorithm)

    def pending(self, kid: str | None, algorithm: str) -> Future[None] | None:
        """What is to be waited for before a key can be found, if anything. Has the keys read where that is needed."""
        with self._lock:
            now = self._clock()
            key = self._known(kid, algorithm, now)
            if key is not None and now - self._read_at <= AHEAD:
                return None
            patient = not self._failed
            reading = self._begin(now)
        return reading if key is None and patient else None

    def _known(self, kid: str | None, algorithm: str, now: float) -> PyJWK | None:
        age = now - self._read_at
        if self._keys is None or age > (LAST if self._failed else FRESH):
            return None
        return self._keys.find(kid, algorithm)

    def _decide(self, kid: str | None, algorithm: str) -> PyJWK | None:
        now = self._clock()
        key = self._known(kid, algorithm, now)
        if key is None and (self._failed or self._reading is not None):
            wait = 2.0 if self._reading is not None else PAUSE - (now - self._tried_at)
            raise Unavailable(
                "The identity provider does not answer, so the token cannot be checked.",
                retry_after=max(1, math.ceil(wait)),
            )
        return key

    def _begin(self, now: float) -> Future[None] | None:
        """Have the keys read, unless they are being read or were a moment ago; what to wait for, if anything."""
        if self._reading is not None or now - self._tried_at < PAUSE:
            return self._reading
        self._tried_at = now
        reading: Future[None] = Future()
        try:
            # A daemon: the end of the process need not wait for a response that nobody wants any more.
            threading.Thread(target=self._run, args=(reading, now), name="issuer-keys", daemon=True).start()
        except RuntimeError:
            self._failed = True
            return None
        self._reading = reading
        return reading

    def _run(self, reading: Future[None], begun: float) -> None:
        keys: KeySet | None = None
        try:
            keys = self._read()
        except KeysUnreadable as error:
            log.warning("the keys of the identity provider cannot be read: %s", error)
        except Exception:
            log.exception("the keys of the identity provider cannot be read")
        with self._lock:
            self._failed = keys is None
            if keys is not None:
                self._keys, self._read_at = keys, begun
            self._reading = None
        reading.set_result(None)
