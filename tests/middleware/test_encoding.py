"""The last step of every answer: content coding, conditional reading, HEAD."""

import gzip
import random
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.api import etag
from app.middleware.encoding import SMALLEST, Representation
from tests.support.asgi import Fixed, call
from tests.support.generated import examples


def _unzstd(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(body)


DECODERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": _unzstd}
LONG = b"what was promised, by whom, by when; " * 50
TAG = etag.make(LONG)
TAGGED = {"Content-Type": "application/json", "ETag": TAG, "Cache-Control": "public", "Vary": "Accept"}

bodies = st.one_of(st.binary(max_size=50), st.binary(max_size=50).map(lambda part: part * 40), st.just(LONG))


@pytest.mark.parametrize("coding", DECODERS)
@given(pieces=st.lists(bodies, max_size=6))
@examples(60)
def test_an_encoded_answer_is_the_answer(coding: str, pieces: list[bytes]) -> None:
    """Whole and streamed: what is decoded is what was written, whatever the pieces."""
    response = call(Representation(Fixed(*pieces)), accept_encoding=coding)
    encoded = response.headers.get("content-encoding")
    assert encoded in (None, coding)
    assert (DECODERS[coding](response.body) if encoded else response.body) == b"".join(pieces)
    if "content-length" in response.headers:
        assert int(response.headers["content-length"]) == len(response.body)


@pytest.mark.parametrize("coding", DECODERS)
def test_a_stream_is_encoded_as_it_is_made(coding: str) -> None:
    noise = [random.Random(number).randbytes(1_000_000) for number in range(10)]
    response = call(Representation(Fixed(*noise)), accept_encoding=coding)
    assert sum(1 for piece in response.pieces if piece) > 1
    assert DECODERS[coding](response.body) == b"".join(noise)
    assert "content-length" not in response.headers


@pytest.mark.parametrize("coding", DECODERS)
def test_an_encoded_answer_has_a_tag_of_its_own(coding: str) -> None:
    response = call(Representation(Fixed(LONG, headers=TAGGED)), accept_encoding=coding)
    assert response.headers["etag"] == f'{TAG[:-1]}-{coding}"'
    assert {name.strip() for name in response.headers["vary"].split(",")} == {"Accept", "Accept-Encoding"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"short", {"content-type": "application/json"}),
        (LONG, {"content-type": "image/png"}),
        (LONG, {"content-type": "application/json", "content-encoding": "br"}),
        (LONG, {}),
    ],
)
def test_what_is_not_worth_it_is_left_as_it_is(body: bytes, headers: dict[str, str]) -> None:
    response = call(Representation(Fixed(body, headers=headers or {"x-other": "1"})), accept_encoding="gzip")
    assert response.body == body
    assert response.headers.get("content-encoding") == headers.get("content-encoding")


def test_the_shortest_answer_that_is_encoded() -> None:
    app = Representation(Fixed(b"x" * SMALLEST))
    assert call(app, accept_encoding="gzip").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in call(Representation(Fixed(b"x" * (SMALLEST - 1))), accept_encoding="gzip").headers


# -- conditional reading ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("coding", [None, *DECODERS])
def test_a_client_that_has_the_answer_is_told_so(coding: str | None, method: str) -> None:
    app = Representation(Fixed(LONG, headers=TAGGED))
    encoding = {"accept_encoding": coding} if coding else {}
    tag = call(app, **encoding).headers["etag"]
    response = call(app, method=method, if_none_match=f'"other", {tag}', **encoding)
    assert (response.status, response.body) == (304, b"")
    assert response.headers["etag"] == tag
    assert response.headers["cache-control"] == "public"
    assert "accept" in response.headers["vary"].lower()
    assert not {"content-length", "content-type", "content-encoding"} & set(response.headers)


def test_the_tag_of_another_coding_is_another_answer() -> None:
    app = Representation(Fixed(LONG, headers=TAGGED))
    assert call(app, if_none_match=TAG, accept_encoding="gzip").status == 200
    assert call(app, if_none_match=f'{TAG[:-1]}-gzip"').status == 200


@pytest.mark.parametrize("since", ["Sat, 31 Jan 2026 00:00:00 GMT", "Fri, 30 Jan 2026 00:00:00 GMT", "rubbish", ""])
def test_a_date_alone_always_gets_the_answer(since: str) -> None:
    """A date knows seconds, and nothing of what a record refers to."""
    app = Representation(Fixed(LONG, headers={**TAGGED, "Last-Modified": "Sat, 31 Jan 2026 00:00:00 GMT"}))
    assert call(app, if_modified_since=since).status == 200
    assert call(app, if_modified_since=since, if_none_match='"other"').status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("named", "status"), [(TAG, 200), ("*", 200), ('"other"', 412), (f'"other", {TAG}', 200)])
def test_a_client_that_insists_on_a_revision_gets_that_or_412(method: str, named: str, status: int) -> None:
    app = Representation(Fixed(LONG, LONG, headers=TAGGED))
    for coding in ("", "gzip"):
        response = call(app, method=method, if_match=named, accept_encoding=coding)
        assert response.status == status
        assert (response.headers["content-type"] == "application/problem+json") == (status == 412)
        assert (response.body == b"") == (method == "HEAD")


def test_a_part_is_sent_as_it_is() -> None:
    app = Representation(Fixed(LONG, status=206, headers={**TAGGED, "content-range": "bytes 0-9/10"}))
    part = call(app, accept_encoding="gzip")
    assert "content-encoding" not in part.headers
    assert part.body == LONG
    assert part.headers["etag"] == TAG


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("identity, gzip;q=0.1", None),
        ("identity;q=0.5, gzip;q=0.4", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0.2, *;q=0.3", "br"),
        ("identity;q=0, gzip", "gzip"),
    ],
)
def test_no_coding_is_a_choice_too(accepted: str, coding: str | None) -> None:
    assert call(Representation(Fixed(LONG)), accept_encoding=accepted).headers.get("content-encoding") == coding


@pytest.mark.parametrize("status", [201, 404, 503])
def test_only_a_reading_answer_is_conditional(status: int) -> None:
    assert call(Representation(Fixed(LONG, status=status, headers=TAGGED)), if_none_match="*").status == status


def test_what_changes_something_is_never_answered_304() -> None:
    assert call(Representation(Fixed(LONG, headers=TAGGED)), method="PATCH", if_none_match=TAG).status == 200


# -- HEAD ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [(LONG,), (LONG, LONG)])
@pytest.mark.parametrize("coding", ["", *DECODERS])
def test_head_has_the_headers_of_get_and_no_body(pieces: tuple[bytes, ...], coding: str) -> None:
    app = Representation(Fixed(*pieces, headers=TAGGED))
    got, head = (call(app, method=method, accept_encoding=coding) for method in ("GET", "HEAD"))
    assert head.body == b""
    assert dict(head.headers) == dict(got.headers)
