"""The document of what anybody can read: the whole one without what only an editor needs."""

import re
from copy import deepcopy
from typing import Any

from app.api.openapi.sharing import operations

Object = dict[str, Any]

_REFERENCE = re.compile("^#/components/([^/]+)/([^/]+)$")


def reading_document(whole: Object) -> Object:
    """The operations that need no credential, and of the components only what they refer to."""
    document: Object = {name: deepcopy(part) for name, part in whole.items() if name not in ("paths", "components")}
    document["paths"] = {}
    for path, item in whole["paths"].items():
        readable = {method: said for method, said in item.items() if method == "get" and {} in said["security"]}
        if readable:
            document["paths"][path] = deepcopy(readable)
    for operation in operations(document):
        # Of the ways to show a credential, reading needs none.
        operation["security"] = [{}]
    document["components"] = {}
    _copy_components(document["paths"], whole, document["components"])
    used = {tag for operation in operations(document) for tag in operation["tags"]}
    document["tags"] = [tag for tag in document["tags"] if tag["name"] in used]
    return document


def _copy_components(node: Any, whole: Object, components: Object) -> None:
    """Copy what a part of the document refers to, and what that refers to."""
    if isinstance(node, list):
        for each in node:
            _copy_components(each, whole, components)
    elif isinstance(node, dict):
        found = _REFERENCE.match(str(node.get("$ref", "")))
        if found is not None:
            section, name = found.groups()
            held = components.setdefault(section, {})
            if name not in held:
                held[name] = deepcopy(whole["components"][section][name])
                _copy_components(held[name], whole, components)
        for each in node.values():
            _copy_components(each, whole, components)
