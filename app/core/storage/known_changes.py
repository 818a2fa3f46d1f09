"""What a process knows of the changes of the register, and since when: what decides which standbys keep up."""

import threading
from collections import deque


class KnownChanges:
    """When this process came to know of which change, and so what must be in a snapshot that it reads."""

    def __init__(self, seconds: float) -> None:
        """A snapshot must have what has been known for so many seconds."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self._found: deque[tuple[int, float]] = deque()
        """Numbers of last changes, each with a moment after which it was made."""
        self._looked_at = float("-inf")
        self._own = 0
        """The number that the register had with the last change made here."""

    def looked(self, number: int, begun: float) -> None:
        """Take note of a look at the primary: the number of its last change, and when the look began (monotonic)."""
        with self._lock:
            if self._found and number < self._found[-1][0]:
                # The primary went back: to a backup, or to a standby that had not come as far.
                self._found.clear()
                self._own, self._looked_at = 0, float("-inf")
            if not self._found or number != self._found[-1][0]:
                self._found.append((number, self._looked_at))
            self._looked_at = begun

    def changed_here(self, number: int) -> None:
        """Take note that this process made the change of a number."""
        with self._lock:
            self._own = max(self._own, number)

    @property
    def last(self) -> int | None:
        """The number of the last change that is known."""
        with self._lock:
            return max(self._found[-1][0], self._own) if self._found else None

    def demanded(self, now: float, *, own: bool = False) -> int | None:
        """The number that a snapshot of this moment (monotonic) must have come to; None while that is not known.

        What is read must have this process's own changes. A standby that has not got one yet does not lag for that.
        """
        before = now - self._seconds
        with self._lock:
            while len(self._found) > 1 and self._found[1][1] <= before:
                self._found.popleft()
            if not self._found:
                return None
            number, since = self._found[0]
            return max(number if since <= before else 0, self._own if own else 0)
