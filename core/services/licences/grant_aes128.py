"""Give a session one key of an AES-128 version (RFC 8216, 5)."""

from __future__ import annotations

from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import Forbidden
from core.domain.media.plan import ProtectionScheme
from core.domain.playback.binding import Origin
from core.ports import RootKeyVault
from core.services.licences.grant_clearkey import release_keys
from core.services.playback.token import PlaybackClaims


async def grant_aes128(
    uow: UnitOfWork, vault: RootKeyVault, claims: PlaybackClaims, seen: Origin, kid: str, now: datetime
) -> bytes:
    """The 16 bytes of the key. Raises Forbidden for a KID of others, NotFound, KeyUnavailable. The caller commits."""
    [key] = await release_keys(uow, vault, claims, seen, (kid,), now, "aes128")
    if key.scheme is not ProtectionScheme.AES128:
        # Keys that DRM systems wrap do not leave by this road.
        raise Forbidden("None of the requested keys belongs to this session.", code="KEYS_REFUSED")
    return key.key
