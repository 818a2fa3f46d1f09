"""The history of a record: its revisions, and what one of them changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from app.api.read_request import Read, ReadRequest
from app.api.record_history import differences, record_at, revisions_of
from app.api.records import SlugOrId
from app.api.revisions import Number
from app.core.reading.parameters import ParameterSet
from app.core.reading.reader import Located
from app.core.resource import Resource
from app.errors import NotFound
from app.pages import labels
from app.pages.fields import name_of, text_of
from app.pages.html import html_response
from app.pages.requests import AsData, json_of, see_other, wants_data

_COMPUTED_DAILY = ("days_since_update", "days_overdue", "html_url")
"""What differs with the day, or follows from something else that differs."""


@dataclass(frozen=True)
class Difference:
    """A field that a revision changed."""

    label: str
    before: str
    after: str


class HistoryParameters(ParameterSet):
    """The query of a history."""

    revision: Number | None = Field(default=None, description="The revision whose changes are shown; the latest.")


class HistoryPage:
    """The history of one resource's records."""

    def __init__(self, resource: Resource) -> None:
        """Serve a resource."""
        self.resource = resource

    def get_page(self, read: Read, slug_or_id: SlugOrId) -> Response:
        """Every revision of a record, and what one of them changed."""
        resource = self.resource
        path = f"/v1/{resource.name}/{slug_or_id}/revisions"
        if wants_data(read):
            return see_other(path, ())
        wanted = read.parameters(HistoryParameters).revision
        reader = read.reader()
        located = reader.locate(resource, slug_or_id)
        record = reader.one(resource, located.id)
        changes = revisions_of(read, resource, located)
        number = wanted or (changes[0]["revision"] if changes else 1)
        if changes and number not in {each["revision"] for each in changes}:
            raise NotFound("There is no such revision.")
        return html_response(
            "history.html",
            read,
            resource=resource,
            record=record,
            name=name_of(resource.name, record),
            changes=changes,
            number=number,
            differences=_compared(read, resource, located, number),
            data=AsData((json_of(path), json_of(f"{path}/{number}/diff", (), "what changed"))),
        )

    def register(self, router: APIRouter) -> None:
        """Add the route."""
        name = self.resource.name
        path = f"/{name}/{{slug}}/history"
        router.add_api_route(path, self.get_page, methods=["GET"], name=f"{name} history page", response_model=None)


def _compared(read: ReadRequest, resource: Resource, located: Located, number: int) -> Sequence[Difference]:
    """What a revision changed; nothing for the first, and where the one before was not public."""
    if number == 1:
        return ()
    try:
        before = record_at(read, resource, located.id, number - 1)[1]
        after = record_at(read, resource, located.id, number)[1]
    except NotFound:
        return ()
    return [
        Difference(
            labels.field(each["field"]),
            text_of(resource, each["field"], each["before"]),
            text_of(resource, each["field"], each["after"]),
        )
        for each in differences(resource, before, after)
        if each["field"] not in _COMPUTED_DAILY
    ]
