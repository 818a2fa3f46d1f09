"""Reading bodies strictly: what is not the JSON that was meant is refused, and never repeated."""

import json
import time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from app.api.request_body import check_media_type
from app.core.flaws import MAX_FLAWS
from app.core.strict_json import MAX_DEPTH, parse, pointer_token, validate
from app.core.writing.writer import merge
from app.errors import Invalid, UnsupportedMediaType
from app.resources.sources import SourceCreate
from tests.support.generated import examples, texts

names = st.text(st.characters(exclude_categories=("C", "Z"), codec="utf-8"), max_size=8)
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)),
    max_leaves=12,
)
"""JSON as a client may send it."""


class Thing(BaseModel):
    """A body, as strict as the register's own."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    title: str
    number: int = 0
    share: float = 0.0
    sure: bool = False


def refused(raw: bytes) -> Invalid:
    """The problem that a body is answered with."""
    with pytest.raises(Invalid) as problem:
        parse(raw)
    return problem.value


def reported(problem: Invalid) -> str:
    """Everything that the client is told."""
    return json.dumps([problem.detail, problem.errors])


# -- JSON ------------------------------------------------------------------------------------------------------------


@given(json_values)
@examples(300)
def test_json_is_read_as_it_was_meant(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=60))
@examples(300)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        parse(raw)
    except Invalid as problem:
        orjson.dumps([problem.detail, problem.errors])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b"{}{}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": -1e999}',
        b'{"a": 123456789012345678901}',
        b'{"a": 9223372036854775808}',
        b'{"a": -9223372036854775809}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'\xef\xbb\xbf{"a": 1}',
        b"\xff\xfe{\x00}\x00",
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\x00"}',
        b'{"a": "line\nbreak"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\u001b"}',
        b'{"\\ud800": 1}',
        b'{"\\u0000": 1}',
        b'{"\\n": 1}',
        b'{"' + b"k" * 201 + b'": 1}',
        b'[["\\udfff"]]',
    ],
)
def test_what_json_does_not_have_is_refused_without_an_echo(raw: bytes) -> None:
    problem = refused(raw)
    assert orjson.dumps([problem.detail, problem.errors]).decode().isascii()
    assert "\\ud800" not in reported(problem)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100, 10_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_is_refused(depth: int, opening: bytes, closing: bytes) -> None:
    assert "deep" in refused(opening * depth + b"1" + closing * depth).detail
    assert "deep" in refused(opening * depth).detail or "JSON" in refused(opening * depth).detail


def test_some_nesting_is_taken() -> None:
    assert parse(b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH)


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'{"a": 1, "a": 1}', "/a"),
        (b'{"a": 1, "\\u0061": 2}', "/a"),
        (b'[{"b": {"a": 1, "c": 2, "a": 3}}]', "/0/b/a"),
        (b'{"citations": [{"source": "a"}, {"quote": {"a/b": 1, "a/b": 1}}]}', "/citations/1/quote/a~1b"),
        (b'[{"a": {"b": 1, "b": 1}, "a": 2}]', "/0/a"),
    ],
)
def test_a_key_given_twice_is_refused_where_it_stands(raw: bytes, pointer: str) -> None:
    (flaw,) = refused(raw).errors
    assert flaw["pointer"] == pointer
    assert "twice" in flaw["detail"]


def test_a_key_that_cannot_be_shown_is_not_shown() -> None:
    assert refused(b'{"\\ud800": 1, "\\ud800": 2}').errors[0]["pointer"] == "/?"


@pytest.mark.parametrize(
    "raw",
    [
        b"{" + b",".join(b'"k%d":1' % number for number in range(120_000)) + b',"k119999":2}',
        b"{" + b",".join(b'"titl%d":1' % number for number in range(60_000)) + b"}",
    ],
    ids=["a key twice among very many", "very many unknown keys"],
)
def test_a_body_of_any_content_is_answered_quickly(raw: bytes) -> None:
    """The bodies are within the size that is taken; while one is read, nobody else is answered."""
    begun = time.thread_time()
    with pytest.raises(Invalid) as problem:
        validate(Thing, raw)
    assert time.thread_time() - begun < 3
    assert len(problem.value.errors) <= MAX_FLAWS


# -- models ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'{"title": 7}', "/title"),
        (b'{"title": null}', "/title"),
        (b"{}", "/title"),
        (b'{"title": "a", "number": "7"}', "/number"),
        (b'{"title": "a", "number": true}', "/number"),
        (b'{"title": "a", "number": 1.5}', "/number"),
        (b'{"title": "a", "share": "0.5"}', "/share"),
        (b'{"title": "a", "sure": 1}', "/sure"),
        (b'{"title": "a", "sure": "true"}', "/sure"),
        (b'{"title": "a", "other": 1}', "/other"),
        (b'{"title": "a", "Title": "b"}', "/Title"),
        (b'{"title": "a", "titles[]": "b"}', "/titles[]"),
        (b"[]", ""),
        (b'"title"', ""),
        (b"null", ""),
        (b"7", ""),
    ],
)
def test_a_flaw_points_into_the_body(raw: bytes, pointer: str) -> None:
    with pytest.raises(Invalid) as problem:
        validate(Thing, raw)
    assert [flaw["pointer"] for flaw in problem.value.errors] == [pointer]


@pytest.mark.parametrize(
    ("author", "flaws"),
    [
        ({"literal": ""}, {"literal": "at least 1 character"}),
        ({"family": "Kim", "given": "\u202e"}, {"given": "control of direction"}),
        (
            {"family": "Kim", "Given": "Jin"},
            {"given": "required", "literal": "required", "Given": "no such", "family": "no such"},
        ),
    ],
)
def test_what_has_one_of_two_forms_is_told_the_flaws_of_the_one_that_was_meant(
    author: dict[str, str], flaws: dict[str, str]
) -> None:
    raw = json.dumps({"type": "report", "title": "A report", "authors": [author]}).encode()
    with pytest.raises(Invalid) as problem:
        validate(SourceCreate, raw)
    found = {str(flaw["pointer"]): flaw["detail"] for flaw in problem.value.errors}
    assert found.keys() == {f"/authors/0/{name}" for name in flaws}
    assert all(flaws[pointer.rpartition("/")[2]] in detail for pointer, detail in found.items())


def test_a_misspelt_field_is_told_the_right_one() -> None:
    with pytest.raises(Invalid) as problem:
        validate(Thing, b'{"titel": "a", "title": "a"}')
    assert "title" in problem.value.errors[0]["detail"]


@given(names)
@examples(100)
def test_a_pointer_names_any_key(name: str) -> None:
    """RFC 6901, section 4: first ~1, then ~0."""
    token = pointer_token(name)
    assert "/" not in token
    assert token.replace("~1", "/").replace("~0", "~") == name


# -- media types -----------------------------------------------------------------------------------------------------


class _Request:
    def __init__(self, content_type: str | None) -> None:
        self.headers = {} if content_type is None else {"content-type": content_type}


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json ;  charset = utf-8",
        "application/json;",
    ],
)
def test_media_types_that_are_taken(content_type: str) -> None:
    check_media_type(_Request(content_type), ["application/json"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/json+x",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/json;x=1;charset=latin-1",
        'application/json; x="a;b"; charset=latin-1',
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "application/json;charset=utf8;charset=latin-1",
        "application/json; charset=utf-8; CHARSET=utf-8",
        "application/json; charset=utf-8; charset*=utf-8''utf-8",
        f"application/json; boundary={'x' * 500}",
    ],
)
def test_media_types_that_are_not(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaType):
        check_media_type(_Request(content_type), ["application/json"])  # type: ignore[arg-type]


# -- merge patches ---------------------------------------------------------------------------------------------------

RFC_7396_APPENDIX_A: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), RFC_7396_APPENDIX_A)
def test_the_cases_of_rfc_7396(target: Any, patch: Any, result: Any) -> None:
    before = json.dumps([target, patch])
    assert merge(target, patch) == result
    assert json.dumps([target, patch]) == before


@given(json_values, json_values)
@examples(200)
def test_a_patch_applied_twice_is_applied_once(target: Any, patch: Any) -> None:
    once = merge(target, patch)
    assert merge(once, patch) == once


@given(json_values)
@examples(100)
def test_an_empty_patch_changes_no_object(target: Any) -> None:
    assert merge(target, {}) == (target if isinstance(target, dict) else {})
