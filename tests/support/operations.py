"""The operations of the committed OpenAPI document, one by one, as somebody would try them from it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support.spec import Specification

COMMITTED = Path(__file__).parents[2] / "openapi.json"
SPECIFICATION = Specification(json.loads(COMMITTED.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Operation:
    """An operation: its method, the template of its path, and what is said of it."""

    method: str
    template: str

    @property
    def said(self) -> Mapping[str, Any]:
        """What the document says of it."""
        return SPECIFICATION.operation(self.method, self.template)

    @property
    def name(self) -> str:
        """Its operation id."""
        name: str = self.said["operationId"]
        return name

    @property
    def tag(self) -> str:
        """What it is listed under."""
        tag: str = self.said["tags"][0]
        return tag

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Its parameters by name."""
        return SPECIFICATION.parameters(self.method, self.template)

    @property
    def kind(self) -> str:
        """What it does with its path: create (POST to a list), act (POST to a record), import, or its method.

        What is read with a credential only is inspected.
        """
        if self.method == "POST" and self.template.endswith("/import"):
            return "import"
        if self.method == "POST":
            return "act" if "{" in self.template else "create"
        if self.method == "GET" and {} not in self.said["security"]:
            return "inspect"
        return self.method.lower()

    @property
    def filled_in(self) -> dict[str, Any]:
        """The query as Swagger UI fills it in."""
        return {
            name: each["example"]
            for name, each in self.parameters.items()
            if each["in"] == "query" and "example" in each
        }

    @property
    def headers(self) -> dict[str, str]:
        """The headers as Swagger UI fills them in."""
        found = {
            name: each["example"]
            for name, each in self.parameters.items()
            if each["in"] == "header" and "example" in each
        }
        return found | ({"Content-Type": self.media_type} if self.media_type else {})

    @property
    def media_type(self) -> str | None:
        """The media type of its body; the first where it takes several."""
        content = self.said.get("requestBody", {}).get("content", {})
        return next(iter(content), None)

    @property
    def body(self) -> Any:
        """The example of its body."""
        content = self.said.get("requestBody", {}).get("content", {})
        media: Mapping[str, Any] = next(iter(content.values()), {})
        return media.get("example")

    @property
    def content(self) -> str | None:
        """The example of its body, as it is sent."""
        return self.body if self.body is None or isinstance(self.body, str) else json.dumps(self.body)

    @property
    def hints(self) -> Iterator[tuple[str, Any]]:
        """Its optional parameters, each with a value that it is said to take."""
        for name, each in self.parameters.items():
            if each["in"] == "query":
                yield from ((name, value) for value in each["schema"].get("examples", ()))

    def path(self, **given: str) -> str:
        """Its path with the examples of the parameters in it, or with the values given."""
        filled = self.template
        for name, each in self.parameters.items():
            if each["in"] == "path":
                filled = filled.replace(f"{{{name}}}", quote(str(given.get(name, each.get("example"))), safe=""))
        return filled


OPERATIONS = tuple(
    Operation(method, template)
    for template in SPECIFICATION.document["paths"]
    for method in sorted(SPECIFICATION.methods(template))
)


def excerpt(operations: Iterable[Operation]) -> dict[str, Any]:
    """The document with some of its operations, and of the components only what those refer to."""
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.template, {})[operation.method.lower()] = operation.said
    components: dict[str, Any] = {"securitySchemes": SPECIFICATION.document["components"]["securitySchemes"]}
    pending = [json.dumps(paths)]
    while pending:
        for section, name in re.findall(r'"#/components/(\w+)/([^"]+)"', pending.pop()):
            held = components.setdefault(section, {})
            if name not in held:
                held[name] = SPECIFICATION.document["components"][section][name]
                pending.append(json.dumps(held[name]))
    return {**SPECIFICATION.document, "paths": paths, "components": components}


def of_kind(*kinds: str) -> list[Operation]:
    """The operations of some kinds."""
    return [operation for operation in OPERATIONS if operation.kind in kinds]
