"""Cursors: what is put in comes out again, for this query alone, and nothing else is taken."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.reading.cursors import Cursors
from app.core.reading.list_query import Filter, ListQuery, Term
from app.core.visibility import ANONYMOUS, Role, Viewer
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

ASK = ListQuery(terms=(Term(Filter("status", "status", "", "field"), ("open",)),), sort=(("title", False),))


@given(st.lists(sort_values, min_size=1, max_size=5))
@examples(300)
def test_a_cursor_gives_back_the_values_it_was_made_of(values: list[Any]) -> None:
    created = CURSORS.write("challenges", ASK, values)
    read = CURSORS.read("challenges", replace(ASK, cursor=created))
    assert read == values
    assert [type(value) for value in read] == [type(value) for value in values]


@given(st.lists(sort_values, min_size=1, max_size=5))
@examples(50)
def test_a_cursor_goes_into_a_url_as_it_is(values: list[Any]) -> None:
    created = CURSORS.write("challenges", ASK, values)
    assert set(created) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@pytest.mark.parametrize(
    ("resource", "query"),
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
def test_a_cursor_is_of_no_use_for_another_query(resource: str, query: ListQuery) -> None:
    created = CURSORS.write("challenges", ASK, ["a", None])
    with pytest.raises(BadCursor, match="another query"):
        CURSORS.read(resource, replace(query, cursor=created))


@pytest.mark.parametrize("changed", [{"limit": 3}, {"count": True}, {"fields": ("slug",)}, {"facets": ("status",)}])
def test_how_much_is_shown_may_change_during_a_walk(changed: dict[str, Any]) -> None:
    created = CURSORS.write("challenges", ASK, ["a"])
    assert CURSORS.read("challenges", replace(ASK, cursor=created, **changed)) == ["a"]


@given(st.text(max_size=80))
@examples(200)
def test_what_is_no_cursor_is_refused_as_one(text: str) -> None:
    with pytest.raises(BadCursor):
        CURSORS.read("challenges", replace(ASK, cursor=text))


@given(st.data())
@examples(200)
def test_a_changed_cursor_is_refused_or_says_the_same(data: st.DataObject) -> None:
    """Base64 has several ways to write its last letter; that is the only change that can go unnoticed."""
    created = CURSORS.write("challenges", ASK, ["a title", None])
    place = data.draw(st.integers(0, len(created) - 1))
    other = data.draw(st.sampled_from("AZaz09-_.%"))
    changed = created[:place] + other + created[place + 1 :]
    try:
        assert CURSORS.read("challenges", replace(ASK, cursor=changed)) == ["a title", None]
    except BadCursor:
        assert changed != created


@pytest.mark.parametrize(
    "viewer", [ANONYMOUS, Viewer(Role.contributor, "a"), Viewer(Role.contributor, "b"), Viewer(Role.admin, "c")]
)
def test_a_cursor_is_of_no_use_to_another_role(viewer: Viewer) -> None:
    created = CURSORS.write("challenges", ASK, ["A draft's title"], Viewer(Role.editor, "c"))
    with pytest.raises(BadCursor, match="another client"):
        CURSORS.read("challenges", replace(ASK, cursor=created), viewer)


def test_nothing_can_be_read_in_a_cursor_and_equal_ones_are_equal() -> None:
    created = CURSORS.write("challenges", ASK, ["A draft's title"])
    assert b"draft" not in base64.urlsafe_b64decode(created + "===")
    assert created == CURSORS.write("challenges", ASK, ["A draft's title"])


def test_a_cursor_of_another_register_is_refused() -> None:
    created = Cursors("another secret").write("challenges", ASK, ["a"])
    with pytest.raises(BadCursor, match="this server"):
        CURSORS.read("challenges", replace(ASK, cursor=created))
