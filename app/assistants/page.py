"""``/assistants``: what ``/mcp`` is, for a person, and how an assistant is connected to it."""

import json

from fastapi import Request
from fastapi.responses import Response

from app.api.negotiation import choose
from app.api.read_request import Read, refuse_parameters
from app.errors import MethodNotAllowed, NotAcceptable
from app.pages.html import fixed_page
from app.pages.requests import LOCAL, see_other

PAGE = "/assistants"


def lead_a_person(request: Request) -> Response:
    """Lead a browser to the page. There are no events to listen to: a server without sessions says 405 (MCP)."""
    try:
        form = choose(request.headers.get("accept"), ("events", "html"))
    except NotAcceptable:
        form = "events"
    if form == "html":
        return see_other(PAGE, ())
    raise MethodNotAllowed(
        f"This is an MCP server: send its messages by POST. People read about it at {PAGE}.", headers={"Allow": "POST"}
    )


def get_page(read: Read) -> Response:
    """What an assistant can ask, and how it is connected."""
    refuse_parameters(read.request)
    read.choose("html")
    # The tools are loaded with the first who asks for them.
    from app.assistants.tools import TOOLS

    base = read.context.public_url
    address = f"{base or LOCAL}/mcp"
    return fixed_page(
        "assistants.html", read.request, base_url=base, address=address, lines=_lines(address), tools=TOOLS
    )


def _lines(address: str) -> list[tuple[str, str]]:
    """What connects the common assistants, each with its name."""
    server = {"followthrough": {"type": "http", "url": address}}
    return [
        ("Claude Code", f"claude mcp add --transport http followthrough {address}"),
        ("Gemini CLI", f"gemini mcp add --transport http followthrough {address}"),
        ("Cursor", json.dumps({"mcpServers": server})),
        ("VS Code", json.dumps({"servers": server})),
    ]
