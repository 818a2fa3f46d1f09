"""A collection of Postman, as it comes from importing the document: every request that reads runs as it stands."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import run
from tests.support.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.clients]

Item = dict[str, Any]


def needs_credential(item: Item) -> bool:
    """Whether a request is for keys or webhooks, of which there is no example: they are secret."""
    return item["request"]["url"]["path"][1:2] in (["keys"], ["webhooks"])


def readable(items: list[Item]) -> Iterator[Item]:
    """The requests that read, without their folders; left out is what takes a credential."""
    for item in items:
        if "item" in item:
            yield from readable(item["item"])
        elif item["request"]["method"] == "GET" and not needs_credential(item):
            yield item


def with_examples(items: list[Item], document: dict[str, Any]) -> None:
    """Give each request for a file the document's own example.

    Where only a part of a segment is a parameter, Postman has a variable of the collection in its place: one value for
    the files of all resources. A person sets ``slug`` and ``format``, as docs/clients.md says; this does it for each.
    """
    for item in items:
        url = item["request"]["url"]
        template = "/" + "/".join(re.sub(r"^:(.*)$|{{(.*?)}}", r"{\1\2}", each) for each in url["path"])
        for said in document["paths"][template]["get"].get("parameters", ()):
            name = said.get("$ref", "").rpartition("/")[2]
            parameter = document["components"]["parameters"][name] if name else said
            if parameter["in"] == "path":
                variable = f"{{{{{parameter['name']}}}}}"
                url["path"] = [each.replace(variable, str(parameter["example"])) for each in url["path"]]


def test_every_request_that_reads_runs_as_it_stands(node: str, live: Server, workshop: Path) -> None:
    tools = workshop / "node_modules" / ".bin"
    options = "folderStrategy=Tags,parametersResolution=Example,enableOptionalParameters=false"
    run(workshop, tools / "openapi2postmanv2", "-s", "openapi.json", "-o", "collection.json", "-O", options)
    collection = json.loads((workshop / "collection.json").read_text())
    assert {"key": "baseUrl", "value": live.url} in [
        {name: each[name] for name in ("key", "value")} for each in collection["variable"]
    ]
    collection["item"] = list(readable(collection["item"]))
    document = json.loads((workshop / "openapi.json").read_text())
    with_examples(collection["item"], document)
    assert len(collection["item"]) > 130
    (workshop / "reading.json").write_text(json.dumps(collection))
    run(workshop, tools / "newman", "run", "reading.json", "-r", "json", "--reporter-json-export", "report.json")
    report = json.loads((workshop / "report.json").read_text())["run"]
    failed = [
        (each["item"]["name"], each.get("response", {}).get("code"))
        for each in report["executions"]
        if each.get("response", {}).get("code") != 200
    ]
    assert failed == []
