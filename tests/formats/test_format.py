"""A new format: what it says of itself is all that paths, negotiation, the document and the pages need."""

from collections.abc import Iterable, Iterator

import pytest

from app.formats import FORMATS
from app.formats.format import File, Format, Records
from tests.conftest import without_cache
from tests.support.databases import Databases
from tests.support.register import Register, application


def write(_file: File, parts: Iterable[Records]) -> Iterator[bytes]:
    """A slug a line."""
    for records in parts:
        yield "".join(f"{each['slug']}\n" for each in records).encode()


SLUGS = Format(
    name="slugs",
    media_type="text/x-slugs; charset=utf-8",
    description="The slugs alone.",
    write=write,
    title="Only the slugs",
    other_media_types=("application/x-slugs",),
    schema={"type": "string", "pattern": "^[a-z0-9-]*$"},
    of_record=True,
)


@pytest.fixture
def with_slugs(monkeypatch: pytest.MonkeyPatch, databases: Databases) -> Iterator[Register]:
    """A register that has the format too."""
    assert isinstance(FORMATS, dict)
    monkeypatch.setitem(FORMATS, SLUGS.name, SLUGS)
    with application(without_cache(databases.excerpt("sqlite"))) as register:
        yield register


def test_a_format_is_declared_in_one_place(with_slugs: Register) -> None:
    listed = with_slugs.get("/v1/themes?limit=200").json()["data"]
    file = with_slugs.get("/v1/themes.slugs")
    assert (file.headers["content-type"], file.text.split()) == (SLUGS.media_type, [each["slug"] for each in listed])
    for accept in SLUGS.media_types:
        assert with_slugs.get("/v1/themes", headers={"Accept": accept}).text == file.text
    slug = listed[0]["slug"]
    assert with_slugs.get(f"/v1/themes/{slug}.slugs").text == f"{slug}\n"

    paths = with_slugs.get("/openapi.json").json()["paths"]
    for path in ("/v1/themes.{format}", "/v1/themes/{slug}.{format}"):
        content = paths[path]["get"]["responses"]["200"]["content"]
        assert content["text/x-slugs"] == {"schema": SLUGS.schema}

    for page in ("/themes", f"/themes/{slug}"):
        assert SLUGS.label in with_slugs.get(page, headers={"Accept": "text/html"}).text
