"""The MCP server itself: the tools, texts and prompts as the official SDK serves them.

Importing this module takes the SDK, which takes its time: ``routes.py`` does so when the first assistant comes.
"""

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import mcp_types as types
from anyio import to_thread
from fastapi import Request
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app import __version__
from app.api.context import Context
from app.api.problems import from_database
from app.api.read_request import ReadRequest
from app.assistants import coverage
from app.assistants.prompts import PROMPTS, Prompt
from app.assistants.tool import Call, Tool
from app.assistants.tools import TOOLS
from app.core.flaws import wrong_name
from app.core.storage.failures import failure_of
from app.core.storage.standbys import Attempt, tried
from app.core.strict_json import dump, validate
from app.core.visibility import ANONYMOUS
from app.errors import Flaw, Internal, Problem, Unavailable

log = logging.getLogger("followthrough.assistants")

_Ctx = ServerRequestContext[Any]
_Paged = types.PaginatedRequestParams | None

_DAY = 24 * 60 * 60 * 1000

INSTRUCTIONS = (
    "Followthrough is an open register of what partner countries promised each other, by when, and what came of it. "
    "Use it for any question on commitments between these countries. Begin with `overview` for what there is, or with "
    "`find_commitments` for promises by what became of them; `get_record` gives the evidence. Give the page of each "
    "record you rely on; a page without a host is on the host of this server. Read followthrough://coverage before you "
    "conclude anything from what you do not find."
)

_TEXTS = {
    coverage.COVERAGE: (
        "What the register covers, and what not",
        "The partnerships and years it holds, its limits, and how to answer from it.",
        coverage.coverage,
    ),
    coverage.METHODOLOGY: (
        "How the register judges",
        "What counts as a promise, how it is graded, what evidence counts, and what to do when sources disagree.",
        coverage.methodology,
    ),
}


