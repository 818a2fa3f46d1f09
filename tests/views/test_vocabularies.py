"""The vocabularies: every one that a record can show is there, with what its terms mean."""

from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest
from pydantic import BaseModel

from app.core.vocabulary import Vocabulary
from app.resources import ALL, CATALOGUE


def _within(annotation: Any) -> Iterator[type[Vocabulary]]:
    if isinstance(annotation, type) and issubclass(annotation, Vocabulary):
        yield annotation
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for info in annotation.model_fields.values():
            yield from _within(info.annotation)
    for inner in get_args(annotation):
        yield from _within(inner)


USED = {
    (vocabulary, f"{resource.name}.{name}")
    for resource in ALL
    for name, info in resource.read.model_fields.items()
    for vocabulary in _within(info.annotation)
}


@pytest.fixture(scope="module")
def shown(anonymous: httpx.Client) -> dict[str, dict[str, Any]]:
    """The vocabularies by name."""
    return {each["name"]: each for each in anonymous.get("/v1/vocabularies").json()["data"]}


def test_every_vocabulary_that_a_record_shows_is_there_with_its_definitions(shown: dict[str, dict[str, Any]]) -> None:
    by_terms = {tuple(term["value"] for term in each["terms"]): each for each in shown.values()}
    for vocabulary, field in USED:
        found = by_terms[tuple(term.value for term in vocabulary)]
        assert field in found["fields"]
        assert found["description"]
        for term in found["terms"]:
            assert term["definition"].endswith("."), term
            assert term["label"][0].isupper(), term
    assert len(shown) == len({vocabulary for vocabulary, _ in USED})
    assert sum(len(each["fields"]) for each in shown.values()) == len(USED)


def test_a_vocabulary_that_follows_a_standard_names_it(shown: dict[str, dict[str, Any]]) -> None:
    for name in ("completion", "lifecycle", "milestone_status", "intent", "source_type", "measure"):
        standard = shown[name]["standard"]
        assert standard["name"]
        assert standard["url"].startswith("https://")


def test_each_can_be_read_by_itself(anonymous: httpx.Client, shown: dict[str, dict[str, Any]]) -> None:
    for name, vocabulary in shown.items():
        assert anonymous.get(f"/v1/vocabularies/{name}").json() == vocabulary


def test_their_names_are_those_of_the_fields_of_commitments(shown: dict[str, dict[str, Any]]) -> None:
    fields = {field for each in shown.values() for field in each["fields"]}
    assert {"commitments.completion", "commitments.lifecycle", "commitments.kind", "updates.sets"} <= fields
    assert {field.partition(".")[0] for field in fields} == {resource.name for resource in CATALOGUE}


def test_another_is_not_found_and_the_nearest_named(anonymous: httpx.Client) -> None:
    response = anonymous.get("/v1/vocabularies/completions")
    assert response.status_code == 404
    assert "completion" in response.json()["detail"]
    assert anonymous.get("/v1/vocabularies?q=x").status_code == 400
