"""Valid records of any resource, made from its declaration alone, so that a new resource needs no new tests."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.core.relations import AnyOne, Many, One, Relation
from app.core.resource import Inline, Resource
from app.resources import CATALOGUE
from app.resources.belonging import leads_to_partnership
from tests.support.values import OF_CHANGES, Place, model_of, object_for, values_for

ALREADY_GIVEN = ("slug", "state")


@dataclass(frozen=True)
class Sample:
    """A record that was made: what was sent, and what was answered."""

    resource: Resource
    sent: dict[str, Any]
    response: httpx.Response

    @property
    def record(self) -> dict[str, Any]:
        """The record as the answer shows it."""
        shown: dict[str, Any] = self.response.json()
        return shown

    @property
    def slug(self) -> str:
        """Its slug."""
        slug: str = self.record["slug"]
        return slug

    @property
    def id(self) -> str:
        """Its id."""
        id_: str = self.record["id"]
        return id_

    @property
    def path(self) -> str:
        """Its address."""
        return f"/v1/{self.resource.name}/{self.slug}"

    @property
    def tag(self) -> str:
        """Its entity tag as it was answered."""
        return self.response.headers["etag"]

    @property
    def if_match(self) -> dict[str, str]:
        """The header that says that this revision has been seen."""
        return {"If-Match": self.tag}


@dataclass
class Samples:
    """Makes records through the API, together with the published records that they refer to."""

    client: httpx.Client
    publisher: "Samples | None" = None
    """Who makes what they refer to, where the client may not publish."""
    _targets: dict[tuple[str, int], str] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def create(self, resource: Resource, *, number: int | None = None, full: bool = True, **given: Any) -> Sample:
        """Make a record: a draft, unless ``state`` is given. Samples with different numbers differ in most fields."""
        body = self.body(resource, number=number, full=full, **given)
        response = self._post(resource, body, given)
        return Sample(resource, body, response)

    def published(self, resource: Resource, **given: Any) -> Sample:
        """Make a record that everybody sees."""
        return self.create(resource, state="published", **given)

    def body(self, resource: Resource, *, number: int | None = None, full: bool = True, **given: Any) -> dict[str, Any]:
        """A body that makes a record, under a slug of its own; with every field, or with what is required alone."""
        number = next(self._numbers) if number is None else number
        created: dict[str, Any] = {"slug": f"sample-{uuid4().hex}", **given}
        apart = {*ALREADY_GIVEN, *(inline.field for inline in resource.inline)}
        for position, (name, info) in enumerate(resource.create.model_fields.items()):
            if name in created or name in apart:
                continue
            if not info.is_required() and (not full or (number + position) % 4 == 3):
                continue
            value = self._value(resource, info, Place(name, position, number))
            if value is not None:
                created[name] = value
        return created

    def fresh_body(self, resource: Resource, **given: Any) -> dict[str, Any]:
        """A body that is known to be taken, for a record that does not exist yet."""
        taken = self.create(resource, **given).sent
        return {**taken, "slug": f"sample-{uuid4().hex}"}

    def target(self, resource: Resource, number: int = 0) -> str:
        """The slug of a published record to refer to; the same one for the same number."""
        if self.publisher is not None:
            return self.publisher.target(resource, number)
        if (resource.name, number) not in self._targets:
            created = self.published(resource, number=number, full=False)
            self._targets[resource.name, number] = created.slug
        return self._targets[resource.name, number]

    def key_for(self, relation: Relation, info: FieldInfo, number: int = 0) -> Any:
        """What a client writes to refer to published records through a relation."""
        return self._reference(relation, info, Place(relation.field, 0, number))

    def changes_of(self, sample: Sample) -> dict[str, Any]:
        """Another value for each plain field that was sent; ends before beginnings, so that each fits by itself."""
        return self._changes(sample, [name for name in sample.sent if name not in ALREADY_GIVEN])

    def change_of(self, sample: Sample) -> dict[str, Any]:
        """Another value for one field: a text where there is one, else a number, else whatever there is."""
        found = self._changes(sample, sample.sent) or self._changes(sample, sample.resource.create.model_fields)
        name = min(found, key=lambda each: _fitness(found[each]))
        return {name: found[name]}

    def _changes(self, sample: Sample, names: Iterable[str]) -> dict[str, Any]:
        resource, number = sample.resource, next(self._numbers) + OF_CHANGES
        apart = {*ALREADY_GIVEN, *resource.by_field}
        found: dict[str, Any] = {}
        for position, (name, info) in reversed(list(enumerate(resource.create.model_fields.items()))):
            if name in names and name not in apart and name in resource.read.model_fields:
                values = values_for(info, Place(name, position, number))
                if fresh := [value for value in values if value != sample.record[name]]:
                    found[name] = fresh[0]
        return found

    @staticmethod
    def extras_of(model: type[BaseModel], relation: Many) -> dict[str, Any]:
        """What stands beside a reference in the objects of a relation, such as a role."""
        created = object_for(model, Place("", 0, 0), {relation.item or "": ""})
        return {name: created[name] for name in relation.extras}

    def inline_items(self, inline: Inline, owner: Resource) -> list[dict[str, Any]]:
        """Two records to be given inside another."""
        model = model_of(owner.create.model_fields[inline.field].annotation)
        assert model is not None
        items: list[dict[str, Any]] = []
        for number in range(2):
            given = {
                name: self._reference(inline.resource.by_field[name], info, Place(name, 0, number))
                for name, info in model.model_fields.items()
                if name in inline.resource.by_field
            }
            required = {
                name: values_for(info, Place(name, 0, number))[0]
                for name, info in model.model_fields.items()
                if info.is_required() and name not in given
            }
            items.append({**given, **required})
        return items

    def _value(self, resource: Resource, info: FieldInfo, place: Place) -> Any:
        relation = resource.by_field.get(place.name)
        if relation is not None:
            return self._reference(relation, info, place, _other(resource, place))
        values = values_for(info, place)
        if not values and info.is_required():
            values = [resource.examples["create"][place.name]]
        if place.name == resource.label and values:
            return f"{str(values[0])[:100]} {uuid4().hex[:12]}"
        return values[0] if values else None

    def _reference(self, relation: Relation, info: FieldInfo, place: Place, other: int = 0) -> Any:
        if isinstance(relation, AnyOne):
            model = model_of(info.annotation)
            assert model is not None
            (singular, *_) = values_for(model.model_fields["type"], Place("type", 0, place.number))
            return {"type": singular, "slug": self.target(CATALOGUE.by_singular[singular])}
        target = CATALOGUE.of(relation.target)
        if isinstance(relation, One):
            return self.target(target, other)
        keys = [self.target(target, each) for each in range(place.number % 3)]
        if relation.item is None:
            return keys
        item = model_of(info.annotation)
        assert item is not None
        return [
            object_for(item, Place("", 0, place.number + each), {relation.item: key}) for each, key in enumerate(keys)
        ]

    def _post(self, resource: Resource, body: dict[str, Any], given: Mapping[str, Any]) -> httpx.Response:
        """Send a body; where the register refuses optional fields in this combination, without them."""
        while True:
            response = self.client.post(f"/v1/{resource.name}", json=body)
            if response.status_code == 201:
                return response
            flawed = {
                flaw.get("pointer", "").split("/")[1] for flaw in response.json().get("errors", ()) if "pointer" in flaw
            }
            optional = {
                name
                for name in flawed & body.keys() - given.keys()
                if not resource.create.model_fields[name].is_required()
            }
            needed = [each for each in resource.inline if each.field in flawed and each.field not in body]
            if response.status_code != 422 or not (optional or needed):
                raise AssertionError(f"{resource.name}: no valid body was found; last {body}: {response.text}")
            for name in optional:
                del body[name]
            for inline in needed:
                body[inline.field] = self.inline_items(inline, resource)


def writable_relations(resource: Resource) -> list[Relation]:
    """The relations that stand in a record's own body."""
    return list(resource.writable_relations)


def _other(resource: Resource, place: Place) -> int:
    """Which target a reference leads to: mostly the same one, as records that refer to each other belong together.

    The targets that are made for references are all of one partnership, but for a second partnership itself. A record
    that cannot be without two references which lead to a partnership takes no other.
    """
    needed = [each for each in resource.relations if isinstance(each, One) and resource.required(each)]
    bound = sum(leads_to_partnership(CATALOGUE, each) for each in needed) > 1
    return 1 if place.number % 5 == 4 and not bound else 0


def _fitness(value: Any) -> int:
    """How far a value is from being plain words, which every field of text takes."""
    if isinstance(value, str):
        return 0 if " " in value else 3
    return 1 if isinstance(value, (int, float)) else 2
