"""JSON Lines: one record a line, whatever is in it."""

from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.resource import Resource
from app.formats.format import File
from app.formats.jsonl import write
from app.resources import ALL, CATALOGUE
from tests.support.generated import examples, texts

records = st.lists(
    st.dictionaries(st.sampled_from(["title", "summary", "number"]), st.one_of(texts, st.none(), st.integers(-5, 5)))
)


@given(records)
@examples(200)
def test_lines_are_read_back_as_the_records(rows: list[dict[str, Any]]) -> None:
    raw = b"".join(write(File(CATALOGUE.by_name["themes"]), [rows]))
    assert raw.count(b"\n") == len(rows)
    assert [orjson.loads(line) for line in raw.split(b"\n")[:-1]] == rows


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_an_export_is_the_list_line_by_line(anonymous: httpx.Client, resource: Resource) -> None:
    exported = anonymous.get(f"/v1/{resource.name}.jsonl?sort=slug&limit=200")
    assert exported.headers["content-type"] == "application/jsonl"
    lines = [orjson.loads(line) for line in exported.content.splitlines()]
    assert lines == anonymous.get(f"/v1/{resource.name}?sort=slug&limit=200").json()["data"]


def test_no_records_are_no_lines(anonymous: httpx.Client) -> None:
    assert anonymous.get("/v1/themes.jsonl?slug=none-such").content == b""
