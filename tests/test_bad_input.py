"""Bad input: whatever is sent, the answer is a problem that says what is wrong, and nothing is stored.

Each test sends to a real server, and the next list must still be given: what must never happen is a record that was
taken and cannot be shown.
"""

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx
import pytest

from app.api.request_body import MAX_BODY_BYTES
from app.core.flaws import MAX_FLAWS
from app.core.reading.grammar import Grammar
from app.core.resource import Resource
from app.resources import ALL, CATALOGUE
from tests.support.problems import assert_problem, kind, parameters, pointers
from tests.support.samples import Samples
from tests.support.server import Server
from tests.support.waiting import LATE
from tests.support.wire import RawResponse, exchange, request

THEMES = CATALOGUE.by_name["themes"]
EVERY = pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
JSON = {"Content-Type": "application/json"}

TELLTALE = re.compile(
    r"Traceback|File \"|\.py\b|sqlalchemy|psycopg|sqlite|SELECT |INSERT |UPDATE |site-packages|pydantic|For further",
    re.IGNORECASE,
)
"""What would tell a stranger how the server is made."""


def assert_discreet(response: httpx.Response) -> None:
    """Nothing in a problem comes from inside the server."""
    reported = [response.text, str(dict(response.headers))]
    if response.status_code >= 400:
        assert not [each for each in reported if TELLTALE.search(each)], response.text


class Total:
    """Watches that nothing is stored: the number of records of a resource, drafts included."""

    def __init__(self, editor: httpx.Client, resource: Resource) -> None:
        """Count."""
        self._editor = editor
        self._address = f"/v1/{resource.name}?count=true&limit=1"
        self._before = self._now()

    def _now(self) -> int:
        response = self._editor.get(self._address)
        assert response.status_code == 200, response.text
        total: int = response.json()["total"]
        return total

    def check(self) -> None:
        """Nothing came, and the list is still given."""
        assert self._now() == self._before


@pytest.fixture(scope="module")
def server(backend: str, small_servers: dict[str, Server]) -> Server:
    """A real server with a part of the bundled registers."""
    return small_servers[backend]


@pytest.fixture(scope="module")
def anonymous(server: Server) -> Iterator[httpx.Client]:
    """A client of it that shows no credential."""
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def editor(server: Server) -> Iterator[httpx.Client]:
    """A client of it that may write and publish."""
    with server.client(**server.authorization) as client:
        yield client


@pytest.fixture(scope="module")
def samples(editor: httpx.Client) -> Samples:
    """Makes valid records."""
    return Samples(editor)


@pytest.fixture(scope="module")
def valid(samples: Samples) -> Callable[[Resource], dict[str, Any]]:
    """A body of each resource that would be taken, with every field that can be given; to be spoilt by a test."""
    created: dict[str, dict[str, Any]] = {}

    def body(resource: Resource) -> dict[str, Any]:
        if resource.name not in created:
            created[resource.name] = samples.create(resource, number=1).sent
        return {**created[resource.name], "slug": f"bad-{uuid4().hex}"}

    return body


def post(editor: httpx.Client, resource: Resource, raw: bytes | str, **headers: str) -> httpx.Response:
    """Post bytes to a resource."""
    response = editor.post(f"/v1/{resource.name}", content=raw, headers={**JSON, **headers})
    assert_problem(response)
    assert_discreet(response)
    return response


def spoilt(body: dict[str, Any], name: str, raw: str) -> str:
    """A body as JSON text, with the text of one value replaced."""
    mark = f"mark-{uuid4().hex}"
    return json.dumps({**body, name: mark}).replace(f'"{mark}"', raw)


# -- values that no field takes (pitfalls 1, 2, 3, 4, 8) -------------------------------------------------------------

NEVER = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "1e999": "1e999",
    "an integer of 30 digits": "1" + "0" * 29,
    "an integer of 5000 digits": "9" * 5000,
    "a lone surrogate": r'"a\ud800b"',
    "a lone low surrogate": r'"\udc00"',
    "NUL": r'"a\u0000b"',
    "an escape character": r'"\u001b[31m"',
    "a surrogate in a list": r'["\ud800"]',
    "a surrogate in an object": r'{"a": {"b": "\ud800"}}',
    "a surrogate in a key": r'{"\ud800": 1}',
    "NaN in a list": "[[NaN]]",
    "100 levels": "[" * 100 + "]" * 100,
    "10,000 levels": "[" * 10_000 + "]" * 10_000,
    "a key twice": '{"a": 1, "a": 2}',
}


@pytest.mark.mechanics
@EVERY
def test_no_field_takes_what_json_or_a_database_does_not_have(
    editor: httpx.Client, valid: Callable[[Resource], dict[str, Any]], resource: Resource
) -> None:
    body = valid(resource)
    total = Total(editor, resource)
    # Every field meets some of them, and every one of them some field: what is read is refused before it is looked at.
    turns = itertools.cycle(NEVER.items())
    for name in [*resource.create.model_fields, *resource.create.model_fields]:
        for what, raw in itertools.islice(turns, 2):
            response = post(editor, resource, spoilt(body, name, raw))
            assert response.status_code == 422, f"{name}: {what}: {response.text}"
            assert "ud800" not in response.text
    total.check()


