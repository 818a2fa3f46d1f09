"""Entity tags: made from the bytes, and compared as RFC 9110 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import etag
from tests.support.generated import examples


@given(st.binary(max_size=200), st.integers(min_value=1))
@examples(100)
def test_a_tag_is_strong_and_names_the_revision_and_the_bytes(body: bytes, revision: int) -> None:
    tag = etag.make(body, revision)
    assert tag == f'"{revision}-{etag.digest(body)}"'
    assert etag.make(body) == f'"{etag.digest(body)}"'
    assert etag.matches(tag, tag)
    assert etag.revisions(tag) == {str(revision)}
    assert not etag.matches(tag, etag.make(body + b" ", revision))


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', '"b",W/"a"', "*", " * "])
def test_headers_that_name_a_tag(header: str) -> None:
    assert etag.matches(header, '"a"')


@pytest.mark.parametrize("header", ["", "a", '"b"', '"a', '"*"', 'W/"*"', '"ab"', '"a-gzip"', "**", '""'])
def test_headers_that_do_not(header: str) -> None:
    assert not etag.matches(header, '"a"')


@pytest.mark.parametrize(
    ("header", "revisions"),
    [
        ('"3-abc"', {"3"}),
        ('W/"3-abc-gzip"', {"3"}),
        ('"3-abc", "4-def"', {"3", "4"}),
        ("*", {"*"}),
        ('"*"', set()),
        ('"*-abc"', set()),
        ("3", set()),
        ("", set()),
    ],
)
def test_the_revisions_that_a_header_names(header: str, revisions: set[str]) -> None:
    """A star in quotes is no permission to overwrite whatever is there."""
    assert etag.revisions(header) == revisions
