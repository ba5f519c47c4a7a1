"""Bodies of messages, and how they are signed (Standard Webhooks 1.0.0).

What is signed are the bytes that are kept and sent: nothing is serialised twice.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from core.domain.webhooks.event import Event

SECRET_BYTES = 32
"""Standard Webhooks wants 24 to 64."""


def standard_body(event: Event) -> bytes:
    """`{type, timestamp, data}`."""
    versions = {"schema_version": event.schema_version, "object_version": event.object_version}
    return _json(
        {"type": event.type.value, "timestamp": instant(event.occurred_at), "data": {**event.payload, **versions}}
    )


def hook_body(endpoint_id: str, hook_event: str, event: Event) -> bytes:
    """As VdoCipher's hooks send it (docs server/account/hooks): `time` in milliseconds, `upload_time` in seconds."""
    video = event.payload
    uploaded = datetime.fromisoformat(video["created_at"])
    return _json(
        {
            "hookId": endpoint_id,
            "event": hook_event,
            "time": int(event.occurred_at.timestamp() * 1000),
            "payload": {
                "id": video["video_id"],
                "title": video["title"],
                "upload_time": int(uploaded.timestamp()),
                "tags": video["tags"],
                "length": video["duration"],
                "status": video["status"],
            },
        }
    )


def instant(at: datetime) -> str:
    """RFC 3339, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def secret_text(secret: bytes) -> str:
    """As its owner gives it to a verifying library."""
    return "whsec_" + base64.b64encode(secret).decode()


def signed_headers(event_id: str, body: bytes, keys: Sequence[bytes], now: datetime) -> dict[str, str]:
    """One signature for each of `keys`. `event_id` stays the same over all attempts: receivers tell repeats by it."""
    # The library takes the wall clock of an aware datetime for UTC, whatever its zone.
    at, text = now.astimezone(UTC), body.decode()
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(key).sign(event_id, at, text) for key in keys),
    }


def _json(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
