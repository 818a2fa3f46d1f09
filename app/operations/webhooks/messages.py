"""Messages: what is sent about a change, signed after Standard Webhooks, and what came of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.core.strict_json import dump
from app.operations.webhooks import store

if TYPE_CHECKING:
    from app.outbound import Outbound

SEND_SECONDS = 10.0
_REPLY_BYTES = 4096


@dataclass(frozen=True)
class Message:
    """What is sent."""

    id: str
    body: bytes


@dataclass(frozen=True)
class Result:
    """What came of it."""

    status: int | None
    milliseconds: int
    detail: str | None
    wait: float = 0
    """How long the receiver asks to be left alone, in seconds."""

    @property
    def taken(self) -> bool:
        """Whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def logged(self) -> dict[str, Any]:
        """What the log says of it."""
        return {"status_code": self.status, "milliseconds": self.milliseconds, "detail": self.detail}


def change_message(webhook: Mapping[str, Any], entry: Mapping[str, Any]) -> Message:
    """The message about an entry of the feed."""
    body = {"type": f"{entry['resource']}.{entry['action']}", "timestamp": entry["at"], "data": entry}
    return Message(store.message_id(webhook["id"], entry["seq"]), dump(body))


def test_message(delivery: Mapping[str, Any]) -> Message:
    """A message that says nothing."""
    body = {"type": "test", "timestamp": delivery["at"], "data": {"webhook": delivery["webhook_id"]}}
    return Message(delivery["message_id"], dump(body))


async def send(webhook: Mapping[str, Any], message: Message, outbound: "Outbound", at: datetime) -> Result:
    """Send a message; whatever goes wrong is a result."""
    # They take a while to import, which only those who use them shall wait for.
    from standardwebhooks.webhooks import Webhook as Signer

    from app.outbound import OutboundError

    body, signing = message.body.decode(), store.signing_secrets(webhook, at)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(at.timestamp())),
        # A receiver takes the message where it knows one of the secrets.
        "webhook-signature": " ".join(Signer(secret).sign(message.id, at, body) for secret in signing),
    }
    begun = time.monotonic()
    status, detail, wait = None, None, 0.0
    try:
        reply = await outbound.request(
            "POST",
            webhook["url"],
            headers=headers,
            content=message.body,
            seconds=SEND_SECONDS,
            most_bytes=_REPLY_BYTES,
            cut=True,
        )
        status = reply.status
        after = reply.headers.get("retry-after", "")
        if status in (429, 503) and after.isascii() and after.isdigit():
            wait = float(after[:9])
    except OutboundError as error:
        detail = str(error)
    return Result(status, round(1000 * (time.monotonic() - begun)), detail, wait)
