"""The `Upload-Metadata` header (tus 1.0.0, extension "creation"): `key base64, key base64, key`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from core.domain.errors import InvalidInput

MOST_CHARACTERS = 8192
_MOST_PAIRS = 64


def parse_metadata(header: str) -> Mapping[str, str]:
    """Values as text; keys without a value have an empty one. Raises InvalidInput."""
    if len(header) > MOST_CHARACTERS:
        raise _invalid(f"at most {MOST_CHARACTERS} characters")
    if not header.strip():
        return {}
    pairs = header.split(",")
    if len(pairs) > _MOST_PAIRS:
        raise _invalid(f"at most {_MOST_PAIRS} pairs")
    found: dict[str, str] = {}
    for pair in pairs:
        key, _, value = pair.strip().partition(" ")
        if not key or not key.isascii() or key in found:
            raise _invalid("keys are ASCII, not empty, and stand there once")
        found[key] = _decoded(value.strip())
    return found


def _decoded(value: str) -> str:
    try:
        text = base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise _invalid("values are UTF-8 in base64") from None
    if "\0" in text:
        raise _invalid("values hold no NUL")
    return text


def _invalid(rule: str) -> InvalidInput:
    return InvalidInput(f"Upload-Metadata is not valid: {rule}.", fields={"Upload-Metadata": rule})
