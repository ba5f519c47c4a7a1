"""What a customer's server is asked before a licence is given, how that is signed, and what it may answer.

The signature is HMAC-SHA256 (RFC 2104) over `<unix seconds>.<body>`, in hex, under the organisation's own key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.domain.drm.licence_policy import LicencePolicy
from core.domain.egress.addresses import EVERYWHERE
from core.domain.egress.destination import DestinationRefused, EgressPolicy, parse_destination
from core.domain.errors import Forbidden, InvalidInput, Unavailable

TIMESTAMP_HEADER = "X-Sealcast-Timestamp"
SIGNATURE_HEADER = "X-Sealcast-Signature"
_LONGEST_URL = 2000


def organisation_key(master: bytes, organisation_id: str) -> str:
    """The key that an organisation verifies with, 64 hex digits; nobody has to store it."""
    return hmac.new(master, organisation_id.encode(), hashlib.sha256).hexdigest()


def signed(key: str, message: Mapping[str, Any], timestamp: int) -> tuple[bytes, dict[str, str]]:
    """Body and headers."""
    body = json.dumps(message, separators=(",", ":"), sort_keys=True).encode()
    signature = hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/json",
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: f"v1={signature}",
    }


def narrowing(status: int, body: bytes) -> LicencePolicy:
    """What the answer takes away: 403 or `{"allow": false}` everything, `{"allow": true, "rules": {...}}` that much.

    Raises Forbidden (CALLBACK_REFUSED), Unavailable (CALLBACK_FAILED) for what is no answer.
    """
    if status == 403:
        raise _refused()
    try:
        answer = json.loads(body) if status == 200 else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("allow"), bool):
        raise callback_failed()
    if not answer["allow"]:
        raise _refused()
    rules = answer.get("rules", {})
    if not isinstance(rules, dict):
        raise callback_failed()
    try:
        # What the answer does not mention it leaves alone: how long an offline licence lasts is for our own rules.
        return replace(LicencePolicy.from_rules({"canPersist": True} | rules), outlives_session=True)
    except InvalidInput:
        raise callback_failed() from None


#: On any port. In development also in private networks.
CALLBACKS = EgressPolicy(ports=None)
DEVELOPMENT_CALLBACKS = EgressPolicy(allowed=EVERYWHERE, ports=None)


def check_callback_url(url: str, *, development: bool) -> None:
    """https, without credentials, and no address literal of a private network. Raises InvalidInput.

    `development` allows plain http and private addresses.
    """
    if len(url) > _LONGEST_URL or not url.isascii() or "#" in url:
        raise DestinationRefused("must be plain ASCII without a fragment")
    schemes = {"http", "https"} if development else {"https"}
    parse_destination(url, DEVELOPMENT_CALLBACKS if development else CALLBACKS, schemes=schemes)


def callback_failed() -> Unavailable:
    return Unavailable("The organisation's own server did not answer properly.", code="CALLBACK_FAILED")


def _refused() -> Forbidden:
    return Forbidden("The organisation's own server refused this licence.", code="CALLBACK_REFUSED")
