"""The tools as an assistant uses them: through the SDK's own client, over HTTP, on both databases."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import uuid4

import anyio
import httpx
import httpx2
import jsonschema
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from app.assistants.tools import TOOLS
from tests.support.editor import fresh
from tests.support.server import NO_CERTIFICATES, Server

Result = TypeVar("Result")

NAMES = ("overview", "search", "find_commitments", "get_record", "scorecard", "gaps", "timeline", "cite")


def connected(server: Server, work: Callable[[Client], Awaitable[Result]], mode: str = "auto") -> Result:
    """What an assistant gets that is connected to a server."""

    async def run() -> Result | MCPError:
        async with httpx2.AsyncClient(trust_env=False, verify=NO_CERTIFICATES, timeout=30) as http:
            transport = streamable_http_client(f"{server.url}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                try:
                    return await work(client)
                except MCPError as error:
                    # Raised here, it would come in a group of what ended with the client.
                    return error

    result = anyio.run(run)
    if isinstance(result, MCPError):
        raise result
    return result


def called(server: Server, name: str, **arguments: Any) -> Any:
    """What a tool answers."""
    return connected(server, lambda client: client.call_tool(name, arguments))


def answered(server: Server, name: str, **arguments: Any) -> dict[str, Any]:
    """What a tool that can answer gives."""
    result = called(server, name, **arguments)
    assert not result.is_error, result.content[0].text
    return dict(result.structured_content)


def refused(server: Server, name: str, **arguments: Any) -> str:
    """What a tool says that cannot answer."""
    result = called(server, name, **arguments)
    assert result.is_error
    assert result.structured_content is None
    return str(result.content[0].text)


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
def test_there_are_eight_tools_that_only_read(server: Server, mode: str) -> None:
    tools = connected(server, lambda client: client.list_tools(), mode).tools
    assert [each.name for each in tools] == list(NAMES) == [each.name for each in TOOLS]
    for each in tools:
        assert each.annotations is not None
        assert each.annotations.read_only_hint
        assert each.description
        assert each.input_schema["additionalProperties"] is False
        assert each.output_schema is not None
        jsonschema.Draft202012Validator.check_schema(each.input_schema)
        jsonschema.Draft202012Validator.check_schema(each.output_schema)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("overview", {}),
        ("search", {"q": "shipbuilding", "type": ["commitment"]}),
        ("find_commitments", {"partnership": "india-japan", "overdue": True, "sort": "-days_overdue"}),
        ("get_record", {"type": "commitment", "slug": "trade-target-50bn-2030"}),
        ("get_record", {"type": "indicator", "slug": "trade-total-kr-cy"}),
        ("get_record", {"type": "source", "slug": "ipsc-kashyap"}),
        ("scorecard", {"partnership": "india-south-korea"}),
        ("gaps", {"partnership": "india-south-korea", "kind": ["dialogue_behind"]}),
        ("timeline", {"partnership": "india-japan", "since": "2025", "kind": ["meeting"]}),
        ("cite", {"type": "commitment", "slug": "cepa-2009"}),
    ],
)
def test_an_answer_is_small_follows_its_schema_and_leads_to_pages(
    server: Server, anonymous: httpx.Client, name: str, arguments: dict[str, Any]
) -> None:
    async def ask(client: Client) -> tuple[Any, Any]:
        listed = await client.list_tools()
        return await client.call_tool(name, arguments), next(each for each in listed.tools if each.name == name)

    result, tool = connected(server, ask)
    assert not result.is_error, result.content[0].text
    jsonschema.validate(result.structured_content, tool.output_schema)
    assert len(result.content[0].text) < 20_000
    pages = sorted(set(pages_in(result.structured_content)))
    assert pages
    lost = [page for page in pages[:5] if anonymous.get(page, headers={"Accept": "text/html"}).status_code != 200]
    assert lost == []


def pages_in(value: Any) -> list[str]:
    """The address of every page in an answer."""
    if isinstance(value, list):
        return [page for each in value for page in pages_in(each)]
    if isinstance(value, dict):
        own = [value["page"]] if isinstance(value.get("page"), str) else []
        return own + [page for each in value.values() for page in pages_in(each)]
    return []


def test_one_call_tells_which_promises_of_an_agreement_were_kept_and_by_what_evidence(server: Server) -> None:
    found = answered(server, "find_commitments", q="CEPA", completion=["complete"])
    assert found["total"] == len(found["commitments"]) >= 3
    for each in found["commitments"]:
        assert each["completion"] == each["verdict"]["completion"] == "complete"
        assert each["verdict"]["text"]
        assert any(source.get("url") for source in each["verdict"]["evidence"])
    assert "/commitments/cepa-2009" in [each["page"] for each in found["commitments"]]


def test_figures_are_those_of_the_api(server: Server, anonymous: httpx.Client) -> None:
    there = anonymous.get("/v1/partnerships/india-japan/scorecard").json()["figures"]
    figures = answered(server, "scorecard", partnership="india-japan")["figures"]
    assert {each["name"]: each.get("value") for each in figures} == {
        name: figure["value"] for name, figure in there.items()
    }


def test_a_list_goes_on_where_it_ended(server: Server) -> None:
    first = answered(server, "find_commitments", partnership="india-japan", limit=5)
    then = answered(server, "find_commitments", partnership="india-japan", limit=5, cursor=first["next_cursor"])
    slugs = [each["slug"] for part in (first, then) for each in part["commitments"]]
    assert len(set(slugs)) == 10


@pytest.mark.parametrize(
    ("name", "arguments", "reported"),
    [
        ("find_commitments", {"complation": ["complete"]}, "Did you mean completion?"),
        ("find_commitments", {"completion": ["kept"]}, "'substantial' or 'complete'"),
        ("find_commitments", {"theme": ["trad"]}, "There is no theme trad. Did you mean trade?"),
        ("find_commitments", {"limit": 1000}, "less than or equal to 25"),
        ("scorecard", {"partnership": "india-korea"}, "Did you mean india-south-korea?"),
        ("scorecard", {}, "partnership: Field required."),
        ("get_record", {"type": "commitment", "slug": "cepa-2008"}, "There is no commitment cepa-2008."),
        ("get_record", {"type": "commitment", "slug": "../../etc"}, "There is no such thing here."),
        ("timeline", {"partnership": "india-japan", "since": "soon"}, "since: "),
        ("overview", {"as_of": "yesterday"}, "RFC 3339"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_to_mend(
    server: Server, name: str, arguments: dict[str, Any], reported: str
) -> None:
    assert reported in refused(server, name, **arguments)


def test_a_tool_that_there_is_not_is_an_error_that_names_the_right_one(server: Server) -> None:
    with pytest.raises(MCPError, match="Did you mean scorecard"):
        called(server, "scorcard")


def test_a_draft_is_nowhere_and_the_past_is_as_it_was(server: Server, editor: httpx.Client) -> None:
    name, word = fresh("hidden"), f"zanzibar{uuid4().hex[:8]}"
    body = {"slug": name, "partnership": "india-japan", "title": f"Obstacle {word}", "summary": "A first version."}
    created = editor.post("/v1/challenges", json=body)
    assert created.status_code == 201, created.text
    assert "There is no challenge" in refused(server, "get_record", type="challenge", slug=name)
    assert answered(server, "search", q=word)["total"] == 0

    published = editor.post(f"/v1/challenges/{name}/publish")
    assert answered(server, "search", q=word)["hits"][0]["slug"] == name
    moment = published.json()["updated_at"]
    tag = {"If-Match": published.headers["etag"]}
    changed = editor.patch(f"/v1/challenges/{name}", json={"summary": "A second version."}, headers=tag)
    assert changed.status_code == 200, changed.text
    then = answered(server, "get_record", type="challenge", slug=name, as_of=moment)
    assert then["text"] == "A first version."
    assert "as_of=" in then["page"]
    assert answered(server, "get_record", type="challenge", slug=name)["text"] == "A second version."

    editor.delete(f"/v1/challenges/{name}", headers={"If-Match": changed.headers["etag"]})
    assert "withdrawn" in refused(server, "get_record", type="challenge", slug=name)


def test_texts_say_what_the_register_covers_and_what_not(server: Server) -> None:
    async def read(client: Client) -> tuple[list[str], str]:
        listed = await client.list_resources()
        contents = await client.read_resource("followthrough://coverage")
        return [each.uri for each in listed.resources], contents.contents[0].text  # type: ignore[union-attr]

    uris, text = connected(server, read)
    assert uris == ["followthrough://coverage", "followthrough://methodology"]
    assert "india-south-korea" in text
    assert "What it does not know" in text


def test_prompts_begin_a_briefing_and_a_fact_check(server: Server) -> None:
    async def get(client: Client) -> tuple[list[str], str]:
        listed = await client.list_prompts()
        filled = await client.get_prompt("fact_check", {"claim": "Trade reached 50 billion."})
        return [each.name for each in listed.prompts], filled.messages[0].content.text  # type: ignore[union-attr]

    names, text = connected(server, get)
    assert names == ["briefing", "fact_check"]
    assert "> Trade reached 50 billion." in text
    with pytest.raises(MCPError, match="briefing needs partnership"):
        connected(server, lambda client: client.get_prompt("briefing", {}))
