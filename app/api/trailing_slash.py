"""A path with a slash at its end leads to the path without."""

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response


def without_slash(request: Request) -> Response | None:
    """The redirect to the path without the slash at its end; None where there is no slash to take away.

    The target begins with exactly one slash: two would name another host.
    """
    path: str = request.scope["path"]
    stripped = path.strip("/")
    if not path.endswith("/") or not stripped:
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{quote(stripped)}{query}", 308)
