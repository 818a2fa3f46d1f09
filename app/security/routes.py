"""Keys over HTTP, for an admin: made, listed, shown and revoked. The secret is in one answer only."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.core.answer import json_answer
from app.core.body import body_of
from app.core.changing import By, changing_of
from app.core.context import Context, context_of
from app.core.query import Moment
from app.core.routes import refuse_parameters
from app.core.text import Line
from app.core.visibility import Role, Viewer
from app.errors import (
    BadQuery,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
    documented,
)
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


class KeyMade(KeyRead):
    """A new key."""

    token: str | None = Field(
        description="What to send as `Authorization: Bearer <token>`. Shown here and never again; null in a dry run."
    )


class KeyList(BaseModel):
    """All keys."""

    data: list[KeyRead] = Field(description="The newest first; those that have ended too.")


MODELS: tuple[type[BaseModel], ...] = (KeyRead, KeyMade, KeyList)
BODIES: tuple[type[BaseModel], ...] = (KeyCreate,)

_KEY = Annotated[str, Path(description="The key's id.", examples=["k3x9q2m7c5ab"])]
_SECURED: dict[str, Any] = {"security": [{"bearer": []}]}


def _require_admin(viewer: Viewer) -> None:
    if viewer.role < Role.admin:
        raise Forbidden("Keys are an admin's business.")


def _admin_reads(request: Request) -> Viewer:
    context = context_of(request)
    viewer = context.authenticate(request)
    context.demand_writer(viewer)
    _require_admin(viewer)
    return viewer


def _admin_changes(by: By) -> None:
    _require_admin(by.viewer)


Reads = Annotated[Viewer, Depends(_admin_reads)]


def _content(model: str, text: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    schema = {"$ref": f"#/components/schemas/{model}"}
    return {status: {"description": text, "content": {"application/json": {"schema": schema}}}}


def key_router(keys: Keys) -> APIRouter:
    """The routes of keys."""
    router = APIRouter(prefix="/keys", tags=["keys"])
    # The role is checked before the body is read, so that a body tells nothing to who may not send it.
    changes = [Depends(changing_of), Depends(_admin_changes)]
    Body = Annotated[tuple[KeyCreate, bytes], Depends(body_of(KeyCreate))]  # noqa: N806 (a type)

    @router.get(
        "", operation_id="list_keys", summary="List keys", response_model=None,
        dependencies=[Depends(refuse_parameters)],
        responses={**_content("KeyList", "All keys."), **documented(BadQuery, Unauthorized, Forbidden, Unavailable)},
        openapi_extra=_SECURED,
    )  # fmt: skip
    def list_keys(request: Request, viewer: Reads) -> Response:
        """Every key that was made, those that have ended too. No secret is among it."""
        with _reading(request) as connection:
            return json_answer({"data": keys.all(connection)}, viewer)

    @router.get(
        "/{key}", operation_id="get_key", summary="Read a key", response_model=None,
        dependencies=[Depends(refuse_parameters)],
        responses={
            **_content("KeyRead", "The key."), **documented(BadQuery, Unauthorized, Forbidden, NotFound, Unavailable)
        },
        openapi_extra=_SECURED,
    )  # fmt: skip
    def get_key(request: Request, viewer: Reads, key: _KEY) -> Response:
        """What a key may do, until when, and when it was last used."""
        with _reading(request) as connection:
            return json_answer(keys.get(connection, key), viewer)

    @router.post(
        "", operation_id="create_key", summary="Make a key", response_model=None, status_code=201, dependencies=changes,
        responses={
            **_content("KeyMade", "The key, with the token, which is never shown again.", 201),
            **_content("KeyMade", "What would have been made, in a dry run."),
            **documented(BadQuery, Unauthorized, Forbidden, Malformed, TooLarge, UnsupportedMediaType, Invalid,
                         Unavailable),
        },
        openapi_extra={
            **_SECURED, "x-parameters": ["secret", ""],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"$ref": "#/components/schemas/KeyCreate"},
                        "example": {"name": "Research desk", "role": "contributor"},
                    }
                },
            },
        },
    )  # fmt: skip
    def create_key(request: Request, by: By, body: Body) -> Response:
        """Makes a key. The answer holds its token, of which only a digest is kept: it cannot be shown again."""
        if "idempotency-key" in request.headers:
            raise Malformed("Idempotency-Key is not taken here: the answer, with its secret, would have to be kept.")
        asked = body[0]
        with by.transaction() as connection:
            made, token = keys.create(connection, asked.name, asked.role, by.viewer.key, asked.expires_at)
            headers = {"Location": f"/v1/keys/{made['id']}"}
            shown = {**made, "token": None if by.dry_run else token}
            # Without the body the key would be lost, whatever the client prefers.
            return by.answer(json_answer(shown, by.viewer, status=201, headers=headers), always_whole=True)

    @router.delete(
        "/{key}", operation_id="revoke_key", summary="Revoke a key", response_model=None, status_code=204,
        dependencies=changes,
        responses={
            204: {"description": "It is refused from its next request on."},
            **documented(BadQuery, Unauthorized, Forbidden, NotFound, Unavailable),
        },
        openapi_extra={**_SECURED, "x-parameters": ["secret", ""]},
    )  # fmt: skip
    def revoke_key(by: By, key: _KEY) -> Response:
        """Ends a key, from its next request on. What it wrote stays."""
        with by.transaction() as connection:
            keys.revoke(connection, key, by.viewer.key)
        return Response(status_code=204)

    return router


def _reading(request: Request) -> Any:
    context: Context = context_of(request)
    return context.database.reading()
