"""A query that cannot be understood is refused, with the parameter's name and the nearest right one."""

from difflib import get_close_matches

import pytest

from app.core.resource import Resource
from tests.support.grammar import filters_of, grammar_of
from tests.support.library import Library
from tests.support.problems import kind, parameters

pytestmark = pytest.mark.mechanics

SINGLE = ("limit", "count", "q")


def test_an_unknown_parameter_is_refused_with_the_nearest_name(library: Library, resource: Resource) -> None:
    for wrong, right in (("limti", "limit"), ("sorted", "sort"), ("slugs", "slug"), ("cuont", "count")):
        response = library.anonymous.get(f"/v1/{resource.name}", params={wrong: "1"})
        assert (response.status_code, kind(response), parameters(response)) == (400, "bad-query", [wrong])
        assert f"Did you mean {right}?" in response.json()["errors"][0]["detail"]
        assert wrong in response.json()["detail"]


def test_a_name_like_no_other_is_refused_without_a_guess(library: Library, resource: Resource) -> None:
    response = library.anonymous.get(f"/v1/{resource.name}?zzzzzzzz=1")
    assert (response.status_code, parameters(response)) == (400, ["zzzzzzzz"])
    assert "Did you mean" not in response.text


def test_an_operator_that_does_not_exist_is_refused(library: Library, resource: Resource) -> None:
    for parameter in ("slug__like", "slug__", "created_at__contains", "state__regex", "id__gt"):
        response = library.anonymous.get(f"/v1/{resource.name}", params={parameter: "x"})
        assert (response.status_code, kind(response), parameters(response)) == (400, "bad-query", [parameter])


def test_a_parameter_that_takes_one_value_is_refused_with_two(library: Library, resource: Resource) -> None:
    single = [
        *SINGLE,
        *(name for name, each in filters_of(resource).items() if each.operator not in ("", "ne")),
    ]
    for parameter in single:
        response = library.anonymous.get(f"/v1/{resource.name}", params=[(parameter, "1"), (parameter, "1")])
        assert (response.status_code, kind(response), parameters(response)) == (400, "bad-query", [parameter])


def test_each_wrong_parameter_is_named_at_once(library: Library, resource: Resource) -> None:
    response = library.anonymous.get(f"/v1/{resource.name}?nonsense=1&slug=a&other=2&limit=1&limit=2")
    assert response.status_code == 400
    assert parameters(response) == ["nonsense", "other", "limit"]


@pytest.mark.parametrize("parameter", ["sort", "facets", "include"])
def test_a_name_in_a_list_of_names_is_refused_with_the_nearest(
    library: Library, resource: Resource, parameter: str
) -> None:
    grammar = grammar_of(resource)
    known = {
        "sort": grammar.sortable,
        "fields": resource.fields,
        "facets": grammar.facetable,
        "include": grammar.include,
    }
    if not known[parameter]:
        response = library.anonymous.get(f"/v1/{resource.name}", params={parameter: "anything"})
        assert (response.status_code, parameters(response)) == (400, [parameter])
        return
    right = max(known[parameter], key=len)
    wrong = f"{right[:-1]}z"
    response = library.anonymous.get(f"/v1/{resource.name}", params={parameter: f"{right},{wrong}"})
    assert (response.status_code, kind(response), parameters(response)) == (400, "bad-query", [parameter])
    if get_close_matches(wrong, known[parameter], n=1) == [right]:
        assert f"Did you mean {right}?" in response.text
    for value in (f"{right},{right}", f"{right},", ",", ""):
        response = library.anonymous.get(f"/v1/{resource.name}", params={parameter: value})
        assert (response.status_code, parameters(response)) == (400, [parameter]), value


def test_a_flag_is_true_or_false(library: Library, resource: Resource) -> None:
    for value in ("1", "yes", "True", ""):
        response = library.anonymous.get(f"/v1/{resource.name}", params={"count": value})
        assert (response.status_code, parameters(response)) == (400, ["count"]), value


def test_a_record_takes_only_the_parameters_of_its_shape(library: Library, resource: Resource) -> None:
    path = f"/v1/{resource.name}/{library.records(resource)[0]['slug']}"
    for parameter in ("limit", "sort", "q", "slug", "field", "cursor"):
        response = library.anonymous.get(path, params={parameter: "1"})
        assert (response.status_code, kind(response), parameters(response)) == (400, "bad-query", [parameter])


def test_a_term_that_is_not_in_the_vocabulary_is_refused_with_the_nearest(library: Library, resource: Resource) -> None:
    response = library.anonymous.get(f"/v1/{resource.name}?state=publisched")
    assert (response.status_code, kind(response), parameters(response)) == (400, "bad-query", ["state"])
    assert "Did you mean published?" in response.text


def test_writing_takes_no_parameters(library: Library, resource: Resource) -> None:
    path = f"/v1/{resource.name}/{library.records(resource)[0]['slug']}"
    for method, url in (("POST", f"/v1/{resource.name}"), ("PUT", path), ("PATCH", path), ("DELETE", path)):
        response = library.editor.request(method, f"{url}?dry=1", json={} if method != "DELETE" else None)
        assert (response.status_code, kind(response), parameters(response)) == (400, "bad-query", ["dry"])
