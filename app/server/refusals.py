"""Responses that the server gives in place of the application: to what is not HTTP, too much, or too many."""

from collections.abc import Sequence

import uuid_utils
from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.api.problems import problem_response, request_id_of
from app.errors import Problem

_ANY_ORIGIN = ("Access-Control-Allow-Origin", "*")
"""A script of another origin may read why its request was refused, as it may read every other response."""


def refusal(problem: Problem) -> ASGIApp:
    """An application that refuses each request, and closes its connection."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        response = problem_response(problem, request_id_of(Request(scope)))
        response.headers["Connection"] = "close"
        response.headers[_ANY_ORIGIN[0]] = _ANY_ORIGIN[1]
        await response(scope, receive, send)

    return refuse


def written(problem: Problem, default_headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """A whole response to no request in particular, as it goes over the wire; the connection ends after it."""
    request_id = uuid_utils.uuid7().hex
    response = problem_response(problem, request_id)
    response.headers["X-Request-Id"] = request_id
    response.headers["Connection"] = "close"
    response.headers[_ANY_ORIGIN[0]] = _ANY_ORIGIN[1]
    fields = [*default_headers, *response.raw_headers]
    lines = [name + b": " + value + b"\r\n" for name, value in fields]
    return b"".join([STATUS_LINE[problem.status], *lines, b"\r\n", bytes(response.body)])
