"""Which of the formats that there are a response has: what the ``Accept`` header prefers."""

import re
from collections.abc import Mapping, Sequence

from app.errors import NotAcceptable
from app.formats import FORMATS

MEDIA_TYPES: Mapping[str, tuple[str, ...]] = {
    **{name: each.media_types for name, each in FORMATS.items()},
    "html": ("text/html",),
    "svg": ("image/svg+xml",),
    "events": ("text/event-stream",),
}
"""The media types that mean a form of a response, files or not; the first is what it is sent as."""

EVENTS = MEDIA_TYPES["events"][0]

_FOR_PROGRAMS = ("/v1", "/static", "/openapi", "/.well-known", "/healthz", "/readyz", "/metrics", "/mcp", "/oembed")


def is_page(path: str) -> bool:
    """Whether a path is of the pages for people, and not of what programs read."""
    return not path.startswith(_FOR_PROGRAMS)


_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def weight_of(text: str) -> float:
    """A weight as RFC 9110 has it, from 0 to 1; anything else counts for nothing."""
    return float(text) if _WEIGHT.fullmatch(text) else 0.0


def _ranges(accept: str) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = weight_of(parameter[2:].strip())
        if media:
            found.append((media, weight))
    return found


def _weight(media: str, ranges: list[tuple[str, float]]) -> float:
    """What a header makes of a media type: its most specific range decides."""
    kind = media.partition("/")[0]
    for pattern in (media, f"{kind}/*", "*/*"):
        for range_, weight in ranges:
            if range_ == pattern:
                return weight
    return 0.0


def choose(
    accept: str | None,
    available: Sequence[str],
    media_types: Mapping[str, Sequence[str]] = MEDIA_TYPES,
) -> str:
    """The format to respond in, of those available; the first of them where the client does not mind."""
    if not accept:
        return available[0]
    ranges = _ranges(accept)
    weights = {name: max(_weight(media, ranges) for media in media_types[name]) for name in available}
    best = max(available, key=lambda name: weights[name])
    if weights[best] <= 0:
        known = ", ".join(media_types[name][0] for name in available)
        raise NotAcceptable(f"Available here: {known}.")
    return best
