"""Bodies of webhooks, as an admin writes and reads them."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from app.core.field_types import Line, SlugOrId, WebAddress
from app.core.reading.parameters import ParameterSet
from app.core.reading.value_types import whole_number
from app.core.storage.history import MAX_SEQ
from app.operations.webhooks.store import DeliveryState
from app.resources import CATALOGUE

_NAMES = [resource.name for resource in CATALOGUE]


def _known(name: str) -> str:
    if name not in _NAMES:
        raise ValueError(f"must be one of {', '.join(_NAMES)}")
    return name


ResourceName = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": _NAMES})]
Seq = Annotated[int, Field(ge=0, le=MAX_SEQ)]


class WebhookCreate(BaseModel):
    """A subscription as an admin asks for it: to the changes still to come."""

    model_config = ConfigDict(extra="forbid")

    url: WebAddress = Field(
        description="Where messages are sent, by POST. An address that is not public is never connected to.",
        examples=["https://hooks.example.org/followthrough"],
    )
    description: Line | None = Field(default=None, description="What it is for.")
    resources: list[ResourceName] = Field(
        default_factory=list, max_length=50, description="Only changes of these resources; empty: of all."
    )
    partnership: SlugOrId | None = Field(
        default=None, description="Only changes of this partnership and of what belongs to it, by its slug or id."
    )
    enabled: bool = Field(default=True, description="Whether changes are delivered. What comes meanwhile is kept.")


class WebhookRead(BaseModel):
    """A subscription, without its secrets."""

    id: str = Field(description="Names the subscription; ids of messages begin with it.")
    url: str = Field(description="Where messages are sent.")
    description: str | None = Field(description="What it is for.")
    resources: list[str] = Field(description="Only changes of these resources; empty: of all.")
    partnership: str | None = Field(description="The id of the partnership whose changes alone are delivered.")
    enabled: bool = Field(description="Whether changes are delivered.")
    created_at: datetime = Field(description="When it was made.")
    created_by: str = Field(description="The key that made it.")
    delivered_seq: int = Field(description="The number of the last change that the receiver has taken.")
    attempts: int = Field(description="How often the next change was tried in vain.")
    failing_since: datetime | None = Field(description="Since when the receiver takes nothing; null: it does.")
    next_attempt_at: datetime | None = Field(description="When the next change is tried again.")
    disabled_reason: str | None = Field(description="Why the register has disabled it.")
    former_secret_until: datetime | None = Field(
        description="Until when the secret that was replaced last signs as well; null: one secret alone signs."
    )


class WebhookWithSecret(WebhookRead):
    """A subscription, with the secret that was just made for it."""

    secret: str | None = Field(
        description="Verifies signatures (Standard Webhooks). Shown here and never again; null in a dry run."
    )


class WebhookList(BaseModel):
    """All subscriptions."""

    data: list[WebhookRead] = Field(description="The newest first.")


class DeliveryRead(BaseModel):
    """A delivery, or one that was asked for."""

    id: int = Field(description="Numbers the deliveries.")
    message_id: str = Field(description="The `webhook-id` it was sent with: the same whenever a change is sent again.")
    seq: int | None = Field(description="The number of the change; null: a test.")
    state: DeliveryState = Field(description="What became of it.")
    at: datetime = Field(description="When it was tried, or asked for.")
    status_code: int | None = Field(description="What the receiver answered; null: nothing.")
    milliseconds: int | None = Field(description="How long that took.")
    detail: str | None = Field(description="Why there was no response.")


class DeliveryList(BaseModel):
    """A part of the log."""

    data: list[DeliveryRead] = Field(description="The latest first; the last 500 are kept.")


class Redelivery(BaseModel):
    """What to deliver again: one change, or everything after one."""

    model_config = ConfigDict(extra="forbid")

    seq: Seq | None = Field(default=None, description="This change, once more, beside the order.")
    since: Seq | None = Field(default=None, description="Everything after this change, in order.")


class LogParameters(ParameterSet):
    """The query of the log."""

    limit: whole_number(1, 200) = Field(default=25, description="How many deliveries at most, 1 to 200.")  # type: ignore[valid-type]
    before: whole_number(1, 2**62) | None = Field(  # type: ignore[valid-type]
        default=None, description="Only deliveries before this one, by its id: the log goes on there."
    )
