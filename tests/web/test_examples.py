"""Every example of openapi.json works as it stands on the bundled register."""

from typing import Any

import httpx
import pytest

from tests.support.operations import OPERATIONS, Operation, of_kind


def is_named(operation: Operation) -> str:
    return operation.name


def to_change(operation: Operation, client: httpx.Client) -> str:
    """The slug, or the id, of something new that an operation can change."""
    create = next(each for each in of_kind("create") if each.tag == operation.tag)
    made = client.post(create.path(), content=create.content, headers=create.headers)
    key: str = made.json().get("slug") or made.json()["id"]
    return key


def describe_emptiness(answer: httpx.Response) -> str:
    """What is missing in an answer that has a list with nothing in it."""
    if answer.headers["content-type"] != "application/json":
        return ""
    shown = answer.json()
    return f"nothing at {answer.url}" if isinstance(shown, dict) and shown.get("data", ...) == [] else ""


@pytest.mark.parametrize("operation", of_kind("get"), ids=is_named)
def test_what_is_read_as_filled_in_is_there(operation: Operation, anonymous: httpx.Client) -> None:
    answer = anonymous.get(operation.path(), params=operation.filled_in)
    assert answer.status_code == 200, answer.text
    assert not describe_emptiness(answer)


@pytest.mark.parametrize("operation", [each for each in of_kind("get") if any(each.hints)], ids=is_named)
def test_each_example_of_an_optional_parameter_finds_something(operation: Operation, anonymous: httpx.Client) -> None:
    required = {
        name: value for name, value in operation.filled_in.items() if operation.parameters[name].get("required")
    }
    flaws: list[str] = []
    for name, value in operation.hints:
        answer = anonymous.get(operation.path(), params={**required, name: value})
        flaws += [answer.text] if answer.status_code != 200 else filter(None, [describe_emptiness(answer)])
    assert flaws == []


@pytest.mark.parametrize("operation", of_kind("create"), ids=is_named)
def test_the_example_of_a_new_record_is_taken(operation: Operation, scratch: httpx.Client) -> None:
    answer = scratch.post(operation.path(), content=operation.content, headers=operation.headers)
    assert answer.status_code == 201, answer.text
    assert scratch.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize("operation", of_kind("put"), ids=is_named)
def test_the_example_of_a_record_under_a_chosen_slug_is_taken(operation: Operation, scratch: httpx.Client) -> None:
    answer = scratch.put(operation.path(), content=operation.content, headers=operation.headers)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("operation", of_kind("patch"), ids=is_named)
def test_the_example_of_a_change_is_taken(operation: Operation, scratch: httpx.Client) -> None:
    filled_in = scratch.patch(operation.path(), content=operation.content, headers=operation.headers)
    assert filled_in.status_code == 200, filled_in.text
    seen = {**operation.headers, "If-Match": filled_in.headers["etag"]}
    assert scratch.patch(operation.path(), content=operation.content, headers=seen).status_code == 200


@pytest.mark.parametrize("operation", of_kind("act", "delete"), ids=is_named)
def test_what_is_done_with_a_record_is_done(operation: Operation, scratch: httpx.Client) -> None:
    path = operation.path(key=to_change(operation, scratch))
    headers: dict[str, Any] = {**operation.headers, "If-Match": "*"}
    answer = scratch.request(operation.method, path, content=operation.content, headers=headers)
    assert answer.status_code in (200, 204), answer.text


@pytest.mark.parametrize("operation", of_kind("inspect"), ids=is_named)
def test_what_is_read_with_a_credential_is_there(operation: Operation, scratch: httpx.Client) -> None:
    assert scratch.get(operation.path(key=to_change(operation, scratch))).status_code == 200


@pytest.mark.parametrize("operation", OPERATIONS, ids=is_named)
def test_only_what_finds_everything_is_filled_in(operation: Operation) -> None:
    """Whoever presses Execute at once is to see plain data: nothing narrows it down, and nothing is a puzzle."""
    optional = {name for name in operation.filled_in if not operation.parameters[name].get("required")}
    assert optional <= {"limit"}
    assert all("example" in each for each in operation.parameters.values() if each.get("required"))
    assert operation.body is not None or not operation.said.get("requestBody", {}).get("required")
