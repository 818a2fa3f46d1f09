"""A problem names every flaw at once: a client that mends what it is told of is not refused a second time."""

from typing import Any

import pytest

from tests.support.problems import parameters, pointers
from tests.support.register import Register

WRONG_QUERY = "partnership=india-south-koera&due_on__lt=soon&sevrity=high&theme=tarde"


@pytest.mark.parametrize("path", ["commitments", "commitments.csv", "commitments/counts"])
def test_a_wrong_name_and_a_wrong_form_in_a_query_are_told_together(register: Register, path: str) -> None:
    by = "&by=theme" if path.endswith("counts") else ""
    response = register.get(f"/v1/{path}?{WRONG_QUERY}{by}")
    assert response.status_code == 400
    assert sorted(parameters(response)) == ["due_on__lt", "partnership", "sevrity", "theme"]
    reported = {flaw["parameter"]: flaw["detail"] for flaw in response.json()["errors"]}
    assert "Did you mean india-south-korea?" in reported["partnership"]
    assert "Did you mean trade?" in reported["theme"]


def test_a_name_is_looked_for_in_the_past_that_the_query_is_about(register: Register) -> None:
    query = "as_of=2000-01-01T00:00:00Z&partnership=india-south-korea&due_on__lt=soon"
    response = register.get(f"/v1/commitments?{query}")
    assert sorted(parameters(response)) == ["due_on__lt", "partnership"]
    response = register.get(f"/v1/commitments?as_of=yesterday&{query.partition('&')[2]}")
    assert sorted(parameters(response)) == ["as_of", "due_on__lt"]


BODY: dict[str, Any] = {
    "partnership": "india-south-koera",
    "title": "",
    "kind": "promise",
    "themes": ["trade", "tarde", "NOT A SLUG"],
    "participants": [{"stakeholder": "nobody", "role": "accountable"}],
    "citations": "none",
}
FLAWS = ["/citations", "/kind", "/participants/0/stakeholder", "/partnership", "/themes/1", "/themes/2", "/title"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_wrong_name_and_a_wrong_form_in_a_body_are_told_together(register: Register, method: str) -> None:
    slug = {"POST": "", "PUT": "/new-promise", "PATCH": "/trade-target-50bn-2030"}[method]
    headers = register.authorization
    if method == "PATCH":
        headers |= {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    response = register.request(method, f"/v1/commitments{slug}", json=BODY, headers=headers)
    assert response.status_code == 422, response.text
    assert sorted(pointers(response)) == FLAWS


def test_a_subject_that_is_not_there_is_told_with_the_rest(register: Register) -> None:
    body = {"source": "nowhere", "subject": {"type": "challenge", "slug": "nowhere"}, "intent": "proof"}
    response = register.request("POST", "/v1/citations", json=body, headers=register.authorization)
    assert sorted(pointers(response)) == ["/intent", "/source", "/subject/slug"]


@pytest.mark.parametrize("raw", ["[]", '"text"', '{"title": 1, "title": 2}', '{"themes": {}, "partnership": 7}', "{"])
def test_what_names_no_records_is_refused_for_its_form(register: Register, raw: str) -> None:
    headers = {**register.authorization, "Content-Type": "application/json"}
    response = register.request("POST", "/v1/commitments", content=raw, headers=headers)
    assert response.status_code == 422
    assert "There is no" not in response.text
