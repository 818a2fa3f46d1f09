"""Columns: every field of every resource has flat ones, of the right kind."""

from typing import Any

import pytest

from app.core.resource import Resource
from app.formats.columns import columns_of
from app.resources import ALL, CATALOGUE


def named(resource: str, *fields: str, labels: bool = False) -> dict[str, str]:
    """The columns for some fields, each with its kind."""
    columns = columns_of(CATALOGUE.by_name[resource], fields, labels=labels)
    return {column.name: column.kind for column in columns}


def value(resource: str, field: str, given: Any) -> Any:
    """What the one column of a field makes of a value."""
    (column,) = columns_of(CATALOGUE.by_name[resource], [field])
    return column.value({field: given})


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.name)
def test_every_column_is_flat_described_and_named_once(resource: Resource) -> None:
    columns = columns_of(resource, None, labels=True)
    assert len({column.name for column in columns}) == len(columns)
    assert all(column.description for column in columns)
    assert {column.name.split(".")[0] for column in columns} == set(resource.fields)


def test_objects_and_references_are_flat() -> None:
    assert list(named("updates", "sets", "commitment")) == [
        "sets.completion",
        "sets.lifecycle",
        "sets.milestone_status",
        "commitment",
    ]
    assert "identifiers.wikidata" in named("stakeholders", "identifiers")
    assert list(named("citations", "subject", "quote")) == [
        "subject.type",
        "subject.slug",
        "quote.exact",
        "quote.prefix",
        "quote.suffix",
    ]


def test_labels_stand_beside_codes_and_references() -> None:
    assert list(named("commitments", "kind", "partnership", "themes", labels=True)) == [
        "kind",
        "kind.label",
        "partnership",
        "partnership.title",
        "themes",
    ]


def test_kinds_follow_from_the_types_of_the_fields() -> None:
    assert named("sources", "url", "issued", "accessed_on", "link_checked_at", "title_is_description", "doi") == {
        "url": "web_address",
        "issued": "partial_date",
        "accessed_on": "day",
        "link_checked_at": "moment",
        "title_is_description": "boolean",
        "doi": "text",
    }
    assert named("observations", "value", "revision") == {"value": "number", "revision": "number"}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([], ""),
        ([{"family": "Kashyap", "given": "Anshika"}, {"literal": "Yonhap"}], "Kashyap, Anshika; Yonhap"),
        ([{"literal": "Ministry of Foreign Affairs, Japan"}], "{Ministry of Foreign Affairs, Japan}"),
        ([{"family": "a, b", "given": "c"}], "{a, b}, c"),
        ([{"literal": "a; b"}], "a\\; b"),
    ],
)
def test_authors_are_text(given: Any, text: str) -> None:
    assert value("sources", "authors", given) == text


def test_items_of_a_list_can_be_told_apart() -> None:
    assert value("stakeholders", "other_names", ["a", "b; c", "d\\"]) == "a; b\\; c; d\\\\"


def test_what_is_unset_is_no_value() -> None:
    columns = columns_of(CATALOGUE.by_name["updates"], ["milestone", "sets"], labels=True)
    record = {"milestone": None, "sets": {"completion": None, "lifecycle": "closed", "milestone_status": None}}
    assert {column.name: column.value(record) for column in columns} == {
        "milestone": None,
        "milestone.title": None,
        "sets.completion": None,
        "sets.completion.label": None,
        "sets.lifecycle": "closed",
        "sets.lifecycle.label": "Closed",
        "sets.milestone_status": None,
        "sets.milestone_status.label": None,
    }
