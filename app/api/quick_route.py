"""Routes that a request passes quickly, and that are made when a request first comes near.

The framework asks one route after the other whether it is the one, by a regular expression. With three hundred of them
that took a good part of the time of writing a record. To make them all, each with the signatures of all it depends on,
took a tenth of the start of a server, of which most are asked for few of them. What responses show is declared as the
framework has it, but no validators are made of it: responses are made by us, and the document has its own schemas.
"""

from collections.abc import Callable, Collection
from functools import partial
from threading import RLock
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

_MAKING = RLock()


class QuickRoute(APIRoute):
    """A route that looks at first whether a path has what all of its paths have."""

    _complete = False

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, methods: Collection[str] | None = None, **options: Any
    ) -> None:
        """Take what the framework gives; it is made a route when something of that is wanted."""
        # What all routes are asked for: to name them in the log, and to say which methods a path takes.
        self.path = self.path_format = path
        self.methods = {method.upper() for method in methods or ("GET",)}
        self._fixed = path.partition("{")[0]
        responses = options.pop("responses", None) or {}
        described = {
            status: {name: each[name] for name in each if name != "model"} for status, each in responses.items()
        }
        self._make = partial(super().__init__, path, endpoint, methods=[*self.methods], responses=described, **options)
        self._declared = responses

    def __getattr__(self, name: str) -> Any:
        """What the route has not yet: it is made now, or has been since it was looked for."""
        # Requests are on the event loop and the document is made in a thread: one of them makes it, the other waits.
        with _MAKING:
            if not self._complete:
                self._make()
                self.responses = self._declared
                self._complete = True
        return object.__getattribute__(self, name)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it takes a request."""
        return super().matches(scope) if self._fixed in scope["path"] else (Match.NONE, {})
