"""Webhooks over HTTP, for an admin: subscriptions, the log of deliveries, delivering again, and a test."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from app.api.changes.feed import partnership_named
from app.api.documentation import (
    BODY_FAILS,
    DRY_RUN,
    IF_NONE_MATCH,
    WRITE_FAILS,
    WRITING,
    Body,
    conditional,
    response,
    takes,
)
from app.api.problems import documented
from app.api.read_request import Read
from app.api.request_body import MERGE_PATCH, JsonBody, PatchBody
from app.api.responses import json_response
from app.core.strict_json import dump, parse, validate
from app.core.visibility import ANONYMOUS
from app.core.writing.merge_patch import merge
from app.errors import BadQuery, Invalid, Malformed, NotFound
from app.operations.webhooks import store
from app.operations.webhooks.models import (
    DeliveryList,
    DeliveryRead,
    LogParameters,
    Redelivery,
    WebhookCreate,
    WebhookList,
    WebhookRead,
    WebhookWithSecret,
)
from app.security.admin_requests import AdminRead, AdminWrite, admin_write, require_admin

WebhookId = Annotated[str, Path(alias="id", description="The subscription's id.", examples=["wh_4f1d2c3b5a697887"])]

_EXAMPLE = {"url": "https://hooks.example.org/followthrough", "resources": ["commitments", "updates"]}
_FINDS = documented(*WRITE_FAILS, NotFound)


def _takes(body: Body | None = None) -> dict[str, Any]:
    """What a change takes."""
    return takes(body=body, headers=(DRY_RUN,), security=WRITING)


def _refuse_idempotency_key(write: AdminWrite) -> None:
    if "idempotency-key" in write.request.headers:
        raise Malformed("Idempotency-Key is not taken here: the answer, with its secret, would have to be kept.")


class WebhookRoutes:
    """Making, showing, changing and ending subscriptions."""

    # -- handlers ----------------------------------------------------------------------------------------------------

    def list_webhooks(self, read: AdminRead) -> Response:
        """Every subscription, with how far it has come. No secret is among it."""
        return json_response({"data": store.all_shown(read.connection)}, read.viewer)

    def get_webhook(self, read: AdminRead, webhook_id: WebhookId) -> Response:
        """A subscription, and how far it has come."""
        return json_response(store.shown(read.connection, webhook_id), read.viewer)

    def create_webhook(self, write: AdminWrite, raw: JsonBody) -> Response:
        """Subscribes to changes. The answer holds the secret that verifies signatures: it is not shown again."""
        _refuse_idempotency_key(write)
        body = validate(WebhookCreate, raw)
        connection = write.connection
        id_, secret = store.create(connection, self._columns(write, body), write.viewer.key)
        return self._with_secret(write, id_, secret, status=201, headers={"Location": f"/v1/webhooks/{id_}"})

    def update_webhook(self, write: AdminWrite, webhook_id: WebhookId, raw: PatchBody) -> Response:
        """Changes a subscription by a merge patch. One that is enabled goes on where it stopped, at once."""
        patch = parse(raw)
        if not isinstance(patch, dict):
            raise Invalid(errors=[{"pointer": "", "detail": "A merge patch of a webhook is a JSON object."}])
        current = store.shown(write.connection, webhook_id)
        merged = merge({name: current[name] for name in WebhookCreate.model_fields}, patch)
        body = validate(WebhookCreate, dump(merged))
        store.change(write.connection, webhook_id, self._columns(write, body))
        return write.respond(json_response(store.shown(write.connection, webhook_id), write.viewer))

    def rotate_secret(self, write: AdminWrite, webhook_id: WebhookId) -> Response:
        """Gives a subscription another secret, which is not shown again.

        For 24 hours messages carry the signatures of both, the new one first: a receiver that knows either takes them.
        """
        _refuse_idempotency_key(write)
        secret = store.rotate_secret(write.connection, store.found(write.connection, webhook_id))
        return self._with_secret(write, webhook_id, secret)

    @staticmethod
    def _with_secret(write: AdminWrite, id_: str, secret: str, **how: Any) -> Response:
        """A subscription with the secret that was just made; none was where the request only tries."""
        shown = {**store.shown(write.connection, id_), "secret": None if write.dry_run else secret}
        # Without the body the secret would be lost, whatever the client prefers.
        return write.respond(json_response(shown, write.viewer, **how), always_whole=True)

    def delete_webhook(self, write: AdminWrite, webhook_id: WebhookId) -> Response:
        """Ends a subscription, with its log. What is being sent at the moment may still arrive."""
        store.shown(write.connection, webhook_id)
        store.remove(write.connection, webhook_id)
        return write.no_content()

    def test_webhook(self, write: AdminWrite, webhook_id: WebhookId) -> Response:
        """Sends a message of type `test`, in a moment and once. Its entry in the log says what came of it."""
        store.shown(write.connection, webhook_id)
        delivery = store.request_delivery(write.connection, webhook_id, None)
        return write.respond(json_response(delivery, write.viewer))

    def redeliver(self, write: AdminWrite, webhook_id: WebhookId, raw: JsonBody) -> Response:
        """Delivers changes again, with the same message ids: one beside the order, or everything after one."""
        body = validate(Redelivery, raw)
        if (body.seq is None) == (body.since is None):
            raise Invalid(errors=[{"pointer": "", "detail": "Give either seq or since."}])
        store.shown(write.connection, webhook_id)
        if body.since is not None:
            store.rewind(write.connection, webhook_id, body.since)
        elif not store.is_change(write.connection, body.seq or 0):
            raise Invalid(errors=[{"pointer": "/seq", "detail": "There is no public change with this number."}])
        else:
            store.request_delivery(write.connection, webhook_id, body.seq)
        return write.respond(json_response(store.shown(write.connection, webhook_id), write.viewer))

    def list_deliveries(self, read: Read, webhook_id: WebhookId) -> Response:
        """What was sent, and what came of it."""
        read.context.demand_writer(read.viewer)
        require_admin(read.viewer)
        parameters = read.parameters(LogParameters)
        store.shown(read.connection, webhook_id)
        found = store.recent(read.connection, webhook_id, parameters.before, parameters.limit)
        return json_response({"data": found}, read.viewer)

    def _columns(self, write: AdminWrite, body: WebhookCreate) -> dict[str, Any]:
        """A body as columns; the partnership by its id, which stays."""
        columns = body.model_dump(include=set(WebhookCreate.model_fields))
        if body.partnership is not None:
            try:
                reader = write.context.reader(write.connection, ANONYMOUS)
                columns["partnership"] = str(partnership_named(reader, body.partnership))
            except BadQuery as problem:
                raise Invalid(errors=[{"pointer": "/partnership", "detail": problem.errors[0]["detail"]}]) from None
        return columns

    # -- registration --------------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes, with what the document says of them."""
        self._register_reading(router)
        self._register_writing(router)

    def _register_reading(self, router: APIRouter) -> None:
        for path, handler, operation_id, summary, described in (
            ("", self.list_webhooks, "list_webhooks", "List webhooks", ("All subscriptions.", WebhookList)),
            ("/{id}", self.get_webhook, "get_webhook", "Get a webhook", ("The subscription.", WebhookRead)),
        ):
            router.add_api_route(
                f"/webhooks{path}",
                handler,
                methods=["GET"],
                operation_id=operation_id,
                summary=summary,
                response_model=None,
                responses={**response(200, *described, "ETag"), **conditional(), **_FINDS},
                openapi_extra=takes(headers=(IF_NONE_MATCH,), security=WRITING),
            )
        router.add_api_route(
            "/webhooks/{id}/deliveries",
            self.list_deliveries,
            methods=["GET"],
            operation_id="list_webhook_deliveries",
            summary="List deliveries of a webhook",
            response_model=None,
            responses={**response(200, "The log.", DeliveryList, "ETag"), **conditional(), **_FINDS},
            openapi_extra=takes(query=LogParameters, headers=(IF_NONE_MATCH,), security=WRITING),
        )

    def _register_writing(self, router: APIRouter) -> None:
        patch = Body(model=WebhookCreate, media_type=MERGE_PATCH, patch=True, example={"description": "For the desk"})
        self._add(
            router,
            "POST",
            "",
            self.create_webhook,
            "create_webhook",
            "Create a webhook",
            responses={
                **response(201, "The subscription, with its secret, which is never shown again.", WebhookWithSecret),
                **response(200, "What would have been made, in a dry run.", WebhookWithSecret),
                **documented(*WRITE_FAILS, Malformed, *BODY_FAILS),
            },
            extra=_takes(Body(model=WebhookCreate, example=_EXAMPLE)),
            status_code=201,
        )
        shown = response(200, "The subscription as it now is.", WebhookRead)
        self._add(
            router,
            "PATCH",
            "/{id}",
            self.update_webhook,
            "update_webhook",
            "Update a webhook",
            responses={**shown, **_FINDS, **documented(*BODY_FAILS)},
            extra=_takes(patch),
        )
        self._add(
            router,
            "DELETE",
            "/{id}",
            self.delete_webhook,
            "delete_webhook",
            "Delete a webhook",
            responses={**response(204, "Nothing more is sent."), **_FINDS},
            extra=_takes(),
            status_code=204,
        )
        self._register_orders(router, shown)

    def _register_orders(self, router: APIRouter, shown: Any) -> None:
        self._add(
            router,
            "POST",
            "/{id}/rotate-secret",
            self.rotate_secret,
            "rotate_webhook_secret",
            "Replace the secret of a webhook",
            responses={
                **response(200, "The subscription, with its new secret: never shown again.", WebhookWithSecret),
                **_FINDS,
                **documented(Malformed),
            },
            extra=_takes(),
        )
        self._add(
            router,
            "POST",
            "/{id}/test",
            self.test_webhook,
            "test_webhook",
            "Send a test message",
            responses={**response(200, "What was asked for, as it stands in the log.", DeliveryRead), **_FINDS},
            extra=_takes(),
        )
        self._add(
            router,
            "POST",
            "/{id}/redeliver",
            self.redeliver,
            "redeliver_webhook",
            "Deliver changes again",
            responses={**shown, **_FINDS, **documented(*BODY_FAILS)},
            extra=_takes(Body(model=Redelivery, example={"since": 0})),
        )

    @staticmethod
    def _add(
        router: APIRouter,
        method: str,
        path: str,
        handler: Any,
        operation_id: str,
        summary: str,
        *,
        responses: Any,
        extra: Any,
        status_code: int = 200,
    ) -> None:
        router.add_api_route(
            f"/webhooks{path}",
            handler,
            methods=[method],
            operation_id=operation_id,
            summary=summary,
            response_model=None,
            status_code=status_code,
            # Before the body, which the signature could not say.
            dependencies=[Depends(admin_write)],
            responses=responses,
            openapi_extra=extra,
        )
