"""Slugs: derived from any title, never another record's, and never lost."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given

from app.core.field_types import SLUG_LENGTH, SLUG_PATTERN
from tests.support.generated import examples, lines

SLUG = re.compile(SLUG_PATTERN.strip("^$"))


def created(editor: httpx.Client, name: str, **more: Any) -> dict[str, Any]:
    """A theme of this name, a draft."""
    response = editor.post("/v1/themes", json={"name": name, **more})
    assert response.status_code == 201, response.text
    record: dict[str, Any] = response.json()
    assert response.headers["location"] == f"/v1/themes/{record['slug']}"
    assert editor.get(response.headers["location"]).json() == record
    return record


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Plain words", "plain-words"),
        ("Café à la Crème", "cafe-a-la-creme"),
        ("한국과 인도", "hanguggwa-indo"),
        ("भारत और कोरिया", "bhaart-aur-koriyaa"),
        ('It\'s "quoted" & <b>', "it-s-quoted-b"),
        ("100% of 5G!", "100-of-5g"),
        ("  --  a  --  ", "a"),
        ("../../etc/passwd", "etc-passwd"),
        ("a/b?c=d#e", "a-b-c-d-e"),
    ],
)
def test_a_slug_is_made_from_the_name(editor: httpx.Client, name: str, slug: str) -> None:
    mark = uuid4().hex[:8]
    found = created(editor, f"{name} {mark}")["slug"]
    assert found == f"{slug}-{mark}"


@pytest.mark.parametrize("name", ["🤝", "—", "!!!", "。", "💬 🤝"])
def test_a_name_that_no_slug_can_be_made_from_gets_one_of_the_id(editor: httpx.Client, name: str) -> None:
    first, second = created(editor, name), created(editor, name)
    for record in (first, second):
        assert SLUG.fullmatch(record["slug"])
        assert record["slug"] == f"theme-{record['id'].replace('-', '')[-8:]}"
    assert first["slug"] != second["slug"]


@given(name=lines)
@examples(60)
def test_any_name_gets_a_slug_that_leads_to_the_record(editor: httpx.Client, name: str) -> None:
    record = created(editor, name)
    assert SLUG.fullmatch(record["slug"])
    assert len(record["slug"]) <= SLUG_LENGTH
    assert record["name"] == name.strip()


def test_records_of_one_name_are_numbered(editor: httpx.Client) -> None:
    name = f"Twins {uuid4().hex[:8]}"
    stem = name.lower().replace(" ", "-")
    assert [created(editor, name)["slug"] for _ in range(3)] == [stem, f"{stem}-2", f"{stem}-3"]


def test_a_very_long_name_gets_a_slug_of_whole_words_with_room_for_a_number(editor: httpx.Client) -> None:
    name = f"{uuid4().hex} " + "interminable " * 12
    slugs = [created(editor, name)["slug"] for _ in range(11)]
    assert slugs[0].endswith("-interminable")
    assert slugs[10] == f"{slugs[0]}-11"
    assert max(map(len, slugs)) <= SLUG_LENGTH


def test_a_name_of_one_very_long_word_is_cut(editor: httpx.Client) -> None:
    record = created(editor, uuid4().hex + "x" * 160)
    assert 32 < len(record["slug"]) <= SLUG_LENGTH


def test_a_name_that_looks_like_an_id_gets_a_slug_that_does_not(editor: httpx.Client) -> None:
    id_ = str(uuid4())
    assert created(editor, id_)["slug"] == f"theme-{id_}"
    assert editor.get(f"/v1/themes/{id_}").status_code == 404


@pytest.mark.parametrize("pattern", ["{0}", "{1}-{1}-{1}-{1}-{2}"])
def test_a_slug_that_resembles_an_id_can_be_read_again(editor: httpx.Client, pattern: str) -> None:
    whole = uuid4().hex
    slug = pattern.format(whole, whole[0], whole[4:])
    assert created(editor, "Resembling", slug=slug)["slug"] == slug


def test_the_form_of_an_id_is_no_slug(editor: httpx.Client) -> None:
    response = editor.post("/v1/themes", json={"name": "x", "slug": str(uuid4())})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/slug"


def test_a_slug_stays_with_the_record_that_had_it(editor: httpx.Client) -> None:
    """An old link leads to where the record is now, never to another one."""
    name = f"Moving {uuid4().hex[:8]}"
    first = created(editor, name)
    current = editor.get(f"/v1/themes/{first['slug']}").headers["etag"]
    renamed = editor.patch(
        f"/v1/themes/{first['slug']}", json={"slug": f"{first['slug']}-now"}, headers={"If-Match": current}
    )
    assert renamed.status_code == 200
    assert created(editor, name)["slug"] == f"{first['slug']}-2"
    taken = editor.post("/v1/themes", json={"name": "x", "slug": first["slug"]})
    assert taken.status_code == 409
    moved = editor.get(f"/v1/themes/{first['slug']}?as_of=2999-01-01T00:00:00Z")
    assert (moved.status_code, moved.headers["location"]) == (
        308,
        f"/v1/themes/{first['slug']}-now?as_of=2999-01-01T00:00:00Z",
    )


def test_what_nothing_depends_on_is_withdrawn(editor: httpx.Client) -> None:
    created = editor.post("/v1/themes", json={"name": "Soon withdrawn", "state": "published"})
    path, tag = created.headers["location"], created.headers["etag"]
    assert editor.delete(path, headers={"If-Match": tag}).status_code == 204
    assert editor.get(path).status_code == 410
