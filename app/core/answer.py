"""Answers: bytes made once, with the headers that every reading answer has."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import orjson
from fastapi.responses import Response

from app.core import etag
from app.core.visibility import Viewer

PUBLIC = "public, max-age=0, s-maxage=10, stale-while-revalidate=60"
PRIVATE = "private, no-store"
VARY = "Accept, Authorization"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


def dump(value: Any) -> bytes:
    """JSON: UTF-8, times in UTC with Z."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)


def cache_control(viewer: Viewer) -> str:
    """Who may keep an answer: anybody what everybody sees, nobody what a key sees."""
    return PUBLIC if viewer.public else PRIVATE


def json_answer(
    value: Any,
    viewer: Viewer,
    *,
    status: int = 200,
    revision: int | None = None,
    modified: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON answer with its entity tag."""
    body = dump(value)
    all_headers = {
        "ETag": etag.make(body, revision),
        "Cache-Control": cache_control(viewer),
        "Vary": VARY,
        **(headers or {}),
    }
    if modified is not None:
        all_headers["Last-Modified"] = format_datetime(modified, usegmt=True)
    return Response(body, status, all_headers, media_type="application/json")
