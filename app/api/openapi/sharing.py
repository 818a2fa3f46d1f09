"""Say once, under ``components``, what several operations say in the same words: problems, headers, parameters."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from app.api.problems import PROBLEM_JSON

Object = dict[str, Any]


@dataclass
class _Use:
    """A place where something is said: what holds it, under which key, and the tag of the operation it is part of."""

    holder: Any
    key: Any
    tag: str

    @property
    def said(self) -> Object:
        found: Object = self.holder[self.key]
        return found


def operations(document: Object) -> Iterator[Object]:
    """Every operation of a document."""
    for item in document["paths"].values():
        yield from item.values()


def share(document: Object) -> None:
    """Replace what is said twice by references, and put what they refer to under ``components``."""
    responses: list[_Use] = []
    headers: list[_Use] = []
    parameters: list[_Use] = []
    for operation in operations(document):
        tag = operation["tags"][0]
        for status, response in operation["responses"].items():
            responses.append(_Use(operation["responses"], status, tag))
            headers += [_Use(response["headers"], name, tag) for name in response.get("headers", ())]
        parameters += [
            _Use(operation["parameters"], place, tag) for place in range(len(operation.get("parameters", ())))
        ]
    document["components"] |= {
        "headers": _shared("headers", headers, lambda use: str(use.key)),
        "responses": _shared("responses", responses, _response_name),
        "parameters": _shared("parameters", parameters, lambda use: str(use.said["name"])),
    }


def _shared(section: str, uses: list[_Use], name_of: Callable[[_Use], str]) -> Object:
    """Put a reference wherever the same is said twice; gives what is referred to, by name.

    What the operations of one tag alone have in common is named after it. Where two would have the same name, only the
    first is shared.
    """
    alike: dict[str, list[_Use]] = {}
    for use in uses:
        alike.setdefault(json.dumps(use.said, sort_keys=True), []).append(use)
    components: Object = {}
    for group in alike.values():
        first = group[0]
        name = name_of(first)
        if len({use.tag for use in group}) < (3 if first.said.get("in") == "path" else 2):
            name = f"{first.tag}_{name}"
        if len(group) > 1 and name not in components:
            components[name] = first.said
            for use in group:
                use.holder[use.key] = {"$ref": f"#/components/{section}/{name}"}
    return dict(sorted(components.items()))


def _response_name(use: _Use) -> str:
    """What a response is called: after the problems it can be, or after its status."""
    problems = use.said.get("content", {}).get(PROBLEM_JSON, {}).get("examples", {})
    if problems:
        return "Or".join(name.title().replace("-", "") for name in problems)
    return HTTPStatus(int(use.key)).phrase.title().replace(" ", "")