def _wrong(value: Any) -> list[Any]:
    """Values of other types than a valid one."""
    if isinstance(value, bool):
        return [1, 0, "true", "", [value], {}]
    if isinstance(value, (int, float)):
        return [str(value), True, [value], {"value": value}]
    if isinstance(value, str):
        return [7, 0.5, True, [value], {"value": value}, {"slug": value}]
    if isinstance(value, list):
        return ["x", 7, True, {"0": value}, [None], [[]], [7], [True], [{"odd": 1}]]
    return ["x", 7, True, [value], {"odd": 1}]


@pytest.mark.mechanics
@EVERY
def test_no_value_is_taken_for_one_of_another_type(
    editor: httpx.Client, valid: Callable[[Resource], dict[str, Any]], resource: Resource
) -> None:
    """Neither "7" for 7 nor 1 for true; and the answer says where."""
    body = valid(resource)
    total = Total(editor, resource)
    for name, value in body.items():
        for wrong in _wrong(value):
            response = post(editor, resource, json.dumps({**body, name: wrong}))
            assert response.status_code == 422, f"{name}: {wrong!r}: {response.text}"
            assert {pointer.split("/")[1] for pointer in pointers(response)} == {name}, (
                f"{name}: {wrong!r}: {response.text}"
            )
    total.check()


@pytest.mark.mechanics
@EVERY
def test_what_is_required_is_neither_left_out_nor_null(
    editor: httpx.Client, valid: Callable[[Resource], dict[str, Any]], resource: Resource
) -> None:
    body = valid(resource)
    total = Total(editor, resource)
    required = [name for name, info in resource.create.model_fields.items() if info.is_required()]
    assert required
    for name in required:
        without = {other: value for other, value in body.items() if other != name}
        for spoiled in (without, {**body, name: None}):
            response = post(editor, resource, json.dumps(spoiled))
            assert (response.status_code, pointers(response)) == (422, [f"/{name}"])
    total.check()


@pytest.mark.mechanics
@EVERY
def test_a_patch_cannot_empty_what_is_required(editor: httpx.Client, samples: Samples, resource: Resource) -> None:
    """Pitfall 7: null reaches no column that cannot be empty."""
    created = samples.create(resource)
    for name, info in resource.create.model_fields.items():
        if info.is_required():
            response = editor.patch(created.path, json={name: None}, headers=created.if_match)
            assert_problem(response)
            assert response.status_code == 422
            assert pointers(response) == [f"/{name}"]
    assert editor.get(created.path).headers["etag"] == created.tag


@pytest.mark.mechanics
@EVERY
def test_what_only_the_register_decides_cannot_be_set(
    editor: httpx.Client, valid: Callable[[Resource], dict[str, Any]], samples: Samples, resource: Resource
) -> None:
    """Pitfalls 6 and 8: neither by a body nor by a patch, and a field that does not exist is not passed over."""
    body = valid(resource)
    total = Total(editor, resource)
    shown = set(resource.fields) - set(resource.create.model_fields)
    assert {"id", "revision", "created_at", "updated_at"} <= shown
    columns = {column.name for column in resource.rows.c} - set(resource.create.model_fields)
    for name in sorted({*shown, *columns, "unheard_of", "__class__", "model_config"}):
        response = post(editor, resource, json.dumps({**body, name: "x"}))
        assert (response.status_code, pointers(response)) == (422, [f"/{name}"])
    total.check()
    created = samples.create(resource)
    for name in sorted(shown | {"created_by", "unheard_of"}):
        response = editor.patch(created.path, json={name: "x"}, headers=created.if_match)
        assert (response.status_code, pointers(response)) == (422, [f"/{name}"])
    assert editor.get(created.path).headers["etag"] == created.tag


@pytest.mark.mechanics
@EVERY
@pytest.mark.parametrize("raw", [b"[]", b'"x"', b"7", b"true", b"null", b"[{}]", b"[[]]"])
def test_a_body_that_is_no_object_is_no_record(editor: httpx.Client, resource: Resource, raw: bytes) -> None:
    assert post(editor, resource, raw).status_code == 422
    assert editor.get(f"/v1/{resource.name}?limit=1").status_code == 200


# -- bodies as bytes -------------------------------------------------------------------------------------------------

NO_JSON = {
    "nothing": b"",
    "blank": b" \n",
    "half": b'{"name": "x"',
    "two": b'{"name": "x"} {"name": "y"}',
    "a comma too many": b'{"name": "x",}',
    "single quotes": b"{'name': 'x'}",
    "a comment": b'{"name": "x"} // y',
    "a byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "UTF-32": '{"name": "x"}'.encode("utf-32-le"),
    "Latin-1": '{"name": "é"}'.encode("latin-1"),
    "surrogates as bytes": b'{"name": "\xed\xa0\x80"}',
    "an overlong form": b'{"name": "\xc0\xaf"}',
    "NUL as a byte": b'{"name": "a\x00b"}',
    "a line break in a text": b'{"name": "a\nb"}',
    "only NUL": b"\x00" * 10,
    "a form": b"name=x&state=published",
    "XML": b"<name>x</name>",
    "open brackets": b"[" * 100_000,
    "100,000 levels": b'{"name":' * 100_000 + b"1" + b"}" * 100_000,
    "a key twice": b'{"name": "x", "name": "y"}',
    "a key twice, written otherwise": b'{"name": "x", "n\\u0061me": "y"}',
    "a key twice that cannot be shown": b'{"\\ud800": 1, "\\ud800": 2}',
    "a key of 10,000 characters": b'{"' + b"k" * 10_000 + b'": 1}',
}


