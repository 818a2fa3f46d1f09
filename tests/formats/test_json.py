"""JSON as a file: one array, however many parts it was read in."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.format import File
from app.formats.json import write
from app.resources import CATALOGUE
from tests.support.generated import examples, texts

records = st.lists(
    st.dictionaries(st.sampled_from(["title", "number"]), st.one_of(texts, st.none(), st.integers(-5, 5)))
)


@given(st.lists(records, max_size=4))
@examples(200)
def test_any_parts_are_one_array(parts: list[list[dict[str, Any]]]) -> None:
    raw = b"".join(write(File(CATALOGUE.by_name["themes"]), parts))
    assert orjson.loads(raw) == [record for part in parts for record in part]


@pytest.mark.parametrize("parts", [[], [[]]])
def test_no_records_are_an_empty_array(parts: list[list[dict[str, Any]]]) -> None:
    assert b"".join(write(File(CATALOGUE.by_name["themes"]), parts)) == b"[]\n"
