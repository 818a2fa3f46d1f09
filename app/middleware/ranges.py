"""Parts of a file (RFC 9110, section 14): what cannot be understood is ignored, and what is not there is a problem.

Starlette's own files refuse an unknown unit and a range that ends before it begins, where the standard wants both
ignored, and say 416 in plain text.
"""

import re

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem_response, request_id_of
from app.api.responses import HEAD
from app.errors import RangeNotSatisfiable

_SET = re.compile(rb"bytes=\s*((?:[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18})(?:\s*,\s*|$))+", re.IGNORECASE)
_BOTH_ENDS = re.compile(rb"([0-9]+)-([0-9]+)")


class Ranges:
    """ASGI layer between whoever encodes and whoever sends files."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the router."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on: with its Range where that is well-formed, and it is a GET."""
        if scope["type"] != "http" or not any(name == b"range" for name, _ in scope["headers"]):
            await self.app(scope, receive, send)
            return
        ranges = [value for name, value in scope["headers"] if name == b"range"]
        # HEAD comes here as a GET that is marked.
        if scope["method"] != "GET" or HEAD in scope or len(ranges) > 1 or not _well_formed(ranges[0]):
            scope["headers"] = [each for each in scope["headers"] if each[0] != b"range"]
        refused = False

        async def explain(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] == 416:
                refused = True
                size = next((value for name, value in message["headers"] if name == b"content-range"), b"bytes */0")
                problem = RangeNotSatisfiable(headers={"Content-Range": size.decode("latin-1")})
                await problem_response(problem, request_id_of(Request(scope)))(scope, receive, send)
            elif not refused:
                await send(message)

        await self.app(scope, receive, explain)


def _well_formed(value: bytes) -> bool:
    if not _SET.fullmatch(value):
        return False
    return all(int(first) <= int(last) for first, last in _BOTH_ENDS.findall(value))