class Assistants:
    """The register as an MCP server."""

    def __init__(self, context: Context, hosts: list[str]) -> None:
        """Serve a register to whoever comes by one of these host names; by any, where none is named."""
        self.context = context
        self.tools: Mapping[str, Tool[Any, Any]] = {each.name: each for each in TOOLS}
        self.prompts: Mapping[str, Prompt] = {each.name: each for each in PROMPTS}
        server: Server[Any] = Server(
            "followthrough",
            version=__version__,
            title="Followthrough",
            description="What partner countries promised each other, and what came of it.",
            instructions=INSTRUCTIONS,
            website_url=context.public_url or None,
            cache_hints={
                "tools/list": CacheHint(_DAY, "public"),
                "prompts/list": CacheHint(_DAY, "public"),
                "resources/list": CacheHint(_DAY, "public"),
            },
            on_list_tools=self.list_tools,
            on_call_tool=self.call_tool,
            on_list_resources=self.list_resources,
            on_read_resource=self.read_resource,
            on_list_prompts=self.list_prompts,
            on_get_prompt=self.get_prompt,
        )
        # Its warnings quote what clients sent, which the log does not.
        logging.getLogger("mcp").setLevel(logging.ERROR)
        # Requests are traced already; a span for each message would repeat what a model wanted to know.
        server.middleware.clear()
        self.manager = StreamableHTTPSessionManager(
            server,
            json_response=True,
            stateless=True,
            security_settings=_security(hosts),
        )

    # -- tools -------------------------------------------------------------------------------------------------

    async def list_tools(self, ctx: _Ctx, params: _Paged) -> types.ListToolsResult:
        """Every tool."""
        return types.ListToolsResult(tools=[_described(each) for each in self.tools.values()])

    async def call_tool(self, ctx: _Ctx, params: types.CallToolRequestParams) -> types.CallToolResult:
        """The result of a tool; what was wrong with the question, where something was."""
        tool = self.tools.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no such tool. {wrong_name(params.name, list(self.tools))}")

        def use_tool() -> BaseModel:
            question = validate(tool.question, dump(params.arguments or {}))
            given: BaseModel = self._reading(ctx.request, getattr(question, "as_of", None), tool.run, question)
            return given

        try:
            found = await self._in_thread(use_tool)
        except Problem as problem:
            return types.CallToolResult(content=[types.TextContent(text=_in_words(problem))], is_error=True)
        structured = found.model_dump(mode="json", exclude_none=True)
        text = dump(structured).decode()
        return types.CallToolResult(content=[types.TextContent(text=text)], structured_content=structured)

    def _reading(self, request: Any, as_of: datetime | None, run: Any, *given: Any) -> Any:
        """Read the register as anybody sees it, in one transaction."""

        def read(attempt: Attempt) -> Any:
            with ExitStack() as transaction:
                assert isinstance(request, Request)
                return run(Call(ReadRequest(request, self.context, ANONYMOUS, transaction, attempt), as_of), *given)

        return tried(read)

    async def _in_thread(self, work: Any) -> Any:
        """Do what uses the database. Raises a Problem, which says nothing of how it came about."""
        try:
            return await to_thread.run_sync(work)
        except Problem:
            raise
        except DBAPIError as error:
            log.warning("%s", failure_of(error).value)
            raise from_database(failure_of(error)) from None
        except PoolTimeoutError:
            raise Unavailable() from None
        except Exception:
            log.exception("unexpected error in a tool")
            raise Internal() from None

    # -- texts -------------------------------------------------------------------------------------------------

    async def list_resources(self, ctx: _Ctx, params: _Paged) -> types.ListResourcesResult:
        """The texts."""
        return types.ListResourcesResult(
            resources=[
                types.Resource(
                    uri=uri, name=uri.partition("://")[2], title=title, description=text, mime_type="text/markdown"
                )
                for uri, (title, text, _) in _TEXTS.items()
            ]
        )

    async def read_resource(self, ctx: _Ctx, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        """One text."""
        if params.uri not in _TEXTS:
            raise MCPError(types.INVALID_PARAMS, f"There is no such text. {wrong_name(params.uri, list(_TEXTS))}")
        read = _TEXTS[params.uri][2]
        try:
            text = await self._in_thread(lambda: self._reading(ctx.request, None, read))
        except Problem as problem:
            raise MCPError(types.INTERNAL_ERROR, _in_words(problem)) from None
        content = types.TextResourceContents(uri=params.uri, mime_type="text/markdown", text=text)
        return types.ReadResourceResult(contents=[content])

    # -- prompts -----------------------------------------------------------------------------------------------

    async def list_prompts(self, ctx: _Ctx, params: _Paged) -> types.ListPromptsResult:
        """Every prompt."""
        return types.ListPromptsResult(
            prompts=[
                types.Prompt(
                    name=each.name,
                    title=each.title,
                    description=each.description,
                    arguments=[
                        types.PromptArgument(name=blank.name, description=blank.description, required=blank.required)
                        for blank in each.blanks
                    ],
                )
                for each in self.prompts.values()
            ]
        )

    async def get_prompt(self, ctx: _Ctx, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        """One prompt, filled in."""
        prompt = self.prompts.get(params.name)
        if prompt is None:
            known = list(self.prompts)
            raise MCPError(types.INVALID_PARAMS, f"There is no such prompt. {wrong_name(params.name, known)}")
        filled = params.arguments or {}
        missing = [blank.name for blank in prompt.blanks if blank.required and not filled.get(blank.name)]
        if missing:
            raise MCPError(types.INVALID_PARAMS, f"{prompt.name} needs {', '.join(missing)}.")
        message = types.PromptMessage(role="user", content=types.TextContent(text=prompt.text(filled)))
        return types.GetPromptResult(description=prompt.description, messages=[message])


def _security(hosts: list[str]) -> TransportSecuritySettings:
    """The SDK's rules of Host and Origin: only these host names, with any port, and only pages of theirs."""
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=bool(hosts),
        allowed_hosts=[form for host in hosts for form in (host, f"{host}:*")],
        allowed_origins=[
            f"{scheme}://{form}" for host in hosts for scheme in ("https", "http") for form in (host, f"{host}:*")
        ],
    )


def _described(tool: Tool[Any, Any]) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.question.model_json_schema(),
        output_schema=tool.result.model_json_schema(mode="serialization"),
        annotations=types.ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def _in_words(problem: Problem) -> str:
    """What was wrong, for a model to mend."""
    if not problem.errors:
        return f"{problem.title}. {problem.detail}"
    return "\n".join(["The question cannot be taken as it is.", *map(_flaw_in_words, problem.errors)])


def _flaw_in_words(flaw: Flaw) -> str:
    place = (flaw.get("pointer") or flaw.get("parameter") or "").lstrip("/").replace("/", ".")
    return f"- {place}: {flaw['detail']}" if place else f"- {flaw['detail']}"
