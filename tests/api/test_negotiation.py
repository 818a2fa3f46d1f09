"""Negotiation: which format an Accept header asks for, and which coding an Accept-Encoding header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.negotiation import choose
from app.errors import NotAcceptable
from app.middleware.encoding import preferred
from tests.support.generated import examples

FORMATS = ("json", "csv", "jsonl")


@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        (None, "json"),
        ("", "json"),
        ("*/*", "json"),
        ("application/json", "json"),
        ("APPLICATION/JSON", "json"),
        ("application/json; charset=utf-8", "json"),
        ("application/*", "json"),
        ("text/*", "csv"),
        ("text/csv", "csv"),
        ("text/csv; header=present", "csv"),
        ("application/jsonl", "jsonl"),
        ("application/x-ndjson", "jsonl"),
        ("text/csv;q=0.5, application/json;q=0.4", "csv"),
        ("text/csv;q=0.4, application/json;q=0.5", "json"),
        ("text/csv, application/json", "json"),
        ("*/*, application/json;q=0", "csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"),
        ("application/json;q=0.1, */*;q=0.9", "csv"),
        (" text/csv ; q=1.0 ", "csv"),
        ("application/json;q=rubbish, text/csv;q=0.1", "csv"),
        (",,text/csv,,", "csv"),
    ],
)
def test_the_format_that_is_preferred(accept: str | None, format_: str) -> None:
    assert choose(accept, FORMATS) == format_


@pytest.mark.parametrize(
    "accept", ["text/html", "image/*", "application/json;q=0", "*/*;q=0", "rubbish", ";", "q=1", "application/json;q=x"]
)
def test_a_client_that_wants_none_of_them_is_told_what_there_is(accept: str) -> None:
    with pytest.raises(NotAcceptable) as refused:
        choose(accept, FORMATS)
    assert "application/json" in refused.value.detail
    assert "text/csv" in refused.value.detail


weights = st.sampled_from(
    ["", ";q=0", ";q=0.001", ";q=0.5", ";q=1", ";q=1.000", ";q=2", ";q=-1", ";q=nan", ";q=inf", ";q="]
)
ranges = st.sampled_from(
    ["*/*", "text/*", "text/csv", "application/json", "application/jsonl", "image/png", "*", "", "/"]
)
headers = st.lists(st.tuples(ranges, weights), max_size=6).map(lambda parts: ",".join(a + b for a, b in parts))


@given(st.one_of(headers, st.text(max_size=100)))
@examples(300)
def test_any_header_is_answered_with_what_there_is_or_refused(accept: str) -> None:
    try:
        assert choose(accept, FORMATS) in FORMATS
    except NotAcceptable:
        assert "*/*" not in accept or ";q" in accept


@given(st.permutations(["text/csv;q=0.3", "application/json;q=0.9", "application/jsonl;q=0.6", "*/*;q=0.1"]))
@examples(30)
def test_the_order_of_what_is_asked_for_does_not_matter(parts: list[str]) -> None:
    assert choose(",".join(parts), FORMATS) == "json"


@pytest.mark.parametrize("weight", ["nan", "inf", "-1", "1e9"])
def test_a_weight_that_is_none_counts_for_nothing(weight: str) -> None:
    assert choose(f"text/csv;q={weight}, application/json;q=0.1", FORMATS) == "json"
    assert preferred(f"br;q={weight}, gzip;q=0.1") == "gzip"


# -- Accept-Encoding -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-unknown, gzip", "gzip"),
        ("gzip, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("zstd, gzip;q=0.9", "zstd"),
        ("*", "br"),
        ("*;q=0", None),
        ("br;q=0, *", "zstd"),
        ("gzip;q=0", None),
        ("gzip ; q=0.5", "gzip"),
        ("gzip;q=", "gzip"),
        ("gzip;q=rubbish", None),
        (",,;,", None),
    ],
)
def test_the_coding_that_is_preferred(accept: str, coding: str | None) -> None:
    assert preferred(accept) == coding


@given(st.text(max_size=100))
@examples(200)
def test_any_header_of_codings_is_understood_or_passed_over(accept: str) -> None:
    assert preferred(accept) in (None, "br", "zstd", "gzip")
