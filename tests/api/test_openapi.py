"""The OpenAPI document: committed as it is served, sound, complete, and what client generators can read."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import errors
from app.api import problems
from tests.support.operations import COMMITTED, OPERATIONS, SPECIFICATION

DOCUMENT = SPECIFICATION.document
ONLY_IN_3_2 = {"itemSchema", "itemEncoding", "prefixEncoding", "query", "additionalOperations", "querystring", "$self"}
"""Keys of OpenAPI 3.2 that a document of version 3.1 cannot have (``query`` as a method of a path)."""


def nodes(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every object of the document, with its place; not what stands in examples, which may be anything."""
    if isinstance(node, dict):
        yield path, node
        for name, value in node.items():
            if name not in ("example", "examples", "default") or path[-1:] == ("properties",):
                yield from nodes(value, (*path, name))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from nodes(value, (*path, str(place)))


def normalised(document: Any) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)


def test_what_is_committed_is_what_is_served(anonymous: httpx.Client) -> None:
    served = anonymous.get("/openapi.json")
    assert served.headers["content-type"] == "application/json"
    same = normalised(served.json()) == normalised(json.loads(COMMITTED.read_text(encoding="utf-8")))
    assert same, "openapi.json is not what the app serves: `make openapi` rewrites it, and the difference is reviewed"


@pytest.mark.slow
def test_it_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(dict(DOCUMENT)).iter_errors()) == []


def test_nothing_in_it_is_of_a_later_version() -> None:
    methods = {name for item in DOCUMENT["paths"].values() for name in item}
    assert methods <= {"get", "put", "post", "delete", "patch", "head", "options", "parameters"}
    later = [path for path, node in nodes(DOCUMENT) if path[-1:] != ("properties",) and ONLY_IN_3_2 & node.keys()]
    assert later == []


def test_every_reference_leads_somewhere_and_every_component_is_referred_to() -> None:
    references = {node["$ref"] for _, node in nodes(DOCUMENT) if "$ref" in node}
    components = {
        f"#/components/{section}/{name}"
        for section, held in DOCUMENT["components"].items()
        for name in held
        if section != "securitySchemes"
    }
    assert references == components


def test_component_names_make_good_names_in_code() -> None:
    names = [name for section in DOCUMENT["components"].values() for name in section]
    assert [name for name in names if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name)] == []
    assert [name for name in DOCUMENT["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)] == []


def test_schemas_use_keywords_that_json_schema_knows() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    stray = [
        path for path, node in nodes(DOCUMENT) if node.keys() & {"ge", "le", "gt", "lt"} and path[-1] != "properties"
    ]
    assert stray == []


def test_operation_ids_are_unique_and_explicit() -> None:
    counts = Counter(operation.name for operation in OPERATIONS)
    assert [name for name, count in counts.items() if count > 1] == []
    # The framework's own ids end in the path and the method.
    assert [name for name in counts if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []
    assert [name for name in counts if name.endswith(("_get", "_post", "_put", "_patch", "_delete"))] == []


def test_every_operation_is_explained() -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]}
    for operation in OPERATIONS:
        said = operation.said
        assert said["summary"], operation.name
        assert said["description"], operation.name
        assert "security" in said, operation.name
        assert any(status.startswith("4") for status in said["responses"]), operation.name
        assert all(each["description"].endswith(".") for each in operation.parameters.values()), operation.name
        assert not {name for name in said if name.startswith("x-")}, operation.name
        assert set(said["tags"]) <= described, operation.name


def test_no_text_of_a_body_is_without_a_form() -> None:
    # A limit that is declared in a way which the framework does not know is lost without a word.
    bodies = [name for name in DOCUMENT["components"]["schemas"] if re.fullmatch(r"\w+(Create|Update)", name)]
    formless = [
        (name, ".".join(place))
        for name in bodies
        for place, node in nodes(DOCUMENT["components"]["schemas"][name])
        if node.get("type") == "string" and not node.keys() & {"const", "enum", "format", "minLength", "pattern"}
    ]
    assert len(bodies) > 20
    assert formless == []


def test_the_example_of_every_body_fits_its_schema() -> None:
    flaws = []
    for operation in OPERATIONS:
        if operation.body is not None:
            schema = operation.said["requestBody"]["content"][operation.media_type]["schema"]
            whole = {**schema, "components": DOCUMENT["components"]}
            found = Draft202012Validator(whole).iter_errors(operation.body)
            flaws += [f"{operation.name}: {each.message}" for each in found]
    assert flaws == []


def test_the_example_of_every_problem_fits_its_schema() -> None:
    schema = {**DOCUMENT["components"]["schemas"]["Problem"], "components": DOCUMENT["components"]}
    for kind in errors.ALL:
        found = Draft202012Validator(schema).iter_errors(problems.example(kind))
        assert [each.message for each in found] == [], kind.name


def test_what_is_read_under_a_condition_says_that_it_may_be_unchanged() -> None:
    conditional = [each for each in OPERATIONS if each.method == "GET" and "If-None-Match" in each.parameters]
    assert len(conditional) > 50
    assert [each.name for each in conditional if "304" not in each.said["responses"]] == []
    responses = {each.name: SPECIFICATION.followed(each.said["responses"]["200"]) for each in conditional}
    assert [name for name, said in responses.items() if "ETag" not in said.get("headers", {})] == []


def test_what_refuses_a_malformed_request_refuses_a_bad_query_too() -> None:
    for operation in OPERATIONS:
        if "400" in operation.said["responses"]:
            refused = SPECIFICATION.followed(operation.said["responses"]["400"])
            examples = refused["content"]["application/problem+json"]["examples"]
            assert "bad-query" in examples, operation.name
