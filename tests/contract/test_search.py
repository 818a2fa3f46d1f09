"""`q` finds records by their words, whatever the case and the accents, the best first."""

import re
import unicodedata
from uuid import uuid4

import httpx
import pytest

from app.core.resource import Resource
from app.resources import ALL
from tests.support.library import Library
from tests.support.paging import slugs
from tests.support.problems import parameters
from tests.support.samples import Samples
from tests.support.values import Place, values_for

pytestmark = pytest.mark.mechanics

MAX_WORDS = 5


def words_of(text: str) -> list[str]:
    # Vowel signs of Devanagari are parts of words, though Python's expressions end words at them.
    words = re.findall(r"(?:[^\W_]|[\u0900-\u0903\u093a-\u094f])+", unicodedata.normalize("NFC", text))
    return [word for word in words if len(word) > 1][:MAX_WORDS]


def without_accents(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))


def shown_text(resource: Resource, record: dict[str, object]) -> str:
    """A text of a record that is searched: its title or name where it has one."""
    for name in (resource.label, *resource.searchable):
        value = record[name]
        if name in resource.searchable and isinstance(value, str):
            return value
    return ""


def text_fields(resource: Resource) -> list[str]:
    """The fields of a resource that are searched and hold plain text."""
    found = []
    for name in resource.searchable:
        info = resource.create.model_fields.get(name)
        if info is not None and any(
            isinstance(each, str) and " " in each for each in values_for(info, Place(name, 0, 0))
        ):
            found.append(name)
    return found


SEARCHABLE = [resource for resource in ALL if text_fields(resource)]
RANKED = [each for each in SEARCHABLE if each.label in text_fields(each) and len(text_fields(each)) > 1]
"""Resources with a text beside their title, which a word can stand in as well."""


