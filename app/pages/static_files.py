"""The files of the pages: the style sheet, the icons and the interactive documentation."""

from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from fastapi.responses import Response
from starlette.datastructures import Headers, QueryParams
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes with what is in it."""
    return f"/static/{name}?v={blake2b((STATIC / name).read_bytes(), digest_size=8).hexdigest()}"


class Static(StaticFiles):
    """Static files. A cache may store one for good when its address names its content, and for a while otherwise."""

    def file_response(self, full_path: Any, stat_result: Any, scope: Scope, status_code: int = 200) -> Response:
        """Respond with a file, and say how long it can be stored."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        name = Path(full_path).relative_to(STATIC).as_posix()
        exact = f"/static/{name}?{QueryParams(scope['query_string'])}" == asset(name)
        response.headers["Cache-Control"] = f"public, max-age={'31536000, immutable' if exact else '300'}"
        return response

    def is_not_modified(self, response_headers: Headers, request_headers: Headers) -> bool:
        """Leave it to whoever encodes: Starlette would take a date for enough, and knows no tags of encoded files."""
        return False


static = Static(directory=STATIC)
