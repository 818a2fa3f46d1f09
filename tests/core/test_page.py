"""Cursors: what is put in comes out again, for this query alone, and nothing else is taken."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.page import Cursors
from app.core.query import Ask, Filter, Term
from app.errors import BadCursor
from tests.support.generated import decimals, examples, moments, texts

CURSORS = Cursors("a secret")

sort_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**63), max_value=2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    decimals,
    texts,
    st.dates(),
    moments,
    st.uuids(),
)
"""Every kind of value that a list can be sorted by."""

ASK = Ask(terms=(Term(Filter("status", "status", "", "field"), ("open",)),), sort=(("title", False),))


@given(st.lists(sort_values, min_size=1, max_size=5))
@examples(300)
def test_a_cursor_gives_back_the_values_it_was_made_of(values: list[Any]) -> None:
    made = CURSORS.write("challenges", ASK, values)
    read = CURSORS.read("challenges", replace(ASK, cursor=made))
    assert read == values
    assert [type(value) for value in read] == [type(value) for value in values]


@given(st.lists(sort_values, min_size=1, max_size=5))
@examples(50)
def test_a_cursor_goes_into_a_url_as_it_is(values: list[Any]) -> None:
    made = CURSORS.write("challenges", ASK, values)
    assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@pytest.mark.parametrize(
    ("resource", "ask"),
    [
        ("recommendations", ASK),
        ("challenges", replace(ASK, sort=(("title", True),))),
        ("challenges", replace(ASK, sort=())),
        ("challenges", replace(ASK, terms=())),
        ("challenges", replace(ASK, terms=(Term(Filter("status__ne", "status", "ne", "field"), ("open",)),))),
        ("challenges", replace(ASK, terms=(Term(Filter("status", "status", "", "field"), ("easing",)),))),
        ("challenges", replace(ASK, q="trade")),
    ],
)
def test_a_cursor_is_of_no_use_for_another_query(resource: str, ask: Ask) -> None:
    made = CURSORS.write("challenges", ASK, ["a", None])
    with pytest.raises(BadCursor, match="another query"):
        CURSORS.read(resource, replace(ask, cursor=made))


@pytest.mark.parametrize("changed", [{"limit": 3}, {"count": True}, {"fields": ("slug",)}, {"facets": ("status",)}])
def test_how_much_is_shown_may_change_during_a_walk(changed: dict[str, Any]) -> None:
    made = CURSORS.write("challenges", ASK, ["a"])
    assert CURSORS.read("challenges", replace(ASK, cursor=made, **changed)) == ["a"]


@given(st.text(max_size=80))
@examples(200)
def test_what_is_no_cursor_is_refused_as_one(text: str) -> None:
    with pytest.raises(BadCursor):
        CURSORS.read("challenges", replace(ASK, cursor=text))


@given(st.data())
@examples(200)
def test_a_changed_cursor_is_refused_or_says_the_same(data: st.DataObject) -> None:
    """Base64 has several ways to write its last letter; that is the only change that can go unnoticed."""
    made = CURSORS.write("challenges", ASK, ["a title", None])
    place = data.draw(st.integers(0, len(made) - 1))
    other = data.draw(st.sampled_from("AZaz09-_.%"))
    changed = made[:place] + other + made[place + 1 :]
    try:
        assert CURSORS.read("challenges", replace(ASK, cursor=changed)) == ["a title", None]
    except BadCursor:
        assert changed != made


def test_a_cursor_of_another_register_is_refused() -> None:
    made = Cursors("another secret").write("challenges", ASK, ["a"])
    with pytest.raises(BadCursor, match="this server"):
        CURSORS.read("challenges", replace(ASK, cursor=made))
