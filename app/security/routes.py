"""Keys over HTTP, for an admin: made, listed, shown and revoked. The secret is in one response only."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.api.documentation import BODY_FAILS, Body, response
from app.api.request_body import JsonBody
from app.api.responses import json_response
from app.core.field_types import Line
from app.core.reading.value_types import Moment
from app.core.strict_json import validate
from app.errors import Malformed
from app.security.admin_requests import AdminRead, AdminWrite, admin_routes, refuse_idempotency_key
from app.security.keys import KeyRole, Keys


def _ahead(value: datetime) -> datetime:
    if value <= datetime.now(value.tzinfo):
        raise ValueError("must lie in the future")
    return value


class KeyCreate(BaseModel):
    """A key as an admin asks for it."""

    model_config = ConfigDict(extra="forbid")

    name: Line = Field(description="Whose it is, or what for.", examples=["Research desk"])
    role: KeyRole = Field(description="What it may do.")
    expires_at: Annotated[Moment, AfterValidator(_ahead)] | None = Field(
        default=None, description="The moment from which it is refused, in UTC; left out, it does not expire."
    )


class KeyRead(BaseModel):
    """A key, without its secret."""

    id: str = Field(description="Names the key, in the history of what it changed as well.")
    name: str = Field(description="Whose it is, or what for.")
    role: KeyRole = Field(description="What it may do.")
    created_at: datetime = Field(description="When it was made.")
    created_by: str = Field(description="The key that made it.")
    expires_at: datetime | None = Field(description="The moment from which it is refused; null: never.")
    revoked_at: datetime | None = Field(description="When it was revoked; null: it was not.")
    revoked_by: str | None = Field(description="The key that revoked it.")
    last_used_at: datetime | None = Field(description="When it was last used, to the minute or so; null: never.")


class NewKey(KeyRead):
    """A new key."""

    token: str | None = Field(
        description="What to send as `Authorization: Bearer <token>`. Shown here and never again; null in a dry run."
    )


class KeyList(BaseModel):
    """All keys."""

    data: list[KeyRead] = Field(description="The newest first; those that have ended too.")


KeyId = Annotated[str, Path(alias="id", description="The key's id.", examples=["k3x9q2m7c5ab"])]


class KeyRoutes:
    """Making, listing, showing and revoking keys."""

    def __init__(self, keys: Keys) -> None:
        """Serve the keys of a register."""
        self.keys = keys

    # -- handlers ----------------------------------------------------------------------------------------------

    def list_keys(self, read: AdminRead) -> Response:
        """Every key that was made, those that have ended too. No secret is among it."""
        return json_response({"data": self.keys.all(read.connection)}, read.viewer)

    def get_key(self, read: AdminRead, key_id: KeyId) -> Response:
        """What a key may do, until when, and when it was last used."""
        return json_response(self.keys.get(read.connection, key_id), read.viewer)

    def create_key(self, write: AdminWrite, raw: JsonBody) -> Response:
        """Makes a key. The response holds its token, of which only a digest is kept: it cannot be shown again."""
        refuse_idempotency_key(write)
        body = validate(KeyCreate, raw)
        key, token = self.keys.create(write.connection, body.name, body.role, write.viewer.actor, body.expires_at)
        shown = {**key, "token": None if write.dry_run else token}
        headers = {"Location": f"/v1/keys/{key['id']}"}
        # Without the body the key would be lost, whatever the client prefers.
        return write.respond(json_response(shown, write.viewer, status=201, headers=headers), always_whole=True)

    def revoke_key(self, write: AdminWrite, key_id: KeyId) -> Response:
        """Ends a key, from its next request on. What it wrote stays."""
        self.keys.revoke(write.connection, key_id, write.viewer.actor)
        return write.no_content()

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        routes = admin_routes(router)
        routes.read("/keys", self.list_keys, summary="List keys", shows=response(200, "All keys.", KeyList))
        routes.read("/keys/{id}", self.get_key, summary="Get a key", shows=response(200, "The key.", KeyRead))
        routes.write(
            "POST",
            "/keys",
            self.create_key,
            summary="Create a key",
            shows={
                **response(201, "The key, with the token, which is never shown again.", NewKey),
                **response(200, "What would have been made, in a dry run.", NewKey),
            },
            fails=(Malformed, *BODY_FAILS),
            body=Body(model=KeyCreate, example={"name": "Research desk", "role": "contributor"}),
        )
        ended = response(204, "It is refused from its next request on.")
        routes.write("DELETE", "/keys/{id}", self.revoke_key, summary="Revoke a key", shows=ended)
