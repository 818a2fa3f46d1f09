"""Every example of openapi.json works as it stands on the bundled register."""

from typing import Any

import httpx
import pytest

from tests.support.operations import OPERATIONS, Operation, of_kind
from tests.support.register import Register


@pytest.fixture(scope="module")
def register(registers: dict[str, Register]) -> Register:
    """The bundled register, on SQLite alone: that both databases answer alike is tried where they are the subject."""
    return registers["sqlite"]


def is_named(operation: Operation) -> str:
    return operation.name


def to_change(operation: Operation, client: httpx.Client) -> str:
    """The slug, or the id, of something new that an operation can change."""
    create = next(each for each in of_kind("create") if each.tag == operation.tag)
    created = client.post(create.path(), content=create.content, headers=create.headers)
    key: str = created.json().get("slug") or created.json()["id"]
    return key


def path_of_new(operation: Operation, client: httpx.Client) -> str:
    """The path of an operation on something new."""
    name = to_change(operation, client)
    return operation.path(slug=name, id=name)


def describe_emptiness(response: httpx.Response) -> str:
    """What is missing in an answer that has a list with nothing in it."""
    if response.headers["content-type"] != "application/json":
        return ""
    shown = response.json()
    return f"nothing at {response.url}" if isinstance(shown, dict) and shown.get("data", ...) == [] else ""


@pytest.mark.slow
def test_what_is_read_as_filled_in_is_there(register: Register) -> None:
    flaws: list[str] = []
    for operation in of_kind("get"):
        response = register.get(operation.path(), params=operation.filled_in)
        flaws += [response.text] if response.status_code != 200 else filter(None, [describe_emptiness(response)])
    assert flaws == []


@pytest.mark.slow
@pytest.mark.parametrize("operation", [each for each in of_kind("get") if any(each.hints)], ids=is_named)
def test_each_example_of_an_optional_parameter_finds_something(operation: Operation, register: Register) -> None:
    required = {
        name: value for name, value in operation.filled_in.items() if operation.parameters[name].get("required")
    }
    flaws: list[str] = []
    for name, value in operation.hints:
        # A parameter of files is tried with a table, which takes all of them.
        response = register.get(operation.path(format="csv"), params={**required, name: value})
        flaws += [response.text] if response.status_code != 200 else filter(None, [describe_emptiness(response)])
    assert flaws == []


def path_of_existing(operation: Operation, client: httpx.Client) -> str:
    """The path of an operation on what the bundled register has, or on something new where it has none."""
    return (
        path_of_new(operation, client)
        if operation.tag == "webhooks" and operation.kind == "patch"
        else operation.path()
    )


def as_filled_in(operation: Operation, client: httpx.Client) -> httpx.Response:
    """The response to somebody who presses Execute at once."""
    return client.request(
        operation.method,
        path_of_existing(operation, client),
        params=operation.filled_in,
        content=operation.content,
        headers=operation.headers,
    )


@pytest.mark.parametrize("operation", of_kind("create", "put", "patch", "import"), ids=is_named)
def test_an_example_of_a_change_only_tries(operation: Operation, scratch: httpx.Client) -> None:
    assert operation.filled_in == {"dry_run": True}
    before = scratch.get("/v1/changes?since=0&limit=1").json()["seq"], scratch.get("/v1").json()
    tried = as_filled_in(operation, scratch)
    assert tried.status_code == 200, tried.text
    assert (scratch.get("/v1/changes?since=0&limit=1").json()["seq"], scratch.get("/v1").json()) == before


@pytest.mark.parametrize("operation", OPERATIONS, ids=is_named)
def test_no_example_takes_a_record_whatever_it_says(operation: Operation) -> None:
    assert operation.headers.get("If-Match") != "*"


@pytest.mark.parametrize("operation", of_kind("create"), ids=is_named)
def test_the_example_of_a_new_record_is_taken(operation: Operation, scratch: httpx.Client) -> None:
    response = scratch.post(operation.path(), content=operation.content, headers=operation.headers)
    assert response.status_code == 201, response.text
    assert scratch.get(response.headers["location"]).status_code == 200


@pytest.mark.parametrize("operation", of_kind("put"), ids=is_named)
def test_the_example_of_a_record_under_a_chosen_slug_is_taken(operation: Operation, scratch: httpx.Client) -> None:
    response = scratch.put(operation.path(), content=operation.content, headers=operation.headers)
    assert response.status_code == 201, response.text


@pytest.mark.parametrize("operation", of_kind("patch"), ids=is_named)
def test_the_example_of_a_change_is_taken(operation: Operation, scratch: httpx.Client) -> None:
    path = path_of_existing(operation, scratch)
    current = {**operation.headers, "If-Match": scratch.get(path).headers["etag"]}
    assert scratch.patch(path, content=operation.content, headers=current).status_code == 200


@pytest.mark.parametrize("operation", of_kind("act", "delete"), ids=is_named)
def test_what_is_done_with_a_record_is_done(operation: Operation, scratch: httpx.Client) -> None:
    path = path_of_new(operation, scratch)
    headers: dict[str, Any] = {**operation.headers, "If-Match": "*"}
    if path.endswith("/restore"):
        assert scratch.delete(path.removesuffix("/restore"), headers={"If-Match": "*"}).status_code == 204
    response = scratch.request(operation.method, path, content=operation.content, headers=headers)
    assert response.status_code in (200, 204), response.text


@pytest.mark.parametrize("operation", of_kind("inspect"), ids=is_named)
def test_what_is_read_with_a_credential_is_there(operation: Operation, scratch: httpx.Client) -> None:
    assert scratch.get(path_of_new(operation, scratch)).status_code == 200


def test_only_what_finds_everything_is_filled_in() -> None:
    """Whoever presses Execute at once is to see plain data: nothing narrows it down, and nothing is a puzzle."""
    for operation in OPERATIONS:
        optional = {name for name in operation.filled_in if not operation.parameters[name].get("required")}
        assert optional <= {"limit", "dry_run"}, operation.name
        assert all("example" in each for each in operation.parameters.values() if each.get("required")), operation.name
        assert operation.body is not None or not operation.said.get("requestBody", {}).get("required"), operation.name
