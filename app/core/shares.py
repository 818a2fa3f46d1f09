"""Places that are held for as long as a client takes: nobody has all of them, so that others find one."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Shares:
    """So many places."""

    def __init__(self, number: int) -> None:
        """Give so many at once, and of these three quarters to one client, rounded up: a browser wants six at once."""
        self._free = number
        self._each = number - number // 4
        self._held = Counter[str]()
        self._lock = threading.Lock()

    @contextmanager
    def one(self, client: str) -> Iterator[bool]:
        """A place until the end of the block, if there is one for this client; says whether there is."""
        with self._lock:
            found = self._free > 0 and self._held[client] < self._each
            if found:
                self._free -= 1
                self._held[client] += 1
        try:
            yield found
        finally:
            if found:
                self._release(client)

    def _release(self, client: str) -> None:
        with self._lock:
            self._free += 1
            self._held[client] -= 1
            # Only who holds one is remembered.
            self._held += Counter()
