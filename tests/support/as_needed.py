"""What is made when it is first asked for, once for each database."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

Made = TypeVar("Made")


class AsNeeded(dict[str, Made]):
    """One thing for each database, made when it is first asked for; all of them end with the run."""

    def __init__(self, until_end: ExitStack, make: Callable[[str], AbstractContextManager[Made]]) -> None:
        """Keep how to make one, and what ends each."""
        super().__init__()
        self._until_end, self._make = until_end, make

    def __missing__(self, backend: str) -> Made:
        self[backend] = self._until_end.enter_context(self._make(backend))
        return self[backend]