def test_a_record_is_found_by_the_words_of_its_title(library: Library, resource: Resource) -> None:
    there_are = library.records(resource)
    for record in there_are[:: max(1, len(there_are) // 5)]:
        words = words_of(shown_text(resource, record))
        if not words:
            continue
        for query in (" ".join(words), " ".join(reversed(words)), " ".join(words).upper()):
            assert record["slug"] in slugs(library.anonymous, f"/v1/{resource.name}", [("q", query)]), query


def test_accents_do_not_matter(library: Library, resource: Resource) -> None:
    accented = [
        r for r in library.records(resource) if without_accents(shown_text(resource, r)) != shown_text(resource, r)
    ]
    for record in accented[:4]:
        words = words_of(shown_text(resource, record))
        for query in (without_accents(" ".join(words)), unicodedata.normalize("NFD", " ".join(words))):
            assert record["slug"] in slugs(library.anonymous, f"/v1/{resource.name}", [("q", query)]), query


@pytest.mark.parametrize("resource", SEARCHABLE, ids=lambda resource: resource.name)
def test_the_start_of_a_word_is_enough_and_the_middle_is_not(
    anonymous: httpx.Client, samples: Samples, resource: Resource
) -> None:
    word = f"z{uuid4().hex}"
    created = samples.published(resource, full=False, **{text_fields(resource)[0]: f"About {word} and more"})
    assert slugs(anonymous, f"/v1/{resource.name}", [("q", word[:12])]) == [created.slug]
    assert slugs(anonymous, f"/v1/{resource.name}", [("q", word[3:])]) == []


@pytest.mark.parametrize("resource", SEARCHABLE, ids=lambda resource: resource.name)
def test_every_word_is_needed(anonymous: httpx.Client, samples: Samples, resource: Resource) -> None:
    word, other = f"z{uuid4().hex}", f"z{uuid4().hex}"
    created = samples.published(resource, full=False, **{text_fields(resource)[0]: f"About {word}"})
    assert slugs(anonymous, f"/v1/{resource.name}", [("q", f"{word} about")]) == [created.slug]
    assert slugs(anonymous, f"/v1/{resource.name}", [("q", f"{word} {other}")]) == []


@pytest.mark.parametrize("resource", SEARCHABLE, ids=lambda resource: resource.name)
def test_words_in_quotes_stand_together(anonymous: httpx.Client, samples: Samples, resource: Resource) -> None:
    first, second = f"z{uuid4().hex}", f"z{uuid4().hex}"
    field = text_fields(resource)[0]
    together = samples.published(resource, full=False, **{field: f"{first} {second}"})
    apart = samples.published(resource, full=False, **{field: f"{first} and {second}"})
    assert set(slugs(anonymous, f"/v1/{resource.name}", [("q", f"{first} {second}")])) == {together.slug, apart.slug}
    assert slugs(anonymous, f"/v1/{resource.name}", [("q", f'"{first} {second}"')]) == [together.slug]


@pytest.mark.parametrize("resource", SEARCHABLE, ids=lambda resource: resource.name)
def test_what_is_changed_is_found_anew(anonymous: httpx.Client, samples: Samples, resource: Resource) -> None:
    before, after = f"z{uuid4().hex}", f"z{uuid4().hex}"
    field = text_fields(resource)[0]
    created = samples.create(resource, full=False, **{field: f"About {before}"})
    response = samples.client.patch(
        created.path, json={field: f"About {after}", "state": "published"}, headers=created.if_match
    )
    assert response.status_code == 200
    assert slugs(anonymous, f"/v1/{resource.name}", [("q", before)]) == []
    assert slugs(anonymous, f"/v1/{resource.name}", [("q", after)]) == [created.slug]


@pytest.mark.parametrize("resource", RANKED, ids=lambda resource: resource.name)
def test_a_word_in_the_title_comes_before_one_elsewhere(
    anonymous: httpx.Client, samples: Samples, resource: Resource
) -> None:
    fields = text_fields(resource)
    word = f"z{uuid4().hex}"
    # A title of its own: one that is derived would have the word as well.
    given = {resource.label: f"Something else {uuid4().hex}", fields[-1]: f"About {word}"}
    elsewhere = samples.published(resource, full=False, **given)
    entitled = samples.published(resource, full=False, **{resource.label: f"About {word}"})
    assert slugs(anonymous, f"/v1/{resource.name}", [("q", word)]) == [entitled.slug, elsewhere.slug]
    by_slug = sorted([entitled.slug, elsewhere.slug])
    assert slugs(anonymous, f"/v1/{resource.name}", [("q", word), ("sort", "slug")]) == by_slug


@pytest.mark.parametrize("resource", SEARCHABLE, ids=lambda resource: resource.name)
def test_found_records_are_counted_filtered_and_paged(
    anonymous: httpx.Client, samples: Samples, resource: Resource
) -> None:
    word = f"z{uuid4().hex}"
    field = text_fields(resource)[0]
    created = {samples.published(resource, full=False, **{field: f"{word} {number}"}).slug for number in range(3)}
    page = anonymous.get(f"/v1/{resource.name}", params={"q": word, "limit": "2", "count": "true"}).json()
    rest = anonymous.get(page["next"]).json()
    assert page["total"] == 3
    assert {record["slug"] for record in (*page["data"], *rest["data"])} == created
    assert rest["next"] is None
    one = min(created)
    assert slugs(anonymous, f"/v1/{resource.name}", [("q", word), ("slug", one)]) == [one]


def test_a_search_without_a_word_is_refused(library: Library, resource: Resource) -> None:
    for nothing in ("", " ", "…", "%", "_", '""', "-- !"):
        response = library.anonymous.get(f"/v1/{resource.name}", params={"q": nothing})
        assert (response.status_code, parameters(response)) == (400, ["q"]), nothing


def test_no_text_is_taken_for_a_search_expression(library: Library, resource: Resource) -> None:
    for text in (
        "a OR b",
        "NOT x",
        "x*",
        "(x",
        'x"',
        "title:x",
        "x NEAR y",
        "a & b | !c",
        "x:*",
        "'x'",
        "^x",
        "x <-> y",
    ):
        response = library.anonymous.get(f"/v1/{resource.name}", params={"q": text, "limit": "1"})
        assert response.status_code == 200, text


def test_records_without_words_are_searched_like_others_and_found_by_none(anonymous: httpx.Client) -> None:
    for path in ("/v1/observations", "/v1/observations.csv", "/v1/observations/counts"):
        response = anonymous.get(path, params={"q": "trade", **({"by": "status"} if "counts" in path else {})})
        assert response.status_code == 200, path
    assert anonymous.get("/v1/observations", params={"q": "trade"}).json()["data"] == []
