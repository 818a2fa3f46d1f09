"""Subscriptions and the log of deliveries, as they are stored."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.core.clock import now
from app.core.model import State
from app.core.reading.spoiled import only_readable
from app.core.relations import table_of
from app.core.storage.column_types import Document
from app.core.storage.history import change_counter, refreshes, revisions
from app.core.vocabulary import Vocabulary
from app.errors import NotFound

MAX_DELIVERIES = 500
"""The deliveries of each subscription that the log keeps."""
OVERLAP = timedelta(hours=24)
"""How long a secret that was replaced goes on to sign, beside the new one."""
_MAX_FORMER_SECRETS = 4
"""The replaced secrets that sign at once: a header has to end somewhere."""


class DeliveryState(Vocabulary):
    """What became of a delivery."""

    pending = "pending", "It was asked for, and will be tried."
    delivered = "delivered", "The receiver answered with 2xx."
    failed = "failed", "It did not; a change is tried again, later."


class Webhook(SQLModel, table=True):
    """A subscription to changes."""

    id: str = Field(primary_key=True)
    url: str
    description: str | None
    resources: list[str] = Field(sa_type=Document)
    partnership: str | None = Field(description="The partnership's id.")
    enabled: bool
    secret: str = Field(description="Signs what is sent, so it is kept as it is.")
    former_secrets: list[dict[str, str]] = Field(
        sa_type=Document, description="The secrets before, the latest first, each with the moment it signs until."
    )
    created_at: datetime = Field(index=True)
    created_by: str
    delivered_seq: int = Field(sa_type=sa.BigInteger)
    attempts: int = Field(description="How often the next change was tried.")
    failing_since: datetime | None
    next_attempt_at: datetime | None
    disabled_reason: str | None


class Delivery(SQLModel, table=True):
    """An attempt to deliver a message, or one that was asked for."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (sa.Index(None, "webhook_id", "id"),)

    id: int = Field(primary_key=True, sa_type=sa.BigInteger().with_variant(sa.Integer, "sqlite"))
    webhook_id: str = Field(foreign_key="webhook.id")
    message_id: str
    seq: int | None = Field(sa_type=sa.BigInteger, description="The change; null: a test.")
    state: DeliveryState = Field(index=True)
    at: datetime
    status_code: int | None
    milliseconds: int | None
    detail: str | None


webhooks = table_of(Webhook)
deliveries = table_of(Delivery)
_SHOWN_DELIVERY = tuple(column for column in deliveries.c if column.name != "webhook_id")
_UNTROUBLED: Mapping[str, Any] = {
    "attempts": 0,
    "failing_since": None,
    "next_attempt_at": None,
    "disabled_reason": None,
}
"""The columns of a subscription whose receiver takes what it is sent."""