@pytest.mark.parametrize("what", NO_JSON)
def test_a_body_that_is_no_json_is_refused_as_one(editor: httpx.Client, what: str) -> None:
    total = Total(editor, THEMES)
    response = post(editor, THEMES, NO_JSON[what])
    assert (response.status_code, kind(response)) == (422, "invalid-body")
    total.check()
    created = editor.patch("/v1/themes/trade", content=NO_JSON[what], headers={"If-Match": "*", **JSON})
    assert_problem(created)
    assert created.status_code == 422


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/json",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "json",
        "application/merge-patch+json",
        "application/json;;;;;charset=x",
        "\xff",
    ],
)
def test_a_body_of_another_type_is_not_read(editor: httpx.Client, content_type: str) -> None:
    total = Total(editor, THEMES)
    raw = json.dumps({"name": "x"}).encode()
    response = editor.post("/v1/themes", content=raw, headers={"Content-Type": content_type.encode("latin-1")})  # type: ignore[dict-item]
    assert_problem(response)
    assert_discreet(response)
    if content_type.startswith("application/json;;"):
        assert response.status_code in (415, 201)
    else:
        assert (response.status_code, kind(response)) == (415, "unsupported-media-type")
        total.check()


def test_a_body_without_a_type_is_not_read(editor: httpx.Client) -> None:
    response = editor.post("/v1/themes", content=b"{}")
    assert (response.status_code, kind(response)) == (415, "unsupported-media-type")


# -- size ------------------------------------------------------------------------------------------------------------


def _padded(size: int) -> bytes:
    """A theme as JSON of exactly this many bytes; white space makes it up."""
    body = json.dumps({"name": f"Padded {uuid4().hex}"}).encode()
    return body + b" " * (size - len(body))


def _authorized(server: Server, *more: bytes) -> tuple[bytes, ...]:
    return (b"Authorization: Bearer " + server.token.encode(), b"Content-Type: application/json", *more)


def test_a_body_of_2_mib_is_taken_whole_or_in_chunks(server: Server) -> None:
    whole = exchange(server, request("POST", "/v1/themes", *_authorized(server), body=_padded(MAX_BODY_BYTES)))
    padded = _padded(MAX_BODY_BYTES)
    chunked = exchange(
        server,
        request("POST", "/v1/themes", *_authorized(server), body=[padded[:5], padded[5:100_000], padded[100_000:]]),
    )
    assert (whole.status, chunked.status) == (201, 201)


def test_a_body_of_one_byte_more_is_refused(editor: httpx.Client) -> None:
    total = Total(editor, THEMES)
    response = post(editor, THEMES, _padded(MAX_BODY_BYTES + 1))
    assert (response.status_code, kind(response)) == (413, "content-too-large")
    total.check()


def test_a_body_of_one_byte_more_in_chunks_is_refused(editor: httpx.Client) -> None:
    """Pitfall 24: a chunked body says nothing of its size beforehand."""
    total = Total(editor, THEMES)
    padded = _padded(MAX_BODY_BYTES + 1)

    def parts() -> Iterator[bytes]:
        for start in range(0, len(padded), 65_536):
            yield padded[start : start + 65_536]

    response = editor.post("/v1/themes", content=parts(), headers=JSON)
    assert_problem(response)
    assert (response.status_code, kind(response)) == (413, "content-too-large")
    total.check()


def test_a_size_that_is_announced_is_enough_to_refuse_it(server: Server) -> None:
    """The body need not be sent: a client that waits for 100 Continue is spared it."""
    for size in (MAX_BODY_BYTES + 1, 10**12):
        length = b"Content-Length: %d" % size
        response = exchange(server, request("POST", "/v1/themes", *_authorized(server, length), body=b"{"))
        assert (response.status, response.json()["type"]) == (413, "/problems/content-too-large")


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: -1",),
        (b"Content-Length: 2x",),
        (b"Content-Length: 1e3",),
        (b"Content-Length: \xb2",),
        (b"Content-Length: " + b"9" * 30,),
        (b"Content-Length: 2", b"Content-Length: 3"),
        (b"Content-Length: +2",),
        (b"Content-Length: 2", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: rubbish",),
    ],
)
def test_a_length_that_is_none_is_refused(server: Server, headers: tuple[bytes, ...]) -> None:
    response = exchange(server, request("POST", "/v1/themes", *_authorized(server, *headers), body=b"{}"))
    assert response.status == 0 or 400 <= response.status < 500


