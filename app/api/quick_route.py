"""Routes that a request passes quickly, and that are made when a request first comes near.

The framework asks one route after the other whether it is the one, by a regular expression. With three hundred of them
that took a good part of the time of writing a record. To make them all, each with the signatures of all it depends on,
took a tenth of the start of a server, of which most are asked for few of them.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope


class QuickRoute(APIRoute):
    """A route that looks at first whether a path has what all of its paths have."""

    _made = False

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, methods: Collection[str] | None = None, **options: Any
    ) -> None:
        """Take what the framework gives; it is made a route when something of that is wanted."""
        # What all routes are asked for: to name them in the log, and to say which methods a path takes.
        self.path = self.path_format = path
        self.methods = {method.upper() for method in methods or ("GET",)}
        self._fixed = path.partition("{")[0]
        self._make = partial(super().__init__, path, endpoint, methods=[*self.methods], **options)

    def __getattr__(self, name: str) -> Any:
        """What the route has not yet: it is made now. Where two threads do so, they come to the same."""
        if self._made:
            raise AttributeError(name)
        self._make()
        self._made = True
        return getattr(self, name)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it takes a request."""
        return super().matches(scope) if self._fixed in scope["path"] else (Match.NONE, {})
