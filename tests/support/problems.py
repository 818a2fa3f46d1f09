"""The shape that every error has."""

import httpx

MEMBERS = {"type", "title", "status", "detail", "instance"}


def assert_problem(response: httpx.Response) -> None:
    """Hold an error against RFC 9457 and our own promises; anything else passes."""
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    response.read()
    where = f"{response.request.method} {response.request.url}: {response.status_code} {response.text}"
    assert response.status_code != 500, where
    assert response.headers["content-type"] == "application/problem+json", where
    problem = response.json()
    assert problem.keys() - {"errors"} == MEMBERS, where
    assert problem["status"] == response.status_code, where
    assert problem["type"].startswith("/problems/"), where
    assert problem["instance"] == f"urn:request:{response.headers['x-request-id']}", where
    storable = response.status_code in (404, 410) and "authorization" not in response.request.headers
    assert storable or "no-store" in response.headers["cache-control"], where
    for flaw in problem.get("errors", ()):
        assert flaw.keys() in ({"pointer", "detail"}, {"parameter", "detail"}), where


def pointers(response: httpx.Response) -> list[str]:
    """The places in the body that an answer finds wrong."""
    return [flaw["pointer"] for flaw in response.json().get("errors", ()) if "pointer" in flaw]


def parameters(response: httpx.Response) -> list[str]:
    """The query parameters that an answer finds wrong."""
    return [flaw["parameter"] for flaw in response.json().get("errors", ()) if "parameter" in flaw]


def kind(response: httpx.Response) -> str:
    """The name of the problem."""
    name: str = response.json()["type"].removeprefix("/problems/")
    return name
