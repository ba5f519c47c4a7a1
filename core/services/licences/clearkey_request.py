"""ClearKey messages (W3C Encrypted Media Extensions, section 9.1.3 and 9.1.4)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.domain.errors import InvalidInput

_MOST_KIDS = 64
_KID_BYTES = 16


@dataclass(frozen=True)
class ClearKey:
    """`kid` in hex; the key in the clear, so it never shows itself."""

    kid: str
    key: bytes = field(repr=False)


def requested_kids(body: bytes) -> tuple[str, ...]:
    """KIDs in hex, each once. Raises InvalidInput; players send this with any content type or none."""
    try:
        message = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _refused("not JSON") from None
    kids = message.get("kids") if isinstance(message, dict) else None
    if not isinstance(kids, list) or not 1 <= len(kids) <= _MOST_KIDS:
        raise _refused(f"`kids` must list 1 to {_MOST_KIDS} key ids")
    if message.get("type", "temporary") != "temporary":
        raise _refused("only temporary licences are given")
    return tuple(dict.fromkeys(_kid(kid) for kid in kids))


def key_set(keys: Iterable[ClearKey]) -> dict[str, Any]:
    """A JSON Web Key set (RFC 7517) of octet keys, base64url without padding."""
    listed = [{"kty": "oct", "kid": _encode(bytes.fromhex(entry.kid)), "k": _encode(entry.key)} for entry in keys]
    return {"keys": listed, "type": "temporary"}


def _kid(value: object) -> str:
    try:
        text = value if isinstance(value, str) else ""
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise _refused("a key id is 16 bytes in base64url") from None
    if len(raw) != _KID_BYTES:
        raise _refused("a key id is 16 bytes in base64url")
    return raw.hex()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _refused(reason: str) -> InvalidInput:
    return InvalidInput("That is not a ClearKey licence request.", fields={"body": reason})
