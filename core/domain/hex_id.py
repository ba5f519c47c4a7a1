"""Ids as messages and URLs carry them."""

from __future__ import annotations

import re

_HEX_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def is_hex_id(given: str) -> bool:
    """32 lower-case hex digits; nothing else can be the id of anything."""
    return _HEX_ID.fullmatch(given) is not None
