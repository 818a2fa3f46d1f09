"""The last step of every answer: content coding, conditional reading, HEAD."""

import gzip
import random
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.core import etag
from app.core.encoding import SMALLEST, Representation
from tests.support.asgi import Fixed, ask
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
    answer = ask(Representation(Fixed(*pieces)), accept_encoding=coding)
    encoded = answer.headers.get("content-encoding")
    assert encoded in (None, coding)
    assert (DECODERS[coding](answer.body) if encoded else answer.body) == b"".join(pieces)
    if "content-length" in answer.headers:
        assert int(answer.headers["content-length"]) == len(answer.body)


@pytest.mark.parametrize("coding", DECODERS)
def test_a_stream_is_encoded_as_it_is_made(coding: str) -> None:
    noise = [random.Random(number).randbytes(1_000_000) for number in range(10)]
    answer = ask(Representation(Fixed(*noise)), accept_encoding=coding)
    assert sum(1 for piece in answer.pieces if piece) > 1
    assert DECODERS[coding](answer.body) == b"".join(noise)
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("coding", DECODERS)
def test_an_encoded_answer_has_a_tag_of_its_own(coding: str) -> None:
    answer = ask(Representation(Fixed(LONG, headers=TAGGED)), accept_encoding=coding)
    assert answer.headers["etag"] == f'{TAG[:-1]}-{coding}"'
    assert {name.strip() for name in answer.headers["vary"].split(",")} == {"Accept", "Accept-Encoding"}


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
    answer = ask(Representation(Fixed(body, headers=headers or {"x-other": "1"})), accept_encoding="gzip")
    assert answer.body == body
    assert answer.headers.get("content-encoding") == headers.get("content-encoding")


def test_the_shortest_answer_that_is_encoded() -> None:
    app = Representation(Fixed(b"x" * SMALLEST))
    assert ask(app, accept_encoding="gzip").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in ask(Representation(Fixed(b"x" * (SMALLEST - 1))), accept_encoding="gzip").headers


# -- conditional reading ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("coding", [None, *DECODERS])
def test_a_client_that_has_the_answer_is_told_so(coding: str | None, method: str) -> None:
    app = Representation(Fixed(LONG, headers=TAGGED))
    encoding = {"accept_encoding": coding} if coding else {}
    tag = ask(app, **encoding).headers["etag"]
    answer = ask(app, method=method, if_none_match=f'"other", {tag}', **encoding)
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["etag"] == tag
    assert answer.headers["cache-control"] == "public"
    assert "accept" in answer.headers["vary"].lower()
    assert not {"content-length", "content-type", "content-encoding"} & set(answer.headers)


def test_the_tag_of_another_coding_is_another_answer() -> None:
    app = Representation(Fixed(LONG, headers=TAGGED))
    assert ask(app, if_none_match=TAG, accept_encoding="gzip").status == 200
    assert ask(app, if_none_match=f'{TAG[:-1]}-gzip"').status == 200


def test_the_tag_goes_before_the_date() -> None:
    when = "Sat, 31 Jan 2026 00:00:00 GMT"
    app = Representation(Fixed(LONG, headers={**TAGGED, "Last-Modified": when}))
    assert ask(app, if_modified_since=when).status == 304
    assert ask(app, if_modified_since=when, if_none_match='"other"').status == 200


@pytest.mark.parametrize("since", ["Fri, 30 Jan 2026 00:00:00 GMT", "rubbish", ""])
def test_an_earlier_date_or_none_at_all_gets_the_answer(since: str) -> None:
    app = Representation(Fixed(LONG, headers={**TAGGED, "Last-Modified": "Sat, 31 Jan 2026 00:00:00 GMT"}))
    assert ask(app, if_modified_since=since).status == 200


@pytest.mark.parametrize("status", [201, 404, 503])
def test_only_a_reading_answer_is_conditional(status: int) -> None:
    assert ask(Representation(Fixed(LONG, status=status, headers=TAGGED)), if_none_match="*").status == status


def test_what_changes_something_is_never_answered_304() -> None:
    assert ask(Representation(Fixed(LONG, headers=TAGGED)), method="PATCH", if_none_match=TAG).status == 200


# -- HEAD ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [(LONG,), (LONG, LONG)])
@pytest.mark.parametrize("coding", ["", *DECODERS])
def test_head_has_the_headers_of_get_and_no_body(pieces: tuple[bytes, ...], coding: str) -> None:
    app = Representation(Fixed(*pieces, headers=TAGGED))
    got, head = (ask(app, method=method, accept_encoding=coding) for method in ("GET", "HEAD"))
    assert head.body == b""
    assert dict(head.headers) == dict(got.headers)
