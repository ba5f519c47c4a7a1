"""When keys of access tokens are published, sign, and are forgotten, so that a rotation refuses no good token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

TOKEN_LIFE = timedelta(minutes=10)
"""Of access tokens."""
LEEWAY = timedelta(seconds=60)
"""What clocks may differ by."""
JWKS_CACHE = timedelta(minutes=5)
"""How long others may keep the published keys."""
AHEAD = 2 * JWKS_CACHE
"""A new key is published this long before it signs."""
ROTATE_AFTER = timedelta(days=30)


@dataclass(frozen=True)
class ScheduledKey:
    """`public_key` is the 32 bytes of Ed25519 (RFC 8032)."""

    kid: str
    public_key: bytes
    wrapped_key: bytes = field(repr=False)
    root_key_id: str
    active_from: datetime


def signing_keys(keys: Sequence[ScheduledKey], now: datetime) -> list[ScheduledKey]:
    """Those that are active; the first one signs, and the others only where it cannot be opened."""
    active = [key for key in keys if key.active_from <= now]
    return sorted(active, key=lambda key: key.active_from, reverse=True)


def verifying_keys(keys: Sequence[ScheduledKey], now: datetime) -> list[ScheduledKey]:
    """The next one, the one that signs, and those whose last tokens can still be alive."""
    ordered = sorted(keys, key=lambda key: key.active_from)
    followed = [key for key, later in pairwise(ordered) if now < later.active_from + TOKEN_LIFE + LEEWAY]
    return [*followed, *ordered[-1:]]


def due(keys: Sequence[ScheduledKey], root_key_id: str, now: datetime) -> datetime | None:
    """When a key that has to be made now becomes active; None when none has to be made.

    Also when the newest one is under a root key that is on its way out: after its rotation nothing is left under it.
    """
    newest = max(keys, key=lambda key: key.active_from, default=None)
    if newest is None:
        return now
    fresh = newest.root_key_id == root_key_id and now < newest.active_from + ROTATE_AFTER
    return None if fresh else now + AHEAD


def lost(keys: Sequence[ScheduledKey], root_key_id: str, now: datetime) -> datetime | None:
    """The same when none could be opened: the root key before was taken away, and waiting would help nobody."""
    return None if any(key.root_key_id == root_key_id and key.active_from <= now for key in keys) else now
