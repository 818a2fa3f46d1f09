"""The schemas of the document: of every model that a route names, made together so that each has one name."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

Object = dict[str, Any]
Mode = Literal["validation", "serialization"]

_REF = "#/components/schemas/{model}"
_PREFIX = _REF.format(model="")


class Schemas:
    """The schemas of some models, and where each is found."""

    def __init__(self, models: Iterable[tuple[type[BaseModel], Mode]]) -> None:
        """Make the schemas of models that are read (``validation``) or shown (``serialization``)."""
        self._models = list(dict.fromkeys(models))
        self._refs, generated = models_json_schema(self._models, ref_template=_REF)
        self.by_name: Object = generated["$defs"]

    def name(self, model: type[BaseModel], mode: Mode) -> str:
        """The name of a model's schema."""
        ref: str = self._refs[(model, mode)]["$ref"]
        return ref.removeprefix(_PREFIX)

    def of(self, model: type[BaseModel], mode: Mode) -> Object:
        """A model's schema."""
        found: Object = self.by_name[self.name(model, mode)]
        return found

    def add_patch(self, model: type[BaseModel]) -> str:
        """Add the schema of a merge patch: any field of a body, or null where it has a default to go back to."""
        name = f"{model.__name__.removesuffix('Create')}Update"
        self.by_name[name] = _patch(self.of(model, "validation"), model)
        return name

    def extend(self) -> None:
        """Say a model that only adds to another one of the document by that one and what it adds."""
        shown = {model for model, mode in self._models if mode == "serialization"}
        for model in shown:
            base = model.__bases__[0]
            own = set(model.model_fields) - set(base.model_fields) if base in shown else set()
            if own:
                name = self.name(model, "serialization")
                self.by_name[name] = _extended(self.by_name[name], self.name(base, "serialization"), own)

    def components(self, left_out: Iterable[str]) -> tuple[Object, Mapping[str, str]]:
        """The schemas under the names that a client's code can carry, and those names by ours."""
        names = {name: _public_name(name) for name in self.by_name}
        hidden = set(left_out)
        components: Object = {}
        for name, schema in sorted(self.by_name.items(), key=lambda each: names[each[0]]):
            if name not in hidden:
                strip(schema)
                components[names[name]] = {"title": names[name], **schema}
        return components, names


def reference(name: str) -> Object:
    """A reference to a schema."""
    return {"$ref": _REF.format(model=name)}


def rename(node: Any, names: Mapping[str, str]) -> None:
    """Let every reference to a schema name it by its public name."""
    if isinstance(node, dict):
        if str(node.get("$ref", "")).startswith(_PREFIX):
            name = node["$ref"].removeprefix(_PREFIX)
            node["$ref"] = _REF.format(model=names.get(name, name))
        for value in node.values():
            rename(value, names)
    elif isinstance(node, list):
        for value in node:
            rename(value, names)


def strip(schema: Object) -> None:
    """Take away what says nothing, titles made of field names, and what says too much, defaults.

    Generators of clients take a field with a default for one that is always there, in what is sent as well. What a
    field becomes that is left out is said in words.
    """
    schema.pop("title", None)
    schema.pop("default", None)
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        default = field.get("default")
        strip(field)
        if default is not None and name not in required:
            said = [field["description"]] if "description" in field else []
            field["description"] = " ".join([*said, f"If left out: `{json.dumps(default).strip(chr(34))}`."])


def _public_name(name: str) -> str:
    """No hyphens, and nothing that says how ours is made."""
    return re.sub("(Read|Out|-Output)$", "", name).replace("-", "")


def _patch(create: Object, model: type[BaseModel]) -> Object:
    required = set(create.get("required", ()))
    properties: Object = {}
    for name, schema in create["properties"].items():
        field = {key: value for key, value in schema.items() if key != "default"}
        if name not in required and {"type": "null"} not in field.get("anyOf", ()):
            description = {"description": field.pop("description")} if "description" in field else {}
            field = {"anyOf": [field, {"type": "null"}], **description}
        properties[name] = field
    singular = re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__.removesuffix("Create")).lower()
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "description": f"A merge patch of a {singular}: only the fields to change.",
    }


def _extended(schema: Object, base: str, own: set[str]) -> Object:
    strip(schema)
    return {
        "description": schema["description"],
        "allOf": [
            reference(base),
            {"type": "object", "properties": {name: schema["properties"][name] for name in sorted(own)}},
        ],
    }