def new_secret() -> str:
    """A secret in the form of Standard Webhooks, of 256 random bits."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def message_id(webhook: str, seq: int) -> str:
    """The id of the message about a change: always the same, so that a receiver knows what it has already."""
    return f"{webhook}_{seq}"


# -- subscriptions ---------------------------------------------------------------------------------------------------


def create(connection: sa.Connection, values: Mapping[str, Any], by: str) -> tuple[str, str]:
    """Make a subscription, to the changes still to come. Gives its id and secret."""
    last: int = connection.execute(sa.select(change_counter.c.seq)).scalar_one()
    id_, secret = f"wh_{secrets.token_hex(8)}", new_secret()
    row = {
        **values,
        **_UNTROUBLED,
        "id": id_,
        "secret": secret,
        "former_secrets": [],
        "created_at": now(),
        "created_by": by,
        "delivered_seq": last,
    }
    connection.execute(sa.insert(webhooks).values(row))
    return id_, secret


def change(connection: sa.Connection, id_: str, values: Mapping[str, Any]) -> None:
    """Change a subscription. One that is enabled is tried at once, whatever went wrong before."""
    anew = _UNTROUBLED if values["enabled"] else {}
    connection.execute(sa.update(webhooks).where(webhooks.c.id == id_).values({**values, **anew}))


def rotate_secret(connection: sa.Connection, webhook: Mapping[str, Any]) -> str:
    """Give a subscription another secret, and give that; the one before signs a while longer."""
    at, secret = now(), new_secret()
    former = [{"secret": webhook["secret"], "until": (at + OVERLAP).isoformat()}, *_signing_still(webhook, at)]
    changed = sa.update(webhooks).where(webhooks.c.id == webhook["id"])
    connection.execute(changed.values(secret=secret, former_secrets=former[:_MAX_FORMER_SECRETS]))
    return secret


def signing_secrets(webhook: Mapping[str, Any], at: datetime) -> list[str]:
    """The secrets that sign what is sent at a moment, the newest first."""
    return [webhook["secret"], *(each["secret"] for each in _signing_still(webhook, at))]


def _signing_still(webhook: Mapping[str, Any], at: datetime) -> list[dict[str, str]]:
    """The replaced secrets that have not ended."""
    return [each for each in webhook["former_secrets"] if datetime.fromisoformat(each["until"]) > at]


def remove(connection: sa.Connection, id_: str) -> None:
    """End a subscription, with its log."""
    connection.execute(sa.delete(deliveries).where(deliveries.c.webhook_id == id_))
    connection.execute(sa.delete(webhooks).where(webhooks.c.id == id_))


def shown(connection: sa.Connection, id_: str) -> dict[str, Any]:
    """What can be shown of a subscription; raises NotFound."""
    return _without_secrets(found(connection, id_))


def found(connection: sa.Connection, id_: str) -> dict[str, Any]:
    """A subscription with its secrets; raises NotFound."""
    row = whole(connection, id_)
    if row is None:
        raise NotFound("There is no such webhook.")
    return row


def whole(connection: sa.Connection, id_: str) -> dict[str, Any] | None:
    """A subscription with its secrets, for who signs with them; None where it has ended."""
    row = connection.execute(sa.select(webhooks).where(webhooks.c.id == id_)).mappings().first()
    return dict(row) if row is not None else None


def all_shown(connection: sa.Connection) -> list[dict[str, Any]]:
    """What can be shown of every subscription, the newest first."""
    return [_without_secrets(row) for row in every(connection)]


def every(connection: sa.Connection) -> list[dict[str, Any]]:
    """Every subscription with its secrets, the newest first; one whose row cannot be read must not stop the others."""
    chosen = sa.select(webhooks).order_by(webhooks.c.created_at.desc(), webhooks.c.id)
    names = chosen.selected_columns.keys()
    rows = only_readable(connection, chosen, {}, "webhooks")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _without_secrets(webhook: Mapping[str, Any]) -> dict[str, Any]:
    still = _signing_still(webhook, now())
    until = datetime.fromisoformat(still[0]["until"]) if still else None
    open_ = {name: value for name, value in webhook.items() if name not in ("secret", "former_secrets")}
    return {**open_, "former_secret_until": until}


def rewind(connection: sa.Connection, id_: str, seq: int) -> None:
    """Deliver again everything after a number."""
    back = sa.update(webhooks).where(webhooks.c.id == id_, webhooks.c.delivered_seq > seq)
    connection.execute(back.values(delivered_seq=seq))


# -- deliveries ------------------------------------------------------------------------------------------------------


def request_delivery(connection: sa.Connection, webhook: str, seq: int | None) -> dict[str, Any]:
    """Ask for the delivery of a change beside the order, or of a test. Gives its entry in the log."""
    name = message_id(webhook, seq) if seq is not None else f"{webhook}_test_{secrets.token_hex(6)}"
    return _log(connection, webhook, name, seq, DeliveryState.pending, {})


def log_attempt(
    connection: sa.Connection, webhook: str, name: str, seq: int, state: DeliveryState, result: Mapping[str, Any]
) -> None:
    """Note an attempt to deliver a change, and forget the oldest."""
    entry = _log(connection, webhook, name, seq, state, result)
    own = deliveries.c.webhook_id == webhook
    oldest = sa.select(deliveries.c.id).where(own).order_by(deliveries.c.id.desc()).offset(MAX_DELIVERIES - 1).limit(1)
    if entry["id"] % 20 == 0 and (last := connection.execute(oldest).scalar()) is not None:
        connection.execute(sa.delete(deliveries).where(own, deliveries.c.id < last))


def settle(connection: sa.Connection, id_: int, state: DeliveryState, result: Mapping[str, Any]) -> None:
    """Note what became of a delivery that was asked for."""
    done = sa.update(deliveries).where(deliveries.c.id == id_)
    connection.execute(done.values(state=state.value, at=now(), **result))


def recent(connection: sa.Connection, webhook: str, before: int | None, limit: int) -> Sequence[dict[str, Any]]:
    """The log of a subscription, the latest first; before an entry."""
    chosen = sa.select(*_SHOWN_DELIVERY).where(deliveries.c.webhook_id == webhook)
    if before is not None:
        chosen = chosen.where(deliveries.c.id < before)
    found = connection.execute(chosen.order_by(deliveries.c.id.desc()).limit(limit))
    return [dict(row) for row in found.mappings()]


def pending(connection: sa.Connection, webhook: str) -> list[dict[str, Any]]:
    """What was asked for and not yet tried, the oldest first."""
    waits = (deliveries.c.webhook_id == webhook, deliveries.c.state == DeliveryState.pending.value)
    found = connection.execute(sa.select(deliveries).where(*waits).order_by(deliveries.c.id))
    return [dict(row) for row in found.mappings()]


def _log(
    connection: sa.Connection,
    webhook: str,
    name: str,
    seq: int | None,
    state: DeliveryState,
    result: Mapping[str, Any],
) -> dict[str, Any]:
    values = {"webhook_id": webhook, "message_id": name, "seq": seq, "state": state.value, "at": now()}
    empty = {"status_code": None, "milliseconds": None, "detail": None}
    row = {**values, **empty, **result}
    (id_,) = connection.execute(sa.insert(deliveries).values(row)).inserted_primary_key or (None,)
    return {"id": id_, **{name: value for name, value in row.items() if name != "webhook_id"}}


def is_change(connection: sa.Connection, seq: int) -> bool:
    """Whether a number is that of a change that the public saw."""
    published = State.published.value
    public = sa.or_(revisions.c.state == published, revisions.c.state_before == published)
    changed = sa.select(revisions.c.seq).where(revisions.c.seq == seq, public)
    refreshed = sa.select(refreshes.c.seq).where(refreshes.c.seq == seq)
    return connection.execute(sa.union_all(changed, refreshed)).first() is not None


# -- progress --------------------------------------------------------------------------------------------------------


def took(connection: sa.Connection, id_: str, seq: int) -> None:
    """Note that a receiver has taken a change, and all before it."""
    ahead = sa.update(webhooks).where(webhooks.c.id == id_, webhooks.c.delivered_seq < seq)
    connection.execute(ahead.values(delivered_seq=seq, **_UNTROUBLED))


def refused(
    connection: sa.Connection, webhook: Mapping[str, Any], at: datetime, again: datetime, reason: str | None
) -> None:
    """Note that a receiver has not taken a change, when to try again, and why not any more."""
    values: dict[str, Any] = {
        "attempts": webhook["attempts"] + 1,
        "failing_since": webhook["failing_since"] or at,
        "next_attempt_at": again,
    }
    if reason is not None:
        values |= {"enabled": False, "disabled_reason": reason, "next_attempt_at": None}
    connection.execute(sa.update(webhooks).where(webhooks.c.id == webhook["id"]).values(values))
