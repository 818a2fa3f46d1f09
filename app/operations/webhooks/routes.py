"""Webhooks over HTTP, for an admin: subscriptions, the log of deliveries, delivering again, and a test."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from app.api.changes.feed import partnership_named
from app.api.documentation import BODY_FAILS, Body, response
from app.api.documented_router import DocumentedRouter
from app.api.read_request import Read
from app.api.request_body import MERGE_PATCH, JsonBody, PatchBody
from app.api.responses import json_response
from app.core.strict_json import dump, parse, validate
from app.core.visibility import ANONYMOUS
from app.core.writing.merge_patch import merge
from app.errors import BadQuery, Invalid, Malformed
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
from app.security.admin_requests import AdminRead, AdminWrite, admin_routes, refuse_idempotency_key, require_admin

WebhookId = Annotated[str, Path(alias="id", description="The subscription's id.", examples=["wh_4f1d2c3b5a697887"])]

_EXAMPLE = {"url": "https://hooks.example.org/followthrough", "resources": ["commitments", "updates"]}
_SHOWN = response(200, "The subscription as it now is.", WebhookRead)


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
        """Subscribes to changes. The response holds the secret that verifies signatures: it is not shown again."""
        refuse_idempotency_key(write)
        body = validate(WebhookCreate, raw)
        connection = write.connection
        id_, secret = store.create(connection, self._columns(write, body), write.viewer.actor)
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

    def rotate_webhook_secret(self, write: AdminWrite, webhook_id: WebhookId) -> Response:
        """Gives a subscription another secret, which is not shown again.

        For 24 hours messages carry the signatures of both, the new one first: a receiver that knows either takes them.
        """
        refuse_idempotency_key(write)
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

    def redeliver_webhook(self, write: AdminWrite, webhook_id: WebhookId, raw: JsonBody) -> Response:
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

    def list_webhook_deliveries(self, read: Read, webhook_id: WebhookId) -> Response:
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
        routes = admin_routes(router)
        self._register_subscriptions(routes)
        self._register_orders(routes)

    def _register_subscriptions(self, routes: DocumentedRouter) -> None:
        all_shown, shown = (
            response(200, "All subscriptions.", WebhookList),
            response(200, "The subscription.", WebhookRead),
        )
        routes.read("/webhooks", self.list_webhooks, summary="List webhooks", shows=all_shown)
        routes.read("/webhooks/{id}", self.get_webhook, summary="Get a webhook", shows=shown)
        routes.write(
            "POST",
            "/webhooks",
            self.create_webhook,
            summary="Create a webhook",
            shows={
                **response(201, "The subscription, with its secret, which is never shown again.", WebhookWithSecret),
                **response(200, "What would have been made, in a dry run.", WebhookWithSecret),
            },
            fails=(Malformed, *BODY_FAILS),
            body=Body(model=WebhookCreate, example=_EXAMPLE),
        )
        routes.write(
            "PATCH",
            "/webhooks/{id}",
            self.update_webhook,
            summary="Update a webhook",
            shows=_SHOWN,
            fails=BODY_FAILS,
            body=Body(model=WebhookCreate, media_type=MERGE_PATCH, patch=True, example={"description": "For the desk"}),
        )
        ended = response(204, "Nothing more is sent.")
        routes.write("DELETE", "/webhooks/{id}", self.delete_webhook, summary="Delete a webhook", shows=ended)

    def _register_orders(self, routes: DocumentedRouter) -> None:
        """What is done with a subscription, beside changing it, and what came of it."""
        routes.read(
            "/webhooks/{id}/deliveries",
            self.list_webhook_deliveries,
            summary="List deliveries of a webhook",
            shows=response(200, "The log.", DeliveryList),
            query=LogParameters,
        )
        routes.write(
            "POST",
            "/webhooks/{id}/rotate-secret",
            self.rotate_webhook_secret,
            summary="Replace the secret of a webhook",
            shows=response(200, "The subscription, with its new secret: never shown again.", WebhookWithSecret),
            fails=(Malformed,),
        )
        routes.write(
            "POST",
            "/webhooks/{id}/test",
            self.test_webhook,
            summary="Send a test message",
            shows=response(200, "What was asked for, as it stands in the log.", DeliveryRead),
        )
        routes.write(
            "POST",
            "/webhooks/{id}/redeliver",
            self.redeliver_webhook,
            summary="Deliver changes again",
            shows=_SHOWN,
            fails=BODY_FAILS,
            body=Body(model=Redelivery, example={"since": 0}),
        )
