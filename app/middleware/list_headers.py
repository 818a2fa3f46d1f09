"""Headers that list their values: several lines of one are one list (RFC 9110, section 5.3)."""

from starlette.types import ASGIApp, Receive, Scope, Send

LISTS = frozenset(
    (
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"cache-control",
        b"connection",
        b"if-match",
        b"if-none-match",
        b"prefer",
    )
)
"""What is joined. A credential, a key or a length that is given twice is refused where it is read."""


class ListHeaders:
    """ASGI layer that joins the lines of a list, so that whoever reads one header reads all of it."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap whatever reads headers."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http":
            names = [name for name, _ in scope["headers"] if name in LISTS]
            if len(names) != len(set(names)):
                scope = {**scope, "headers": _joined(scope["headers"])}
        await self.app(scope, receive, send)


def _joined(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    lists: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name in LISTS:
            lists.setdefault(name, []).append(value)
    others = [(name, value) for name, value in headers if name not in LISTS]
    return [*others, *((name, b", ".join(values)) for name, values in lists.items())]
