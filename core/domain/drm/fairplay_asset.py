"""Which key a FairPlay asset id means: players send what stands in the playlist's `skd://` address, or its host."""

from __future__ import annotations

import base64
import binascii
import re

from core.domain.drm.challenge import not_a_challenge

_MOST_BYTES = 200
_HEX = re.compile(r"[0-9a-f]{32}", re.ASCII)


def kid_of_asset(asset: bytes) -> str:
    """`skd://` or not, then the key id in hex, as a GUID or in base64, then perhaps `:` and the IV.

    Raises InvalidInput (CHALLENGE_INVALID).
    """
    try:
        text = asset[:_MOST_BYTES].decode("ascii").removeprefix("skd://").rstrip("/")
    except UnicodeDecodeError:
        raise not_a_challenge("its asset id is no key id") from None
    name = text.partition(":")[0]
    plain = name.replace("-", "").lower()
    return plain if _HEX.fullmatch(plain) else _from_base64(name)


def _from_base64(name: str) -> str:
    try:
        raw = base64.b64decode(name, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 16:
        raise not_a_challenge("its asset id is no key id")
    return raw.hex()
