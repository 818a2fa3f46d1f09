"""The least that can answer: an ASGI application that sends bytes it was given, and 304 where asked for it.

``BARE_ANSWERS`` names a JSON file: by path and query, the headers and the body as text.
"""

import json
import os
from pathlib import Path
from typing import Any

_ANSWERS = {
    url: ([(name.encode(), value.encode()) for name, value in headers], body.encode())
    for url, (headers, body) in json.loads(Path(os.environ["BARE_ANSWERS"]).read_text()).items()
}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer."""
    if scope["type"] != "http":
        return
    query = scope["query_string"].decode()
    headers, body = _ANSWERS[f"{scope['path']}?{query}" if query else scope["path"]]
    status = 200
    if any(name == b"if-none-match" for name, _ in scope["headers"]):
        status, body, headers = 304, b"", [each for each in headers if each[0] not in (b"content-length",)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
