"""The samples of the tests: what a record refers to belongs to one partnership, however many references it needs."""

import json
from typing import Any

import httpx

from app.core.relations import Relation
from app.core.resource import Resource
from app.resources import CATALOGUE
from tests.support.samples import Samples

COMMITMENTS = CATALOGUE.by_name["commitments"]


class BoundTwice(Resource):
    """Commitments, if they could not be without an indicator."""

    def required(self, relation: Relation) -> bool:
        """Say so of the indicator as well."""
        return relation.field == "indicator" or super().required(relation)


def test_two_references_that_a_record_needs_are_of_one_partnership() -> None:
    sent: dict[str, dict[str, Any]] = {}

    def accept(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        sent[body["slug"]] = body
        return httpx.Response(201, json={"slug": body["slug"]})

    fields = {name: getattr(COMMITMENTS, name) for name in COMMITMENTS.__dataclass_fields__}
    resource = BoundTwice(**fields)
    with httpx.Client(base_url="http://register.test", transport=httpx.MockTransport(accept)) as client:
        bodies = [Samples(client).body(resource, number=number) for number in range(10)]
    needing = [body for body in bodies if "indicator" in body]
    assert len(needing) > 2
    for body in needing:
        assert sent[body["indicator"]]["partnership"] == body["partnership"]
