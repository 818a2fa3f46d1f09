"""The shape that every error has."""

import httpx

MEMBERS = {"type", "title", "status", "detail", "instance"}


def assert_problem(answer: httpx.Response) -> None:
    """Hold an error against RFC 9457 and our own promises; anything else passes."""
    if answer.status_code < 400 or answer.request.method == "HEAD":
        return
    answer.read()
    where = f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    assert answer.status_code != 500, where
    assert answer.headers["content-type"] == "application/problem+json", where
    problem = answer.json()
    assert problem.keys() - {"errors"} == MEMBERS, where
    assert problem["status"] == answer.status_code, where
    assert problem["type"].startswith("/problems/"), where
    assert problem["instance"] == f"urn:request:{answer.headers['x-request-id']}", where
    assert "no-store" in answer.headers["cache-control"], where
    for flaw in problem.get("errors", ()):
        assert flaw.keys() in ({"pointer", "detail"}, {"parameter", "detail"}), where


def pointers(answer: httpx.Response) -> list[str]:
    """The places in the body that an answer finds wrong."""
    return [flaw["pointer"] for flaw in answer.json().get("errors", ()) if "pointer" in flaw]


def parameters(answer: httpx.Response) -> list[str]:
    """The query parameters that an answer finds wrong."""
    return [flaw["parameter"] for flaw in answer.json().get("errors", ()) if "parameter" in flaw]


def kind(answer: httpx.Response) -> str:
    """The name of the problem."""
    name: str = answer.json()["type"].removeprefix("/problems/")
    return name
