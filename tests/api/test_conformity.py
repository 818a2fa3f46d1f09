"""Live responses by the hundred are what the document says: status, media type, headers and, of JSON, the schema.

Every reading operation is tried as it is filled in, with more of each list, and wrongly; by anybody and with a
credential.
"""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.operations import OPERATIONS, SPECIFICATION, Operation
from tests.support.register import Register

pytestmark = pytest.mark.slow

READING = [
    each
    for each in OPERATIONS
    if each.method == "GET" and "{id}" not in each.template and not each.template.startswith("/v1/export")
]
"""Exports of the whole register take seconds each, and have tests of their own."""


def mismatch(operation: Operation, response: httpx.Response) -> list[str]:
    """How a response differs from what is documented of its operation."""
    status, media_type = str(response.status_code), response.headers.get("content-type", "").partition(";")[0]
    said = SPECIFICATION.followed(operation.said["responses"].get(status, {}))
    if not said:
        return [f"{status} is not documented"]
    missing = [name for name in said.get("headers", {}) if name.lower() not in response.headers]
    # Each is documented where it can be; these are there in some cases only.
    flaws = [f"{status} lacks {name}" for name in missing if name not in ("RateLimit", "RateLimit-Policy")]
    if media_type not in {each.partition(";")[0] for each in said.get("content", {})}:
        return [*flaws, f"{status} is {media_type}, which is not documented"]
    if "json" in media_type and "jsonl" not in media_type:
        flaws += SPECIFICATION.flaws(operation.method, operation.template, response)
    return flaws


def attempts(operation: Operation) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """What to ask for: paths, queries and headers, right and wrong."""
    path, filled, known = operation.path(), operation.filled_in, operation.parameters
    yield path, filled, {}
    if "limit" in known and "format" not in known:
        yield path, {**filled, "limit": "10"}, {}
    if "count" in known and "facets" in known:
        yield path, {**filled, "count": "true", "limit": "1"}, {}
    if "as_of" in known and "q" not in filled:
        yield path, {**filled, "as_of": "2100-01-01T00:00:00Z"}, {}
        yield path, {**filled, "as_of": "yesterday"}, {}
    if "include" in known:
        (example, *_) = known["include"]["schema"]["examples"]
        yield (
            path,
            {**filled, "include": ",".join(example), "limit": "5"}
            if "limit" in known
            else {**filled, "include": ",".join(example)},
            {},
        )
    if operation.template.startswith("/v1"):
        yield path, {**filled, "nonsense": "1"}, {}
        yield path, filled, {"Accept": "image/png"}
    if "slug" in known:
        yield operation.path(slug="there-is-none"), filled, {}


@pytest.mark.parametrize("credential", ["anonymous", "token"])
def test_what_is_answered_is_what_is_documented(register: Register, credential: str) -> None:
    headers = register.authorization if credential == "token" else {}
    flaws: list[str] = []
    tried = 0
    for operation in READING:
        for path, query, more in attempts(operation):
            response = register.get(path, params=query, headers={**headers, **more})
            tried += 1
            flaws += [f"{response.request.url} {more}: {each}" for each in mismatch(operation, response)]
    assert flaws == []
    assert tried > 700