def test_a_length_may_begin_with_any_number_of_zeros(server: Server) -> None:
    length = b"Content-Length: " + b"0" * 5000
    empty = exchange(server, request("POST", "/v1/themes", *_authorized(server, length)))
    assert (empty.status, empty.json()["type"]) == (422, "/problems/invalid-body")
    too_large = exchange(server, request("POST", "/v1/themes", *_authorized(server, length + b"9" * 15)))
    assert too_large.status == 413


# -- dates and numbers -----------------------------------------------------------------------------------------------

NO_DAYS = [
    "0000-01-01",
    "2026-02-30",
    "2026-13-01",
    "2026-1-1",
    "20260131",
    "2026-01-31T00:00:00Z",
    "today",
    "",
    "\uff12026-01-31",
    "-2026-01-31",
    "10000-01-01",
    " 2026-01-31",
]


@pytest.mark.parametrize("day", NO_DAYS)
def test_a_day_that_is_none_is_refused(
    editor: httpx.Client, valid: Callable[[Resource], dict[str, Any]], day: str
) -> None:
    challenges = CATALOGUE.by_name["challenges"]
    response = post(editor, challenges, json.dumps({**valid(challenges), "identified_on": day}))
    assert (response.status_code, pointers(response)) == (422, ["/identified_on"])
    requested = editor.get("/v1/challenges", params={"identified_on__lt": day})
    assert_problem(requested)
    assert (requested.status_code, parameters(requested)) == (400, ["identified_on__lt"])


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_are_days(editor: httpx.Client, samples: Samples, day: str) -> None:
    created = samples.create(CATALOGUE.by_name["challenges"], identified_on=day)
    assert created.record["identified_on"] == day
    found = editor.get("/v1/challenges", params={"identified_on": day, "slug": created.slug, "sort": "identified_on"})
    assert [record["slug"] for record in found.json()["data"]] == [created.slug]


@pytest.mark.parametrize("operator", ["lt", "lte", "gt", "gte"])
@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "2026-01-31T12:00:00",
        "2026-01-31",
        "1700000000",
        "now",
        "2026-02-30T00:00:00Z",
        "2026-01-31T12:00:00+99:99",
    ],
)
def test_a_time_that_is_none_is_refused(anonymous: httpx.Client, moment: str, operator: str) -> None:
    """Pitfall 13: neither a time without a zone nor one that leaves the calendar in UTC."""
    for field in ("created_at", "updated_at"):
        response = anonymous.get("/v1/challenges", params={f"{field}__{operator}": moment})
        assert_problem(response)
        assert (response.status_code, parameters(response)) == (400, [f"{field}__{operator}"])


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "9999-12-31T00:00:00+12:00"])
def test_the_ends_of_time_can_be_asked_for(anonymous: httpx.Client, moment: str) -> None:
    counts = [
        anonymous.get("/v1/challenges", params={f"created_at__{operator}": moment, "count": "true"}).json()["total"]
        for operator in ("lt", "gte")
    ]
    assert sorted(counts)[0] == 0
    assert sum(counts) > 0


@pytest.mark.parametrize("value", [-0.0, 0.1, 1e308, -1e308, 5e-324, 1e16, 2**53, 123456789.123456789, -1])
def test_numbers_are_kept_to_the_last_digit(editor: httpx.Client, samples: Samples, value: float) -> None:
    created = samples.create(CATALOGUE.by_name["observations"], value=value)
    # As text: of the two databases one forgets the sign of zero, so neither is let keep it.
    assert json.dumps(created.record["value"]) == json.dumps(value + 0.0)
    assert json.dumps(editor.get(created.path).json()["value"]) == json.dumps(created.record["value"])
    found = editor.get(
        "/v1/observations", params={"value__gte": repr(value), "value__lte": repr(value), "slug": created.slug}
    )
    assert len(found.json()["data"]) == 1


@pytest.mark.parametrize("value", ["NaN", "nan", "Infinity", "-inf", "1e999", "", "x", "0x10", "1,5"])
def test_a_number_that_is_none_cannot_be_asked_for(anonymous: httpx.Client, value: str) -> None:
    response = anonymous.get("/v1/observations", params={"value__gte": value})
    assert_problem(response)
    assert (response.status_code, parameters(response)) == (400, ["value__gte"])


@pytest.mark.parametrize(
    "limit",
    ["-1", "0", "201", str(10**30), "1" + "0" * 5000, "1.0", "abc", "", "1_0", "+1", " 1", "\u0661"],
)
@pytest.mark.parametrize("path", ["challenges", "partnerships/india-south-korea/revisions", "changes", "search?q=a"])
def test_a_limit_that_is_none_is_refused(anonymous: httpx.Client, path: str, limit: str) -> None:
    """Pitfalls 4 and 21: a limit of -1 once gave everything."""
    path, _, query = path.partition("?")
    response = anonymous.get(f"/v1/{path}", params={**dict(parse_qsl(query)), "limit": limit})
    assert_problem(response)
    assert (response.status_code, parameters(response)) == (400, ["limit"])


# -- queries ---------------------------------------------------------------------------------------------------------


@pytest.mark.mechanics
@EVERY
def test_every_parameter_of_a_list_refuses_rubbish_readably(anonymous: httpx.Client, resource: Resource) -> None:
    """Whatever the parameter and whatever the text, the answer is what matches or a problem; the next list is given."""
    declared = list(Grammar(resource, CATALOGUE).list_parameters.model_fields)
    assert len(declared) > 10
    for name in declared:
        for text in ("a\x00", "'\"\\%_;--\U0001f91d", "9" * 400):
            response = anonymous.get(f"/v1/{resource.name}", params={name: text})
            assert_problem(response)
            assert_discreet(response)
            assert response.status_code in (200, 400), f"{name}={text!r}: {response.text}"
            assert response.status_code == 400 or "\x00" not in text, name
    assert anonymous.get(f"/v1/{resource.name}").status_code == 200


@pytest.mark.mechanics
@EVERY
def test_a_field_that_is_not_shown_cannot_be_asked_for_by_any_door(
    editor: httpx.Client, anonymous: httpx.Client, resource: Resource
) -> None:
    """Pitfall 15: who made a record is not told bit by bit, and is refused like a name that does not exist."""
    for client in (anonymous, editor):
        responses = {}
        for name in ("created_by", "unheard_of"):
            for query in (
                f"{name}=a",
                f"{name}__contains=a",
                f"sort={name}",
                f"sort=-{name}",
                f"facets={name}",
                f"fields={name}",
            ):
                ending = ".json" if query.startswith("fields") else ""
                response = client.get(f"/v1/{resource.name}{ending}?{query}")
                assert_problem(response)
                assert response.status_code == 400
                # The hint at the nearest name may differ; all else must not.
                reported = re.sub(
                    r" Did you mean -?\w+\?", "", json.dumps(response.json()["errors"]).replace(name, "NAME")
                )
                responses[query.replace(name, "NAME"), name] = reported
        for (query, name), reported in responses.items():
            assert reported == responses[query, "unheard_of"], name


@pytest.mark.parametrize("text", ["%", "_", "\\", "%%", "_%", "\\%", "\\_", "\\\\", "[a-z]", "*", "?"])
def test_wildcards_in_a_filter_stand_for_themselves(editor: httpx.Client, samples: Samples, text: str) -> None:
    """Pitfall 21: `%` is not everything."""
    mark = uuid4().hex
    with_it = samples.create(THEMES, name=f"{mark} a{text}b")
    samples.create(THEMES, name=f"{mark} axb and a/b")
    pairs = {"name__contains": f"{mark} a{text}b"}
    assert [each["slug"] for each in editor.get("/v1/themes", params=pairs).json()["data"]] == [with_it.slug]
    found = editor.get("/v1/themes", params={"name__contains": text, "limit": "200"}).json()["data"]
    assert found
    assert all(text in each["name"] for each in found)


def test_a_query_of_51_filter_values_is_refused(anonymous: httpx.Client) -> None:
    fifty = [("slug", f"s{number}") for number in range(50)]
    assert anonymous.get("/v1/challenges", params=fifty).status_code == 200  # type: ignore[arg-type]
    for more in (("slug", "s50"), ("status", "open"), ("partnership", "p"), ("title__contains", "t")):
        response = anonymous.get("/v1/challenges", params=[*fifty, more])  # type: ignore[arg-type]
        assert_problem(response)
        assert response.status_code == 400
        assert "50" in response.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"identified_on__{number}=1" for number in range(3000)),
        "sort=" + ",".join(["title"] * 9000),
        "fields=" + ",".join(["a"] * 30_000),
        "&".join(["slug=a"] * 9000),
        "q=" + "a+" * 30_000,
        "cursor=" + "A" * 60_000,
    ],
    ids=["names", "sort", "fields", "values", "words", "cursor"],
)
def test_a_very_long_query_is_answered_soon(anonymous: httpx.Client, query: str) -> None:
    begun = time.monotonic()
    response = anonymous.get(f"/v1/challenges?{query}")
    assert_problem(response)
    assert response.status_code == 400
    assert len(response.json().get("errors", ())) <= MAX_FLAWS
    assert time.monotonic() - begun < 5 + LATE


@pytest.mark.parametrize(
    "cursor", ["", "x", "....", "a.b", "\U0001f91d", "%00", "W10.AAAA", ".eJw", "null", "a" * 1999]
)
def test_a_cursor_that_is_none_is_refused(anonymous: httpx.Client, cursor: str) -> None:
    for path in ("/v1/challenges", "/v1/challenges.csv"):
        response = anonymous.get(path, params={"cursor": cursor})
        assert_problem(response)
        assert response.status_code == 400
        assert parameters(response) in ([], ["cursor"])


@pytest.mark.parametrize(
    "query", ["q=%ED%A0%80", "title=%FF", "title__contains=%C0%AF", "%ED%A0%80=1", "slug=%80", "sort=%FF"]
)
def test_a_query_that_is_no_utf8_is_refused_and_never_fails(server: Server, query: str) -> None:
    response = exchange(server, request("GET", f"/v1/challenges?{query}"))
    assert response.status == 400
    assert response.json()["type"].startswith("/problems/")


# -- paths -----------------------------------------------------------------------------------------------------------


NO_KEYS = [
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%FF",
    "%C0%AF",
    "%",
    "%zz",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "a%2Fb",
    "a%0Ab",
    "a%0D%0ASet-Cookie:x",
    "A",
    "-",
    "a--b",
    "a_b",
    "%20",
    "a" * 121,
    "a" * 5000,
    "9" * 40,
    str(2**64),
    "-1",
    "0",
    "1e999",
    "NaN",
    "null",
    "{key}",
    "00000000-0000-0000-0000-000000000000",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "%F0%9F%A4%9D",
    "%ED%95%9C",
    "a;b",
    "a,b",
    "a'b",
    "a%22b",
    "a%5Cb",
    "*",
]


@pytest.mark.mechanics
@EVERY
def test_no_record_has_a_key_like_these(server: Server, resource: Resource) -> None:
    for key in NO_KEYS:
        response = exchange(server, request("GET", f"/v1/{resource.name}/{key}"))
        assert response.status == 404, f"{key}: {response.raw[:300]!r}"
        assert response.json()["type"] == "/problems/not-found"
        assert response.header("set-cookie") is None


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("key", ["%00", "%ED%A0%80", "A", "a" * 121, "a%2Fb", "%0D%0Ax", "a--b", str(2**64) * 10])
def test_no_record_can_be_made_or_changed_under_a_key_like_this(server: Server, method: str, key: str) -> None:
    raw = json.dumps({"name": "x"}).encode()
    response = exchange(server, request(method, f"/v1/themes/{key}", *_authorized(server, b"If-Match: *"), body=raw))
    assert response.status == 404, response.raw[:300]


@pytest.mark.parametrize(
    "path",
    [
        "//v1/challenges",
        "/v1//challenges",
        "/V1/challenges",
        "/v1/Challenges",
        "/v1/challenge",
        "/v2/challenges",
        "/..",
        "/%2e%2e",
        "/static/..%2f..%2fmain.py",
        "/static/../main.py",
        "/static/%00",
        "/static/nothing",
        "/.env",
        "/problems/%00",
        "/problems/x",
    ],
)
def test_a_path_that_does_not_exist_is_not_found_and_leads_nowhere_else(server: Server, path: str) -> None:
    response = exchange(server, request("GET", path, host=b"evil.example"))
    assert response.status == 404, response.raw[:300]
    assert response.header("location") is None
    assert b"evil" not in response.raw
    assert response.json()["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/v1/challenges/", "/v1/challenges"),
        ("/v1/challenges//?limit=1", "/v1/challenges?limit=1"),
        ("/v1/", "/v1"),
        ("/docs/", "/docs"),
        ("/v1/challenges/trade-imbalance/", "/v1/challenges/trade-imbalance"),
        ("/v1/challenges%2F", "/v1/challenges"),
        ("/%5Celsewhere.example/", "/%5Celsewhere.example"),
        ("/%2F%2Felsewhere.example%2F", "/elsewhere.example"),
        ("//elsewhere.example/", "/elsewhere.example"),
        ("///elsewhere.example//", "/elsewhere.example"),
    ],
)
def test_a_slash_at_the_end_leads_to_the_path_without_on_the_same_host(
    server: Server, path: str, location: str
) -> None:
    """Pitfall 19: never to whatever Host said, nor to a host that the path names."""
    # A path that decodes to the same, and has no slash at its end, has another response; caches must not mix them up.
    exchange(server, request("GET", path.replace("/v1/challenges/", "/v1/challenges%2F"), host=b"evil.example"))
    response = exchange(server, request("GET", path, host=b"evil.example"))
    assert (response.status, response.header("location")) == (308, location)
    assert b"evil" not in response.raw


@pytest.mark.parametrize(
    "target",
    [b"/v1/challenges/\xff", b"/v1/challenges/\x00", b"/v1/ challenges", b"v1", b"/v1?\xff", b""],
)
def test_a_target_that_is_none_is_refused(server: Server, target: bytes) -> None:
    response = exchange(server, request("GET", target))
    assert (
        response.status == 0 or 400 <= response.status < 500 or (target.startswith(b"/v1?") and response.status == 200)
    )


@pytest.mark.parametrize("length", [1000, 20_000, 60_000, 200_000, 2_000_000])
def test_an_address_of_any_length_is_answered(server: Server, length: int) -> None:
    for target in (
        f"/v1/challenges/{'a' * length}",
        f"/v1/challenges?title={'a' * length}",
        f"/v1/{'a/' * (length // 2)}a",
    ):
        response = exchange(server, request("GET", target))
        assert response.status in (400, 404, 431)


# -- the Host header -------------------------------------------------------------------------------------------------

HOSTS = [b"evil.example", b"evil.example:8080", b"evil.example:", b"[::1]:80"]
NO_HOSTS = [
    b"evil.example/x?",
    b"evil.example?y=",
    b"evil.example#",
    b"u:p@evil.example",
    b"[::evil]",
    b"[",
    b"evil.example:99999999",
    b"evil.example\\x",
    b"",
    b"evil.example/v1/themes/",
]


@pytest.mark.parametrize("host", HOSTS)
def test_the_host_header_reaches_no_answer(server: Server, editor: httpx.Client, samples: Samples, host: bytes) -> None:
    """Links are paths: no answer can send anybody, or any cache in between, to where a stranger wants them."""
    created = samples.create(THEMES)
    renamed = editor.patch(created.path, json={"slug": f"{created.slug}-now"}, headers=created.if_match)
    assert renamed.status_code == 200
    body = json.dumps({"name": f"Hosted {uuid4().hex}"}).encode()
    requests: list[tuple[int, bytes]] = [
        (200, request("GET", "/v1/challenges?limit=1", host=host)),
        (308, request("GET", f"{created.path}?as_of=2999-01-01T00:00:00Z", *_authorized(server), host=host)),
        (201, request("POST", "/v1/themes", *_authorized(server), body=body, host=host)),
        (400, request("GET", "/v1/challenges?x=1", host=host)),
        (404, request("GET", "/v1/nothing", host=host)),
        (405, request("DELETE", "/v1/challenges", host=host)),
        (200, request("GET", "/openapi.json", host=host)),
        (200, request("GET", "/v1", host=host)),
        (200, request("GET", "/", host=host)),
    ]
    for status, raw in requests:
        response = exchange(server, raw)
        assert response.status == status, response.raw[:300]
        assert b"evil" not in response.raw
        location = response.header("location")
        if status == 308:
            assert location == f"{created.path}-now?as_of=2999-01-01T00:00:00Z"
        elif status == 201:
            assert location is not None
            assert re.fullmatch("/v1/themes/hosted-[0-9a-f]+", location)
        else:
            assert location is None


@pytest.mark.parametrize("host", NO_HOSTS)
def test_a_host_that_is_none_is_refused_and_not_repeated(server: Server, host: bytes) -> None:
    refused = exchange(server, request("GET", "/v1/challenges?limit=1", host=host))
    assert refused.status == 400
    assert b"evil" not in refused.raw


def test_the_methods_of_a_path_do_not_depend_on_the_host(server: Server) -> None:
    allowed = {exchange(server, request("OPTIONS", "/v1/challenges/x", host=host)).header("allow") for host in HOSTS}
    assert len(allowed) == 1
    assert "PATCH" in str(allowed)


# -- other headers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", ["a b", "a\tb", "x" * 129, "\xff", "<script>", "a;b", "{}", "%0d%0a", "", "a,b", "\u00e9"]
)
def test_a_request_id_that_is_not_well_formed_is_replaced(anonymous: httpx.Client, server: Server, given: str) -> None:
    response = anonymous.get("/v1/nothing", headers={"X-Request-Id": given.encode("latin-1")})  # type: ignore[dict-item]
    assert_problem(response)
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])
    stored = anonymous.get("/v1/nothing", headers={"X-Request-Id": "my-own_1.2"})
    assert stored.headers["x-request-id"] == "my-own_1.2"


@pytest.mark.parametrize(
    "name", [b"X-Request-Id", b"Idempotency-Key", b"If-Match", b"Accept", b"Authorization", b"If-None-Match", b"Origin"]
)
@pytest.mark.parametrize(
    "value", [b"a\r\nSet-Cookie: x=1", b"a\nSet-Cookie: x=1", b"a\rSet-Cookie: x=1", b"a\x00b", b"\x1b[2J", b"\xff\xfe"]
)
def test_nobody_writes_headers_of_their_own_into_an_answer(server: Server, name: bytes, value: bytes) -> None:
    body = json.dumps({"name": f"Injected {uuid4().hex}"}).encode()
    response = exchange(server, request("POST", "/v1/themes", *_authorized(server, name + b": " + value), body=body))
    assert response.status == 0 or 200 <= response.status < 500
    assert response.header("set-cookie") is None
    assert b"\x1b" not in response.head


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "\xff", "a\tb", "\u00e9"])
def test_an_idempotency_key_that_is_none_is_refused(editor: httpx.Client, key: str) -> None:
    total = Total(editor, THEMES)
    headers = {"Idempotency-Key": key.encode("latin-1")}
    response = editor.post("/v1/themes", json={"name": "x"}, headers=headers)  # type: ignore[arg-type]
    assert_problem(response)
    assert (response.status_code, kind(response)) == (400, "malformed-request")
    total.check()


@pytest.mark.parametrize(
    "slug", ["a\r\nSet-Cookie: x", "a b", "../x", "a/b", "\u00e9", "A", "", "-", "a" * 121, "a%0d%0a", "\x00"]
)
def test_a_slug_that_is_none_reaches_no_header(editor: httpx.Client, slug: str) -> None:
    response = post(editor, THEMES, json.dumps({"name": "x", "slug": slug}))
    assert (response.status_code, pointers(response)) == (422, ["/slug"])
    assert "set-cookie" not in response.headers


RUBBISH_MATCHES = [
    "",
    "rubbish",
    "1",
    '"',
    '"rubbish"',
    '"0-x"',
    '"-1-x"',
    '"99999999999999999999-x"',
    '"*"',
    '"*-x"',
    "W/",
    "W/*",
    '"1',
    "1-x",
    ",,,",
    '"\xff"',
    '"' + "9" * 5000 + '"',
    "**",
    "NaN",
    "null",
]


@pytest.mark.parametrize("match", RUBBISH_MATCHES)
@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_a_change_on_a_condition_that_is_none_is_not_made(
    editor: httpx.Client, samples: Samples, method: str, match: str
) -> None:
    created = samples.create(THEMES, number=0)
    headers = {"If-Match": match.encode("latin-1"), **JSON}
    content = b"" if method == "DELETE" else b'{"name": "Changed"}'
    response = editor.request(method, created.path, content=content, headers=headers)  # type: ignore[arg-type]
    assert_problem(response)
    assert response.status_code in (400, 412), response.text
    assert editor.get(created.path).headers["etag"] == created.tag


@pytest.mark.parametrize(
    "name",
    [
        "If-None-Match",
        "If-Modified-Since",
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Range",
        "Cookie",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "Forwarded",
        "X-HTTP-Method-Override",
        "Expect",
    ],
)
@pytest.mark.parametrize(
    "value", ["rubbish", '"' * 100, ",;=q" * 200, "\xff\xfe", "a" * 30_000, "evil.example", "q=nan;*/*", "bytes=0-"]
)
def test_a_header_of_rubbish_never_fails(anonymous: httpx.Client, name: str, value: str) -> None:
    response = anonymous.get("/v1/challenges?limit=1", headers={name: value.encode("latin-1")})  # type: ignore[dict-item]
    assert_problem(response)
    assert response.status_code in (200, 406, 417)
    assert "evil" not in response.text + str(response.headers)


def test_a_huge_accept_header_is_answered_soon(server: Server) -> None:
    accept = b"Accept: " + b",".join(b"text/x%d;q=0.5" % number for number in range(20_000)) + b",text/csv"
    begun = time.monotonic()
    response = exchange(server, request("GET", "/v1/challenges?limit=1", accept))
    assert response.status in (200, 400, 431)
    assert time.monotonic() - begun < 5 + LATE


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1 HTTP/1.1\r\nHost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"FOO /v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"\xff" * 100,
        b"GET /v1 HTTP/1.1\r\nHost: x\r\n folded\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_no_request_at_all_is_no_trouble(server: Server, anonymous: httpx.Client, raw: bytes) -> None:
    if raw.endswith(b"\r\n\r\n") and raw.strip():
        assert exchange(server, raw).status < 500
    assert anonymous.get("/healthz").status_code == 200


# -- alike on both ---------------------------------------------------------------------------------------------------

ALIKE: list[tuple[str, str, bytes]] = [
    *(("POST", "/v1/themes", raw) for raw in NO_JSON.values()),
    *(("POST", "/v1/themes", spoilt({"name": "x"}, "name", raw).encode()) for raw in NEVER.values()),
    *(("POST", f"/v1/{resource.name}", b"{}") for resource in ALL),
    *(("POST", f"/v1/{resource.name}", b'{"unheard_of": 1, "id": 7, "slug": "A"}') for resource in ALL),
    ("POST", "/v1/challenges", b'{"title": "x", "partnership": "none-such", "themes": ["none-such", "trade"]}'),
    ("POST", "/v1/challenges", b'{"title": "x", "partnership": "india-south-korea", "themes": ["trade", "trade"]}'),
    ("POST", "/v1/themes", b'{"name": "x", "slug": "trade"}'),
    ("PATCH", "/v1/themes/trade", b"{}"),
    ("PUT", "/v1/themes/trade", b'{"name": "x"}'),
    ("DELETE", "/v1/themes/trade", b""),
    *(
        ("GET", f"/v1/challenges?{query}", b"")
        for query in (
            "x=1",
            "limit=0",
            "sort=x",
            "status=opne",
            "cursor=x",
            "q=%22%22",
            "q=%00",
            "created_at__lt=9999-12-31T23:59:59-12:00",
            "identified_on=0000-01-01",
            "title=%ED%A0%80",
        )
    ),
    *(
        ("GET", f"/v1/challenges/{key}", b"")
        for key in ("none-such", "%00", "A", "00000000-0000-0000-0000-000000000000")
    ),
]


def _reported(response: RawResponse) -> tuple[int, dict[str, Any]]:
    problem = response.json()
    del problem["instance"]
    return response.status, problem


@pytest.mark.slow
@pytest.mark.postgresql
def test_both_databases_refuse_in_the_same_words(small_servers: dict[str, Server]) -> None:
    from tests.support.databases import require_backend

    require_backend("postgresql")
    for method, target, body in ALIKE:
        on_sqlite, on_postgresql = (
            exchange(server, request(method, target, *_authorized(server), body=body))
            for server in (small_servers["sqlite"], small_servers["postgresql"])
        )
        assert _reported(on_sqlite) == _reported(on_postgresql), (method, target, body[:80])
        assert 400 <= on_sqlite.status < 500


def test_nothing_of_all_this_was_a_fault_of_ours(server: Server) -> None:
    """Comes last in this file: the log of the server has no answer of 500 and no traceback."""
    log = server.log_file.read_text(errors="replace")
    assert "Traceback" not in log
    assert not re.search(r"followthrough\.access \S+ \S+ 500 ", log)
