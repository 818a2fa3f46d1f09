"""Waiting for what another thread or process does: until it has happened, and never for a fixed time."""

import threading
import time
from collections.abc import Callable

SECONDS = 30.0
"""Far more than anything takes on a machine that does nothing else; only a failure takes as long."""

LATE = 15.0
"""Seconds that a machine may be late with what is due at a time. What is told apart by it takes for ever, or half a
minute, where it goes wrong."""


def eventually(holds: Callable[[], bool], within: float = SECONDS) -> float:
    """Wait until something holds; gives the seconds that took, and fails where it takes too long."""
    begun = time.monotonic()
    pause = threading.Event()
    while not holds():
        assert time.monotonic() - begun < within, "it does not come about"
        pause.wait(0.02)
    return time.monotonic() - begun
