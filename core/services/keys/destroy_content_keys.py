"""Shred a version's content keys: what was published under them can never be read again, wherever a copy lies."""

from __future__ import annotations

from datetime import UTC, datetime

from core.contracts.version_ref import VersionRef
from core.services.keys.store import KeyStore


async def destroy_content_keys(store: KeyStore, target: VersionRef, at: datetime | None = None) -> int:
    """How many keys this call destroyed; 0 when there were none or they were destroyed before. `at` defaults to now."""
    return await store.destroy_content_keys(target, at or datetime.now(UTC))
