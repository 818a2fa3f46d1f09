"""The language of each request: of pages by ``lang`` in the query, then ``Accept-Language``; of the API by ``lang``.

What makes a page never meets ``lang``: it is taken out of the query here, and put into where a redirect leads to. The
API ignores ``Accept-Language``, which the libraries of programs send without anybody having chosen it.
"""

from urllib.parse import parse_qsl, unquote_plus, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.negotiation import is_page
from app.languages.choice import ORIGINAL, in_language, preferred, supported

GIVEN = "language_given"
"""Set in the state of a page's request whose query says the language."""


class RequestLanguage:
    """ASGI layer that chooses the language."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application, and the cache in front of it."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its language."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        query = scope["query_string"]
        page = is_page(scope["path"])
        # A name can be written in percent signs as well.
        given = _given(query) if b"lang" in query or b"%" in query else None
        wanted = supported(given) if given else None
        if wanted is None:
            wanted = preferred(Headers(scope=scope).get("accept-language", "")) if page else ORIGINAL
        state["language"] = wanted
        if page and given:
            state[GIVEN] = True
            send = _leading_on(send, wanted)
        if page and given is not None:
            scope = {**scope, "query_string": _without_lang(query)}
        with in_language(wanted):
            await self.app(scope, receive, send)


def _given(query: bytes) -> str | None:
    """The first ``lang`` of a query."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return next((value for name, value in pairs if name == "lang"), None)


def _without_lang(query: bytes) -> bytes:
    return b"&".join(part for part in query.split(b"&") if _name(part) != "lang")


def _name(part: bytes) -> str:
    return unquote_plus(part.partition(b"=")[0].decode("latin-1"))


def _leading_on(send: Send, language: str) -> Send:
    """Keep the language in where a redirect leads to."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            location = headers.get("location", "")
            if location.startswith("/"):
                path, mark, fragment = location.partition("#")
                joint = "&" if "?" in path else "?"
                headers["location"] = f"{path}{joint}{urlencode({'lang': language})}{mark}{fragment}"
        await send(message)

    return sending
