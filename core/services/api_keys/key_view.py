"""An API key as its organisation sees it. Never the secret: we do not have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.db.models import ApiKey


@dataclass(frozen=True)
class ApiKeyView:
    """`prefix` is how the secret begins; `last_used_at` is exact to five minutes."""

    id: str
    name: str
    prefix: str
    roles: tuple[str, ...]
    networks: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def key_view(key: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        roles=tuple(key.roles),
        networks=tuple(key.networks),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )
