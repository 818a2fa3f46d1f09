"""What HTTP itself promises, over the wire: parts of files, lists of values, and what caches may store."""

import gzip
from uuid import uuid4

import httpx
import pytest

from tests.support.server import Server
from tests.support.wire import exchange, request

BUNDLE = "/static/swagger-ui/swagger-ui-bundle.js"
STORABLE = "public, max-age=0, s-maxage=10"


@pytest.mark.parametrize("coding", ["identity", "gzip", "br, zstd"])
def test_a_part_of_a_file_is_a_part_of_the_file(anonymous: httpx.Client, coding: str) -> None:
    whole = anonymous.get(BUNDLE).content
    part = anonymous.get(BUNDLE, headers={"Range": "bytes=1000-2999", "Accept-Encoding": coding})
    assert part.status_code == 206
    assert "content-encoding" not in part.headers
    assert part.headers["content-range"] == f"bytes 1000-2999/{len(whole)}"
    assert part.content == whole[1000:3000]


@pytest.mark.parametrize("unusable", ["lines=1-2", "bytes=5-3", "bytes=x-y", "bytes", "bytes=-", "bytes=1-2;3"])
def test_a_range_that_cannot_be_understood_is_ignored(anonymous: httpx.Client, unusable: str) -> None:
    response = anonymous.get(BUNDLE, headers={"Range": unusable})
    assert response.status_code == 200
    assert len(response.content) == int(
        anonymous.head(BUNDLE, headers={"Accept-Encoding": ""}).headers["content-length"]
    )


def test_a_range_beyond_the_end_is_a_problem(anonymous: httpx.Client) -> None:
    response = anonymous.get(BUNDLE, headers={"Range": "bytes=99999999-"})
    assert response.status_code == 416
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["content-range"].startswith("bytes */")
    assert response.json()["type"] == "/problems/range-not-satisfiable"


@pytest.mark.parametrize("range_", ["bytes=0-9", "bytes=99999999-"])
def test_a_range_is_for_get_alone(anonymous: httpx.Client, range_: str) -> None:
    """RFC 9110, section 14.2."""
    response = anonymous.head(BUNDLE, headers={"Range": range_, "Accept-Encoding": ""})
    assert response.status_code == 200
    assert int(response.headers["content-length"]) == len(anonymous.get(BUNDLE).content)
    assert "content-range" not in response.headers


@pytest.mark.parametrize("path", [BUNDLE, "/static/site.css"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_file_is_known_by_its_tag_alone(anonymous: httpx.Client, path: str, coding: str) -> None:
    encoding = {"Accept-Encoding": coding}
    first = anonymous.get(path, headers=encoding)
    dates = {"If-Modified-Since": first.headers["last-modified"]}
    assert anonymous.get(path, headers={**encoding, **dates}).status_code == 200
    assert anonymous.get(path, headers={**encoding, **dates, "If-None-Match": '"other"'}).status_code == 200
    assert anonymous.get(path, headers={**encoding, "If-None-Match": first.headers["etag"]}).status_code == 304


def test_a_part_of_what_has_no_parts_is_the_whole(anonymous: httpx.Client) -> None:
    assert anonymous.get("/v1/themes", headers={"Range": "bytes=0-1"}).status_code == 200


def test_a_file_is_compressed_once(anonymous: httpx.Client) -> None:
    first, second = (anonymous.get(BUNDLE, headers={"Accept-Encoding": "gzip"}) for _ in range(2))
    assert first.headers["content-encoding"] == "gzip"
    assert first.content == second.content
    # One that is made anew is sent as it is encoded, in pieces of unknown length; one from memory is whole.
    assert "content-length" in second.headers


@pytest.mark.parametrize(
    "path",
    [
        "/sitemap.xml",
        "/v1/catalog.jsonld",
        "/v1/schemas/commitments.json",
        "/v1/export.yaml",
        "/v1/sources.bib",
        "/v1/sources.ris",
        "/v1/sources.csl.json",
        "/v1/commitments.atom",
        "/openapi.json",
    ],
)
def test_every_text_is_compressed(anonymous: httpx.Client, path: str) -> None:
    response = anonymous.get(path, headers={"Accept-Encoding": "gzip"})
    assert response.status_code == 200
    assert response.headers.get("content-encoding") == "gzip"


@pytest.mark.parametrize(
    ("name", "values", "status"),
    [
        (b"Accept", [b"text/html", b"application/json"], 200),
        (b"Accept", [b"application/json;q=0", b"text/html"], 406),
        (b"If-Match", [b'"nope"', b'"neither"'], 412),
    ],
)
def test_lines_of_a_list_are_one_list(server: Server, name: bytes, values: list[bytes], status: int) -> None:
    lines = [name + b": " + value for value in values]
    assert exchange(server, request("GET", "/v1/themes", *lines)).status == status


def test_any_line_of_if_none_match_counts(server: Server, anonymous: httpx.Client) -> None:
    tag = anonymous.get("/v1/themes", headers={"Accept-Encoding": "identity"}).headers["etag"].encode()
    for lines in ([b'"x"', tag], [tag, b'"x"'], [b'"x", ' + tag, b'"y"']):
        headers = [b"If-None-Match: " + each for each in lines]
        assert exchange(server, request("GET", "/v1/themes", *headers)).status == 304


def test_any_line_of_accept_encoding_counts(server: Server) -> None:
    lines = (b"Accept-Encoding: x", b"Accept-Encoding: gzip")
    response = exchange(server, request("GET", "/v1/themes", *lines))
    assert response.header("content-encoding") == "gzip"
    assert response.json is not None
    assert b"data" in gzip.decompress(_plain(response.body, response.header("transfer-encoding")))


def _plain(body: bytes, coding: str | None) -> bytes:
    """A body, without its chunks."""
    if coding is None:
        return body
    plain = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        plain, body = plain + body[: int(size, 16)], body[int(size, 16) + 2 :]
    return plain


def test_what_is_gone_may_be_stored_as_long_as_what_was_there(anonymous: httpx.Client, editor: httpx.Client) -> None:
    """Or it would never take the place of what caches have."""
    slug = f"to-withdraw-{uuid4().hex}"
    created = editor.post("/v1/themes", json={"slug": slug, "name": slug, "description": "-", "state": "published"})
    assert anonymous.get(f"/v1/themes/{slug}").headers["cache-control"] == STORABLE
    assert editor.delete(f"/v1/themes/{slug}", headers={"If-Match": created.headers["etag"]}).status_code == 204
    for path, status in ((f"/v1/themes/{slug}", 410), (f"/v1/themes/no-{slug}", 404), ("/nowhere", 404)):
        for _ in range(2):
            response = anonymous.get(path, headers={"X-Request-Id": uuid4().hex})
            assert response.status_code == status
            assert response.headers["cache-control"] == STORABLE
            assert {"Accept", "Authorization"} <= set(response.headers["vary"].split(", "))
            assert response.json()["instance"] == f"urn:request:{response.headers['x-request-id']}"
        assert "no-store" in editor.get(path).headers["cache-control"]
    assert anonymous.post(f"/v1/themes/{slug}").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["themes.csv", "themes.xlsx", "export.jsonl", "export.zip", "partnerships/india-south-korea/timeline.ics"]
)
def test_what_a_file_varies_by_is_told_to_whoever_has_it(editor: httpx.Client, path: str) -> None:
    """RFC 9110, section 15.4.5: a cache takes over what a 304 says, and gives the coded bytes to others."""
    whole = editor.get(f"/v1/{path}")
    known = editor.get(f"/v1/{path}", headers={"If-None-Match": whole.headers["etag"]})
    assert (known.status_code, known.headers["vary"]) == (304, whole.headers["vary"])
    assert "content-type" not in known.headers


def test_a_new_record_is_there_at_once(anonymous: httpx.Client, editor: httpx.Client) -> None:
    slug = f"to-come-{uuid4().hex}"
    assert anonymous.get(f"/v1/themes/{slug}").status_code == 404
    editor.post("/v1/themes", json={"slug": slug, "name": slug, "description": "-", "state": "published"})
    assert anonymous.get(f"/v1/themes/{slug}").status_code == 200


def test_a_date_alone_validates_nothing(anonymous: httpx.Client) -> None:
    """Of a record that refers to another, which was renamed, the date stays."""
    path = anonymous.get("/v1/challenges?limit=1").json()["data"][0]["slug"]
    response = anonymous.get(f"/v1/challenges/{path}")
    dated = {"If-Modified-Since": response.headers["last-modified"]}
    assert anonymous.get(f"/v1/challenges/{path}", headers=dated).status_code == 200


def test_a_script_may_read_what_it_needs(anonymous: httpx.Client, editor: httpx.Client) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    response = anonymous.get("/v1/themes", headers=elsewhere)
    exposed = set(response.headers["access-control-expose-headers"].split(", "))
    assert {"Content-Location", "WWW-Authenticate", "Idempotency-Replayed"} <= exposed
    for told, answered in (
        ("Allow", anonymous.delete("/v1/themes", headers=elsewhere)),
        ("Allow", anonymous.options("/v1/themes", headers=elsewhere)),
        (
            "Preference-Applied",
            editor.post(
                "/v1/themes?dry_run=true", json={"name": "Tried"}, headers={**elsewhere, "Prefer": "return=minimal"}
            ),
        ),
    ):
        assert told in answered.headers
        assert told in answered.headers["access-control-expose-headers"].split(", ")
