"""What the OpenAPI document says of an answer, to hold the answer against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

Document = Mapping[str, Any]


@dataclass
class Specification:
    """An OpenAPI document, with its references followed."""

    document: Document
    _validators: dict[tuple[str, str, int], Draft202012Validator] = field(default_factory=dict)

    def operation(self, method: str, template: str) -> Mapping[str, Any]:
        """What is said of a method on a path such as ``/v1/challenges/{slug}``."""
        operation: Mapping[str, Any] = self.document["paths"][template][method.lower()]
        return operation

    def methods(self, template: str) -> set[str]:
        """The methods that a path takes, in capitals."""
        return {name.upper() for name in self.document["paths"][template]} & {"GET", "POST", "PUT", "PATCH", "DELETE"}

    def parameters(self, method: str, template: str) -> dict[str, Any]:
        """The documented parameters of an operation by name."""
        found = [self.followed(each) for each in self.operation(method, template).get("parameters", ())]
        return {each["name"]: each for each in found}

    def flaws(self, method: str, template: str, response: httpx.Response) -> list[str]:
        """How an answer differs from what is documented for its operation and status; nothing where it does not."""
        key = (method, template, response.status_code)
        if key not in self._validators:
            self._validators[key] = self._validator(*key, response.headers["content-type"])
        found = self._validators[key].iter_errors(response.json())
        return [f"{each.json_path}: {each.message[:300]}" for each in found]

    def _validator(self, method: str, template: str, status: int, content_type: str) -> Draft202012Validator:
        response = self.followed(self.operation(method, template)["responses"][str(status)])
        schema = response["content"][content_type.partition(";")[0]]["schema"]
        whole = {**schema, "components": self.document["components"]}
        return Draft202012Validator(whole, format_checker=FormatChecker(("date", "uuid", "date-time")))

    def followed(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a reference leads to; anything else is itself."""
        if "$ref" not in node:
            return node
        found: Any = self.document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return self.followed(found)
