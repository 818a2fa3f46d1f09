"""Followthrough: an open register of what partner countries promise each other, and what came of it."""

import os
import signal
from typing import NoReturn

__version__ = "0.1.0"

NAME = "Followthrough"

LICENCE = "CC-BY-4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
"""What the register's records can be reused under."""


def end(number: int, frame: object) -> NoReturn:
    """End the process at a signal as an exit does, with everything cleaned up."""
    raise SystemExit(128 + number)


# The first process of a container gets no signal that it does not handle, and most of a start is importing modules. Who
# has decided already what the signal does, as uvicorn has when it imports this, keeps to that.
if os.getpid() == 1 and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
    signal.signal(signal.SIGTERM, end)
